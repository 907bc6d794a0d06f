"""What a source remembers is asked for once, beside everything else, and costs nothing where it does not come."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import datetime, timedelta
from math import nan
from pathlib import Path

import msgspec
import pytest

from backends.api import FaultKind, Past, Reading, SourceError, SourceName
from backends.desk.histories import AGAIN_S, ASKED, BACK, DEADLINE_S, WAIT_S, believed
from backends.fleet.model import Freshness, device_id
from backends.fleet.run import DeviceCard
from backends.testing import HANG, FakeClock, ScriptedAdapter, a_check, a_sighting, settle
from backends.wire.codec import packed
from tests.support.bench import bench

PROBE = SourceName("probe")
WEB01 = device_id(PROBE, "web01")
START = FakeClock().now()


class Remembering(ScriptedAdapter):
    """Tells one number, and remembers what it is told to."""

    def __init__(self, clock: FakeClock) -> None:
        now = clock.now()
        load = msgspec.structs.replace(a_check("probe", "web01", now, family="load", subject="", ok=True), value=3.0)
        up = a_check("probe", "web01", now, ok=True)
        super().__init__(
            "probe",
            Reading(source=PROBE, at=now, sightings=(a_sighting("probe", "web01", now),), checks=(load, up)),
        )
        self.asked: list[tuple[str, str, datetime, int]] = []
        self.past: Sequence[Past] | Exception | object = [
            (now - timedelta(hours=1), 1.0),
            (now - timedelta(minutes=1), 2.0),
        ]

    async def history(self, native: str, key: str, since: datetime, points: int) -> Sequence[Past]:
        self.asked.append((native, key, since, points))
        if isinstance(self.past, Exception):
            raise self.past
        if self.past is HANG:
            await asyncio.Event().wait()
        assert isinstance(self.past, Sequence)
        return self.past


async def test_a_device_that_is_looked_at_shows_what_its_source_remembers(tmp_path: Path) -> None:
    clock = FakeClock()
    source = Remembering(clock)
    async with bench(tmp_path, [source], clock=clock) as desk:
        (trend,) = (await desk.device(WEB01)).trends
        assert trend.values == (1.0, 2.0, 3.0)
        assert source.asked == [("web01", "load", START - BACK, ASKED)]


async def test_the_card_is_the_same_over_the_wire(tmp_path: Path) -> None:
    clock = FakeClock()
    source = Remembering(clock)
    source.past = [(clock.now() - timedelta(minutes=2), 1.0), (clock.now() - timedelta(minutes=1), None)]
    async with bench(tmp_path, [source], clock=clock) as desk:
        card = await desk.device(WEB01)
        assert card.trends[0].values == (1.0, None, 3.0)
        assert msgspec.msgpack.decode(packed(card), type=DeviceCard) == card


async def test_it_is_asked_for_once(tmp_path: Path) -> None:
    clock = FakeClock()
    source = Remembering(clock)
    async with bench(tmp_path, [source], clock=clock) as desk:
        for _ in range(5):
            await desk.device(WEB01)
        await clock.advance(AGAIN_S + 1)
        await desk.device(WEB01)
        assert len(source.asked) == 1


MISTAKES = [
    SourceError(FaultKind.RATE_LIMITED, "Not so often."),
    ValueError("a mistake of the adapter"),
    [("yesterday", 1.0)],
    [(START, "three")],
]


@pytest.mark.parametrize("past", MISTAKES, ids=["fault", "mistake", "no times", "no numbers"])
async def test_a_source_that_fails_costs_its_history_and_nothing_else(tmp_path: Path, past: object) -> None:
    clock = FakeClock()
    source = Remembering(clock)
    source.past = past
    async with bench(tmp_path, [source], clock=clock) as desk:
        card = await desk.device(WEB01)
        assert [trend.values for trend in card.trends] == [(3.0,)]
        assert (await desk.picture()).sources[PROBE].state is Freshness.FRESH
        assert (await desk.picture()).sources[PROBE].fault is None


async def test_what_could_not_be_had_is_asked_for_again_after_a_while(tmp_path: Path) -> None:
    clock = FakeClock()
    source = Remembering(clock)
    remembered, source.past = source.past, SourceError(FaultKind.TIMEOUT, "No answer.")
    async with bench(tmp_path, [source], clock=clock) as desk:
        await desk.device(WEB01)
        await desk.device(WEB01)
        assert len(source.asked) == 1
        source.past = remembered
        await clock.advance(AGAIN_S + 1)
        assert len((await desk.device(WEB01)).trends[0].values) > 1
        assert len(source.asked) == 2


async def test_nobody_waits_for_a_source_that_is_slow(tmp_path: Path) -> None:
    """F-78."""
    clock = FakeClock()
    source = Remembering(clock)
    source.past = HANG
    async with bench(tmp_path, [source], clock=clock) as desk:
        card = asyncio.ensure_future(desk.device(WEB01))
        await settle()
        await clock.advance(WAIT_S)
        assert [trend.values for trend in (await card).trends] == [(3.0,)]
        await clock.advance(DEADLINE_S)
        await desk.device(WEB01)
        assert len(source.asked) == 1


async def test_a_desk_closes_while_a_source_is_asked(tmp_path: Path) -> None:
    clock = FakeClock()
    source = Remembering(clock)
    source.past = HANG
    async with bench(tmp_path, [source], clock=clock) as desk:
        card = asyncio.ensure_future(desk.device(WEB01))
        await settle()
        await clock.advance(WAIT_S)
        await card
    assert source.closed == 1


def test_only_what_was_asked_for_is_believed() -> None:
    at = int(START.timestamp())
    told: list[Past] = [
        (START - timedelta(seconds=60), 2.0),
        (START - timedelta(seconds=120), 1.0),
        (START - timedelta(seconds=120), 7.0),
        (START - timedelta(days=9), 0.0),
        (START + timedelta(days=9), 0.0),
        (START - timedelta(seconds=30), nan),
        (START, None),
    ]
    assert believed(told, START - BACK, START) == [(at - 120, 1.0), (at - 60, 2.0), (at - 30, None), (at, None)]


def test_of_an_endless_answer_only_the_latest_is_believed() -> None:
    told = [(START - timedelta(seconds=second), 1.0) for second in range(5000)]
    assert len(believed(told, START - BACK, START)) <= 4 * ASKED
