"""A laptop that slept and clocks that were set: facts become older, never younger, and no storm follows.

F-79, F-80."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from pathlib import Path

import pytest

from backends.api import FaultKind, SourceError
from backends.engine import clock as clocks
from backends.engine.clock import SystemClock
from backends.fleet.model import Freshness
from backends.fleet.verdict import Level, verdict
from backends.testing import FakeClock
from tests.support.bench import Kept, bench
from tui.now import Now
from widgets.present.age import age_text

HOURS_8 = 8 * 3600.0


class Sleeper(FakeClock):
    """A machine that can sleep: boot time goes on, timers stand still meanwhile."""

    def sleep_through(self, seconds: float) -> None:
        self._elapsed += seconds
        self._sleepers = [(due + seconds, order, future) for due, order, future in self._sleepers]


async def test_everything_is_old_at_once_after_eight_hours_of_sleep_and_live_again_soon(tmp_path: Path) -> None:
    """F-80."""
    clock = Sleeper()
    sources = [Kept(f"probe-{number}", clock) for number in range(20)]
    async with bench(tmp_path, sources, clock=clock) as desk:
        await clock.advance(65)
        before = await desk.picture()
        polls = sum(source.polls for source in sources)
        assert {source.state for source in before.sources.values()} == {Freshness.FRESH}  # the control

        clock.sleep_through(HOURS_8)
        await clock.advance(1)  # the tick
        woken = await desk.picture()
        # One or two may have been due in this very second: they have new facts already.
        slept = [
            one for one in woken.sources.values() if one.seen and woken.at - one.seen >= timedelta(seconds=HOURS_8)
        ]
        assert len(slept) >= 15
        assert {one.state for one in slept} == {Freshness.SILENT}
        assert {one.state for one in woken.sources.values() if one not in slept} <= {Freshness.FRESH}
        assert verdict(woken, woken.at).level is Level.UNKNOWN
        assert woken.at - before.at >= timedelta(seconds=HOURS_8)

        await clock.advance(40)
        again = await desk.picture()
        assert {source.state for source in again.sources.values()} == {Freshness.FRESH}
        assert sum(source.polls for source in sources) - polls <= 2 * len(sources)  # no storm


@pytest.mark.parametrize(("by_hand", "within_s"), [(True, 1), (False, 30)])
async def test_what_was_away_all_night_is_live_soon_after_its_return(
    tmp_path: Path, by_hand: bool, within_s: float
) -> None:
    """F-79: at once when somebody asks, by itself within half a minute; no restart."""
    clock = FakeClock()
    source = Kept("probe", clock)
    good = source.script[-1]
    source.script = [SourceError(FaultKind.UNREACHABLE, "There is no way to it.")]
    async with bench(tmp_path, [source], clock=clock) as desk:
        await clock.advance(HOURS_8)
        away = await desk.picture()
        assert verdict(away, away.at).level is Level.UNKNOWN
        assert source.polls <= HOURS_8 / 15  # hardly more often than one that answers

        source.script = [good]
        asking = asyncio.ensure_future(desk.refresh()) if by_hand else None
        await clock.advance(within_s)
        assert {one.state for one in (await desk.picture()).sources.values()} == {Freshness.FRESH}
        if asking is not None:
            await asking


@pytest.mark.parametrize("step_s", [86_400.0, -86_400.0, 600.0, -600.0])
def test_a_wall_clock_that_is_set_makes_no_fact_younger(monkeypatch: pytest.MonkeyPatch, step_s: float) -> None:
    """F-80: the calendar follows forward, and never back."""
    wall, boot = [1_800_000_000.0], [1000.0]
    monkeypatch.setattr(clocks.time, "time", lambda: wall[0])
    monkeypatch.setattr(clocks, "boot_seconds", lambda: boot[0])
    clock = SystemClock()
    seen = clock.now()
    wall[0] += 5 + step_s
    boot[0] += 5

    age_s = (clock.now() - seen).total_seconds()

    assert age_s == 5 + max(0.0, step_s)
    assert clock.boot_s() - 1000 == 5


def test_sleep_counts_as_time(monkeypatch: pytest.MonkeyPatch) -> None:
    """F-80: by the boot-time clock, which plain monotonic is not."""
    asked: list[int] = []
    monkeypatch.setattr(clocks.time, "clock_gettime", lambda which: float(asked.append(which) or 7.0))
    assert clocks.boot_seconds() == 7.0
    assert asked == [clocks.time.CLOCK_BOOTTIME]


def test_ages_on_the_screen_go_on_through_sleep_and_are_never_negative() -> None:
    """F-80: the screen counts boot time on from what the engine said, whatever the wall clock does meanwhile."""
    boot, wall = [100.0], [1_800_000_000.0]
    now = Now(boot_s=lambda: boot[0], wall=lambda: wall[0])
    seen = FakeClock().now()
    now.hear(seen)
    boot[0] += HOURS_8
    wall[0] -= 86_400

    assert age_text(seen, now()) == "8h"
    assert age_text(now() + timedelta(days=1), now()) == age_text(now(), now())
