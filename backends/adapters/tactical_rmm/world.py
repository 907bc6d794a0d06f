"""All that a Tactical RMM has said, and when."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta

from msgspec import Struct

from backends.adapters.tactical_rmm.lookups import Looked
from backends.adapters.tactical_rmm.records import Agent, Alert


class Moment(Struct, frozen=True, kw_only=True):
    """When it is told, by our clock, and how far the server's is ahead of it."""

    at: datetime
    skew_s: float = 0.0

    def when(self, there: datetime | None) -> datetime | None:
        """A time of the server by our clock; None for none, and for what is no time."""
        if there is None or not 1970 < there.year < 3000:
            return None
        return there.replace(tzinfo=there.tzinfo or UTC).astimezone(UTC) - timedelta(seconds=self.skew_s)

    def past(self, there: datetime | None) -> datetime | None:
        """The same, and not ahead of now."""
        found = self.when(there)
        return min(found, self.at) if found is not None else None


class World(Struct, frozen=True, kw_only=True):
    """What its lists say."""

    agents: Sequence[Agent]
    alerts: Sequence[Alert] = ()
    no_alerts: bool = False
    """Alerts may not be read."""
    looked: Mapping[str, Looked] = {}
    """The checks of the agents that were asked for them."""
    no_checks: bool = False
    """Checks may not be read."""
    boots: Mapping[str, float] = {}
    """When agents booted."""
