"""How long a server asks us to wait."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Final

SHORTEST_S: Final = 1.0
LONGEST_S: Final = 3600.0
"""A server that asks for a day, by a slip or to be rid of us, is asked again after an hour."""


def retry_after(header: str, now: datetime) -> float | None:
    """Seconds from the header `Retry-After`, a number of seconds or a date; None when it says nothing usable."""
    text = header.strip()
    if re.fullmatch(r"[0-9]{1,12}", text):
        seconds = float(text)
    else:
        try:
            when = parsedate_to_datetime(text)
            seconds = (when.replace(tzinfo=when.tzinfo or UTC) - now).total_seconds()
        except (ValueError, OverflowError):
            return None
    return min(max(seconds, SHORTEST_S), LONGEST_S)
