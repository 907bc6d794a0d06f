"""What a look did not tell because a section of it made no sense: the findings of before stand, and grow old.

Without this a full disk would be over as soon as the list of disks cannot be read.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final

from backends.fleet.model import Check

_TELLS: Final = {
    "clock": ("clock",),
    "cores": ("load",),
    "disks": ("disk", "inode", "mount"),
    "disks-bsd": ("disk", "inode", "mount"),
    "files": ("file",),
    "ifconfig": ("network",),
    "kernel-bsd": ("kernel",),
    "links": ("network",),
    "load": ("load",),
    "memory": ("memory", "swap"),
    "memory-sysctl": ("memory", "swap"),
    "power": ("battery",),
    "power-bsd": ("battery",),
    "processes": ("process",),
    "ps": ("process",),
    "sensors-bsd": ("temperature",),
    "services": ("service",),
    "swap": ("swap",),
    "systemd": ("service",),
    "uptime": ("uptime", "kernel"),
    "uptime-since": ("uptime",),
    "watched-processes": ("process",),
}
"""Section: the families of checks that come from it."""


def still_standing(before: Iterable[Check], now: Sequence[Check], unread: Iterable[str]) -> tuple[Check, ...]:
    """The checks of the look before that this one should have told of and could not, as old as they are."""
    families = {family for section in unread for family in _TELLS.get(section, ())}
    told = {check.key for check in now}
    return tuple(check for check in before if check.family in families and check.key not in told)


def hides(unread: Iterable[str]) -> bool:
    """Whether a check that a look leaves out may be one that it could not tell of. A watched file in a folder that we
    may not enter stays unread for good: it says nothing of anything else."""
    return bool(set(unread) - {"files"})
