"""One frame of the real screen without a terminal: as text, and as a picture that fetches nothing.

Nothing that is pressed can do anything to the world: the desk is an `Onlooker`'s, and no program is started.
"""

from __future__ import annotations

import asyncio
import io
import tempfile
from collections.abc import Awaitable, Callable, Sequence
from contextlib import AbstractContextManager, nullcontext
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final

from msgspec import Struct
from msgspec.structs import replace
from rich.console import Console
from textual.pilot import Pilot

from backends.bootstrap.assembly import assembled
from backends.config.paths import Places
from backends.config.schema import Config, DemoOptions, Profile, Technician
from backends.desk.protocol import Desk, DeskError, DeskErrorKind
from backends.fleet.model import Source
from backends.fleet.query import parse
from backends.testing import FakeClock
from tui.bridge import Link
from tui.now import Now
from tui.onlooker import Onlooker
from tui.pace import Pace
from tui.rounds import Rounds
from tui.svg import svg_of
from tui.wall import Wall

WATCHED: Final = timedelta(seconds=3)
"""How long the screen of a demo that stands still has been open when the picture is taken."""

PATIENCE_S: Final = 20.0
"""A desk that has said nothing by then is not going to."""


class Hours(Struct, frozen=True, kw_only=True):
    """How time goes by until the picture is taken."""

    now: Now
    passing: Callable[[], Awaitable[None]]
    """Lets a little of it go by."""
    arrive: Callable[[], Awaitable[None]]
    """Lets all of it go by that is left."""


class Shot(Struct, frozen=True, kw_only=True):
    """What is to be shown."""

    size: tuple[int, int] = (160, 50)
    keys: Sequence[str] = ()
    """Pressed first, as Textual names them."""
    query: str = ""
    """The filter of the list of issues."""
    theme: str = ""
    wall: bool = False
    """The wall instead of the screen."""


class Frame(Struct, frozen=True, kw_only=True):
    text: str
    """The lines of the screen, without blanks at their ends."""
    svg: str


class Still(Rounds):
    """The screen with nobody at the keyboard."""

    def suspended(self) -> AbstractContextManager[None]:
        return nullcontext()

    def run_program(self, argv: Sequence[str]) -> int:  # noqa: ARG002 - the stage's shape
        return 0

    def run_ours(self, argv: Sequence[str]) -> int:  # noqa: ARG002
        return 0

    def action_suspend_process(self) -> None:
        """There is no shell to go back to."""


async def _no_sleep(_: float) -> None:
    await asyncio.sleep(0)


AT_ONCE: Final = Pace(dead_s=0.0, quiet_s=0.0, fastest_s=0.0, settle_s=0.0, batch_s=0.0, sleep=_no_sleep)


async def live(shot: Shot, config: Config, desk: Desk, title: str = "") -> Frame:
    """A frame of what `desk`, which has heard its sources, knows now. Closes the desk."""

    async def passing() -> None:
        await asyncio.sleep(0.02)

    return await _frame(shot, config, desk, title, Hours(now=Now(), passing=passing, arrive=passing))


async def standing(shot: Shot, options: DemoOptions) -> Frame:
    """A frame of the demo at the moment at which it stands still. The same options give the same frame anywhere."""
    at = datetime.fromisoformat(options.at)
    options = replace(options, here=False)
    with tempfile.TemporaryDirectory() as name:
        folder, clock, profile = Path(name), FakeClock(at - WATCHED), Profile(demo=options)
        where = Places(profile=profile, config=folder / "config.toml", own_config=False, state=folder, runtime=folder)
        config = Config(technician=Technician(name="tech1", zone="UTC"), clients={}, sources=())
        desk = await assembled(profile, config, where, lambda: None, clock)

        async def passing() -> None:
            await clock.advance(0.1)

        async def arrive() -> None:
            await clock.advance(max(0.0, (at - clock.now()).total_seconds()))

        now = Now(boot_s=clock.boot_s, wall=clock.now().timestamp)
        return await _frame(shot, config, desk, "demo", Hours(now=now, passing=passing, arrive=arrive))


async def _frame(shot: Shot, config: Config, desk: Desk, title: str, hours: Hours) -> Frame:
    async def open_desk() -> Desk:
        return Onlooker(desk)

    config = replace(config, theme=shot.theme or config.theme)
    app: Rounds | Wall
    if shot.wall:
        app = Wall(open_desk, None, config, parse(shot.query), title=title, now=hours.now, pace=AT_ONCE, batch_s=0.0)
    else:
        app = Still(open_desk, None, config, title=title, now=hours.now, pace=AT_ONCE)
    async with app.run_test(size=shot.size) as pilot:
        try:
            async with asyncio.timeout(PATIENCE_S):
                await _until_heard(app, pilot, hours)
        except TimeoutError:
            raise DeskError(DeskErrorKind.UNAVAILABLE, "The engine has not said what it knows.") from None
        await hours.arrive()
        if shot.query and isinstance(app, Rounds):
            app.fleet.board.narrow(shot.query)
        for key in shot.keys:
            await pilot.press(key)
            await _calm(app, pilot)
        await _calm(app, pilot)
        (app.wall if isinstance(app, Wall) else app.fleet).tick()
        await _calm(app, pilot)
        return _taken(app, f"rounds {title}".strip())


async def _until_heard(app: Rounds | Wall, pilot: Pilot[int], hours: Hours) -> None:
    shown = app.wall if isinstance(app, Wall) else app.fleet.board
    while shown.link is not Link.LIVE or not all(map(_heard, shown.picture.sources.values())):
        await hours.passing()
        await pilot.pause()


def _heard(source: Source) -> bool:
    """Whether a source has spoken or failed. The one that the demo has for its silence never does."""
    return bool(source.seen or source.fault or source.polls or source.name == "demo-silent")


async def _calm(app: Rounds | Wall, pilot: Pilot[int]) -> None:
    """Until what was asked for has come and is painted."""
    for _ in range(3):
        await pilot.pause()
        asked = [worker for worker in app.workers if worker.group in ("list", "card", "welcome")]
        if asked:
            await asyncio.wait([asyncio.ensure_future(worker.wait()) for worker in asked], timeout=PATIENCE_S)
        for _ in range(20):
            await asyncio.sleep(0)
    await pilot.pause()


def _taken(app: Rounds | Wall, title: str) -> Frame:
    width, height = app.size
    console = Console(
        width=width,
        height=height,
        file=io.StringIO(),
        force_terminal=True,
        color_system="truecolor",
        record=True,
        legacy_windows=False,
        safe_box=False,
        _environ={},
    )
    stack = app._background_screens
    console.print(app.screen._compositor.render_update(full=True, screen_stack=stack))
    svg = svg_of(console, app.theme, title)
    text = "\n".join(line.rstrip() for line in console.export_text().splitlines()[:height])
    return Frame(text=text, svg=svg)
