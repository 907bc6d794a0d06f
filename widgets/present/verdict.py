"""The first line of the screen: the fleet's verdict with the tone that it deserves."""

from __future__ import annotations

from datetime import datetime, tzinfo

from backends.fleet.changes import Picture
from backends.fleet.tally import Counts
from backends.fleet.verdict import Level, verdict
from widgets.present.row import Cell, Tone

_TONES = {
    Level.OK: Tone.OK,
    Level.WARNING: Tone.WARNING,
    Level.CRITICAL: Tone.CRITICAL,
    Level.UNKNOWN: Tone.UNKNOWN,
}


def verdict_cells(
    picture: Picture, now: datetime, since: datetime | None, zone: tzinfo, counts: Counts | None = None
) -> tuple[Cell, ...]:
    """One sentence; `since` is when the technician began to look."""
    said = verdict(picture, now, since, zone, counts=counts)
    return (Cell(said.sentence, _TONES[said.level]),)
