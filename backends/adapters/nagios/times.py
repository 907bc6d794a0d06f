"""Times as the fields of cmd.cgi want them: by the server's own clock on the wall, in the order that nagios.cfg has set
(`date_format`; `get_time_string` in `cgi/cgiutils.c`). Both show in the form, where the time of asking stands."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from msgspec import Struct

FORMATS: Final[Mapping[str, str]] = {
    "us": "%m-%d-%Y %H:%M:%S",
    "euro": "%d-%m-%Y %H:%M:%S",
    "iso8601": "%Y-%m-%d %H:%M:%S",
    "strict-iso8601": "%Y-%m-%dT%H:%M:%S",
}
_FARTHEST: Final = timedelta(hours=14, minutes=30)
"""From UTC; no zone is farther."""
_QUARTER_S: Final = 900.0
_OFF_S: Final = 300.0
"""So far the time in the form may be from what we take for the server's."""


class TimeError(Exception):
    """A time cannot be written so that the server understands it for certain. Carries the sentence."""


class Wall(Struct, frozen=True, kw_only=True):
    """How the server writes times: the formats that fit (two on days such as 5 May), and its distance from UTC."""

    formats: tuple[str, ...]
    offset: timedelta

    def written(self, when: datetime, zone: ZoneInfo | None = None) -> str:
        """`when` in the server's way. `zone` is better than the offset, which may be another one by then. Raises
        `TimeError`."""
        local = when.astimezone(zone).replace(tzinfo=None) if zone else when.astimezone(UTC).replace(tzinfo=None)
        if zone is None:
            local += self.offset
        ways = {local.strftime(FORMATS[name]) for name in self.formats}
        if len(ways) > 1:
            raise TimeError(
                "Today it cannot be told whether this Nagios writes the day or the month first: "
                'set date_format of the source to what nagios.cfg says, "us" or "euro".'
            )
        return ways.pop()


def wall_of(shown: str, now: datetime, wanted: str = "") -> Wall:
    """How the server writes times, from the time that its form shows at `now` (by the server's clock, in UTC). `wanted`
    is the format, where that is known. Raises `TimeError`."""
    found = {name: offset for name in FORMATS if (offset := _offset(shown.strip(), name, now)) is not None}
    if wanted in found:
        found = {wanted: found[wanted]}
    elif wanted or not found:
        raise TimeError(
            "The time in Nagios's form is not understood: check date_format of the source and of nagios.cfg, and the "
            "clocks here and there."
        )
    return Wall(formats=tuple(found), offset=next(iter(found.values())))


def _offset(shown: str, name: str, now: datetime) -> timedelta | None:
    """The distance from UTC that makes `shown` the time `now`; None where none does."""
    if not re.fullmatch(r"[0-9T :-]{19}", shown):
        return None
    try:
        told = datetime.strptime(shown, FORMATS[name]).replace(tzinfo=UTC)
    except ValueError:
        return None
    apart = (told - now).total_seconds()
    offset = timedelta(seconds=_QUARTER_S * round(apart / _QUARTER_S))
    near = abs(apart - offset.total_seconds()) <= _OFF_S
    return offset if near and abs(offset) <= _FARTHEST else None
