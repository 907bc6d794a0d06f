"""What a Nagios says of itself when it is connected: rights, and what its hosts could be placed by."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final

from backends.adapters.nagios.placing import VARIABLE
from backends.adapters.nagios.rights import Rights
from backends.adapters.nagios.world import Objects, World
from backends.api import Introduction, safe

MOST: Final = 500
_SECRET: Final = re.compile(r"pass|secret|token|key|community|credential|auth|(?:^|_)pin\b", re.IGNORECASE)
"""Custom variables are where people keep what a check has to know: such names are not shown around."""
_LONGEST: Final = 80


def introduction(world: World, objects: Objects, rights: Rights) -> Introduction:
    status = world.status
    return Introduction(
        product=safe(f"Nagios {status.program.version}", 60),
        account=safe(status.user or "nobody", 80),
        rights=rights.told(status.user, world),
        facts={name: tuple(sorted(values)[:MOST]) for name, values in sorted(_facts(world, objects).items()) if values},
    )


def _facts(world: World, objects: Objects) -> Mapping[str, set[str]]:
    """The values that are there of each fact, of hosts that we see."""
    out: dict[str, set[str]] = {"host": {name for name in world.hosts if len(name) <= _LONGEST}}

    def note(fact: str, value: str) -> None:
        if value and len(value) <= _LONGEST:
            out.setdefault(fact, set()).add(value)

    for group in objects.groups:
        if any(member in world.hosts for member in group.members):
            note("hostgroup", group.group_name)
            note("hostgroup_alias", group.alias)
    for name, host in objects.hosts.items():
        if name in world.hosts:
            note("alias", host.alias)
            for variable, value in host.custom_variables.items():
                if not _SECRET.search(variable):
                    note(f"{VARIABLE}{variable}", value)
    return out
