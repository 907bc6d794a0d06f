"""Capabilities by which a source tells more than what it is asked in a poll."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from datetime import datetime
from typing import Protocol, runtime_checkable

from backends.fleet.reading import Reading


@runtime_checkable
class StreamsEvents(Protocol):
    """The source tells what changes, as it changes; its polls go on, at their own interval, as what is certain."""

    def events(self) -> AsyncIterator[Reading]:
        """Readings of what changed (`complete` is false; sightings are `partial`), the first one as soon as the source
        listens: with nothing in it. The engine polls once after that, so that nothing between is missed. Ends when the
        connection does; raises `SourceError`. Opened again after the next good poll."""
        ...


Past = tuple[datetime, float | None]
"""A time and the value that held from then on; None where from then on nothing is known."""


@runtime_checkable
class GivesHistory(Protocol):
    """The source remembers how values went, and tells when it is asked."""

    async def history(self, native: str, key: str, since: datetime, points: int) -> Sequence[Past]:
        """What the check `key` (`disk//var`) of one device was from `since` until now: at most `points` of its real
        values, oldest first, in the unit in which the check is told now. A value that held before `since` is the first
        one, at `since`. Empty for a device or check that is not known, or has no number. Raises `SourceError`.
        Cancelled at its deadline; asked once for each check of a device that somebody looks at, one after the other."""
        ...
