"""What time it is for the screen: the engine's time, counted on by this machine's boot-time clock since it was heard.

A wall clock that is set or a laptop that slept cannot make a fact look younger than it is.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta


def boot_seconds() -> float:
    """Seconds since boot with sleep counted; plain monotonic where there is no such clock."""
    clock = getattr(time, "CLOCK_BOOTTIME", None)
    return time.clock_gettime(clock) if clock is not None else time.monotonic()


class Now:
    """Calling it gives the engine's present time in UTC."""

    def __init__(self, boot_s: Callable[[], float] = boot_seconds, wall: Callable[[], float] = time.time) -> None:
        self.boot_s = boot_s
        self._anchor = datetime.fromtimestamp(wall(), UTC)
        """Until an engine has spoken the wall clock has to do: a picture from the store is as old as it says."""
        self._heard = boot_s()

    def __call__(self) -> datetime:
        return self._anchor + timedelta(seconds=self.boot_s() - self._heard)

    def hear(self, at: datetime) -> None:
        """The engine said that it is `at` now."""
        self._anchor, self._heard = at, self.boot_s()
