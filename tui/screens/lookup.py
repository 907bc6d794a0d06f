"""Asks the desk for what is not in the picture: devices, one device's card, runs, the record."""

from __future__ import annotations

from backends.desk.protocol import Desk
from tui.listing import Fetched
from tui.place import Noun, Place


async def facts_of(desk: Desk, place: Place) -> Fetched | None:
    """What the list at `place` is made of beside the picture; None when the picture has it all. Raises `DeskError`."""
    match place.noun:
        case Noun.DEVICES:
            return Fetched(devices=tuple(await desk.devices()))
        case Noun.CHECKS if place.device is not None:
            return Fetched(card=await desk.device(place.device))
        case Noun.RUNS:
            return Fetched(runs=tuple(await desk.runs()))
        case Noun.AUDIT:
            return Fetched(audit=tuple(await desk.audit()))
    return None
