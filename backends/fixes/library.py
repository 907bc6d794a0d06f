"""The bundled fixes: data in `library/*.toml`, checked when read. An error names the file and the key."""

from __future__ import annotations

import difflib
import re
from collections.abc import Mapping
from importlib import resources
from typing import Any, Final

import msgspec

from backends.fixes.model import Fix, Step
from backends.fleet.model import FixId, slug
from backends.fleet.run import Parameter
from backends.text import is_safe

COMMON: Final = "common.sh"
"""Put in front of every script."""

PLATFORMS: Final = ("linux", "darwin", "freebsd", "openbsd", "netbsd", "windows")
"""What a step may be for: the words of `Sighting.platform`."""

TEMPLATES: Final = ("affects", "undo", "done", "holds", "lingers")
"""Texts of a fix in which `{parameter}` and `{device}` are filled in; `says` of a step is one too."""

_EXIT: Final = re.compile(r"[1-9]|[1-9][0-9]|1[0-9]{2}|2[0-4][0-9]|25[0-5]")
_NAME: Final = re.compile(r"[a-z][a-z0-9_]{0,31}")
_PLACE: Final = re.compile(r"\{([^{}]*)\}")


class LibraryError(Exception):
    """A file of the library is wrong. The sentence names file and key."""

    def __init__(self, file: str, key: str, sentence: str) -> None:
        super().__init__(f"{file}: {key}: {sentence}" if key else f"{file}: {sentence}")
        self.file = file
        self.key = key


def load_library() -> dict[FixId, Fix]:
    """All bundled fixes by id, in the order of their ids. Raises `LibraryError`."""
    folder = resources.files("backends.fixes") / "library"
    common = (folder / COMMON).read_text("utf-8")
    names = sorted(entry.name for entry in folder.iterdir() if entry.name.endswith(".toml"))
    fixes = (read_fix(name, (folder / name).read_text("utf-8"), common) for name in names)
    return {fix.id: fix for fix in fixes}


def read_fix(file: str, text: str, common: str = "") -> Fix:
    """One fix from the text of its file, `common` in front of each of its scripts. Raises `LibraryError`."""
    import tomli  # noqa: PLC0415 - only who reads the library pays for it

    try:
        table = tomli.loads(text)
    except tomli.TOMLDecodeError as error:
        raise LibraryError(file, "", f"this is no TOML: {error}.") from error
    _known(file, "", table, Fix.__struct_fields__)
    for key, row in (("parameters", Parameter), ("steps", Step)):
        for index, entry in enumerate(_tables(table.get(key))):
            _known(file, f"{key}[{index}].", entry, row.__struct_fields__)
    try:
        fix = msgspec.convert(table, Fix)
    except msgspec.ValidationError as error:
        sentence, _, path = str(error).partition(" - at `$.")
        raise LibraryError(file, path.rstrip("`"), f"{sentence.rstrip('.')}.") from error
    _check_fix(file, fix)
    steps = tuple(msgspec.structs.replace(step, script=common + "\n" + step.script.lstrip("\n")) for step in fix.steps)
    return msgspec.structs.replace(fix, steps=steps)


def _tables(value: object) -> list[Mapping[str, Any]]:
    return [entry for entry in value if isinstance(entry, dict)] if isinstance(value, list) else []


def _known(file: str, prefix: str, table: Mapping[str, Any], fields: tuple[str, ...]) -> None:
    for key in table:
        if key not in fields:
            near = difflib.get_close_matches(key, fields, 1)
            hint = f"; did you mean `{near[0]}`?" if near else "."
            raise LibraryError(file, prefix + key, f"there is no such key{hint}")


def _check_fix(file: str, fix: Fix) -> None:
    def wrong(key: str, sentence: str) -> LibraryError:
        return LibraryError(file, key, sentence)

    if f"{fix.id}.toml" != file or slug(fix.id) != fix.id:
        raise wrong("id", "it has to be the file's name, in lower case with dashes.")
    if not fix.families or not all(fix.families):
        raise wrong("families", "at least one family of checks is needed.")
    if not fix.steps:
        raise wrong("steps", "at least one step is needed.")
    for key, seconds in (("verify_within_s", fix.verify_within_s), ("fresh_s", fix.fresh_s)):
        if not 0 < seconds <= 3600:
            raise wrong(key, "it has to be more than 0 and at most 3600 seconds.")
    for code in fix.exits:
        if not _EXIT.fullmatch(code):
            raise wrong(f"exits.{code}", "an exit code is a number from 1 to 255.")
    texts = {key: str(getattr(fix, key)) for key in (*TEMPLATES, "title", "about", "needs")}
    texts |= {f"exits.{code}": str(text) for code, text in fix.exits.items()}
    for key, value in texts.items():
        if not is_safe(value) or "\n" in value:
            raise wrong(key, "it has to be one line without control characters.")
    _check_parameters(file, fix)
    for key in TEMPLATES:
        _check_places(file, key, texts[key], fix)
    for index, step in enumerate(fix.steps):
        _check_step(file, f"steps[{index}]", step, fix)


def _check_parameters(file: str, fix: Fix) -> None:
    names = [parameter.name for parameter in fix.parameters]
    for index, parameter in enumerate(fix.parameters):
        key = f"parameters[{index}]"
        if not _NAME.fullmatch(parameter.name) or parameter.name == "device" or names.count(parameter.name) > 1:
            raise LibraryError(file, f"{key}.name", "it has to be one lower-case word, used once, and not `device`.")
        if parameter.source not in ("", "subject", "target"):
            raise LibraryError(file, f"{key}.source", "it is `subject`, `target` or left out.")
        _check_pattern(file, f"{key}.pattern", parameter.pattern)
        if parameter.default and not re.fullmatch(parameter.pattern, parameter.default):
            raise LibraryError(file, f"{key}.default", "it does not match the pattern.")
    for name, pattern in fix.raises.items():
        if name not in names:
            raise LibraryError(file, f"raises.{name}", "there is no such parameter.")
        _check_pattern(file, f"raises.{name}", pattern)


def _check_pattern(file: str, key: str, pattern: str) -> None:
    try:
        compiled = re.compile(pattern)
    except re.error as error:
        raise LibraryError(file, key, f"it is no regular expression: {error}.") from error
    if compiled.fullmatch(""):
        raise LibraryError(file, key, "it must not match nothing at all.")


def _check_places(file: str, key: str, text: str, fix: Fix) -> None:
    known = {"device", *(parameter.name for parameter in fix.parameters)}
    for name in _PLACE.findall(text):
        if name not in known:
            raise LibraryError(file, key, f"`{{{name}}}` is no parameter of this fix.")


def _check_step(file: str, key: str, step: Step, fix: Fix) -> None:
    if not step.platforms or any(platform not in PLATFORMS for platform in step.platforms):
        raise LibraryError(file, f"{key}.platforms", f"each is one of {', '.join(PLATFORMS)}.")
    if not 0 < step.deadline_s <= 3600:
        raise LibraryError(file, f"{key}.deadline_s", "it has to be more than 0 and at most 3600 seconds.")
    if not step.script.strip() or not is_safe(step.script):
        raise LibraryError(file, f"{key}.script", "it has to be a script without control characters or tabs.")
    if not is_safe(step.says) or "\n" in step.says:
        raise LibraryError(file, f"{key}.says", "it has to be one line without control characters.")
    _check_places(file, f"{key}.says", step.says, fix)
