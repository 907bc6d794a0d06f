"""A desk in this process over one adapter at a real server, by a clock that can be set forward: for what is decided in
the server by somebody else, which counts a minute after our own decision."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable
from datetime import datetime, timedelta
from pathlib import Path

from backends.api import Adapter
from backends.bootstrap.assembly import desk_over
from backends.desk.inprocess import InProcessDesk
from backends.engine.clock import SystemClock
from backends.engine.polling import Polled
from backends.fleet.marks import SETTLED
from backends.fleet.model import Can, Freshness, Issue, IssueId, Source
from tests.support.bench import CONFIG, places_in


class LaterClock(SystemClock):
    """The real time, and what was added to it."""

    def __init__(self) -> None:
        super().__init__()
        self.later_s = 0.0

    def now(self) -> datetime:
        return super().now() + timedelta(seconds=self.later_s)

    def boot_s(self) -> float:
        return super().boot_s() + self.later_s


class Elsewhere:
    """The desk, and what its only source says when it is asked again."""

    def __init__(self, desk: InProcessDesk, clock: LaterClock) -> None:
        self.desk = desk
        self._clock = clock

    async def issue(self, device: str, key: str) -> IssueId:
        """The id of a condition of the device that is called so, once the source tells of it."""
        async with asyncio.timeout(30):
            while True:
                known = (await self.desk.picture()).issues.values()
                for one in known:
                    if (one.device_name, one.key) == (device, key):
                        return one.id
                await self.desk.refresh()

    async def told(self, issue: IssueId) -> Issue:
        """The issue as it stands after the source was asked again."""
        await self.desk.refresh()
        return (await self.desk.picture()).issues[issue]

    async def until(self, issue: IssueId, holds: Callable[[Issue], bool]) -> None:
        """Ask the source until that holds of the issue."""
        async with asyncio.timeout(30):
            while not holds(await self.told(issue)):
                pass

    def settle(self) -> None:
        """Let so much time pass that what the source says is no echo of before our decision."""
        self._clock.later_s += SETTLED.total_seconds() + 1


@contextlib.asynccontextmanager
async def elsewhere(adapter: Adapter, kind: str, clock: LaterClock, folder: Path) -> AsyncIterator[Elsewhere]:
    """`adapter` goes by `clock`, too. It is asked only when a test wants it asked."""
    source = Source(
        name=adapter.name, kind=kind, state=Freshness.STALE, every_s=3600.0, capabilities=(Can.ACKNOWLEDGE, Can.SNOOZE)
    )
    desk = await desk_over([(Polled(adapter, 3600.0), source)], CONFIG, places_in(folder), clock)
    try:
        await desk.first_round()
        yield Elsewhere(desk, clock)
    finally:
        await desk.close()
