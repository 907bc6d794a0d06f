"""What one poll of one source saw: the only thing that an adapter hands to the engine."""

from __future__ import annotations

from datetime import datetime

from msgspec import Struct

from backends.fleet.model import Can, Check, Client, SafeText, Sighting, SourceName
from backends.fleet.run import OwnFix


class Reading(Struct, frozen=True, kw_only=True):
    """What one poll of one source saw.

    `complete` readings replace all that the source said before: devices that are missing are gone. Otherwise only the
    natives named in `covers` are replaced (one that is covered and has no sighting is gone). For a sighting that is
    `partial`, earlier checks that the reading leaves out are kept and age.
    """

    source: SourceName
    at: datetime
    """When the answer was there, by the engine's clock."""
    sightings: tuple[Sighting, ...] = ()
    checks: tuple[Check, ...] = ()
    clients: tuple[Client, ...] = ()
    """Clients that the source knows by itself; the configuration's word wins."""
    complete: bool = True
    covers: tuple[str, ...] = ()
    quarantined: int = 0
    version: SafeText = SafeText("")
    """What answered: `Zabbix 6.0.14`; empty where it was not asked."""
    skew_s: float | None = None
    """How far the clock of the source is ahead of the engine's."""
    fixes: tuple[OwnFix, ...] | None = None
    """What can be run there by the source's own means; None where the reading does not say."""
    lacks: tuple[Can, ...] = ()
    """What its kind offers and these credentials do not permit, as far as that shows."""
    note: SafeText = SafeText("")
    """Something the technician should know of the source: `truncated at 50,000 items`, `clock is 4 min ahead`."""
