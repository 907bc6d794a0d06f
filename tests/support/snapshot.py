"""Draws the screen on the demo fleet as a picture: the real application on a real engine, at a time that stands still.

    .venv/bin/python -m tests.support.snapshot docs/pictures/screen.svg

The same options give the same file. Keys are pressed first, as Textual names them: `--keys "j j 1"` shows a plan.
"""

from __future__ import annotations

import argparse
import asyncio
import re
import tempfile
from collections.abc import Iterable
from datetime import datetime, timedelta
from pathlib import Path

from backends.bootstrap.assembly import assembled
from backends.config.schema import Config, DemoOptions, Profile, Technician
from backends.desk.protocol import Desk
from backends.fleet.model import Source
from backends.testing import FakeClock, settle
from tests.support.bench import places_in
from tui.bridge import Link
from tui.now import Now
from tui.pace import Pace
from tui.rounds import Rounds

AT = datetime.fromisoformat("2026-03-02T09:04:31Z")
"""Four and a half minutes into the story: an uplink is down, and the rest goes on."""

KEYS = "j j j j j"
"""To the first issue that a fix answers."""

WATCHED = timedelta(seconds=3)
"""How long the screen has been open when the picture is taken."""


CELL = 12.2
"""The width of a character in the picture."""

_TEXT = re.compile(
    r'x="(?P<x>[\d.]+)" y="(?P<y>[\d.]+)" textLength="(?P<length>[\d.]+)"(?P<rest>[^>]*)>(?P<text>[^<]+)<'
)


async def _no_sleep(_: float) -> None:
    await asyncio.sleep(0)


PACE = Pace(dead_s=0.0, quiet_s=0.0, fastest_s=0.0, settle_s=0.0, sleep=_no_sleep)


async def picture(size: tuple[int, int], keys: list[str], options: DemoOptions) -> str:
    """The screen as SVG after these keys."""
    with tempfile.TemporaryDirectory() as folder:
        profile = Profile(demo=options)
        where = places_in(Path(folder))
        clock = FakeClock(AT - WATCHED)
        config = Config(technician=Technician(name="tech1", zone="UTC"), clients={}, sources=())
        desk = await assembled(profile, config, where, lambda: None, clock)

        async def open_desk() -> Desk:
            return desk

        now = Now(boot_s=clock.boot_s, wall=clock.now().timestamp)
        app = Rounds(open_desk, None, config, title="demo", now=now, pace=PACE)
        async with app.run_test(size=size) as pilot:
            board = app.fleet.board
            while board.link is not Link.LIVE or not _heard(board.picture.sources.values()):
                await clock.advance(0.1)
                await pilot.pause()
            await clock.advance(max(0.0, (AT - clock.now()).total_seconds()))
            for key in keys:
                await pilot.press(key)
                await pilot.pause()
            for _ in range(20):
                await settle()
                await pilot.pause()
            app.fleet.tick()
            await pilot.pause()
            return _plain(app.export_screenshot(title="rounds demo"))


def _heard(sources: Iterable[Source]) -> bool:
    """Whether every source has spoken, failed, or had its time to."""
    return all(source.seen or source.fault or source.name == "demo-silent" for source in sources)


def _plain(svg: str) -> str:
    """Without fonts from elsewhere: a picture fetches nothing."""
    svg = svg.replace("&#160;", "\xa0")
    without = re.sub(r"@font-face \{.*?\}\s*", "", svg, flags=re.DOTALL).replace("Fira Code,", "")
    return _TEXT.sub(_trimmed, without)


def _trimmed(found: re.Match[str]) -> str:
    """A piece of text without blanks at its ends, which some viewers drop, in the place where it was."""
    text = found["text"]
    before = len(text) - len(text.lstrip("\xa0"))
    blanks = len(text) - len(text.strip("\xa0"))
    left, length = float(found["x"]) + before * CELL, float(found["length"]) - blanks * CELL
    return f'x="{left:g}" y="{found["y"]}" textLength="{length:g}"{found["rest"]}>{text.strip(chr(160))}<'


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("file", type=Path)
    parser.add_argument("--size", default="160x45")
    parser.add_argument("--keys", default=KEYS)
    parser.add_argument("--hostile", action="store_true")
    parser.add_argument("--faults", action="store_true")
    given = parser.parse_args()
    width, _, height = given.size.partition("x")
    options = DemoOptions(at=AT.isoformat(), here=False, hostile=given.hostile, faults=given.faults)
    svg = asyncio.run(picture((int(width), int(height)), given.keys.split(), options))
    given.file.write_text(svg, encoding="utf-8")


if __name__ == "__main__":
    main()
