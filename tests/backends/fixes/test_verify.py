"""What a look says of a condition, and for how long it is asked."""

from __future__ import annotations

import asyncio

import pytest
from msgspec.structs import replace

from backends.fixes.verify import TooLong, evidence_in, within
from backends.fleet.model import CheckState
from backends.fleet.reading import Reading
from backends.fleet.run import Run, Verified
from backends.testing import FakeClock
from tests.support.fix_world import Agreed, World
from tests.support.fixes import NOW, SOURCE, a_check


async def reading_of(**sighting: object) -> Reading:
    world = World()
    world.add()
    read = await world.look("web01")
    return replace(read, sightings=tuple(replace(one, **sighting) for one in read.sightings))


@pytest.mark.parametrize(
    ("state", "verified"),
    [
        (CheckState.OK, Verified.FIXED),
        (CheckState.WARNING, Verified.NOT_FIXED),
        (CheckState.CRITICAL, Verified.NOT_FIXED),
        (CheckState.UNKNOWN, Verified.PENDING),
    ],
)
async def test_the_checks_state_decides(state: CheckState, verified: Verified) -> None:
    reading = replace(await reading_of(), checks=(replace(a_check(), state=state),))
    assert evidence_in(reading, "web01", "service/nginx") is verified


async def test_a_check_that_is_gone_is_fixed() -> None:
    assert evidence_in(replace(await reading_of(), checks=()), "web01", "service/nginx") is Verified.FIXED


async def test_a_check_that_a_partial_look_leaves_out_tells_nothing() -> None:
    reading = replace(await reading_of(partial=True), checks=())
    assert evidence_in(reading, "web01", "service/nginx") is Verified.PENDING


async def test_a_device_that_was_not_seen_tells_nothing() -> None:
    reading = Reading(source=SOURCE, at=NOW)
    assert evidence_in(reading, "web01", "service/nginx") is Verified.PENDING


async def test_a_device_that_does_not_answer_tells_nothing() -> None:
    away = replace(a_check("reachable", ""), state=CheckState.CRITICAL)
    reading = replace(await reading_of(), checks=(away,))
    assert evidence_in(reading, "web01", "service/nginx") is Verified.PENDING
    assert evidence_in(reading, "web01", "reachable") is Verified.NOT_FIXED


async def test_the_look_is_repeated_until_it_is_fixed() -> None:
    world = World()
    world.machine.state_after = CheckState.CRITICAL
    world.add()
    await world.runner.approve(world.plan().id, Agreed())
    await world.clock.advance(10)
    world.machine.state_after = CheckState.OK
    await world.finish()
    (run,) = world.disk.runs.values()
    assert run.verified is Verified.FIXED
    assert len(world.readings) > 3


async def test_what_was_read_on_the_way_is_told_to_the_fleet() -> None:
    world = World()
    world.add()
    (run,) = await world.fly()
    assert isinstance(run, Run)
    assert [reading.sightings[0].native for reading in world.readings] == ["web01"]


async def test_work_that_takes_too_long_is_let_go() -> None:
    clock = FakeClock()
    broken_off = asyncio.Event()

    async def forever() -> None:
        try:
            await asyncio.get_running_loop().create_future()
        finally:
            broken_off.set()

    waiting = asyncio.ensure_future(within(5, clock, forever()))
    await clock.advance(6)
    with pytest.raises(TooLong):
        await waiting
    await asyncio.wait_for(broken_off.wait(), 5)
