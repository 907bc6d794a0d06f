"""Ages and times for people: `4m`, `12:04:31`, `21 Nov`. The caller says what time it is."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, tzinfo

from backends.fleet.model import SafeText

FEW, MINUTE, HOUR, DAY, YEAR = 30, 60, 3600, 86400, 31536000


def span_text(seconds: float) -> SafeText:
    """A duration in at most four characters: `42s`, `12m`, `26h`, `12d`, `3y`."""
    whole = max(0, int(seconds))
    for unit, size, up_to in (("s", 1, MINUTE), ("m", MINUTE, HOUR), ("h", HOUR, 2 * DAY), ("d", DAY, 999 * DAY)):
        if whole < up_to:
            return SafeText(f"{whole // size}{unit}")
    return SafeText(f"{whole // YEAR}y")


def age_text(since: datetime | None, now: datetime, *, ago: bool = False) -> SafeText:
    """How long ago, in steps that a screen may follow without repainting itself every second: `now`, `30s`, `4m`.

    What lies in the future is `now`: ages never run ahead.
    """
    if since is None:
        return SafeText("—")
    seconds = (now - since).total_seconds()
    if seconds < FEW:
        return SafeText("just now" if ago else "now")
    text = span_text(seconds if seconds >= MINUTE else FEW)
    return SafeText(f"{text} ago") if ago else text


def _unit(seconds: float) -> int:
    """Of what `span_text` counts whole ones, from a minute on and below three years."""
    return MINUTE if seconds < HOUR else HOUR if seconds < 2 * DAY else DAY


def age_turns(since: datetime, now: datetime) -> datetime:
    """Until when the age of `since` reads as it does at `now`."""
    seconds = (now - since).total_seconds()
    if seconds < FEW:
        return since + timedelta(seconds=FEW)
    size = _unit(seconds)
    return since + timedelta(seconds=(seconds // size + 1) * size)


def due_turns(until: datetime, now: datetime) -> datetime:
    """Until when what is left until a deadline reads as it does at `now`; `now` itself when it turns just now."""
    seconds = (until - now).total_seconds()
    if seconds < 0:
        return age_turns(until, now)
    size = _unit(seconds)
    return until - timedelta(seconds=seconds // size * size)


def time_text(when: datetime | None, now: datetime, zone: tzinfo) -> SafeText:
    """A clock time today, a date otherwise; at most eight characters."""
    if when is None:
        return SafeText("—")
    there, today = when.astimezone(zone), now.astimezone(zone)
    if there.date() == today.date():
        return SafeText(f"{there:%H:%M:%S}")
    return SafeText(f"{there:%d %b}" if there.year == today.year else f"{there:%b %Y}")


def full_time(when: datetime | None, zone: tzinfo) -> SafeText:
    """`2026-11-21 12:04:31`."""
    return SafeText("—") if when is None else SafeText(f"{when.astimezone(zone):%Y-%m-%d %H:%M:%S}")


def due_text(until: datetime, now: datetime) -> SafeText:
    """What is left until a deadline, in at most five characters: `11m`, `<1m`, and `-12m` when it has passed."""
    seconds = (until - now).total_seconds()
    if seconds < 0:
        return SafeText(f"-{span_text(max(-seconds, MINUTE))}")
    return SafeText("<1m") if seconds < MINUTE else span_text(seconds)


def left_text(until: datetime | None, now: datetime) -> SafeText:
    """`3h left`, `overdue by 12m`."""
    if until is None:
        return SafeText("")
    rest = (until - now).total_seconds()
    return SafeText(f"{span_text(rest)} left" if rest >= 0 else f"overdue by {span_text(-rest)}")


def zone_of(name: str) -> tzinfo:
    """The zone of that name; the machine's own when it is empty or not known."""
    if name:
        from zoneinfo import ZoneInfo, ZoneInfoNotFoundError  # noqa: PLC0415 - only for those who name one

        try:
            return ZoneInfo(name)
        except (ZoneInfoNotFoundError, ValueError, OSError):
            pass
    return datetime.now(UTC).astimezone().tzinfo or UTC


def parse_span(text: str) -> timedelta | None:
    """`30m`, `4h`, `2d`, `1w` as a duration; None when it is none of these."""
    units = {"m": MINUTE, "h": HOUR, "d": DAY, "w": 7 * DAY}
    number, unit = text.strip()[:-1], text.strip()[-1:].lower()
    if unit not in units or not (number.isascii() and number.isdecimal()) or not 0 < int(number[:6]) <= 10000:
        return None
    return timedelta(seconds=int(number) * units[unit])
