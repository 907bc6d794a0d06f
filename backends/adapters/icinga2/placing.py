"""What Icinga knows of a host that a placement can go by."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final

from backends.adapters.icinga2.records import Host

FACTS: Final = ("hostgroup", "var.", "zone", "host", "display_name")
USUAL: Final[tuple[Mapping[str, Any], ...]] = (
    {"var.client": "(?P<client>.+)", "var.site": "(?P<site>.+)"},
    {"var.customer": "(?P<client>.+)", "var.site": "(?P<site>.+)"},
    {"var.client": "(?P<client>.+)"},
    {"var.customer": "(?P<client>.+)"},
)
"""The custom variables that many sites have anyway."""
_DEEPEST: Final = 6
_MOST: Final = 200
"""Values of one host; who has more has put a data base into it."""


def facts(name: str, host: Host, wanted: Iterable[str]) -> dict[str, tuple[str, ...]]:
    """The facts of a host that are `wanted`, by name."""
    out: dict[str, tuple[str, ...]] = {}
    values: dict[str, list[str]] | None = None
    for fact in wanted:
        if fact.startswith("var."):
            values = custom(host) if values is None else values
            out[fact] = tuple(values.get(fact, ()))
        else:
            out[fact] = _plain(name, host, fact)
    return out


def custom(host: Host) -> dict[str, list[str]]:
    """All custom variables as facts: `var.place.rack`; a list has several values."""
    out: dict[str, list[str]] = {}
    for count, (name, value) in enumerate(_flat(host.vars or {}, "var.", 0)):
        if count == _MOST:
            break
        out.setdefault(name, []).append(value)
    return out


def _plain(name: str, host: Host, fact: str) -> tuple[str, ...]:
    if fact == "hostgroup":
        return tuple(host.groups or ())
    value = {"zone": host.zone, "host": name, "display_name": host.display_name}.get(fact)
    return (value,) if value else ()


def _flat(value: object, name: str, depth: int) -> Iterator[tuple[str, str]]:
    if isinstance(value, Mapping) and depth < _DEEPEST:
        for key, inner in value.items():
            yield from _flat(inner, f"{name}{key}" if name.endswith("var.") else f"{name}.{key}", depth + 1)
    elif isinstance(value, list) and depth < _DEEPEST:
        for inner in value:
            yield from _flat(inner, name, depth + 1)
    elif isinstance(value, bool):
        yield name, str(value).lower()
    elif isinstance(value, str | int | float):
        yield name, f"{value:g}" if isinstance(value, float) else str(value)
