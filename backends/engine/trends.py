"""How values went, as far as there is room for it: at most `MOST` trends, some ten megabytes.

A fleet that fits is kept as a whole. In a bigger one those devices come first on which a number is not ok, and those
that somebody looked at: they take the place of the others, and the latter also of those that have been well again for
an hour or more. Only checks with a number have a trend; it is let go when its device is heard for an hour without that
check. One that was let go begins anew when it comes into notice.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Final

from backends.api import Check, Reading, SourceName
from backends.fleet.confirmed import as_confirmed
from backends.fleet.fleet import Fleet
from backends.fleet.identity import Key
from backends.fleet.model import CheckState
from backends.fleet.trend import Course, Point, Trend

MOST: Final = 10_000
"""Trends in memory. One that is full takes up to a kilobyte."""
PATIENCE_S: Final = 180.0
"""A check that was not told for so long, and for three intervals, has a gap."""
STANDS_S: Final = 110
"""So often goes a value on that is not told again and again, but confirmed: with the poll after that, before there is a
gap."""
NOTICE_S: Final = 3600
"""So long is a device in notice after it was not ok, or looked at, for the last time."""


class _Kept:
    """What there is of one device at one source."""

    __slots__ = ("courses", "grown", "moved", "noted")

    def __init__(self) -> None:
        self.courses: dict[str, Course] = {}
        """By the check's key."""
        self.noted = 0
        """When it was not ok, or looked at, for the last time."""
        self.grown = False
        """There is a sample that the store has not."""
        self.moved = False
        """The last sample is a later one than the store has."""

    def lapse(self) -> int:
        """Let go of checks that are told no more while others are: a process that ended. How many these were."""
        latest = max((course.last for course in self.courses.values()), default=0)
        over = [key for key, course in self.courses.items() if course.last < latest - NOTICE_S]
        for key in over:
            del self.courses[key]
        return len(over)


class Trends:
    """Hears every reading, and gives what is known of a device."""

    def __init__(self, stored: Iterable[Trend] = (), most: int = MOST) -> None:
        self._most = most
        self._count = 0
        self._noted: dict[Key, _Kept] = {}
        """Not ok, or looked at; what was so last comes last."""
        self._others: dict[Key, _Kept] = {}
        self._natives: dict[SourceName, dict[str, _Kept]] = {}
        """Both of them, by source and native id."""
        self._gone: set[Key] = set()
        """What the store has and we have not."""
        self._stood: dict[SourceName, int] = {}
        """When the values of a source went on because it confirmed them."""
        for trend in stored:
            self._restore(trend)

    def __len__(self) -> int:
        return self._count

    def heard(self, reading: Reading, every_s: float) -> None:
        """Go on with every value of the reading. Called for each, and so quick to pass over what is not kept."""
        natives = self._natives.setdefault(reading.source, {})
        patience_s = max(PATIENCE_S, 3 * every_s)
        ok, source, latest = CheckState.OK, reading.source, reading.at.timestamp()
        for check in reading.checks:
            kept = natives.get(check.native)
            if kept is None:
                if check.value is None or check.source != source:
                    continue
                if self._count >= self._most and (check.state is ok or not self._make_room(int(latest))):
                    continue
                kept = self._put((source, check.native))
            at = int(min(check.seen.timestamp(), latest))
            if check.state is not ok:
                self._note((source, check.native), kept, at)
            self._go_on(kept, check, at, patience_s)

    def standing(self, reading: Reading, fleet: Fleet) -> Iterator[Check]:
        """Checks of devices that are kept, where the reading confirms them; every `STANDS_S`, and none in between."""
        name, latest = reading.source, int(reading.at.timestamp())
        if latest - self._stood.get(name, 0) < STANDS_S:
            return
        self._stood[name] = latest
        until, words = fleet.confirmed.get(name), fleet.told.get(name, {})
        for native in list(self._natives.get(name, ())):
            told = words.get(native)
            if told is not None and until is not None and until.at > told.at:
                yield from (check for check in as_confirmed(told, until).checks if check.seen == until.at)

    def look(self, checks: Iterable[Check], now: datetime) -> None:
        """Somebody looks at a device with these checks: it is kept before all others."""
        at = int(now.timestamp())
        for check in checks:
            kept = self._natives.get(check.source, {}).get(check.native)
            if kept is None:
                if check.value is None:
                    continue
                kept = self._put((check.source, check.native))
            self._note((check.source, check.native), kept, at)
            if check.key not in kept.courses:
                if self._count >= self._most:
                    self._make_room(at, but=kept, whoever=True)
                self._go_on(kept, check, int(min(check.seen, now).timestamp()), PATIENCE_S)

    def of(self, keys: Iterable[Key]) -> tuple[Trend, ...]:
        """What is known of the device with these native ids."""
        return tuple(
            trend
            for source, native in keys
            if (kept := self._natives.get(source, {}).get(native)) is not None
            for trend in _trends(source, native, kept.courses)
        )

    def remember(self, key: Key, check: str, points: Sequence[Point]) -> None:
        """Add what the source itself remembers of a check that is kept."""
        kept = self._natives.get(key[0], {}).get(key[1])
        if kept is not None and check in kept.courses:
            kept.courses[check] = kept.courses[check].with_earlier(points)
            kept.grown = True

    def known(self) -> Iterable[Key]:
        """The devices of which something is known."""
        return [key for key, _ in self._all()]

    def forget(self, keys: Iterable[Key]) -> None:
        """These are there no more."""
        for key in keys:
            self._drop(key)

    # What the store is given.

    def unsaved(self, most: int) -> dict[Key, tuple[Trend, ...]]:
        """Of up to `most` devices what the store has not yet, apart from samples that only moved on. They count as
        saved from now on; `unsave` those that were not."""
        found = {}
        for key, kept in self._all():
            if kept.grown:
                self._count -= kept.lapse()
                kept.grown = kept.moved = False
                found[key] = _trends(*key, kept.courses)
                if len(found) >= most:
                    break
        return found

    def last_words(self) -> dict[Key, tuple[Trend, ...]]:
        """All that the store has not, to the last sample."""
        for _, kept in self._all():
            kept.grown = kept.grown or kept.moved
        return self.unsaved(self._count + 1)

    def unsave(self, keys: Iterable[Key]) -> None:
        for source, native in keys:
            kept = self._natives.get(source, {}).get(native)
            if kept is not None:
                kept.grown = True

    def gone(self) -> set[Key]:
        """What the store may forget. It counts as forgotten from now on."""
        found, self._gone = self._gone, set()
        return found

    def ungone(self, keys: Iterable[Key]) -> None:
        self._gone.update(key for key in keys if key[1] not in self._natives.get(key[0], {}))

    def _all(self) -> Iterator[tuple[Key, _Kept]]:
        yield from self._noted.items()
        yield from self._others.items()

    def _go_on(self, kept: _Kept, check: Check, at: int, patience_s: float) -> None:
        course = kept.courses.get(check.key)
        if check.value is not None and (course is None or course.unit != check.unit):
            if course is None:
                if self._count >= self._most and not self._make_room(at, but=kept):
                    return
                self._count += 1
            course = kept.courses[check.key] = Course(check.unit)
        if course is None:
            return
        last = course.last
        if last and at - last > patience_s:
            course.add(last + 1, None)
        if course.add(at, check.value):
            kept.grown = True
        kept.moved = True

    def _note(self, key: Key, kept: _Kept, at: int) -> None:
        """The device comes into notice, or stays there."""
        self._others.pop(key, None)
        self._noted.pop(key, None)
        self._noted[key] = kept
        kept.noted = at

    def _put(self, key: Key) -> _Kept:
        kept = self._others[key] = self._natives.setdefault(key[0], {})[key[1]] = _Kept()
        self._gone.discard(key)
        return kept

    def _make_room(self, at: int, *, but: _Kept | None = None, whoever: bool = False) -> bool:
        """Let go of the device that is least in notice, `but` that one. Where all are in notice nobody goes, or else
        the one that was so the longest ago."""
        for where, least in ((self._others, at), (self._noted, at if whoever else at - NOTICE_S)):
            key = next((key for key, kept in where.items() if kept is not but), None)
            if key is not None and where[key].noted <= least:
                self._drop(key)
                return True
        return False

    def _drop(self, key: Key) -> None:
        kept = self._noted.pop(key, None) or self._others.pop(key, None)
        if kept is not None:
            self._count -= len(kept.courses)
            del self._natives[key[0]][key[1]]
            self._gone.add(key)

    def _restore(self, trend: Trend) -> None:
        if self._count >= self._most:
            self._gone.add((trend.source, trend.native))
            return
        key = (trend.source, trend.native)
        kept = self._natives.get(trend.source, {}).get(trend.native) or self._put(key)
        if trend.key not in kept.courses:
            self._count += 1
        kept.courses[trend.key] = Course.of(trend)


def _trends(source: SourceName, native: str, courses: Mapping[str, Course]) -> tuple[Trend, ...]:
    out = []
    for key, course in courses.items():
        points = course.points
        out.append(
            Trend(
                source=source,
                native=native,
                key=key,
                unit=course.unit,
                times=tuple(at for at, _ in points),
                values=tuple(value for _, value in points),
            )
        )
    return tuple(out)
