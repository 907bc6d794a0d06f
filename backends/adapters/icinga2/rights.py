"""What the ApiUser may, as Icinga lists it to itself (`GET /v1`): names with `*`, compared without case."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

from msgspec import Struct

from backends.adapters.icinga2.records import About
from backends.api import Can, Right, SafeText, safe

_NEEDED: Final = (
    (Can.ACKNOWLEDGE, ("actions/acknowledge-problem", "actions/remove-acknowledgement")),
    (Can.SNOOZE, ("actions/schedule-downtime", "actions/remove-downtime")),
    (Can.RECHECK, ("actions/reschedule-check",)),
    (Can.RUN_OWN, ("actions/execute-command",)),
    (Can.STREAM, ("events/CheckResult", "events/StateChange")),
)
_READ: Final = (
    ("read hosts", "objects/query/Host"),
    ("read services", "objects/query/Service"),
    ("read who acknowledged, and why", "objects/query/Comment"),
    ("read downtimes", "objects/query/Downtime"),
    ("read what hangs behind what", "objects/query/Dependency"),
    ("read the server's clock", "status/query"),
)
_FILTERED: Final = " (filtered)"
"""Behind a permission that holds for some objects only."""


class Rights(Struct, frozen=True, kw_only=True):
    """Of one ApiUser at one server."""

    user: str = ""
    version: str = ""
    """`2.13.6`."""
    permissions: tuple[str, ...] = ()

    def may(self, permission: str) -> bool:
        """Whether it may that with at least some objects."""
        return any(_fits(one, permission.lower()) for one in self.permissions)

    def lacks(self) -> tuple[Can, ...]:
        return tuple(can for can, needed in _NEEDED if not all(map(self.may, needed)))

    def told(self) -> tuple[Right, ...]:
        """One by one, each with what to change where it is missing."""
        rights = [self._right(safe(what), (permission,), reading=True) for what, permission in _READ]
        return (*rights, *(self._right(safe(can.value), needed) for can, needed in _NEEDED))

    def _right(self, what: SafeText, needed: Sequence[str], *, reading: bool = False) -> Right:
        missing = [permission for permission in needed if not self.may(permission)]
        remedy = self.remedy(*missing) if missing else SafeText("")
        return Right(what=what, granted=not missing, remedy=remedy, reading=reading)

    def remedy(self, *permissions: str) -> SafeText:
        """What to change in Icinga's configuration."""
        named = ", ".join(f'"{permission}"' for permission in permissions)
        return safe(f"Add {named} to the permissions of the ApiUser {safe(self.user, 60)}, and reload Icinga.")


def rights_of(about: About) -> Rights:
    version = re.fullmatch(r"[rv]?([0-9]+(?:\.[0-9]+){0,3}).*", about.version, re.DOTALL)
    return Rights(
        user=about.user,
        version=version[1] if version else about.version,
        permissions=tuple(one.removesuffix(_FILTERED).lower() for one in about.permissions or ()),
    )


def _fits(pattern: str, text: str) -> bool:
    """`*` stands for anything, `?` for one character. A star takes as little as it can, and more only when what follows
    it does not fit: no pattern takes longer than its length times that of the text."""
    at = in_text = 0
    star, resume = -1, 0
    while in_text < len(text):
        if at < len(pattern) and pattern[at] == "*":
            star, resume = at, in_text
            at += 1
        elif at < len(pattern) and pattern[at] in ("?", text[in_text]):
            at += 1
            in_text += 1
        elif star >= 0:
            resume += 1
            at, in_text = star + 1, resume
        else:
            return False
    return not pattern[at:].strip("*")
