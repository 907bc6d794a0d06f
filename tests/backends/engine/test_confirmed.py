"""An engine whose source says `unchanged` poll after poll."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import msgspec
import pytest

from backends.api import Check, Reading, SourceName, unchanged
from backends.desk.inprocess import InProcessDesk
from backends.desk.protocol import Interest
from backends.engine.publishing import HEARD_S
from backends.engine.trends import Trends
from backends.fleet.changes import Changes
from backends.fleet.confirmed import SHOWN_EVERY
from backends.fleet.fleet import Fleet
from backends.fleet.merge import fold
from backends.fleet.model import Device, Freshness, device_id
from backends.testing import HANG, FakeClock, a_check, a_sighting
from tests.support.bench import Steady, bench

EVERY_S = 10.0
SOURCE = SourceName("probe")
WEB02 = device_id(SOURCE, "web02")


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


async def device(desk: InProcessDesk) -> Device:
    return (await desk.picture(Interest(devices=True))).devices[WEB02]


@contextlib.asynccontextmanager
async def listening(desk: InProcessDesk) -> AsyncIterator[list[Changes]]:
    """All that is told meanwhile to somebody who looks at devices."""
    told: list[Changes] = []

    async def listen() -> None:
        async for change in desk.changes(Interest(devices=True)):
            told[:] = [*told, change]

    task = asyncio.ensure_future(listen())
    yield told
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)


async def test_facts_that_are_only_confirmed_stay_fresh_and_are_shown_so(tmp_path: Path, clock: FakeClock) -> None:
    async with bench(tmp_path, [Steady("probe", clock)], clock=clock, every_s=EVERY_S) as desk:
        await clock.advance(100 * EVERY_S)
        now, known, card = clock.now(), await device(desk), await desk.device(WEB02)
        assert known.freshness is Freshness.FRESH
        for seen in (known.seen, card.device.seen, card.voices[0].seen, *(check.seen for check in card.checks)):
            assert seen is not None
            assert now - seen <= timedelta(seconds=1.1 * EVERY_S)


async def test_who_follows_devices_sees_them_seen_again(tmp_path: Path, clock: FakeClock) -> None:
    async with bench(tmp_path, [Steady("probe", clock)], clock=clock, every_s=EVERY_S) as desk, listening(desk) as told:
        began = clock.now()
        for _ in range(20):
            await clock.advance(EVERY_S / 2)
        seen = [fact.seen for change in told for fact in change.devices.put if fact.id == WEB02 and fact.seen]
        assert max(seen) >= began + timedelta(seconds=10 * EVERY_S) - 2 * SHOWN_EVERY


async def test_facts_that_are_confirmed_no_more_grow_old(tmp_path: Path, clock: FakeClock) -> None:
    """F-69."""
    source = Steady("probe", clock)
    async with bench(tmp_path, [source], clock=clock, every_s=EVERY_S) as desk:
        await clock.advance(3 * EVERY_S)
        source.script = [HANG]
        await clock.advance(4 * EVERY_S)
        assert (await device(desk)).freshness is Freshness.SILENT


def test_a_value_that_stands_has_no_gap() -> None:
    clock, trends = FakeClock(), Trends()
    at = clock.now()

    def told(seconds: float, value: float) -> Reading:
        when = at + timedelta(seconds=seconds)
        number = a_check(SOURCE, "web01", when, ok=True)
        return Reading(
            source=SOURCE, at=when, sightings=(a_sighting(SOURCE, "web01", when),), checks=(_valued(number, value),)
        )

    fleet = fold(Fleet(), told(0, 20.0))
    trends.heard(told(0, 20.0), EVERY_S)
    for seconds in range(10, 900, 10):
        again = unchanged(SOURCE, at + timedelta(seconds=seconds))
        fleet = fold(fleet, again)
        trends.heard(_with(again, trends, fleet), EVERY_S)
    trends.heard(told(900, 30.0), EVERY_S)
    (trend,) = trends.of([(SOURCE, "web01")])
    assert None not in trend.values
    assert (trend.values[0], trend.values[-1]) == (20.0, 30.0)


def _valued(check: Check, value: float) -> Check:
    return msgspec.structs.replace(check, value=value)


def _with(reading: Reading, trends: Trends, fleet: Fleet) -> Reading:
    return msgspec.structs.replace(reading, checks=tuple(trends.standing(reading, fleet)))


@pytest.mark.parametrize("hurt", [False, True], ids=["nothing is open", "issues are seen again"])
async def test_that_sources_were_heard_again_is_told_in_one_message_for_all(
    tmp_path: Path, clock: FakeClock, hurt: bool
) -> None:
    sources = [Steady(f"s{number}", clock) for number in range(10)]
    for source in sources:
        source.hurt = hurt
    async with bench(tmp_path, sources, clock=clock, every_s=EVERY_S) as desk, listening(desk) as told:
        await clock.advance(2 * EVERY_S)
        told.clear()
        polls = sum(source.polls for source in sources)
        for _ in range(80):
            await clock.advance(1.0)
        polls = sum(source.polls for source in sources) - polls
        assert polls >= 50
        assert 6 <= len([change for change in told if change.sources.put]) <= 60 / HEARD_S + 4


async def test_after_an_answer_that_could_not_be_taken_in_nothing_older_is_confirmed(
    tmp_path: Path, clock: FakeClock
) -> None:
    """F-69: the source confirms what it said last, and that is not what we have."""
    source = Steady("probe", clock)
    async with bench(tmp_path, [source], clock=clock, every_s=EVERY_S) as desk:
        await clock.advance(2 * EVERY_S)
        spoiled = msgspec.structs.replace(a_sighting("probe", "web02", clock.now()), name=None)  # type: ignore[arg-type]
        source.but = Reading(source=SOURCE, at=clock.now(), sightings=(spoiled,))
        await clock.advance(10 * EVERY_S)
        assert (await device(desk)).freshness is not Freshness.FRESH
