"""How a value went: a few real samples of one check, oldest first, thinned as they become many.

Every sample that is left was told as it stands; none is an average. The first, the last, the lowest and the highest
are always among them, and where nothing was known nothing is drawn across.
"""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Sequence
from itertools import pairwise
from math import inf, isfinite, isnan, nan
from typing import Final

from msgspec import Struct

from backends.fleet.model import SourceName

POINTS: Final = 48
"""Most samples of one trend."""
WINDOW_S: Final = 24 * 3600
"""What is older than this is let go."""
STEP_S: Final = 10
"""Distance between two samples in the beginning; doubles whenever there are too many."""

Point = tuple[int, float | None]
"""Seconds since 1970 and a value; None where from then on nothing was known."""


class Trend(Struct, frozen=True, kw_only=True):
    """The values of one check over time."""

    source: SourceName
    native: str
    """The device's native id at `source`."""
    key: str
    """The check's."""
    unit: str = ""
    times: tuple[int, ...] = ()
    """Seconds since 1970, rising."""
    values: tuple[float | None, ...] = ()
    """One for each of `times`; None: from then on nothing was known."""

    @property
    def points(self) -> tuple[Point, ...]:
        return tuple(zip(self.times, self.values, strict=False))


class Course:
    """A trend while it goes on, kept small: under a kilobyte when it is full."""

    __slots__ = ("_high", "_low", "_times", "_values", "step_s", "unit")

    def __init__(self, unit: str = "", points: Iterable[Point] = ()) -> None:
        self.unit = unit
        self.step_s = STEP_S
        self._times = array("q")
        self._values = array("d")
        self._low, self._high = inf, -inf
        for at, value in points:
            self.add(at, value)

    @classmethod
    def of(cls, trend: Trend) -> Course:
        """A trend that goes on."""
        out = cls(trend.unit)
        points = [point for point in trend.points if point[1] is None or isfinite(point[1])][-POINTS:]
        if any(later[0] <= earlier[0] for earlier, later in pairwise(points)):
            return cls(trend.unit, sorted(points, key=lambda point: point[0]))
        out._times = array("q", [at for at, _ in points])
        out._values = array("d", [nan if value is None else value for _, value in points])
        out._keep(range(len(points)))
        if points:
            out.step_s = max(STEP_S, (points[-1][0] - points[0][0]) // POINTS)
        return out

    def __len__(self) -> int:
        return len(self._times)

    @property
    def last(self) -> int:
        """When it was added to last; 0 when it never was."""
        return self._times[-1] if self._times else 0

    @property
    def points(self) -> tuple[Point, ...]:
        pairs = zip(self._times, self._values, strict=True)
        return tuple((at, None if isnan(value) else value) for at, value in pairs)

    def add(self, at: int, value: float | None) -> bool:
        """Go on with a value, or with None where nothing is known any more. What is not later than the last is not
        heard. True when there is a sample more, False when the last one only moved on."""
        number = value if value is not None and isfinite(value) else nan
        times, values = self._times, self._values
        if times and at <= times[-1]:
            return False
        gap = isnan(number)
        if gap and (not times or isnan(values[-1])):
            return False
        moved = not gap and self._loose(number)
        if moved:
            times[-1], values[-1] = at, number
        else:
            times.append(at)
            values.append(number)
        self._low, self._high = min(self._low, number), max(self._high, number)
        if times[0] < at - WINDOW_S:
            self._let_go(at - WINDOW_S)
        while len(self._times) > POINTS:
            self.step_s *= 2
            self._keep(spaced(self._times, self._values, self.step_s))
        return not moved

    def with_earlier(self, points: Sequence[Point]) -> Course:
        """This and what somebody else remembers of it; where they do, there is no gap of ours."""
        if not points:
            return self
        first, last = points[0][0], points[-1][0]
        mine = [(at, value) for at, value in self.points if value is not None or not first <= at <= last]
        merged = dict(points) | dict(mine)
        out = Course(self.unit)
        out.step_s = 1  # all of them first, then as few as have to be
        for at in sorted(merged):
            out.add(at, merged[at])
        span = out._times[-1] - out._times[0] if len(out) else 0
        out.step_s = max(out.step_s, self.step_s, span // POINTS)
        return out

    def _loose(self, number: float) -> bool:
        """Whether the last sample is so near to the one before that the new one may take its place. A peak stays."""
        times, values = self._times, self._values
        if len(times) < 2 or times[-1] - times[-2] >= self.step_s:
            return False
        before, last = values[-2], values[-1]
        if isnan(before) or isnan(last):
            return False
        if last >= self._high:
            return not before < last > number
        return last > self._low or not before > last < number

    def _let_go(self, oldest: int) -> None:
        """Of what is older than that; a gap is no beginning."""
        times, values = self._times, self._values
        first = 0
        while first < len(times) - 1 and (times[first] < oldest or isnan(values[first])):
            first += 1
        self._keep(range(first, len(times)))

    def _keep(self, indexes: Sequence[int]) -> None:
        times, values = self._times, self._values
        self._times = array("q", [times[index] for index in indexes])
        self._values = array("d", [values[index] for index in indexes])
        known = [value for value in self._values if not isnan(value)]
        self._low, self._high = min(known, default=inf), max(known, default=-inf)


def spaced(times: Sequence[int], values: Sequence[float], step_s: int) -> list[int]:
    """The samples that stay when two of them shall be `step_s` apart: the first, the last, the lowest, the highest, and
    every gap (NaN), though two gaps with nothing between them are one."""
    known = [index for index, value in enumerate(values) if not isnan(value)]
    spared = {*known[:1], *known[-1:]}
    if known:
        spared |= {min(known, key=values.__getitem__), max(known, key=values.__getitem__)}
    kept: list[int] = []
    seen: float = -inf
    for index, at in enumerate(times):
        if isnan(values[index]):
            if kept and not isnan(values[kept[-1]]):
                kept.append(index)
        elif index in spared or at - seen >= step_s:
            kept.append(index)
            seen = at
    return kept
