"""The screen under test: on a desk in memory, at a time that stands still, with every pause at nothing."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager

from msgspec import Struct
from textual.pilot import Pilot

from backends.config.schema import Config, Technician
from backends.desk.protocol import Desk
from backends.fleet.changes import Picture
from tests.support import pictures
from tests.support.desk import MemoryDesk
from tui.bridge import Link
from tui.now import Now
from tui.pace import Pace
from tui.rounds import Rounds
from tui.terminal import Sight


class Clock:
    """Boot time that is told."""

    def __init__(self) -> None:
        self.seconds = 100.0

    def __call__(self) -> float:
        return self.seconds


async def no_sleep(_: float) -> None:
    await asyncio.sleep(0)


NO_PACE = Pace(dead_s=0.0, quiet_s=0.0, fastest_s=0.0, settle_s=0.0, sleep=no_sleep)


class Opened(Struct):
    """An open screen, and what it stands on."""

    pilot: Pilot[int]
    app: Rounds
    desk: MemoryDesk
    clock: Clock

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
        raise AssertionError(f"it never came about; the screen:\n{self.text}")

    async def press(self, *keys: str) -> None:
        for key in keys:
            await self.pilot.press(key)
            await self.pilot.pause()

    async def shows(self, *texts: str) -> None:
        """Wait until all of `texts` are on the screen."""
        await self.until(lambda: all(text in self.text for text in texts))


def config(
    keys: Mapping[str, str] | None = None, views: Mapping[str, str] | None = None, path: str = "", theme: str = ""
) -> Config:
    technician = Technician(name="tech1", zone="UTC")
    return Config(
        technician=technician, clients={}, sources=(), keys=keys or {}, views=views or {}, path=path, theme=theme
    )


@asynccontextmanager
async def opened(
    size: tuple[int, int] = (160, 50),
    *,
    desk: MemoryDesk | None = None,
    first: Picture | None = pictures.PICTURE,
    pace: Pace = NO_PACE,
    live: bool = True,
    keys: Mapping[str, str] | None = None,
    views_only: bool = False,
    views: Mapping[str, str] | None = None,
    path: str = "",
    theme: str = "",
    sight: Sight = Sight(),  # noqa: B008 - frozen
) -> AsyncIterator[Opened]:
    """The screen, connected to its desk unless `live` is false."""
    at = desk or MemoryDesk()
    clock = Clock()
    never = asyncio.Event()

    async def open_desk() -> Desk:
        if not live:
            await never.wait()
        return at

    now = Now(boot_s=clock, wall=pictures.NOW.timestamp)
    given = config(keys, views, path, theme)
    app = Rounds(open_desk, first, given, title="rounds", views_only=views_only, now=now, pace=pace, sight=sight)
    async with app.run_test(size=size) as pilot:
        screen = Opened(pilot, app, at, clock)
        if live:
            await screen.until(lambda: app.fleet.board.link is Link.LIVE and app.fleet.board.card is not None)
        await pilot.pause()
        yield screen
