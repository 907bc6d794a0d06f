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

    standing: Sighting
    """The sighting, as it was when it was told like this for the first time: all of it holds but `seen`."""
    seen: datetime
    """When the source last really saw the device."""
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
    def sighting(self) -> Sighting:
        """As it was told."""
        standing = self.standing
        return standing if standing.seen == self.seen else msgspec.structs.replace(standing, seen=self.seen)

    @property
    def checks(self) -> tuple[Check, ...]:
        """As they were told."""
        if self.values is None:
            return self.words
        native, seen = self.standing.native, self.seen
        values = struct.unpack(f"{len(self.words)}d", self.values)
        return tuple(
            msgspec.structs.replace(check, native=native, value=None if isnan(value) else value, seen=seen)
            for check, value in zip(self.words, values, strict=True)
        )

    @property
    def well(self) -> bool:
        """Whether every check is."""
        return self.values is not None or all(check.state is CheckState.OK for check in self.words)


def told_of(
    sighting: Sighting, checks: Sequence[Check], at: datetime, heard: datetime, before: Told | None = None
) -> Told:
    """What was told, in the smallest form that gives it back as it was. What is as `before` is not kept twice."""
    standing = sighting if before is None else _same(before.standing, sighting)
    values = _values(sighting, checks)
    if values is None:
        return Told(standing, sighting.seen, tuple(checks), None, at, heard)
    if before is not None and before.values == values:
        values = before.values
    return Told(standing, sighting.seen, _shared(checks), values, at, heard)


def _same(before: Sighting, now: Sighting) -> Sighting:
    """`before`, or as much of it as holds: its texts are also the device's, and nobody needs them twice."""
    if not same_but_seen(before, now):
        return now
    return before if before.partial == now.partial else msgspec.structs.replace(before, partial=now.partial)


def same_but_seen(one: Sighting, other: Sighting) -> bool:
    """Whether nothing but the time of the sighting differs."""
    return one is other or (
        one.health is other.health
        and one.name == other.name
        and one.site == other.site
        and one.client == other.client
        and one.address == other.address
        and one.boot_id == other.boot_id
        and one.kind == other.kind
        and one.platform == other.platform
        and one.identity == other.identity
        and one.system == other.system
        and one.booted == other.booted
        and one.site_name == other.site_name
        and one.client_name == other.client_name
        and one.behind == other.behind
    )


def only_seen_again(known: Told, told: Told) -> bool:
    """Whether nothing but the time differs."""
    if len(told.words) != len(known.words):
        return False
    if told.standing is not known.standing and told.sighting != msgspec.structs.replace(known.standing, seen=told.seen):
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
