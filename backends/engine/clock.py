"""The engine's sense of time: wall clock for people, boot-time clock for ages and deadlines."""

from __future__ import annotations

import asyncio
import time
from datetime import UTC, datetime
from typing import Protocol

FORWARD_STEP_S = 2.0
"""A wall clock that is further ahead than this was set; the calendar follows."""


class Clock(Protocol):
    """Structurally an `api.Timing`."""

    def now(self) -> datetime: ...

    def boot_s(self) -> float: ...

    async def sleep(self, seconds: float) -> None: ...


def boot_seconds() -> float:
    """Seconds since boot with sleep counted; plain monotonic (which stands still in sleep) where there is no such."""
    clock = getattr(time, "CLOCK_BOOTTIME", None)
    return time.clock_gettime(clock) if clock is not None else time.monotonic()


class SystemClock:
    """A calendar that is anchored to the wall once and then counts boot time.

    It follows a wall clock that is set forward (facts become older), never one that is set back (facts would become
    younger than they are).
    """

    def __init__(self) -> None:
        self._wall = time.time()
        self._boot = boot_seconds()

    def now(self) -> datetime:
        boot = boot_seconds()
        steady = self._wall + boot - self._boot
        wall = time.time()
        if wall > steady + FORWARD_STEP_S:
            self._wall, self._boot, steady = wall, boot, wall
        return datetime.fromtimestamp(steady, UTC)

    def boot_s(self) -> float:
        return boot_seconds()

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(seconds)
