"""A newcomer's first five minutes: which client is worst, why, who has it, fix it, was it fixed? On the demo, as its
story begins, with no key that does not stand on the screen when it is pressed. The frames are kept to be read."""

from __future__ import annotations

import os
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path

import pytest
from textual.pilot import Pilot

from backends.bootstrap.assembly import assembled
from backends.config.schema import Config, DemoOptions, Profile, Technician
from backends.desk.protocol import Desk
from backends.testing import FakeClock, settle
from tests.support.bench import places_in
from tests.support.screen import NO_PACE
from tests.support.tree import ROOT
from tui.bridge import Link
from tui.now import Now
from tui.rounds import Rounds

FRAMES = Path(__file__).parents[1] / "golden" / "newcomer"
BEGIN = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
SHOWN = {"c": "c claim", "1": "1 Restart service", "tab": "Tab chooses", "enter": "Enter presses"}
"""How each key stands on the screen."""


class Newcomer:
    """Reads the screen, and presses only what it says."""

    def __init__(self, app: Rounds, pilot: Pilot[int], clock: FakeClock) -> None:
        self.app, self.pilot, self.clock = app, pilot, clock
        self.keys: list[str] = []

    @property
    def text(self) -> str:
        return "\n".join(strip.text.rstrip() for strip in self.app.screen._compositor.render_strips())

    async def waits_for(self, pattern: str) -> None:
        for _ in range(2000):
            if re.search(pattern, self.text):
                return
            await self.clock.advance(0.02)
            self.app.fleet.tick()
            await settle()
            await self.pilot.pause()
        raise AssertionError(f"never saw {pattern!r}:\n{self.text}")

    async def presses(self, key: str) -> None:
        assert SHOWN[key] in self.text, f"{key} stands nowhere on the screen:\n{self.text}"
        self.keys.append(key)
        await self.pilot.press(key)

    def keeps(self, name: str, labels: str) -> None:
        """Compares the lines with these labels with those of the frame that was agreed; ages go on with the machine."""
        path = FRAMES / f"{name}.txt"
        if os.environ.get("ROUNDS_GOLDEN") == "write":
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(self.text + "\n", encoding="utf-8")
        assert labelled(self.text, labels) == labelled(path.read_text(encoding="utf-8"), labels) != []


def labelled(frame: str, labels: str) -> list[str]:
    return re.findall(rf"\b(?:{labels}) {{2,}}[^│\n]*?(?= {{2,}}|│|$)", frame, re.MULTILINE)


@asynccontextmanager
async def newcomer(folder: Path, size: tuple[int, int]) -> AsyncIterator[Newcomer]:
    clock = FakeClock(BEGIN)
    profile = Profile(demo=DemoOptions(here=False))
    config = Config(technician=Technician(name="tech1", zone="UTC"), clients={}, sources=())
    desk = await assembled(profile, config, places_in(folder), lambda: None, clock)

    async def open_desk() -> Desk:
        return desk

    app = Rounds(open_desk, None, config, title="demo", pace=NO_PACE, now=Now(clock.boot_s, clock.now().timestamp))
    async with app.run_test(size=size) as pilot:
        reader = Newcomer(app, pilot, clock)
        await reader.waits_for("4/4")
        assert app.fleet.board.link is Link.LIVE
        yield reader


@pytest.mark.parametrize("size", [(80, 24), (160, 50)], ids=["80x24", "160x50"])
async def test_from_the_open_screen_to_the_verified_fix_of_the_top_issue(tmp_path: Path, size: tuple[int, int]) -> None:
    name = f"{size[0]}x{size[1]}"
    async with newcomer(tmp_path, size) as reader:
        # Which client is worst, what is it, and why? The first row and its card say so.
        await reader.waits_for("1 Restart service")
        assert re.search(r"■ critical +12m .*Bäckerei Gr", reader.text)
        assert "Why      Service mssql-server is stopped" in reader.text
        # Who has it?
        assert "Owner    nobody yet" in reader.text
        reader.keeps(f"1-open-{name}", "Do|Fixes")
        await reader.presses("c")
        await reader.waits_for("Owner    @tech1")
        # Fix it.
        await reader.waits_for("c claim")
        await reader.presses("1")
        await reader.waits_for(r"Guard    Disruptive[\s\S]*Run it, users may notice")
        reader.keeps(f"2-plan-{name}", "Does|Risk|Affects|Guard")
        await reader.presses("tab")
        await reader.presses("enter")
        # Was it fixed?
        await reader.waits_for("● fixed")
        reader.keeps(f"3-fixed-{name}", "Outcome|Result")
    assert reader.keys == ["c", "1", "tab", "enter"]


def test_the_readme_says_how_to_come_to_that_screen() -> None:
    assert "`.venv/bin/rounds demo`" in (ROOT / "README.md").read_text()
