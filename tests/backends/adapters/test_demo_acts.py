"""Fixes on the demo's machines: they work, they misbehave where the story says so, and the machines keep count."""

from __future__ import annotations

import asyncio
import json
import stat
from pathlib import Path

import pytest

from backends.adapters.demo.source import DemoSource
from backends.adapters.demo.story import story_of
from backends.api import Check, Executed, NotSent, OutcomeUnknown, RunsFixes, Script
from backends.fleet.model import CheckState, Health, RunId
from backends.testing import FakeClock
from tests.support.demo import open_demo

STORY = story_of(7, 12, 240)


def played_by(scene: str) -> str:
    """The native id, at a source that knows everybody, of the machine that plays the scene."""
    return STORY.world.machines[STORY.opening.cast[scene][0]].natives[0]


def script(action: str, *arguments: str, deadline_s: float = 60.0) -> Script:
    return Script(code="true", arguments=arguments, action=action, deadline_s=deadline_s)


async def ran(
    source: DemoSource, clock: FakeClock, native: str, step: Script, *, run: str = "r1", seconds: float = 60.0
) -> tuple[Executed, bytes]:
    out: list[bytes] = []
    task = asyncio.ensure_future(source.execute(native, step, RunId(run), out.append))
    await clock.advance(seconds)
    return await task, b"".join(out)


async def bad(source: DemoSource, native: str) -> dict[str, Check]:
    reading = await source.look(native)
    return {check.key: check for check in reading.checks if check.state is not CheckState.OK}


def lines(folder: Path) -> list[dict[str, object]]:
    return [json.loads(line) for line in (folder / "demo-devices.jsonl").read_text().splitlines()]


def modes(folder: Path) -> dict[str, int]:
    return {file.name: stat.S_IMODE(file.stat().st_mode) for file in folder.iterdir()}


async def test_the_demo_offers_to_run_fixes(tmp_path: Path) -> None:
    assert isinstance(open_demo(tmp_path, FakeClock()), RunsFixes)


@pytest.mark.parametrize(
    ("scene", "action", "from_check"),
    [
        ("database stopped again", "restart-service", "subject"),
        ("disk filling", "free-disk", "subject"),
        ("disk full", "free-disk", "subject"),
        ("runaway process", "end-process", "target"),
        ("lease ran out", "renew-lease", "target"),
    ],
)
async def test_a_fix_ends_the_condition_that_it_answers(
    tmp_path: Path, scene: str, action: str, from_check: str
) -> None:
    clock = FakeClock()
    source, native = open_demo(tmp_path, clock), played_by(scene)
    await source.poll()
    (check,) = (await bad(source, native)).values()
    executed, output = await ran(source, clock, native, script(action, getattr(check, from_check)))
    assert executed.exit == 0
    assert output
    assert await bad(source, native) == {}


async def test_a_restart_of_another_service_ends_nothing(tmp_path: Path) -> None:
    clock = FakeClock()
    source, native = open_demo(tmp_path, clock), played_by("database stopped again")
    await ran(source, clock, native, script("restart-service", "cron"))
    assert "service/mssql-server" in await bad(source, native)


async def test_a_reboot_gives_a_new_boot_id_after_a_while_of_silence(tmp_path: Path) -> None:
    clock = FakeClock()
    source, native = open_demo(tmp_path, clock), played_by("reboot required")
    _, before = await source.identify(native)
    await ran(source, clock, native, script("reboot"), seconds=5)
    reading = await source.look(native)
    assert reading.sightings[0].health is Health.DOWN
    with pytest.raises(NotSent):
        await source.identify(native)
    await clock.advance(20)
    identity, after = await source.identify(native)
    assert after != before
    assert identity.serial
    assert await bad(source, native) == {}


async def test_output_comes_in_pieces_while_it_runs(tmp_path: Path) -> None:
    clock = FakeClock()
    source, native = open_demo(tmp_path, clock), played_by("disk filling")
    out: list[bytes] = []
    task = asyncio.ensure_future(source.execute(native, script("free-disk", "/var"), RunId("r1"), out.append))
    await clock.advance(2)
    begun = len(out)
    await clock.advance(30)
    await task
    assert 0 < begun < len(out)


async def test_a_fix_that_fails_says_so_and_changes_nothing(tmp_path: Path) -> None:
    clock = FakeClock()
    source, native = open_demo(tmp_path, clock), played_by("fix fails")
    before = await bad(source, native)
    executed, output = await ran(source, clock, native, script("restart-service", next(iter(before.values())).subject))
    assert executed.exit == 1
    assert b"failed" in output
    assert before.keys() == (await bad(source, native)).keys()


async def test_a_fix_that_hangs_ends_unknown_at_its_deadline(tmp_path: Path) -> None:
    clock = FakeClock()
    source, native = open_demo(tmp_path, clock), played_by("fix hangs")
    step = script("restart-service", "nginx", deadline_s=40)
    task = asyncio.ensure_future(source.execute(native, step, RunId("r1"), lambda _: None))
    await clock.advance(39)
    assert not task.done()
    await clock.advance(3)
    with pytest.raises(OutcomeUnknown):
        await task
    assert len(lines(tmp_path)) == 1


async def test_a_fix_that_is_late_succeeds_near_its_deadline(tmp_path: Path) -> None:
    clock = FakeClock()
    source, native = open_demo(tmp_path, clock), played_by("fix late")
    (check,) = (await bad(source, native)).values()
    step = script("restart-service", check.subject, deadline_s=40)
    task = asyncio.ensure_future(source.execute(native, step, RunId("r1"), lambda _: None))
    await clock.advance(30)
    assert not task.done()
    await clock.advance(9)
    assert (await task).exit == 0
    assert await bad(source, native) == {}


async def test_nothing_is_sent_to_a_machine_whose_agent_is_away(tmp_path: Path) -> None:
    source, native = open_demo(tmp_path, FakeClock()), played_by("fix unreachable")
    with pytest.raises(NotSent):
        await source.identify(native)
    with pytest.raises(NotSent):
        await source.execute(native, script("restart-service", "x"), RunId("r1"), lambda _: None)
    assert not (tmp_path / "demo-devices.jsonl").exists()


async def test_a_stubborn_machine_runs_the_fix_and_keeps_the_problem(tmp_path: Path) -> None:
    clock = FakeClock()
    source, native = open_demo(tmp_path, clock), played_by("fix stubborn")
    before = await bad(source, native)
    executed, _ = await ran(source, clock, native, script("restart-service", next(iter(before.values())).subject))
    assert executed.exit == 0
    assert before.keys() == (await bad(source, native)).keys()


async def test_the_machine_counts_every_execution_of_one_run_id(tmp_path: Path) -> None:
    clock = FakeClock()
    source, native = open_demo(tmp_path, clock), played_by("disk filling")
    for _ in range(2):
        await ran(source, clock, native, script("free-disk", "/var"), run="same")
    assert [(line["run"], line["device"], line["action"]) for line in lines(tmp_path)] == [
        ("same", native, "free-disk")
    ] * 2


async def test_the_execution_is_on_disk_before_anything_is_printed(tmp_path: Path) -> None:
    clock = FakeClock()
    source, native = open_demo(tmp_path, clock), played_by("disk filling")
    task = asyncio.ensure_future(source.execute(native, script("free-disk", "/var"), RunId("r1"), lambda _: None))
    await asyncio.sleep(0)
    assert len(lines(tmp_path)) == 1
    task.cancel()


async def test_a_world_that_is_opened_again_remembers_what_was_done(tmp_path: Path) -> None:
    clock = FakeClock()
    first, native = open_demo(tmp_path, clock), played_by("database stopped again")
    await first.poll()
    await ran(first, clock, native, script("restart-service", "mssql-server"))
    again = open_demo(tmp_path, clock)
    assert await bad(again, native) == {}


async def test_another_source_of_the_same_demo_sees_the_effect(tmp_path: Path) -> None:
    clock = FakeClock()
    machine = STORY.world.machines[STORY.opening.cast["reboot required"][0]]
    watcher, agent = (open_demo(tmp_path, clock, name, only=name) for name in machine.sources)
    await watcher.poll()
    _, before = await watcher.identify(machine.natives[0])
    await ran(agent, clock, machine.natives[1], script("reboot"))
    _, after = await watcher.identify(machine.natives[0])
    assert after != before


async def test_a_line_that_a_crash_cut_is_no_execution(tmp_path: Path) -> None:
    clock = FakeClock()
    source, native = open_demo(tmp_path, clock), played_by("disk filling")
    (tmp_path / "demo-devices.jsonl").write_bytes(b'{"run":"r0","device":"1')
    await ran(source, clock, native, script("free-disk", "/var"))
    assert await bad(source, native) == {}


async def test_an_unknown_device_is_not_acted_on(tmp_path: Path) -> None:
    with pytest.raises(NotSent):
        await open_demo(tmp_path, FakeClock()).identify("gone")


async def test_fixes_work_where_the_story_stands_still(tmp_path: Path) -> None:
    clock = FakeClock()
    source = open_demo(tmp_path, clock, at="2026-01-05T09:04:00Z")
    native = played_by("database stopped again")
    await ran(source, clock, native, script("restart-service", "mssql-server"))
    assert await bad(source, native) == {}


async def test_nothing_is_sent_through_a_source_that_is_silent(tmp_path: Path) -> None:
    clock = FakeClock()
    machine = next(machine for machine in STORY.world.machines if "icinga-us" in machine.sources)
    native = machine.natives[machine.sources.index("icinga-us")]
    source = open_demo(tmp_path, clock, name="icinga-us", only="icinga-us")
    await source.poll()
    await clock.advance(700)
    with pytest.raises(NotSent):
        await source.execute(native, script("reboot"), RunId("r1"), lambda _: None)


async def test_only_the_owner_can_read_what_the_demo_writes(tmp_path: Path) -> None:
    clock = FakeClock()
    source, native = open_demo(tmp_path, clock), played_by("disk filling")
    await source.poll()
    await ran(source, clock, native, script("free-disk", "/var"))
    assert modes(tmp_path) == {"demo-devices.jsonl": 0o600, "demo-story.json": 0o600}


async def test_an_act_of_another_story_has_no_effect_on_this_one(tmp_path: Path) -> None:
    clock = FakeClock()
    source, native = open_demo(tmp_path, clock), played_by("database stopped again")
    await source.poll()
    await ran(source, clock, native, script("restart-service", "mssql-server"))
    other = open_demo(tmp_path, clock, epoch="2026-01-05T08:59:00Z")
    assert "service/mssql-server" in await bad(other, native)


async def test_both_sources_of_a_machine_tell_the_same_boot_id(tmp_path: Path) -> None:
    clock = FakeClock()
    machine = STORY.world.machines[STORY.opening.cast["comes back by itself"][0]]
    told = []
    for name, native in zip(machine.sources, machine.natives, strict=True):
        source = open_demo(tmp_path, clock, name, only=name, at="2026-01-05T12:06:00Z")
        told.append((await source.identify(native))[1])
        await clock.advance(0.3)
    assert told[0] == told[1]
