"""The demo remembers what its story was, to the value, and tells of a job also when the machine is down."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from pathlib import Path

import pytest

from backends.adapters.demo.source import DemoSource
from backends.adapters.demo.story import story_of
from backends.api import Adapter, Check, GivesHistory, RunId, Script, SourceError
from backends.fleet.model import CheckState
from backends.testing import AdapterContract, FakeClock
from tests.support.demo import open_demo

STORY = story_of(7, 12, 240)


def native_of(scene: str) -> str:
    return STORY.world.machines[STORY.opening.cast[scene][0]].natives[0]


async def check_of(source: DemoSource, native: str, key: str) -> Check:
    return next(check for check in (await source.look(native)).checks if check.key == key)


class TestDemo(AdapterContract):
    @pytest.fixture(autouse=True)
    def _folder(self, tmp_path: Path) -> None:
        self.folder = tmp_path

    def open_adapter(self) -> Adapter:
        return open_demo(self.folder, FakeClock(), devices=40)


@pytest.mark.parametrize("options", [{}, {"speed": 30.0}, {"hostile": True}, {"changes": 2.0}])
async def test_what_it_remembers_is_what_it_told(tmp_path: Path, options: dict[str, object]) -> None:
    clock = FakeClock()
    source = open_demo(tmp_path, clock, **options)
    told = []
    await source.poll()
    names = [source._eye.native(STORY.world.machines[at], "") for at in STORY.opening.cast["disk filling"]]
    for _ in range(6):
        await clock.advance(50)
        told.append([(check.key, check.value) for check in (await source.look(names[0])).checks])
    keys = {key for key, value in told[-1] if value is not None}
    for key in keys:
        past = await source.history(names[0], key, clock.now() - timedelta(seconds=250), 6)
        assert [value for _, value in past] == [dict(moment).get(key) for moment in told]


async def test_it_remembers_hours_from_before_the_story(tmp_path: Path) -> None:
    clock = FakeClock()
    source = open_demo(tmp_path, clock)
    await source.poll()
    past = await source.history(native_of("disk filling"), "disk//var", clock.now() - timedelta(hours=3), 40)
    values = [value for _, value in past if value is not None]
    assert len(values) == 40
    assert values == sorted(values)
    assert values[0] < 84.0 < values[-1]


async def test_a_machine_that_was_down_has_a_gap(tmp_path: Path) -> None:
    clock = FakeClock()
    source = open_demo(tmp_path, clock)
    native = native_of("comes back by itself")
    await source.poll()
    await clock.advance(300)
    past = await source.history(native, "load", clock.now() - timedelta(seconds=290), 30)
    gap = [when for when, value in past if value is None]
    assert gap
    assert past[0][1] is not None
    assert past[-1][1] is not None


async def test_a_disk_that_was_freed_is_free_from_then_on(tmp_path: Path) -> None:
    clock = FakeClock()
    source = open_demo(tmp_path, clock)
    native = native_of("disk full")
    await source.poll()
    await clock.advance(60)
    script = Script(code="true", arguments=("/var",), action="free-disk")
    task = asyncio.ensure_future(source.execute(native, script, RunId("r-1"), lambda _: None))
    await clock.advance(30)
    await task
    await clock.advance(60)
    values = [value for _, value in await source.history(native, "disk//var", clock.now() - timedelta(seconds=100), 10)]
    assert values[0] == 98.6
    assert values[-1] == (await check_of(source, native, "disk//var")).value
    assert (values[-1] or 100.0) < 85.0


async def test_a_value_of_another_unit_is_a_gap(tmp_path: Path) -> None:
    clock = FakeClock()
    source = open_demo(tmp_path, clock)
    await source.poll()
    trouble = next(
        one
        for hour in range(12)
        for found in STORY.window(hour * 3600.0).by_machine.values()
        for one in found
        if one.key == "link/wan" and one.start > 300
    )
    await clock.advance(trouble.start + 30)
    native = STORY.world.machines[trouble.machine].natives[0]
    past = await source.history(native, "link/wan", clock.now() - timedelta(seconds=120), 13)
    assert (past[0][1], past[-1][1]) == (None, trouble.value_at(trouble.start))


async def test_a_source_that_is_silent_tells_no_history_either(tmp_path: Path) -> None:
    clock = FakeClock()
    source = open_demo(tmp_path, clock, name="icinga-us", only="icinga-us")
    reading = await source.poll()
    await clock.advance(670)
    with pytest.raises(SourceError):
        await source.history(reading.sightings[0].native, "load", clock.now() - timedelta(hours=1), 10)


async def test_a_story_that_stands_still_has_a_past(tmp_path: Path) -> None:
    clock = FakeClock()
    source: GivesHistory = open_demo(tmp_path, clock, at="2026-01-05T12:10:00Z")
    past = await source.history(native_of("disk filling"), "disk//var", clock.now() - timedelta(seconds=300), 6)
    assert len({value for _, value in past}) == 6


async def test_the_job_that_ended_is_told_of_a_machine_that_does_not_answer(tmp_path: Path) -> None:
    clock = FakeClock()
    source = open_demo(tmp_path, clock)
    await source.poll()
    job = await check_of(source, native_of("firmware, then down"), "job/firmware")
    assert job.state is CheckState.OK
    assert job.since == clock.now() - timedelta(seconds=380)
