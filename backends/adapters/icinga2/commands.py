"""Commands of Icinga's own that are offered as fixes: those that the source's table names, and no others."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final

import msgspec
from msgspec import Struct

from backends.api import ConfigurationError, OwnFix, safe
from backends.fleet.run import Parameter, Risk
from backends.options import Options

KINDS: Final = {"event": "EventCommand", "check": "CheckCommand"}
_FAMILY: Final = re.compile(r"[a-z][a-z0-9-]{0,31}")
_MACRO: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_.]{0,63}")
_SOURCES: Final = ("", "subject", "target")


class Command(Struct, frozen=True, kw_only=True):
    """One of `[[sources.NAME.commands]]`."""

    id: str
    name: str
    """The object's name in Icinga."""
    kind: str
    """`EventCommand` or `CheckCommand`."""
    endpoint: str
    """Where it is run; empty: where Icinga runs the object's own checks."""
    service: str
    """Run as for this service of a host; empty: as for the host."""
    fix: OwnFix


def commands_of(options: Options) -> tuple[Command, ...]:
    """Raises `ConfigurationError`."""
    found: dict[str, Command] = {}
    for number, table in enumerate(options.tables("commands")):
        command = _command(table, f"commands[{number}].")
        if command.id in found:
            raise ConfigurationError(f"commands[{number}].name", "This command is named twice; give one an own id.")
        found[command.id] = command
    return tuple(found.values())


def offered(commands: tuple[Command, ...], services: Mapping[str, Mapping[str, object]]) -> tuple[OwnFix, ...]:
    """As fixes; one for a service is offered where that service is. `services` are by host and name."""
    out = []
    for command in commands:
        fix = command.fix
        if command.service:
            having = tuple(sorted(host for host, names in services.items() if command.service in names))
            fix = msgspec.structs.replace(fix, natives=having)
        out.append(fix)
    return tuple(out)


def _command(table: Options, at: str) -> Command:
    name = table.text("name", None)
    service = table.text("service")
    own = table.text("id", f"{name}@{service}" if service else name)
    kind = KINDS[table.choice("kind", tuple(KINDS), "event")]
    families = table.texts("families") or ("device",)
    if wrong := next((family for family in families if not _FAMILY.fullmatch(family)), None):
        raise ConfigurationError(f"{at}families", f"“{safe(wrong, 40)}” is no family of checks, such as service.")
    fix = OwnFix(
        id=own,
        title=safe(table.text("title", name), 80),
        about=safe(table.text("about", f"The {kind} {name} of Icinga.")),
        risk=Risk(table.choice("risk", tuple(Risk), Risk.DISRUPTIVE)),
        families=families,
        parameters=tuple(_parameter(one, f"{at}parameters[{n}].") for n, one in enumerate(table.tables("parameters"))),
        deadline_s=table.seconds("deadline", 60.0, 5.0, 3600.0),
        disconnects=table.flag("disconnects", default=False),
    )
    made = Command(id=own, name=name, kind=kind, endpoint=table.text("endpoint"), service=service, fix=fix)
    table.finish()
    return made


def _parameter(table: Options, at: str) -> Parameter:
    name = table.text("name", None)
    if not _MACRO.fullmatch(name):
        raise ConfigurationError(f"{at}name", "This has to be the name of a custom variable that the command uses.")
    pattern = table.text("pattern", None)
    try:
        re.compile(pattern)
    except re.error:
        raise ConfigurationError(f"{at}pattern", "This is no regular expression.") from None
    made = Parameter(
        name=name,
        label=safe(table.text("label", name), 60),
        pattern=pattern,
        default=table.text("default"),
        source=table.choice("source", _SOURCES, ""),
    )
    table.finish()
    return made
