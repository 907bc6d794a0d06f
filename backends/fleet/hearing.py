"""One reading on its way in, slice by slice: what it tells of each device is made small as it comes, and the slice is
let go. A hundred thousand devices with their checks as they were told would take more memory than all that is known.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

import msgspec

from backends.fleet.confirmed import Confirmed, as_confirmed
from backends.fleet.devices import is_unreachable
from backends.fleet.model import Check, CheckState, Sighting, SourceName
from backends.fleet.reading import Reading, joined
from backends.fleet.steps import Steps, parted
from backends.fleet.told import Told, told_of
from backends.fleet.worth import JUST_NOW

_PLAIN = (CheckState.OK,)


class Hearing:
    """What was heard of one reading so far. It is to be folded when its last slice is in, or thrown away."""

    def __init__(self, source: SourceName) -> None:
        self.source = source
        self.arrived: dict[str, Told] = {}
        """What the reading tells that was not known or is not older than what was known."""
        self.empty = True
        """No device was seen."""
        self._frame: Reading | None = None
        self._first: datetime | None = None

    @property
    def frame(self) -> Reading:
        """The reading without what it says of devices. There is none before the first slice."""
        if self._frame is None:
            raise ValueError(f"a reading of {self.source} without a single slice")
        return self._frame

    @property
    def first(self) -> datetime:
        """When the first slice was there: what was told later may not have been asked for in time to be missed."""
        return self.frame.at if self._first is None else self._first

    def hearing(self, piece: Reading, known: Mapping[str, Told], until: Confirmed | None = None) -> Steps[None]:
        """Take in one slice, in steps. `known` is what the source told before, by native id, and `until` how far it has
        confirmed that since. Words in another source's name are not heard. Raises `ValueError` for a slice of another
        source's reading."""
        if piece.source != self.source:
            raise ValueError(f"a slice of {piece.source} in a reading of {self.source}")
        checks: dict[str, list[Check]] = {}
        for part in parted(piece.checks, 10):
            yield
            for check in part:
                if check.source == self.source:
                    checks.setdefault(check.native, []).append(check)
        for seen in parted(self._sightings(piece, checks, known, until).values()):
            yield
            for sighting in seen:
                before = known.get(sighting.native)
                if before is None or before.at <= piece.at:
                    stood = None if before is None else as_confirmed(before, until)
                    self._hear(_told(piece, sighting, checks.pop(sighting.native, []), stood))
        self.empty = self.empty and not piece.sightings
        frame = msgspec.structs.replace(piece, sightings=(), checks=())
        self._frame = frame if self._frame is None else joined((self._frame, frame))
        self._first = piece.at if self._first is None else min(self._first, piece.at)

    def _sightings(
        self,
        piece: Reading,
        checks: Mapping[str, list[Check]],
        known: Mapping[str, Told],
        until: Confirmed | None,
    ) -> dict[str, Sighting]:
        found: dict[str, Sighting] = {}
        for sighting in piece.sightings:
            if sighting.source == self.source:
                twin = found.get(sighting.native)
                if twin is None or (twin.seen, twin.name) < (sighting.seen, sighting.name):
                    found[sighting.native] = sighting
        if not piece.complete:  # checks alone are news of a device that is known
            for native in checks:
                if native not in found and native in known and native not in piece.covers:
                    told = as_confirmed(known[native], until)
                    found[native] = msgspec.structs.replace(told.sighting, partial=True)
        return found

    def _hear(self, told: Told) -> None:
        """Who pages through a list that moves is told of one device twice: the younger word counts."""
        native = told.standing.native
        twin = self.arrived.get(native)
        if twin is None or (twin.seen, twin.standing.name) < (told.seen, told.standing.name):
            self.arrived[native] = told


def _told(reading: Reading, sighting: Sighting, checks: list[Check], before: Told | None) -> Told:
    # A device that does not answer says nothing of its other checks: what is left out is not over.
    lost = any(check.state not in _PLAIN and is_unreachable(check) for check in checks)
    heard = sighting.seen
    if reading.at - heard > JUST_NOW and checks:
        heard = max(heard, *(check.seen for check in checks))
    if (sighting.partial or lost) and before is not None:
        merged = {check.key: check for check in before.checks}
        merged.update({check.key: check for check in checks})
        checks = list(merged.values())
        sighting = _remembered(sighting, before.sighting, lost=lost)
    return told_of(sighting, checks, reading.at, heard, before)


def _remembered(sighting: Sighting, before: Sighting, *, lost: bool) -> Sighting:
    """A source that was started while a device was away knows nothing of it yet: what was known before stands, and
    nobody has seen the device since."""
    nameless = sighting.name == sighting.address
    return msgspec.structs.replace(
        sighting,
        name=before.name if nameless else sighting.name,
        kind=before.kind if nameless else sighting.kind,
        platform=sighting.platform or before.platform,
        system=sighting.system or before.system,
        identity=before.identity if sighting.identity.empty else sighting.identity,
        boot_id=sighting.boot_id or before.boot_id,
        booted=sighting.booted or before.booted,
        seen=min(sighting.seen, before.seen) if lost else sighting.seen,
    )
