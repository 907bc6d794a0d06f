"""What Nagios knows of a host that a placement can go by."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

from backends.adapters.nagios.records import Group, HostObject

FACTS: Final = ("hostgroup", "hostgroup_alias", "var.", "host", "alias", "address")
USUAL: Final[tuple[Mapping[str, Any], ...]] = (
    {"var.CLIENT": "(?P<client>.+)", "var.SITE": "(?P<site>.+)"},
    {"var.CUSTOMER": "(?P<client>.+)", "var.SITE": "(?P<site>.+)"},
    {"var.CLIENT": "(?P<client>.+)"},
    {"var.CUSTOMER": "(?P<client>.+)"},
)
"""The custom variables that many sites have anyway."""
VARIABLE: Final = "var."


def wants_groups(wanted: Iterable[str]) -> bool:
    return any(fact.startswith("hostgroup") for fact in wanted)


def facts(name: str, host: HostObject | None, groups: Sequence[Group], wanted: Iterable[str]) -> dict[str, list[str]]:
    """The facts of a host that are `wanted`, by name. Nagios writes the names of custom variables in capitals; a rule
    may write them as it likes."""
    out: dict[str, list[str]] = {}
    for fact in wanted:
        if fact.startswith(VARIABLE):
            value = host.custom_variables.get(fact.removeprefix(VARIABLE).upper(), "") if host else ""
            out[fact] = [value] if value else []
        else:
            out[fact] = _plain(fact, name, host, groups)
    return out


def _plain(fact: str, name: str, host: HostObject | None, groups: Sequence[Group]) -> list[str]:
    if fact == "host":
        return [name]
    if fact == "hostgroup":
        return [group.group_name for group in groups]
    if fact == "hostgroup_alias":
        return [group.alias for group in groups if group.alias]
    value = {"alias": host.alias, "address": host.address}.get(fact, "") if host else ""
    return [value] if value else []
