"""Business hours: `Mon-Fri 08:00-18:00 America/Chicago`, read, asked, and counted in open seconds.

A text has one or more ranges, separated by commas (`Mon-Thu 08:00-18:00, Fri 08:00-14:00`), and an IANA zone at the
end; without one it is UTC. A range may pass midnight (`Fri 22:00-06:00` ends on Saturday). Empty text is around the
clock.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from functools import lru_cache
from typing import Final

from msgspec import Struct

DAYS: Final = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_RANGE: Final = re.compile(
    r"(?P<first>[a-z]{3,9})(?:\s*-\s*(?P<last>[a-z]{3,9}))?\s+"
    r"(?P<begin>\d{1,2}:\d{2})\s*-\s*(?P<end>\d{1,2}:\d{2})",
    re.IGNORECASE | re.ASCII,
)
_LONGEST: Final = timedelta(days=366)
"""No deadline is looked for beyond this."""


class HoursError(ValueError):
    """A text that is no business hours. The message is one sentence that says what is wrong."""


class Range(Struct, frozen=True):
    """One span of a week day, in minutes from its midnight; `end` beyond 1440 reaches into the next day."""

    day: int
    begin: int
    end: int


class Hours(Struct, frozen=True):
    """Business hours as read. No ranges means around the clock."""

    ranges: tuple[Range, ...] = ()
    zone: str = "UTC"


@lru_cache(maxsize=512)
def parse_hours(text: str) -> Hours:
    """Business hours from their text; raises `HoursError`."""
    text = text.strip()
    if not text:
        return Hours()
    *parts, last = (part.strip() for part in text.split(","))
    matched = _RANGE.match(last)
    if matched is None:
        raise HoursError(f"{last[:40]!r} is no business hours; write them like Mon-Fri 08:00-18:00 America/Chicago.")
    zone = last[matched.end() :].strip() or "UTC"
    _zone(zone)
    ranges = [span for part in (*parts, last[: matched.end()]) for span in _ranges(part)]
    return Hours(tuple(sorted(ranges, key=lambda span: (span.day, span.begin, span.end))), zone)


def open_at(hours: Hours, when: datetime) -> bool:
    """Whether `when` is within business hours."""
    if not hours.ranges:
        return True
    day = when.astimezone(_zone(hours.zone)).date()
    return any(begin <= when < end for begin, end in _spans(hours, day - timedelta(days=1), 3))


@lru_cache(maxsize=2048)  # every open issue is weighed again each minute, and its deadline is what it was
def add_open_seconds(hours: Hours, start: datetime, seconds: float) -> datetime:
    """The moment when `seconds` of business hours have passed since `start`, in UTC; None is never given: beyond a
    year the last moment looked at is the answer."""
    if not hours.ranges:
        return start + timedelta(seconds=min(seconds, _LONGEST.total_seconds()))
    left = timedelta(seconds=max(0.0, min(seconds, _LONGEST.total_seconds())))
    reached = start
    first = start.astimezone(_zone(hours.zone)).date() - timedelta(days=1)
    for begin, end in _spans(hours, first, _LONGEST.days):
        begin = max(begin, reached)  # noqa: PLW2901 - what is left of the span
        if end <= begin:
            continue
        if end - begin >= left:
            return (begin + left).astimezone(UTC)
        left -= end - begin
        reached = end
    return reached.astimezone(UTC)


def open_seconds_between(hours: Hours, start: datetime, end: datetime) -> float:
    """Seconds of business hours from `start` to `end`; 0 when `end` is first."""
    if not hours.ranges:
        return max(0.0, (end - start).total_seconds())
    end = min(end, start + _LONGEST)
    first = start.astimezone(_zone(hours.zone)).date() - timedelta(days=1)
    total, reached = timedelta(), start
    for begins, ends in _spans(hours, first, (end - start).days + 3):
        begins, ends = max(begins, reached), min(ends, end)  # noqa: PLW2901 - what is left of the span
        if ends > begins:
            total += ends - begins
            reached = ends
    return total.total_seconds()


def _spans(hours: Hours, first: date, days: int) -> Iterator[tuple[datetime, datetime]]:
    """Open spans that begin on `days` days from `first` on, in UTC, in order of their beginning."""
    zone = _zone(hours.zone)
    for offset in range(days):
        day = first + timedelta(days=offset)
        for span in hours.ranges:
            if span.day == day.weekday():
                yield _moment(day, span.begin, zone), _moment(day, span.end, zone)


def _moment(day: date, minutes: int, zone: tzinfo) -> datetime:
    days, minute = divmod(minutes, 1440)
    clock = time(minute // 60, minute % 60)
    return datetime.combine(day + timedelta(days=days), clock, zone).astimezone(UTC)


def _ranges(text: str) -> list[Range]:
    matched = _RANGE.fullmatch(text.strip())
    if matched is None:
        raise HoursError(f"{text[:40]!r} is no business hours; write them like Mon-Fri 08:00-18:00 America/Chicago.")
    first = _day(matched["first"])
    last = _day(matched["last"]) if matched["last"] else first
    begin, end = _minutes(matched["begin"]), _minutes(matched["end"])
    if begin >= 1440:
        raise HoursError(f"{matched['begin']} is no time at which a day can begin; use 00:00 to 23:59.")
    end += 1440 if end <= begin else 0
    return [Range((first + step) % 7, begin, end) for step in range((last - first) % 7 + 1)]


def _day(word: str) -> int:
    short = word[:3].casefold()
    full = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
    if short not in DAYS or not full[DAYS.index(short)].startswith(word.casefold()):
        raise HoursError(f"{word!r} is no day of the week; use Mon, Tue, Wed, Thu, Fri, Sat or Sun.")
    return DAYS.index(short)


def _minutes(text: str) -> int:
    hour, minute = map(int, text.split(":"))
    if minute > 59 or hour * 60 + minute > 1440:
        raise HoursError(f"{text} is no time of day; use 00:00 to 24:00.")
    return hour * 60 + minute


@lru_cache(maxsize=64)
def _zone(name: str) -> tzinfo:
    if name == "UTC":
        return UTC
    from zoneinfo import ZoneInfo  # noqa: PLC0415 - only who has business hours needs the zones

    try:
        return ZoneInfo(name)
    except (KeyError, ValueError, OSError) as error:
        raise HoursError(f"{name[:60]!r} is no time zone; use a name like America/Chicago.") from error
