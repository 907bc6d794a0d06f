"""A reading of thousands of devices is folded in turns with everything else, and is there as a whole or not at all."""

from __future__ import annotations

import asyncio
import random
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from backends.api import Fault, FaultKind, SourceName
from backends.engine.engine import AT_ONCE, Engine
from backends.fleet.fleet import Fleet
from backends.fleet.merge import fold
from backends.fleet.model import Freshness, Mark, Source, device_id, issue_id, safe
from backends.fleet.reading import Reading
from backends.fleet.start import begun
from backends.store.store import Store
from backends.testing import FakeClock, a_check, a_sighting

MANY = 2 * AT_ONCE
SOURCE = SourceName("big")
ISSUE = issue_id(device_id(SOURCE, "m0"), "service/nginx")


@pytest.fixture(autouse=True)
def short_steps(monkeypatch: pytest.MonkeyPatch) -> None:
    """Everybody has a turn after every few devices, on however fast a machine."""
    monkeypatch.setattr("backends.fleet.steps.STEP", 20)
    monkeypatch.setattr("backends.engine.engine.SLICE_S", -1.0)


@pytest.fixture
async def engine(tmp_path: Path) -> AsyncIterator[Engine]:
    clock, store = FakeClock(), Store.open(tmp_path)
    source = Source(name=SOURCE, kind="scripted", state=Freshness.STALE, every_s=30.0)
    yield Engine(begun({}, [source], clock.now()), [], store, clock, chance=random.Random(7))
    await store.close()


def reading_of(engine: Engine, devices: int) -> Reading:
    now = engine.clock.now()
    return Reading(
        source=SOURCE,
        at=now,
        sightings=tuple(a_sighting("big", f"m{number}", now) for number in range(devices)),
        checks=(a_check("big", "m0", now),),
    )


async def begun_to_fold(engine: Engine, reading: Reading) -> asyncio.Task[None]:
    task = asyncio.create_task(engine.took(reading))
    for _ in range(3):
        await asyncio.sleep(0)
    assert not task.done()
    return task


async def test_others_have_their_turn_while_it_is_folded(engine: Engine) -> None:
    turns = 0
    task = await begun_to_fold(engine, reading_of(engine, MANY))
    while not task.done():
        turns += 1
        await asyncio.sleep(0)
    assert turns > 10


async def test_nobody_sees_a_part_of_it(engine: Engine) -> None:
    task = await begun_to_fold(engine, reading_of(engine, MANY))
    seen = set()
    while not task.done():
        seen.add(len(engine.fleet.devices))
        await asyncio.sleep(0)
    assert seen <= {0, MANY}
    assert len(engine.fleet.devices) == MANY


async def test_the_fleet_is_as_if_it_had_been_folded_at_once(engine: Engine) -> None:
    reading, before = reading_of(engine, MANY), engine.fleet
    await engine.took(reading)
    whole = fold(before, reading)
    assert (engine.fleet.devices, engine.fleet.issues) == (whole.devices, whole.issues)


async def test_what_a_technician_decides_meanwhile_is_seen_at_once_and_stays(engine: Engine) -> None:
    await engine.took(reading_of(engine, MANY))
    assert list(engine.fleet.issues) == [ISSUE]
    task = await begun_to_fold(engine, reading_of(engine, MANY))
    engine.marked(Mark(issue=ISSUE, owner="tech1"))
    assert engine.fleet.issues[ISSUE].owner == "tech1"
    await task
    assert engine.fleet.issues[ISSUE].owner == "tech1"


async def test_what_other_sources_say_meanwhile_stays(engine: Engine) -> None:
    task = await begun_to_fold(engine, reading_of(engine, MANY))
    now = engine.clock.now()
    engine.heard(Reading(source=SourceName("small"), at=now, sightings=(a_sighting("small", "s1", now),)))
    await task
    assert len(engine.fleet.devices) == MANY + 1


async def test_a_second_large_reading_waits_for_the_first(engine: Engine) -> None:
    first = await begun_to_fold(engine, reading_of(engine, MANY))
    second = asyncio.create_task(engine.took(reading_of(engine, MANY + 1)))
    await first
    assert len(engine.fleet.devices) == MANY
    await second
    assert len(engine.fleet.devices) == MANY + 1


async def test_a_failure_that_is_told_meanwhile_is_not_forgotten(engine: Engine) -> None:
    task = await begun_to_fold(engine, reading_of(engine, MANY))
    fault = Fault(kind=FaultKind.TIMEOUT, sentence=safe("No answer."), since=engine.clock.now())
    engine.failed(SOURCE, fault)
    await task
    assert engine.fleet.sources[SOURCE].fault == fault


async def test_a_reading_that_cannot_be_folded_changes_nothing(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(fleet: Fleet, reading: Reading) -> object:
        yield
        raise ValueError("nothing that can be folded")

    before = engine.fleet
    monkeypatch.setattr("backends.engine.engine.folding", broken)
    with pytest.raises(ValueError, match="nothing that can be folded"):
        await engine.took(reading_of(engine, MANY))
    assert engine.fleet is before
    monkeypatch.undo()
    engine.heard(reading_of(engine, 3))
    assert len(engine.fleet.devices) == 3
