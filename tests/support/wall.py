"""The wall under test: on a desk in memory, at a time that stands still until it is told."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

from msgspec import Struct
from textual.pilot import Pilot

from backends.desk.protocol import Views
from backends.fleet.changes import Picture
from backends.fleet.query import parse
from tests.support import pictures
from tests.support.desk import MemoryDesk
from tests.support.screen import NO_PACE, Clock, config
from tui.bridge import Link
from tui.now import Now
from tui.wall import Wall


class OpenedWall(Struct):
    """An open wall, and what it stands on."""

    pilot: Pilot[int]
    app: Wall
    desk: MemoryDesk
    clock: Clock
    door: asyncio.Event
    """While it is not set, no engine is found."""

    @property
    def text(self) -> str:
        """What is on the screen, without trailing blanks."""
        return "\n".join(strip.text.rstrip() for strip in self.app.screen._compositor.render_strips())

    async def until(self, holds: Callable[[], bool], turns: int = 400) -> None:
        """Let things happen until `holds`; fails when nothing brings it about."""
        for _ in range(turns):
            if holds():
                return
            await self.pilot.pause()
        raise AssertionError(f"it never came about; the wall:\n{self.text}")

    async def shows(self, *texts: str) -> None:
        await self.until(lambda: all(text in self.text for text in texts))

    async def lose(self) -> None:
        """The engine goes, and none is found in its place."""
        self.door.clear()
        self.desk.lose("The engine has gone.")
        await self.until(lambda: self.app.wall.link is Link.LOST)
        await self.pilot.pause()

    async def pass_by(self, seconds: float) -> None:
        """So many seconds later, each of them ticked."""
        for _ in range(int(seconds)):
            self.clock.seconds += 1
            self.app.wall.tick()
        await self.pilot.pause()


@asynccontextmanager
async def opened_wall(
    size: tuple[int, int] = (160, 50),
    *,
    desk: MemoryDesk | None = None,
    first: Picture | None = pictures.PICTURE,
    query: str = "",
    live: bool = True,
) -> AsyncIterator[OpenedWall]:
    """The wall, connected to its desk unless `live` is false."""
    at = desk or MemoryDesk()
    clock = Clock()
    door = asyncio.Event()
    if live:
        door.set()

    async def open_views() -> Views:
        await door.wait()
        return at

    now = Now(boot_s=clock, wall=pictures.NOW.timestamp)
    app = Wall(open_views, first, config(), parse(query), now=now, pace=NO_PACE, batch_s=0.0)
    async with app.run_test(size=size) as pilot:
        wall = OpenedWall(pilot, app, at, clock, door)
        if live:
            await wall.until(lambda: app.wall.link is Link.LIVE)
        await pilot.pause()
        yield wall
