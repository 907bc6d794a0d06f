"""Between the desk and the screen: batches, losses, and time."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from msgspec import Struct
from msgspec.structs import replace

from backends.desk.protocol import Desk, DeskError, DeskErrorKind
from backends.fleet.changes import Changes, Delta
from backends.fleet.model import Freshness, issue_id
from backends.testing import FakeClock, settle
from tests.support import pictures
from tests.support.desk import MemoryDesk
from tui.bridge import Bridge, Link, Updated
from tui.now import Now

SQL = issue_id("baker:sql01", "service/mssql-server")


class Bridged(Struct):
    bridge: Bridge
    desk: MemoryDesk
    clock: FakeClock
    posted: list[Updated]
    now: Now
    pace: list[float]


@asynccontextmanager
async def bridged(refusals: int = 0) -> AsyncIterator[Bridged]:
    desk, clock, posted = MemoryDesk(), FakeClock(), list[Updated]()
    left = refusals

    async def open_desk() -> Desk:
        nonlocal left
        if left:
            left -= 1
            raise DeskError(DeskErrorKind.UNAVAILABLE, "No engine answers.")
        return desk

    now = Now(boot_s=clock.boot_s, wall=pictures.NOW.timestamp)
    pace = [0.25]
    bridge = Bridge(open_desk, posted.append, now, None, sleep=clock.sleep, batch_s=lambda: pace[0])
    task = asyncio.create_task(bridge.run())
    await settle()
    try:
        yield Bridged(bridge, desk, clock, posted, now, pace)
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


def put(number: float) -> Changes:
    changed = replace(pictures.ISSUES[SQL], urgency=number)
    return Changes(seq=int(number), at=pictures.NOW, issues=Delta((changed,)))


async def test_the_whole_picture_comes_first() -> None:
    async with bridged() as one:
        assert [update.link for update in one.posted] == [Link.LIVE]
        assert one.posted[0].picture.issues == pictures.ISSUES


async def test_many_changes_within_a_quarter_second_are_one_message() -> None:
    async with bridged() as one:
        for number in range(100, 150):
            one.desk.change(put(number))
        await settle()
        assert len(one.posted) == 1
        await one.clock.advance(0.25)
        assert len(one.posted) == 2
        assert one.posted[-1].picture.issues[SQL].urgency == 149


async def test_a_change_after_a_calm_moment_is_posted_at_once() -> None:
    async with bridged() as one:
        await one.clock.advance(5)
        one.desk.change(put(100))
        await settle()
        assert len(one.posted) == 2


async def test_over_a_slow_link_changes_are_gathered_for_longer() -> None:
    async with bridged() as one:
        one.pace[0] = 1.0
        one.desk.change(put(100))
        await one.clock.advance(0.75)
        assert len(one.posted) == 1
        await one.clock.advance(0.25)
        assert len(one.posted) == 2


async def test_what_waits_is_shown_as_soon_as_the_link_is_quick_again() -> None:
    async with bridged() as one:
        one.pace[0] = 2.0
        one.desk.change(put(100))
        await one.clock.advance(0.3)
        one.pace[0] = 0.25
        await one.clock.advance(0.25)
        assert len(one.posted) == 2


async def test_a_lost_engine_makes_every_fact_old_and_is_looked_for_again() -> None:
    """F-69."""
    async with bridged() as one:
        one.desk.lose("It went.")
        await settle()
        lost = one.posted[-1]
        assert (lost.link, lost.sentence) == (Link.LOST, "It went.")
        assert not any(source.state is Freshness.FRESH for source in lost.picture.sources.values())
        assert one.bridge.desk is None
        await one.clock.advance(1)
        assert one.posted[-1].link is Link.LIVE


async def test_what_is_gone_after_a_new_connection_does_not_stay() -> None:
    async with bridged() as one:
        one.desk.lose()
        await settle()
        issues = {key: issue for key, issue in one.desk.picture_now.issues.items() if key != SQL}
        one.desk.picture_now = replace(one.desk.picture_now, issues=issues)
        await one.clock.advance(1)
        assert SQL not in one.posted[-1].picture.issues


async def test_an_engine_that_is_not_there_is_looked_for_more_and_more_seldom() -> None:
    async with bridged(refusals=4) as one:
        await one.clock.advance(0.5 + 1 + 2)
        assert [update.link for update in one.posted] == [Link.LOST] * 4
        assert one.posted[-1].sentence == "No engine answers."
        await one.clock.advance(5)
        assert one.posted[-1].link is Link.LIVE


async def test_ages_count_from_the_engines_time_by_our_boot_clock() -> None:
    """F-80."""
    async with bridged() as one:
        await one.clock.advance(90)
        assert (one.now() - pictures.NOW).total_seconds() == 90


def test_before_the_engine_has_spoken_the_wall_clock_counts() -> None:
    assert Now(boot_s=lambda: 5.0, wall=pictures.NOW.timestamp)() == pictures.NOW
