"""What one poll of one source saw: the only thing that an adapter hands to the engine."""

from __future__ import annotations

from datetime import datetime

from msgspec import Struct

from backends.fleet.model import Check, Client, SafeText, Sighting, SourceName


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
    note: SafeText = SafeText("")
    """Something the technician should know of the source: `truncated at 50,000 items`, `clock is 4 min ahead`."""
