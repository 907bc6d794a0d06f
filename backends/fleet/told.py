"""What one source last told of one device, kept small. Most checks of most devices are well, and in the same words.

Of those only the values are kept for each device, and the words once for all devices that are told alike.
"""

from __future__ import annotations

import struct
from collections.abc import Sequence
from datetime import UTC, datetime
from math import isnan, nan
from operator import attrgetter
from typing import Any, Final

import msgspec
from msgspec import Struct

from backends.fleet.model import Check, CheckState, Sighting

_ALIKE: Final = 2048
"""Most shapes that are shared at a time."""
_OWN: Final = datetime.min.replace(tzinfo=UTC)
_words: Final = attrgetter("source", "family", "subject", "label", "severity", "advice", "unit", "warn", "crit")


class Told(Struct, frozen=True, gc=False):
    """What one source last told of one device. Made by `told_of`."""

    sighting: Sighting
    words: tuple[Check, ...]
    """The checks; where `values` is there, without what is this device's own: its native id, values, time. Enough for
    whoever asks only what is watched, and how well that is."""
    values: bytes | None
    """The value of each check, where all are well and as old as the sighting."""
    at: datetime
    """When the reading was there."""
    heard: datetime
    """The youngest proof about the device: that it was seen, or that it was looked for in vain."""

    @property
    def checks(self) -> tuple[Check, ...]:
        """As they were told."""
        if self.values is None:
            return self.words
        native, seen = self.sighting.native, self.sighting.seen
        values = struct.unpack(f"{len(self.words)}d", self.values)
        return tuple(
            msgspec.structs.replace(check, native=native, value=None if isnan(value) else value, seen=seen)
            for check, value in zip(self.words, values, strict=True)
        )

    @property
    def well(self) -> bool:
        """Whether every check is."""
        return self.values is not None or all(check.state is CheckState.OK for check in self.words)


def told_of(sighting: Sighting, checks: Sequence[Check], at: datetime, heard: datetime) -> Told:
    """What was told, in the smallest form that gives it back as it was."""
    values = _values(sighting, checks)
    if values is None:
        return Told(sighting, tuple(checks), None, at, heard)
    return Told(sighting, _shared(checks), values, at, heard)


def only_seen_again(known: Told, told: Told) -> bool:
    """Whether nothing but the time differs."""
    if len(told.words) != len(known.words):
        return False
    if msgspec.structs.replace(told.sighting, seen=known.sighting.seen) != known.sighting:
        return False
    if told.values is not None and known.values is not None:
        return told.values == known.values and (told.words is known.words or told.words == known.words)
    pairs = zip(known.checks, told.checks, strict=True)
    return all(msgspec.structs.replace(now, seen=before.seen) == before for before, now in pairs)


def _values(sighting: Sighting, checks: Sequence[Check]) -> bytes | None:
    """The values, when nothing else of these checks is the device's own."""
    ok, native, source, seen = CheckState.OK, sighting.native, sighting.source, sighting.seen
    values = []
    for check in checks:
        if check.state is not ok or check.native != native or check.source != source or check.seen != seen:
            return None
        if check.summary or check.target or check.since is not None or check.handling is not None:
            return None
        value = check.value
        if value is None:
            value = nan
        elif type(value) is not float or isnan(value):
            return None
        values.append(value)
    return struct.pack(f"{len(values)}d", *values)


_shapes: dict[tuple[Any, ...], tuple[Check, ...]] = {}
"""Only saves memory: whatever is forgotten here is made again, equal to what it was."""


def _shared(checks: Sequence[Check]) -> tuple[Check, ...]:
    key = tuple(map(_words, checks))
    shape = _shapes.get(key)
    if shape is None:
        if len(_shapes) >= _ALIKE:
            _shapes.clear()
        shape = _shapes[key] = tuple(
            msgspec.structs.replace(check, native="", value=None, seen=_OWN) for check in checks
        )
    return shape
