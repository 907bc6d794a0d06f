"""A clock that is told the time."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta


class FakeClock:
    """Time that moves when told to. Sleepers wake in order of their due time."""

    def __init__(self, start: datetime | None = None) -> None:
        self._start = start or datetime(2026, 1, 5, 9, 0, tzinfo=UTC)
        self._elapsed = 0.0
        self._sleepers: list[tuple[float, int, asyncio.Future[None]]] = []
        self._order = 0

    def now(self) -> datetime:
        return self._start + timedelta(seconds=self._elapsed)

    def boot_s(self) -> float:
        return self._elapsed

    @property
    def sleepers(self) -> int:
        return sum(1 for _, _, future in self._sleepers if not future.done())

    async def sleep(self, seconds: float) -> None:
        if seconds <= 0:
            await asyncio.sleep(0)
            return
        future: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._order += 1
        self._sleepers.append((self._elapsed + seconds, self._order, future))
        await future

    async def advance(self, seconds: float) -> None:
        """Let `seconds` pass; everything that becomes due in between runs in its order."""
        end = self._elapsed + seconds
        await settle()
        while due := sorted(entry for entry in self._sleepers if entry[0] <= end and not entry[2].done()):
            when, _, future = due[0]
            self._elapsed = max(self._elapsed, when)
            future.set_result(None)
            await settle()
            self._sleepers = [entry for entry in self._sleepers if not entry[2].done()]
        self._elapsed = end


async def settle(turns: int = 20) -> None:
    """Let every task that is ready go as far as it can."""
    for _ in range(turns):
        await asyncio.sleep(0)
