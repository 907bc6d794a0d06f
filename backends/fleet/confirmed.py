"""What a source said before still stands: freshness moves, and nothing is built anew.

That all of it was confirmed is kept once for each source, and laid over its words where somebody asks how old they are.
Devices and issues show it some seconds later: theirs is the time that people read, and it need not be written to a
hundred thousand of them with every poll.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

import msgspec
from msgspec import Struct

from backends.fleet.told import Told

SHOWN_EVERY: Final = timedelta(seconds=20)
"""So far may what devices and issues show lag behind what was confirmed: it is still called `now`."""


class Confirmed(Struct, frozen=True):
    """How far the words of one source are confirmed."""

    at: datetime
    """Until then they stood."""
    shown: datetime
    """So much of that its issues show."""
    void: bool = False
    """What the source said last was not believed, and what it said before that it does not confirm."""


def rides(told: Told) -> bool:
    """Whether the source spoke of what it saw itself just then. What it had from elsewhere is not younger for being
    told again."""
    return told.heard == told.at


def seen_of(told: Told, until: Confirmed | None) -> datetime:
    """When the device was last seen; one that does not answer was not seen again."""
    seen = told.seen
    return until.at if until is not None and until.at > told.at and rides(told) and seen == told.at else seen


def as_confirmed(told: Told, until: Confirmed | None) -> Told:
    """What was told, as if it had been told anew when it was last confirmed."""
    if until is None or until.at <= told.at or not rides(told):
        return told
    at, words = until.at, told.words
    seen = at if told.seen == told.at else told.seen
    if told.values is None:
        words = tuple(msgspec.structs.replace(one, seen=at) if one.seen == told.at else one for one in words)
    return Told(told.standing, seen, words, told.values, at, at)
