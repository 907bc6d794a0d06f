"""The `thresholds` table of a source, read into `Thresholds`; errors name the key and the nearest key that exists.

Every limit may be `"off"`. Keys that begin with `/` inside `disk`, `inode` and `file` are paths (patterns with `*` are
allowed) with limits of their own, which start from the limits around them.
"""

from __future__ import annotations

import difflib
import math
import re
from collections.abc import Mapping
from typing import Any, Final, TypeVar

import msgspec
from msgspec import Meta, Struct

from backends.fleet.limits import DEFAULTS, Thresholds
from backends.text import safe

__all__ = ["DEFAULTS", "ThresholdError", "Thresholds", "parse_thresholds", "unit_of"]

_PATHS: Final = {"disk": "disks", "inode": "inodes", "file": "files"}
_LOWER_IS_WORSE: Final = frozenset({"memory", "battery", "certificate"})
_DURATION: Final = re.compile(r"(?P<number>[0-9]+(?:\.[0-9]+)?) ?(?P<unit>s|m|min|h|d|w)")
_SECONDS: Final = {"s": 1.0, "m": 60.0, "min": 60.0, "h": 3600.0, "d": 86400.0, "w": 604800.0}
_SIZE: Final = re.compile(r"(?P<number>[0-9]+(?:\.[0-9]+)?) ?(?P<unit>[kmgtp]?)(?P<binary>i?)b?", re.IGNORECASE)
_POWERS: Final = " kmgtp"

_Group = TypeVar("_Group", bound=Struct)


class ThresholdError(ValueError):
    """A limit is wrong: `key` within the table (`disk.warn`), and a sentence that says what to write."""

    def __init__(self, key: str, sentence: str) -> None:
        super().__init__(sentence)
        self.key = key
        self.sentence = safe(sentence, 512)


def parse_thresholds(table: object) -> Thresholds:
    """The limits of a source's `thresholds` table over the defaults; None and an empty table are the defaults."""
    if table is None:
        return DEFAULTS
    groups: dict[str, Any] = {}
    for key, value in _table("", table).items():
        if key in _PATHS.values() or key not in DEFAULTS.__struct_fields__:
            raise _unknown("", key, [name for name in DEFAULTS.__struct_fields__ if name not in _PATHS.values()])
        inner = _table(key, value)
        paths = {name: inner[name] for name in inner if key in _PATHS and name.startswith("/")}
        plain = {name: inner[name] for name in inner if name not in paths}
        groups[key] = _group(key, getattr(DEFAULTS, key), plain)
        if paths:
            base = groups[key]
            at = ((path, _group(f'{key}."{path}"', base, _table(f'{key}."{path}"', paths[path]))) for path in paths)
            groups[_PATHS[key]] = tuple(at)
    return Thresholds(**groups)


def unit_of(group: type[Struct], field: str) -> tuple[str, str]:
    """Unit (`percent`, `bytes`, `choice:a,b` …) and meaning of a limit."""
    for info in msgspec.structs.fields(group):
        if info.name == field:
            meta: Meta = info.type.__metadata__[0]
            return str((meta.extra or {})["unit"]), meta.description or ""
    raise KeyError(field)


def _group(path: str, base: _Group, table: Mapping[str, object]) -> _Group:
    values: dict[str, Any] = {}
    for name, value in table.items():
        if name not in base.__struct_fields__:
            raise _unknown(path, name, list(base.__struct_fields__))
        values[name] = _value(f"{path}.{name}", unit_of(type(base), name)[0], value)
    group = msgspec.structs.replace(base, **values)
    _in_order(path, group)
    return group


def _in_order(path: str, group: Struct) -> None:
    """Refuse a critical limit that is reached before its warning."""
    lower = path.split(".", maxsplit=1)[0] in _LOWER_IS_WORSE
    pairs = [("warn", "crit", lower), ("warn_left", "crit_left", True), ("warn_after", "crit_after", False)]
    for warn_name, crit_name, falls in pairs:
        warn, crit = getattr(group, warn_name, None), getattr(group, crit_name, None)
        if warn is not None and crit is not None and (crit > warn if falls else crit < warn):
            raise ThresholdError(
                f"{path}.{warn_name}",
                f"{path}.{warn_name} ({warn:g}) must not be {'below' if falls else 'above'} {crit_name} ({crit:g}), "
                f"because a warning comes first: set both.",
            )


def _value(key: str, unit: str, value: object) -> object:
    if unit == "switch":
        if isinstance(value, bool):
            return value
        raise ThresholdError(key, f"{key} must be true or false.")
    if unit == "names":
        if isinstance(value, list | tuple) and all(isinstance(name, str) and name for name in value):
            return tuple(value)
        raise ThresholdError(key, f'{key} must be a list of names, such as ["name", "pattern-*"].')
    if unit.startswith("choice:"):
        choices = unit.removeprefix("choice:").split(",")
        word = "off" if value is False else value
        if word in choices:
            return word
        raise ThresholdError(key, f"{key} must be one of {', '.join(choices)}.")
    if value is False or value == "off":
        return None
    return _number(key, unit, value)


def _number(key: str, unit: str, value: object) -> float:
    number: float | None = None
    if isinstance(value, int | float) and not isinstance(value, bool):
        number = float(value)
    elif isinstance(value, str) and unit in ("seconds", "days"):
        number = _duration(value.strip(), unit)
    elif isinstance(value, str) and unit == "bytes":
        number = _size(value.strip())
    if number is None or not math.isfinite(number) or number < 0 or (unit == "percent" and _too_much(key, number)):
        raise ThresholdError(key, f'{key} must be {_EXAMPLES[unit]}, or "off".')
    return number


_EXAMPLES: Final = {
    "number": "a number such as 2.0",
    "percent": "a percentage such as 90",
    "celsius": "degrees Celsius such as 85",
    "bytes": 'an amount such as "10 GiB"',
    "seconds": 'a duration such as "10m"',
    "days": "a number of days such as 30",
}


def _too_much(key: str, number: float) -> bool:
    """Shares end at 100; a process may keep several cores busy."""
    return number > 100 and not key.startswith("process.")


def _duration(text: str, unit: str) -> float | None:
    match = _DURATION.fullmatch(text)
    if match is None:
        return None
    seconds = float(match["number"]) * _SECONDS[match["unit"]]
    return seconds / 86400.0 if unit == "days" else seconds


def _size(text: str) -> float | None:
    """Bytes of `10 GiB` (1024) or `10 GB` (1000); a bare letter means 1024, as `df -h` does."""
    match = _SIZE.fullmatch(text)
    if match is None:
        return None
    decimal = text.lower().endswith("b") and not match["binary"]
    power = _POWERS.index(match["unit"].lower() or " ")
    return float(match["number"]) * float((1000 if decimal else 1024) ** power)


def _table(path: str, value: object) -> Mapping[str, object]:
    if isinstance(value, Mapping) and all(isinstance(key, str) for key in value):
        return value
    name = path or "thresholds"
    raise ThresholdError(path, f"{name} must be a table, such as {name} = {{ warn = 90, crit = 95 }}.")


def _unknown(path: str, key: str, known: list[str]) -> ThresholdError:
    full = f"{path}.{key}" if path else key
    near = difflib.get_close_matches(key, known, n=1, cutoff=0.5)
    hint = f"did you mean {near[0]}?" if near else f"there are {', '.join(known)}."
    return ThresholdError(full, f"{full} is no threshold: {hint}")
