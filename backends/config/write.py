"""Changing the configuration for the technician: what they wrote, their comments and their order stay as they are."""

from __future__ import annotations

import os
import stat
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final

import tomli
from msgspec import Struct, structs

from backends.config.fields import ConfigError, Problem
from backends.config.load import parse
from backends.config.schema import Config
from backends.config.toml import table_text
from backends.private import FILE_MODE, PathRefused, fault_of, make_folder, open_file, sync_folder, write_file
from backends.text import safe

__all__ = [
    "Addition",
    "ConfigError",
    "PathRefused",
    "add",
    "add_client",
    "add_source",
    "add_view",
    "addition",
    "initial",
]

INITIAL: Final = """# The configuration of rounds. `rounds doctor` checks it; lines that begin with # are comments.
# Secrets are never written here: `rounds login SOURCE` puts them into the keyring of this machine.

# Colours of the screen: "dark", "light", "contrast", "colorblind-red-green", "colorblind-blue-yellow" or "ansi16".
# theme = "light"

[technician]
name = "{technician}"                   # who acts, as others will read it on issues and in the record
# zone = "Europe/Berlin"               # for times on the screen; this machine's own when left out

# This machine, watched without an agent. Take it out when only clients matter.
[sources.here]
kind = "local"
every = "15s"

# A client, with business hours and what was promised to them.
#
# [clients.acme]
# name = "Acme Dental"
# contract = "managed"                 # or "break-fix"
# hours = "Mon-Fri 08:00-18:00 America/Chicago"
# sla.critical = {{ respond = "15m", resolve = "4h" }}
# sla.high = {{ respond = "1h", resolve = "1d" }}

# Machines of a site, over SSH, without an agent. `rounds connect ssh` asks for all of this and writes it.
#
# [sources.acme-hq]
# kind = "ssh"
# client = "acme"
# site = "HQ"
# hosts = ["10.0.0.11", "web@10.0.0.12:2222"]
# every = "30s"

# What a fix needs before it may run. The first table that fits decides; without any, a disruptive fix asks for
# confirmation, and a destructive one for the device's name.
#
# [[guards]]
# match = "client:acme kind:server risk>=disruptive"
# hours = "outside"                    # of the client's business hours
# confirm = "type-name"                # or "none", "confirm", "refuse"
#
# [[guards]]
# match = "*"
# max_targets = 25

# Keys of the screen by command, as `?` shows them, and filters with a name.
#
# [keys]
# refresh = "ctrl+r"
#
# [views]
# mine = "owner:me -acked"
"""


def initial(path: Path, technician: str) -> None:
    """Write a first, commented configuration. Raises `ConfigError` when there is one already, `PathRefused`, or
    `OSError`."""
    if os.path.lexists(path):
        raise _problem(path, "", "There is a configuration already; it was left as it is.")
    make_folder(path.parent)
    _refuse_if_unsafe(path)
    text = INITIAL.format(technician=safe(technician, 64).replace("\\", "").replace('"', ""))
    parse(text, str(path))
    fd = open_file(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL)
    with os.fdopen(fd, "wb") as file:
        file.write(text.encode("utf-8"))
        file.flush()
        os.fsync(file.fileno())
    sync_folder(path.parent)


class Addition(Struct, frozen=True, kw_only=True):
    """Tables for the end of the file, as they will stand there."""

    path: Path
    before: bytes
    """The file as it was."""
    text: str
    """What is added."""


def addition(path: Path, tables: Sequence[tuple[str, str, Mapping[str, Any]]]) -> Addition:
    """What `add` will write for these tables, each with its group (`sources`) and its name. Raises `ConfigError` (also
    for a name that is taken), `PathRefused` or `OSError`."""
    before = _read(path)
    text = before.decode("utf-8")
    parse(text, str(path))  # a file that is wrong already is not ours to change
    there = tomli.loads(text)
    for group, name, _ in tables:
        if name in there.get(group, {}):
            raise _problem(path, f"{group}.{name}", "There is one of that name already; it was left as it is.")
    added = "\n".join(table_text((group, name), table) for group, name, table in tables)
    # Tables may come in any order in TOML: put at the end, nothing that stands there moves.
    parse(text + _gap(text) + added, str(path))
    return Addition(path=path, before=before, text=added)


def add(what: Addition) -> None:
    """Write it: all or nothing, and nothing over what somebody else wrote meanwhile. Raises as `addition` does."""
    text = what.before.decode("utf-8")
    _write(what.path, what.before, text + _gap(text) + what.text)


def add_source(path: Path, name: str, table: Mapping[str, Any]) -> None:
    """Add `[sources.NAME]` at the end of the file, or make the file. Nothing is written unless the whole is then a
    configuration. Raises `ConfigError` (also for a name that is taken), `PathRefused` or `OSError`."""
    add(addition(path, [("sources", name, table)]))


def add_client(path: Path, name: str, table: Mapping[str, Any]) -> None:
    """Add `[clients.NAME]`, as `add_source` does."""
    add(addition(path, [("clients", name, table)]))


def add_view(path: Path, name: str, query: str) -> None:
    """Write `NAME = "query"` into `[views]`, over a view of that name, and leave everything else as it is. Raises
    `ConfigError` (also for a file that is written in a way that this cannot do), `PathRefused` or `OSError`."""
    import tomlkit  # noqa: PLC0415 - only when a file is changed
    from tomlkit.exceptions import TOMLKitError  # noqa: PLC0415

    before = _read(path)
    text = before.decode("utf-8")
    config = parse(text, str(path))
    if "views" not in tomli.loads(text):
        after = text + _gap(text) + "[views]\n" + tomlkit.dumps({name: query})
    else:
        try:
            document = tomlkit.parse(text)
            document["views"][name] = query
            after = tomlkit.dumps(document)
        except (TOMLKitError, TypeError, ValueError) as error:
            raise _problem(path, "views", f"The file cannot be changed by rounds: {error}.") from None
    wanted = structs.replace(config, views={**config.views, name: query})
    if _without_lines(parse(after, str(path))) != _without_lines(wanted) or _comments(after) != _comments(text):
        raise _problem(path, "views", "The file is written in a way that rounds cannot change; add the view by hand.")
    _write(path, before, after)


def _without_lines(config: Config) -> Config:
    """What is meant, wherever it stands."""
    return structs.replace(
        config,
        sources=tuple(structs.replace(source, line=0) for source in config.sources),
        guards=tuple(structs.replace(guard, line=0) for guard in config.guards),
    )


def _comments(text: str) -> list[str]:
    return [line.strip() for line in text.splitlines() if line.lstrip().startswith("#")]


def _read(path: Path) -> bytes:
    """What is in the file, in UTF-8; empty when there is none."""
    _refuse_if_unsafe(path)
    raw = path.read_bytes() if path.exists() else b""
    try:
        raw.decode("utf-8")
    except UnicodeDecodeError:
        raise _problem(path, "", "The file is not UTF-8; save it as UTF-8 first.") from None
    return raw


def _gap(text: str) -> str:
    """A blank line between what is there and what is put at the end."""
    return "" if not text else "\n" if text.endswith("\n") else "\n\n"


def _write(path: Path, before: bytes, after: str) -> None:
    """Nothing is written unless it is a configuration, and nothing over what somebody else wrote meanwhile."""
    parse(after, str(path))
    make_folder(path.parent)
    if (path.read_bytes() if path.exists() else b"") != before:
        raise _problem(path, "", "The file was changed by somebody else just now; try again.")
    write_file(path, after.encode("utf-8"), stat.S_IMODE(path.stat().st_mode) if path.exists() else FILE_MODE)


def _refuse_if_unsafe(path: Path) -> None:
    if fault := fault_of(path.parent, "configuration folder") or fault_of(path, "configuration file"):
        raise PathRefused(fault)


def _problem(path: Path, key: str, sentence: str) -> ConfigError:
    return ConfigError([Problem(file=str(path), line=0, key=key, sentence=safe(sentence, 512))])
