"""How the demo is spread over sources, its options, and the sources that play faults."""

from __future__ import annotations

import asyncio
import subprocess
import sys
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from backends.adapters.demo import open_source
from backends.adapters.demo.faulty import AHEAD
from backends.adapters.demo.sources import FAULTS, SPLIT, demo_sources
from backends.api import Adapter, ConfigurationError, FaultKind, Reading, SourceError
from backends.config.schema import EVERY_S, DemoOptions
from backends.fleet.fleet import Fleet
from backends.fleet.merge import fold
from backends.fleet.model import IssueState, device_id
from backends.testing import FakeClock
from tests.support.demo import demo_settings


def opened(folder: Path, clock: FakeClock, options: DemoOptions) -> list[Adapter]:
    return [
        open_source(demo_settings(folder, clock, name, EVERY_S, **table)) for name, _, table in demo_sources(options)
    ]


def faulty(folder: Path, clock: FakeClock, fault: str) -> Adapter:
    return open_source(demo_settings(folder, clock, f"demo-{fault}", fault=fault))


async def told(sources: list[Adapter], fleet: Fleet | None = None) -> Fleet:
    fleet = fleet or Fleet()
    for source in sources:
        fleet = fold(fleet, await source.poll())
    return fleet


def test_the_fleet_is_spread_over_four_tools() -> None:
    assert [name for name, _, _ in demo_sources(DemoOptions())] == list(SPLIT)


def test_faults_are_sources_of_their_own() -> None:
    names = [name for name, _, _ in demo_sources(DemoOptions(faults=True))]
    assert names[4:] == [f"demo-{fault}" for fault in FAULTS]


async def test_two_sources_of_one_machine_make_one_device(tmp_path: Path) -> None:
    fleet = await told(opened(tmp_path, FakeClock(), DemoOptions()))
    assert len(fleet.devices) == 240
    numbers = Counter(len(device.sources) for device in fleet.devices.values())
    assert numbers[2] > 50


async def test_the_first_picture_has_work_to_do(tmp_path: Path) -> None:
    fleet = await told(opened(tmp_path, FakeClock(), DemoOptions()))
    apart = [issue for issue in fleet.issues.values() if issue.state is IssueState.OPEN and issue.incident is None]
    assert 25 <= len(apart) <= 40
    assert any(issue.behind for issue in apart)


async def test_an_outage_is_one_line_for_each_site(tmp_path: Path) -> None:
    clock = FakeClock()
    sources = opened(tmp_path, clock, DemoOptions())
    fleet = await told(sources)
    before = sum(1 for issue in fleet.issues.values() if issue.incident is None)
    for _ in range(24):
        await clock.advance(5)
        fleet = await told(sources, fleet)
    after = sum(1 for issue in fleet.issues.values() if issue.incident is None)
    assert len(fleet.issues) > before + 20
    assert after <= before + 10


@pytest.mark.parametrize(
    ("options", "key"),
    [
        ({"seeds": 1}, "seeds"),
        ({"seed": "many"}, "seed"),
        ({"clients": 0}, "clients"),
        ({"devices": -1}, "devices"),
        ({"speed": 0}, "speed"),
        ({"at": "noon"}, "at"),
        ({"epoch": 7}, "epoch"),
        ({"changes": -1.0}, "changes"),
        ({"fault": "boredom"}, "fault"),
    ],
)
def test_a_wrong_option_is_named(tmp_path: Path, options: dict[str, Any], key: str) -> None:
    with pytest.raises(ConfigurationError) as caught:
        open_source(demo_settings(tmp_path, FakeClock(), **options))
    assert caught.value.key == key


def test_the_package_and_its_sources_load_nothing_heavy() -> None:
    code = (
        "import sys, backends.adapters.demo, backends.adapters.demo.sources;"
        "print('backends.adapters.demo.world' in sys.modules, 'asyncio' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["False", "False"]


async def test_silent_never_answers(tmp_path: Path) -> None:
    clock = FakeClock()
    task = asyncio.ensure_future(faulty(tmp_path, clock, "silent").poll())
    await clock.advance(3600)
    assert not task.done()
    task.cancel()


@pytest.mark.parametrize(
    ("fault", "polls", "kind"),
    [
        ("refused", 1, FaultKind.REFUSED),
        ("garbage", 3, FaultKind.PROTOCOL),
        ("flapping", 2, FaultKind.SERVER),
    ],
)
async def test_a_fault_is_told_as_what_it_is(tmp_path: Path, fault: str, polls: int, kind: FaultKind) -> None:
    source = faulty(tmp_path, FakeClock(), fault)
    for _ in range(polls - 1):
        await source.poll()
    with pytest.raises(SourceError) as caught:
        await source.poll()
    assert caught.value.kind is kind


async def test_empty_loses_its_devices_after_the_first_answer(tmp_path: Path) -> None:
    source = faulty(tmp_path, FakeClock(), "empty")
    assert (await source.poll()).sightings
    assert (await source.poll()).sightings == ()


async def test_slow_takes_its_time(tmp_path: Path) -> None:
    clock = FakeClock()
    task: asyncio.Future[Reading] = asyncio.ensure_future(faulty(tmp_path, clock, "slow").poll())
    await clock.advance(10)
    assert not task.done()
    await clock.advance(5)
    assert (await task).sightings


async def test_garbage_sets_records_aside(tmp_path: Path) -> None:
    assert (await faulty(tmp_path, FakeClock(), "garbage").poll()).quarantined == 37


async def test_clock_is_ahead_and_says_so(tmp_path: Path) -> None:
    clock = FakeClock()
    reading = await faulty(tmp_path, clock, "clock").poll()
    assert {sighting.seen - clock.now() for sighting in reading.sightings} == {AHEAD}
    assert reading.at == clock.now()
    assert "ahead" in reading.note


async def test_twins_at_two_clients_stay_two_devices(tmp_path: Path) -> None:
    source = faulty(tmp_path, FakeClock(), "identity")
    fleet = await told([source])
    assert {device_id(source.name, "identity-1"), device_id(source.name, "identity-2")} <= fleet.devices.keys()
