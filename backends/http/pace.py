"""A source's share of a server's patience: a token bucket, by the engine's clock."""

from __future__ import annotations

import asyncio

from backends.api import Timing


class Pace:
    """At most `per_minute` requests a minute in the long run, `burst` of them at once. Who comes first goes first."""

    def __init__(self, per_minute: float, burst: int, timing: Timing) -> None:
        self._every_s = 60.0 / per_minute
        self._burst_s = self._every_s * (burst - 1)
        self._timing = timing
        self._full_at_s = 0.0
        """Boot time at which the bucket would be full again."""
        self._turn = asyncio.Lock()

    async def turn(self) -> None:
        """Wait until one more may be sent."""
        async with self._turn:
            now = self._timing.boot_s()
            wait_s = self._full_at_s - now - self._burst_s
            if wait_s > 0:
                await self._timing.sleep(wait_s)
            self._full_at_s = max(self._full_at_s, self._timing.boot_s()) + self._every_s
