"""How far a server's clock is from ours, by the header `Date` of an answer (RFC 9110, section 6.6.1: whole seconds)."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Final

_RESOLUTION: Final = timedelta(milliseconds=500)
"""The header has no fractions: on average it tells half a second less."""


FARTHEST_S: Final = 100 * 366 * 86400.0
"""A time that is further away is no clock that goes wrong."""


def skew_s(date: str, asked: datetime, answered: datetime) -> float | None:
    """Seconds that the server is ahead, to the second; None when the header says nothing usable. The server looked at
    its clock at some time between `asked` and `answered`: what can be explained by that is no skew."""
    try:
        told = parsedate_to_datetime(date)
    except (ValueError, TypeError, OverflowError):
        return None
    told = told.replace(tzinfo=told.tzinfo or UTC)
    if abs((told - asked).total_seconds()) > FARTHEST_S:
        return None
    told += _RESOLUTION
    if told < asked - _RESOLUTION:
        return float(round((told - asked).total_seconds()))
    if told > answered + _RESOLUTION:
        return float(round((told - answered).total_seconds()))
    return 0.0
