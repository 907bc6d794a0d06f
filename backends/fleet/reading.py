"""What one poll of one source saw: the only thing that an adapter hands to the engine."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

import msgspec
from msgspec import Struct

from backends.fleet.model import Can, Check, Client, SafeText, Sighting, SourceName
from backends.fleet.run import OwnFix


class Reading(Struct, frozen=True, kw_only=True):
    """What one poll of one source saw.

    `complete` readings replace all that the source said before: devices that are missing are gone. Otherwise only the
    natives named in `covers` are replaced (one that is covered and has no sighting is gone). For a sighting that is
    `partial`, earlier checks that the reading leaves out are kept and age.

    A reading of many devices may come in slices, each a reading of the same source, and as complete as the whole. All
    that it says of one device is in one slice. Nothing of them counts before the last one is there.

    A source that says what it said before need not be asked to say it again: `confirms`. Raises `ValueError` where that
    is said of a complete reading, which leaves nothing to confirm.
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
    confirms: bool = False
    """All else that the source said last still stands at `at`: nothing changed (HTTP 304, a body with the digest of the
    one before), or nothing but what this reading tells. What the source saw for itself (`seen` was the time of its
    reading) is as fresh as if it were told anew; what it had from elsewhere stays as old as it was. Never of a first
    reading, nor of the first after a poll that failed half-way."""
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

    def __post_init__(self) -> None:
        if self.confirms and self.complete:
            raise ValueError("a reading that confirms what was said before is not complete")


def joined(slices: Iterable[Reading]) -> Reading:
    """The reading that came in these slices, of which there is at least one."""
    pieces = list(slices)
    return msgspec.structs.replace(
        pieces[-1],
        at=max(piece.at for piece in pieces),
        sightings=tuple(sighting for piece in pieces for sighting in piece.sightings),
        checks=tuple(check for piece in pieces for check in piece.checks),
        clients=tuple(client for piece in pieces for client in piece.clients),
        complete=all(piece.complete for piece in pieces),
        covers=tuple(native for piece in pieces for native in piece.covers),
        confirms=any(piece.confirms for piece in pieces) and not all(piece.complete for piece in pieces),
        quarantined=sum(piece.quarantined for piece in pieces),
        version=next((piece.version for piece in reversed(pieces) if piece.version), SafeText("")),
        skew_s=next((piece.skew_s for piece in reversed(pieces) if piece.skew_s is not None), None),
        fixes=_fixes(pieces),
        lacks=tuple(dict.fromkeys(can for piece in pieces for can in piece.lacks)),
        note=next((piece.note for piece in reversed(pieces) if piece.note), SafeText("")),
    )


def unchanged(source: SourceName, at: datetime) -> Reading:
    """The source says what it said last, and nothing else."""
    return Reading(source=source, at=at, complete=False, confirms=True)


def _fixes(pieces: Iterable[Reading]) -> tuple[OwnFix, ...] | None:
    """All that some slice tells of; None where none does."""
    told = [piece.fixes for piece in pieces if piece.fixes is not None]
    return tuple(dict.fromkeys(fix for fixes in told for fix in fixes)) if told else None
