"""What happens in the demo, and that it is the same for everybody who asks."""

from __future__ import annotations

import asyncio
import hashlib
import os
import subprocess
import sys
from datetime import timedelta
from itertools import pairwise
from pathlib import Path

import msgspec
import pytest

from backends.adapters.demo.story import story_of
from backends.api import Check, Reading, Sighting, SourceError
from backends.fleet.model import CheckState, Health, Severity
from backends.testing import FakeClock
from tests.support.demo import open_demo

STORY = story_of(7, 12, 240)
TELL = """
import asyncio, hashlib, sys, tempfile
from pathlib import Path
import msgspec
from backends.testing import FakeClock
from tests.support.demo import open_demo

async def main() -> None:
    digest = hashlib.sha256()
    with tempfile.TemporaryDirectory() as folder:
        for seed in (7, 11):
            clock = FakeClock()
            source = open_demo(Path(folder) / str(seed), clock, seed=seed, changes=2.0)
            for seconds in (0, 3, 60, 100, 600, 4000):
                await clock.advance(seconds)
                digest.update(msgspec.msgpack.encode(await source.poll()))
    print(digest.hexdigest())

asyncio.run(main())
"""


def told(hash_seed: str) -> str:
    environment = {**os.environ, "PYTHONHASHSEED": hash_seed, "PYTHONPATH": str(Path.cwd())}
    done = subprocess.run([sys.executable, "-c", TELL], env=environment, capture_output=True, text=True, check=True)
    return done.stdout


def test_two_processes_tell_the_same_story_to_the_byte() -> None:
    assert told("1") == told("2")


async def test_one_process_tells_the_same_story_twice(tmp_path: Path) -> None:
    digests = []
    for folder in ("one", "two"):
        clock = FakeClock()
        source = open_demo(tmp_path / folder, clock)
        await clock.advance(90)
        digests.append(hashlib.sha256(msgspec.msgpack.encode(await source.poll())).hexdigest())
    assert digests[0] == digests[1]


async def test_a_story_seen_at_one_moment_is_the_story_played_up_to_it(tmp_path: Path) -> None:
    clock = FakeClock()
    await clock.advance(240)
    played = open_demo(tmp_path / "a", clock, epoch="2026-01-05T09:00:00Z")
    still = open_demo(tmp_path / "b", clock, epoch="2026-01-05T09:00:00Z", at="2026-01-05T09:04:00Z")
    assert await played.poll() == await still.poll()


Facts = dict[str, tuple[Sighting, dict[str, Check]]]


def folded(facts: Facts, reading: Reading) -> Facts:
    """Facts after a reading, without the times at which they were seen."""
    out = {} if reading.complete else {native: fact for native, fact in facts.items() if native not in reading.covers}
    checks: dict[str, dict[str, Check]] = {}
    for check in reading.checks:
        checks.setdefault(check.native, {})[check.key] = msgspec.structs.replace(check, seen=EVER)
    for sighting in reading.sightings:
        out[sighting.native] = (msgspec.structs.replace(sighting, seen=EVER), checks.get(sighting.native, {}))
    return out


EVER = FakeClock().now()


@pytest.mark.parametrize("options", [{}, {"changes": 3.0}, {"only": "rmm"}, {"speed": 30.0}, {"hostile": True}])
async def test_what_changed_adds_up_to_the_whole(tmp_path: Path, options: dict[str, object]) -> None:
    clock = FakeClock()
    source = open_demo(tmp_path, clock, **options)
    facts: Facts = {}
    for step in (0.0, *[4.7] * 40, 700.0, 5.0, 1300.0, 5.0, 3600.0, 5.0):
        await clock.advance(step)
        try:
            facts = folded(facts, await source.poll())
            whole = folded({}, await open_demo(tmp_path, clock, **options).poll())
        except SourceError:
            continue
        assert facts == whole


async def test_only_a_part_of_the_fleet_is_told_after_the_first_time(tmp_path: Path) -> None:
    clock = FakeClock()
    source = open_demo(tmp_path, clock)
    first = await source.poll()
    await clock.advance(5)
    second = await source.poll()
    assert first.complete
    assert not second.complete
    assert len(second.sightings) < len(first.sightings)


@pytest.mark.parametrize("every_s", [1.0, 5.0, 10.0, 30.0])
async def test_nobody_is_left_unseen_for_longer_than_facts_are_fresh(tmp_path: Path, every_s: float) -> None:
    clock = FakeClock()
    source = open_demo(tmp_path, clock, every_s=every_s)
    heard = {sighting.native: clock.now() for sighting in (await source.poll()).sightings}
    oldest = timedelta(0)
    for _ in range(20):
        await clock.advance(every_s)
        reading = await source.poll()
        for native in heard if reading.confirms else reading.covers:
            heard[native] = clock.now()
        oldest = max(oldest, *(clock.now() - at for at in heard.values()))
    assert oldest < timedelta(seconds=max(15.0, 2 * every_s))


def issues_at(t: float) -> list[tuple[int, str, Severity | None]]:
    """Machine, condition and severity of all that is wrong, one line for a machine that does not answer."""
    found = []
    for machine in STORY.world.machines:
        present = [
            trouble
            for trouble in STORY.troubles(machine.index, t)
            if trouble.present(t) and trouble.state is not CheckState.OK
        ]
        lost = [trouble for trouble in present if trouble.down]
        found += [(machine.index, trouble.key, trouble.state_at(t)[1]) for trouble in lost[:1] or present]
    return found


def test_there_is_work_to_do_when_it_begins() -> None:
    found = issues_at(0.0)
    assert 25 <= len(found) <= 40
    assert {severity for _, _, severity in found} == set(Severity)


def test_most_sites_are_green_when_it_begins() -> None:
    bad = {STORY.world.machines[machine].branch for machine, _, _ in issues_at(0.0)}
    assert len(bad) < len(STORY.world.branches) / 3


def test_something_new_happens_every_two_minutes_outside_quiet_phases() -> None:
    for hour in (0, 1, 30):
        starts = sorted(
            trouble.start - hour * 3600
            for troubles in STORY.window(hour * 3600.0).by_machine.values()
            for trouble in troubles
            if hour * 3600 <= trouble.start < (hour + 1) * 3600
        )
        gaps = [later - earlier for earlier, later in pairwise(starts)]
        assert max(gaps) < 600
        assert len([gap for gap in gaps if gap > 160]) <= 4


@pytest.mark.parametrize("hours", [2, 9, 30, 24 * 7 + 3])
def test_it_goes_on_gently_for_as_long_as_somebody_watches(hours: int) -> None:
    assert 20 <= len(issues_at(hours * 3600.0 + 700)) <= 90


def test_an_outage_takes_sites_of_several_clients_and_gives_them_back() -> None:
    scene = next(scene for scene in STORY.opening.cast if scene.startswith("outage"))
    machines = STORY.opening.cast[scene]
    assert len({STORY.world.machines[machine].company for machine in machines}) >= 3
    down = {machine for machine, key, _ in issues_at(200.0) if key == "reachable"}
    assert set(machines) <= down
    later = {machine for machine, key, _ in issues_at(900.0) if key == "reachable"}
    assert not set(machines) & later


async def test_a_disk_fills_while_somebody_watches(tmp_path: Path) -> None:
    clock = FakeClock()
    source = open_demo(tmp_path, clock)
    native = STORY.world.machines[STORY.opening.cast["disk filling"][0]].natives[0]
    await source.poll()
    seen = []
    for _ in range(3):
        check = next(check for check in (await source.look(native)).checks if check.key == "disk//var")
        seen.append((check.state, check.value or 0.0))
        await clock.advance(300)
    assert [value for _, value in seen] == sorted(value for _, value in seen)
    assert seen[0][0] is CheckState.WARNING
    assert seen[-1][0] is CheckState.CRITICAL


async def test_a_machine_that_comes_back_by_itself_has_a_new_boot_id_for_good(tmp_path: Path) -> None:
    clock = FakeClock()
    source = open_demo(tmp_path, clock)
    native = STORY.world.machines[STORY.opening.cast["comes back by itself"][0]].natives[0]
    _, before = await source.identify(native)
    await clock.advance(300)
    _, after = await source.identify(native)
    assert after != before
    await clock.advance(9 * 3600)
    assert (await source.look(native)).sightings[0].boot_id == after


async def test_a_machine_that_is_down_was_last_seen_when_it_went(tmp_path: Path) -> None:
    clock = FakeClock()
    source = open_demo(tmp_path, clock)
    native = STORY.world.machines[STORY.opening.cast["firmware, then down"][0]].natives[0]
    (sighting,) = (await source.look(native)).sightings
    assert sighting.health is Health.DOWN
    assert clock.now() - sighting.seen == timedelta(seconds=260)


async def test_one_source_is_silent_for_some_minutes(tmp_path: Path) -> None:
    clock = FakeClock()
    source = open_demo(tmp_path, clock, name="icinga-us", only="icinga-us")
    await source.poll()
    await clock.advance(670)
    with pytest.raises(SourceError):
        await source.poll()
    await clock.advance(240)
    assert (await source.poll()).complete


async def test_extra_changes_come_at_the_rate_that_was_asked_for(tmp_path: Path) -> None:
    clock = FakeClock()
    quiet, busy = open_demo(tmp_path, clock), open_demo(tmp_path, clock, changes=2.0)
    before = {(check.native, check.key): check.summary for check in (await busy.poll()).checks if check.summary}
    still = {(check.native, check.key): check.summary for check in (await quiet.poll()).checks if check.summary}
    await clock.advance(4)
    moved = [
        check
        for check in (await busy.poll()).checks
        if check.summary != before.get((check.native, check.key), check.summary)
    ]
    rested = [
        check
        for check in (await quiet.poll()).checks
        if check.summary != still.get((check.native, check.key), check.summary)
    ]
    assert len(rested) + 3 <= len(moved) <= len(rested) + 8


async def test_a_story_that_was_just_watched_goes_on_after_a_restart(tmp_path: Path) -> None:
    clock = FakeClock()
    await open_demo(tmp_path, clock).poll()
    await clock.advance(120)
    again = await open_demo(tmp_path, clock).poll()
    fresh = await open_demo(tmp_path / "elsewhere", clock).poll()
    assert again != fresh
    assert again == await open_demo(tmp_path / "third", clock, epoch="2026-01-05T09:00:00Z").poll()


async def test_a_story_of_yesterday_begins_anew(tmp_path: Path) -> None:
    clock = FakeClock()
    await open_demo(tmp_path, clock).poll()
    await clock.advance(86_400)
    again = await open_demo(tmp_path, clock).poll()
    assert again == await open_demo(tmp_path / "elsewhere", clock).poll()


def test_a_bigger_fleet_has_the_same_opening() -> None:
    bigger = story_of(7, 12, 400).opening.cast
    assert {scene: machines[0] for scene, machines in bigger.items()} == {
        scene: machines[0] for scene, machines in STORY.opening.cast.items()
    }


async def test_ages_are_right_in_a_story_that_stands_still_at_another_time(tmp_path: Path) -> None:
    clock = FakeClock()
    source = open_demo(tmp_path, clock, at="2031-07-01T12:04:00Z")
    await source.poll()
    native = STORY.world.machines[STORY.opening.cast["database stopped again"][0]].natives[0]
    check = next(check for check in (await source.look(native)).checks if check.family == "service")
    assert check.since is not None
    assert clock.now() - check.since == timedelta(minutes=16)


@pytest.mark.parametrize("devices", [240, 3000])
async def test_a_look_at_a_world_in_which_little_happens_is_short(tmp_path: Path, devices: int) -> None:
    """However many machines there are: they are not looked at to find out that nothing changed."""
    clock = FakeClock()
    await clock.advance(1300)
    source = open_demo(tmp_path, clock, devices=devices, epoch="2026-01-05T09:00:00Z")
    await source.poll()
    for _ in range(12):
        await clock.advance(5)
        reading = await source.poll()
        assert reading.confirms
        assert len(reading.sightings) < 60


async def test_a_poll_that_was_cut_short_is_followed_by_a_complete_one(tmp_path: Path) -> None:
    clock = FakeClock()
    source = open_demo(tmp_path, clock, devices=600)
    await source.poll()
    await clock.advance(3000)  # so much changes that it takes more than one turn
    task = asyncio.ensure_future(source.poll())
    await asyncio.sleep(0)
    cut = not task.done()
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    assert cut
    assert (await source.poll()).complete


async def test_after_hours_of_sleep_everything_is_told_again(tmp_path: Path) -> None:
    clock = FakeClock()
    source = open_demo(tmp_path, clock)
    await source.poll()
    await clock.advance(3 * 3600)
    assert (await source.poll()).complete
