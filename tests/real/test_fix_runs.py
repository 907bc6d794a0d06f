"""The bundled fixes on real hosts over SSH, by the runner itself, with the journal and the audit on a real disk."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest
from msgspec.structs import replace

from backends.adapters.ssh import accept_host_key, fetch_host_key, open_source
from backends.api import RunsFixes, SourceSettings
from backends.engine.clock import SystemClock
from backends.fixes.aim import Aim
from backends.fixes.library import load_library
from backends.fixes.ports import Ports
from backends.fixes.runner import Runner
from backends.fleet.model import CheckState, Client, ClientId, DeviceId, FixId, IssueId, SourceName, device_id, safe
from backends.fleet.reading import Reading
from backends.fleet.run import Run, RunState, Verified
from backends.store.store import Store
from tests.support.fix_world import Agreed, Disk
from tests.support.fixes import a_device, a_policy, an_issue
from tests.support.hosts import Host, Hosts

pytestmark = pytest.mark.real

SOURCE = SourceName("acme-hq")


class Bench:
    """One source with one host, and a runner over it."""

    def __init__(self, host: Host, hosts: Hosts, folder: Path) -> None:
        self.host = host
        self.clock = SystemClock()
        client = Client(id=ClientId("acme"), name=safe("Acme Dental"))
        settings = SourceSettings(
            name=SOURCE,
            kind="ssh",
            options={
                "client": "acme",
                "site": "HQ",
                "hosts": [host.at],
                "key": str(hosts.key),
                "services": list(host.services),
                "thresholds": {"process": {"cpu": 5, "warn_after": "1s"}},
            },
            clients={client.id: client},
            every_s=30.0,
            secret=_no_secret,
            timing=self.clock,
            state_dir=folder,
        )
        adapter = open_source(settings)
        assert isinstance(adapter, RunsFixes)
        self.adapter = adapter
        self.close = adapter.close
        self.store = Store.open(folder / "store")
        self.record = Disk()
        self._aim: Aim | None = None
        self._number = 0
        self.runner = Runner(load_library(), self._ports())

    async def fix(self, fix: str, key: str) -> Run:
        """Look until the problem shows, then plan, approve and follow the run to its end."""
        await self._aim_at(key)
        assert self._aim is not None
        plan = self.runner.plan(FixId(fix), [self._aim], by="tech1")
        (run,) = await self.runner.approve(plan.id, Agreed())
        return await self.ended(run)

    async def ended(self, run: Run) -> Run:
        await _until(lambda: not self.runner.under_way)
        found = await self.store.run(run.id)
        assert found is not None
        return found

    async def _aim_at(self, key: str) -> None:
        ends = time.monotonic() + 60
        while True:
            reading = await self.adapter.look(self.host.native)
            fitting = [one for one in reading.checks if one.key.startswith(key or "reachable")]
            check = next((one for one in fitting if not key or one.state is not CheckState.OK), None)
            if check is not None:
                break
            assert time.monotonic() < ends, [(one.key, one.state) for one in reading.checks]
        (sighting,) = reading.sightings
        device = a_device(
            sighting.name,
            id=device_id(SOURCE, sighting.native),
            platform=sighting.platform,
            address=sighting.address,
            seen=sighting.seen,
            natives=(sighting.native,),
            identity=sighting.identity,
            boot_id=sighting.boot_id,
        )
        issue = an_issue(device, check) if key else None
        self._aim = Aim(device=device, source=SOURCE, native=sighting.native, issue=issue, check=check)

    def _ports(self) -> Ports:
        return Ports(
            journal=self.store,
            record=self,
            clock=self.clock,
            policy=a_policy(),
            executor=lambda _source, _fix: self.adapter,
            aim=self._now,
            learn=_ignore,
            publish=lambda _: None,
            output=lambda _: None,
            new_id=self._new_id,
        )

    def _now(self, device: DeviceId, issue: IssueId | None, source: SourceName) -> Aim | None:
        return self._aim

    def _new_id(self) -> str:
        self._number += 1
        return str(self._number)

    async def append(self, *, by: str, event: str, subject: str, data: object) -> None:
        self.record.audit.append((event, subject))


@pytest.fixture
async def bench(hosts: Hosts, tmp_path: Path) -> AsyncIterator[Bench]:
    host = hosts.add("web01", services=("webshop",), wired=True)
    known = tmp_path / "known_hosts"
    accept_host_key(known, host.address, host.port, await fetch_host_key(host.address, host.port, 20))
    made = Bench(host, hosts, tmp_path)
    yield made
    await made.runner.close()
    await made.close()
    await made.store.close()


async def test_a_stopped_service_runs_again(bench: Bench) -> None:
    bench.host.stop_service("webshop")
    run = await bench.fix("restart-service", "service/webshop")
    assert (run.state, run.verified) == (RunState.SUCCEEDED, Verified.FIXED), run.sentence + run.output
    assert run.sentence == f"Restarted webshop on {run.device_name}; the service is running again."
    assert bench.host.running("webshop")
    assert [event for event, _ in bench.record.audit] == ["run-approved", "run-sent", "run-ended", "run-verified"]


async def test_a_service_that_cannot_start_is_not_fixed(bench: Bench) -> None:
    bench.host.break_service("webshop")
    run = await bench.fix("restart-service", "service/webshop")
    assert (run.state, run.exit, run.verified) == (RunState.FAILED, 70, Verified.NOT_FIXED), run.output
    assert "cannot read its configuration" in run.output


async def test_a_full_disk_has_room_again(bench: Bench) -> None:
    bench.host.fill("/var/tmp", 97)
    run = await bench.fix("free-disk", "disk//var/tmp")
    assert (run.state, run.verified) == (RunState.SUCCEEDED, Verified.FIXED), run.sentence + run.output
    assert bench.host.used_percent("/var/tmp") < 10


async def test_a_runaway_process_is_ended(bench: Bench) -> None:
    pid = bench.host.runaway("report-gen")
    run = await bench.fix("end-process", "process/")
    assert (run.state, run.verified) == (RunState.SUCCEEDED, Verified.FIXED), run.sentence + run.output
    assert not bench.host.alive(pid)


async def test_a_reboot_is_proved_by_the_next_boot(bench: Bench) -> None:
    before = bench.host.boot_id
    run = await bench.fix("reboot", "")
    assert (run.state, run.verified) == (RunState.SUCCEEDED, Verified.FIXED), run.sentence + run.output
    assert (run.boot_id, bench.host.boot_id != before) == (before, True)


async def test_a_connection_that_is_cut_in_the_middle_leaves_the_run_unknown_and_is_not_repeated(bench: Bench) -> None:
    bench.host.stop_service("webshop")
    await bench._aim_at("service/webshop")
    assert bench._aim is not None
    plan = bench.runner.plan(FixId("restart-service"), [bench._aim], by="tech1")
    (run,) = await bench.runner.approve(plan.id, Agreed())
    await _until(lambda: bench.host.service_log[-1].endswith("start") and len(bench.host.service_log) > 1)
    bench.host.cut()
    ended = await bench.ended(run)
    assert (ended.state, ended.verified) == (RunState.UNKNOWN, Verified.NOT_VERIFIED), ended.sentence
    assert len(bench.host.service_log) == 2
    assert "check that run first" in bench.runner.plan(FixId("restart-service"), [bench._aim], by="tech2").reason
    checked = await bench.runner.check_run(run.id)
    assert (checked.state, checked.verified, checked.checked) == (RunState.UNKNOWN, Verified.FIXED, True)
    bench._aim = replace(bench._aim, device=replace(bench._aim.device, seen=bench.clock.now()))
    assert bench.runner.plan(FixId("restart-service"), [bench._aim], by="tech2").consent == "confirm"


async def _no_secret() -> str:
    return ""


def _ignore(_: Reading) -> None:
    pass


async def _until(holds: Callable[[], bool], seconds: float = 120.0) -> None:
    ends = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < ends
        await asyncio.sleep(0.02)
