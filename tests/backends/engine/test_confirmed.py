"""An engine whose source says `unchanged` poll after poll."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path

import msgspec
import pytest

from backends.api import Check, Reading, SourceName, unchanged
from backends.desk.inprocess import InProcessDesk
from backends.desk.protocol import Interest
from backends.engine.memory import AGES_S, BATCH_S, STANDS_S
from backends.engine.trends import Trends
from backends.fleet.confirmed import SHOWN_EVERY
from backends.fleet.fleet import Fleet
from backends.fleet.merge import fold
from backends.fleet.model import Device, Freshness, device_id
from backends.store.store import Store
from backends.testing import HANG, FakeClock, a_check, a_sighting
from tests.support.bench import Kept, bench

EVERY_S = 10.0
SOURCE = SourceName("probe")
WEB02 = device_id(SOURCE, "web02")


class Steady(Kept):
    """Tells everything once, and from then on that nothing changed."""

    async def poll(self) -> Reading:
        reading = await super().poll()
        return reading if self.polls == 1 else unchanged(self.name, reading.at)


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


async def device(desk: InProcessDesk) -> Device:
    return (await desk.picture(Interest(devices=True))).devices[WEB02]


async def seen_in_store(folder: Path) -> set[datetime]:
    store = Store.open(folder)
    try:
        return {sighting.seen for sighting, _ in await store.load_facts()}
    finally:
        await store.close()


async def test_facts_that_are_only_confirmed_stay_fresh_and_are_shown_so(tmp_path: Path, clock: FakeClock) -> None:
    async with bench(tmp_path, [Steady("probe", clock)], clock=clock, every_s=EVERY_S) as desk:
        await clock.advance(100 * EVERY_S)
        now, known, card = clock.now(), await device(desk), await desk.device(WEB02)
        assert known.freshness is Freshness.FRESH
        for seen in (known.seen, card.device.seen, card.voices[0].seen, *(check.seen for check in card.checks)):
            assert seen is not None
            assert now - seen <= timedelta(seconds=1.1 * EVERY_S)


async def test_who_follows_devices_sees_them_seen_again(tmp_path: Path, clock: FakeClock) -> None:
    async with bench(tmp_path, [Steady("probe", clock)], clock=clock, every_s=EVERY_S) as desk:
        changes = desk.changes(Interest(devices=True))
        await anext(changes)
        for _ in range(10):
            await clock.advance(EVERY_S / 2)
        oldest = clock.now() - SHOWN_EVERY - timedelta(seconds=1.1 * EVERY_S)
        async for change in changes:
            if any(fact.seen and fact.seen >= oldest for fact in change.devices.put):
                break
        await changes.aclose()  # type: ignore[attr-defined]


async def test_facts_that_are_confirmed_no_more_grow_old(tmp_path: Path, clock: FakeClock) -> None:
    """F-69."""
    source = Steady("probe", clock)
    async with bench(tmp_path, [source], clock=clock, every_s=EVERY_S) as desk:
        await clock.advance(3 * EVERY_S)
        source.script = [HANG]
        await clock.advance(4 * EVERY_S)
        assert (await device(desk)).freshness is Freshness.SILENT


async def test_a_confirmation_is_written_far_more_rarely_than_what_is_told(tmp_path: Path, clock: FakeClock) -> None:
    async with bench(tmp_path, [Steady("probe", clock)], clock=clock, every_s=EVERY_S):
        await clock.advance(2 * BATCH_S)
        first = await seen_in_store(tmp_path)
        await clock.advance(2 * AGES_S)
        assert await seen_in_store(tmp_path) == first
        await clock.advance(STANDS_S)
        assert min(await seen_in_store(tmp_path)) > max(first)


async def test_an_engine_that_ends_in_order_leaves_what_was_confirmed(tmp_path: Path, clock: FakeClock) -> None:
    async with bench(tmp_path, [Steady("probe", clock)], clock=clock, every_s=EVERY_S) as desk:
        await clock.advance(2.5 * EVERY_S)
        heard = max(source.seen for source in (await desk.picture()).sources.values() if source.seen)
    assert await seen_in_store(tmp_path) == {heard}


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
