"""The surroundings of a `Runner` in memory: a disk, a device that counts, and a switch that kills the engine."""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import Callable, Mapping
from typing import Any

from msgspec.structs import replace

from backends.api import Emit, Executed, Script
from backends.fixes.aim import Aim
from backends.fixes.model import Fix
from backends.fixes.ports import Ports
from backends.fixes.runner import Runner
from backends.fleet.model import CheckState, DeviceId, FixId, Health, Identity, IssueId, RunId, Sighting, SourceName
from backends.fleet.reading import Reading
from backends.fleet.run import Plan, Run, RunOutput
from backends.store.errors import StoreError
from backends.testing import FakeClock
from tests.support.fixes import a_check, a_device, a_fix, a_policy, an_aim


class Killed(BaseException):
    """The engine process is no more."""


class Agreed:
    """A technician's consent."""

    def __init__(self, confirmed: bool = True, typed: str = "") -> None:
        self.confirmed = confirmed
        self.typed = typed


class Disk:
    """What outlives an engine: the journal and the audit."""

    def __init__(self) -> None:
        self.runs: dict[RunId, Run] = {}
        self.audit: list[tuple[str, str]] = []


class Machine:
    """What outlives everything: the device's side, where executions are counted."""

    def __init__(self) -> None:
        self.executed: list[tuple[str, RunId]] = []
        self.scripts: list[Script] = []
        self.exit = 0
        self.output = b"Restarting nginx\n"
        self.identity: dict[str, Identity] = {}
        self.boot_ids = itertools.repeat("boot-1")
        self.fails: dict[str, BaseException] = {}
        """At identify, execute or look: what is raised there."""
        self.hangs: set[str] = set()
        self.state_after = CheckState.OK
        self.broken: set[str] = set()
        """Native ids on which the fix exits with 70."""


class World:
    """One engine's surroundings; `reborn` gives the next engine's, on the same disk and device."""

    def __init__(self, disk: Disk | None = None, machine: Machine | None = None, fix: Fix | None = None) -> None:
        self.disk = disk or Disk()
        self.machine = machine or Machine()
        self.fix = fix or a_fix()
        self.clock = FakeClock()
        self.aims: dict[DeviceId, Aim] = {}
        self.published: list[Run] = []
        self.pieces: list[RunOutput] = []
        self.readings: list[Reading] = []
        self.full = ""
        """`journal` or `audit` cannot be written."""
        self.steps = 0
        self.kill_at: int | None = None
        self.kill_after = False
        """Kill after the step had its effect, not before."""
        self.dead = False
        self._ids = itertools.count(len(self.disk.runs) + 1)
        self.runner = Runner({FixId("restart-service"): self.fix, self.fix.id: self.fix}, self.ports())

    def ports(self) -> Ports:
        return Ports(
            journal=self,
            record=self,
            clock=self.clock,
            policy=a_policy(),
            executor=self.executor,
            aim=self.aim,
            learn=self.readings.append,
            publish=self.published.append,
            output=self.pieces.append,
            new_id=lambda: str(next(self._ids)),
        )

    def reborn(self) -> World:
        world = World(self.disk, self.machine, self.fix)
        world.aims = self.aims
        return world

    def add(self, name: str = "web01", **changes: Any) -> Aim:
        aim = an_aim(a_device(name, **changes))
        self.aims[aim.device.id] = aim
        return aim

    def plan(self, *aims: Aim, by: str = "tech1", given: Mapping[str, str] | None = None) -> Plan:
        return self.runner.plan(self.fix.id, aims or tuple(self.aims.values()), by=by, given=given)

    async def finish(self, seconds: float = 2000.0) -> None:
        """Let time pass until nothing is under way."""
        for _ in range(int(seconds / 2)):
            if not self.runner.under_way or self.dead:
                return
            await self.clock.advance(2)

    async def fly(self, *aims: Aim) -> list[Run]:
        started = await self.runner.approve(self.plan(*aims).id, Agreed())
        await self.finish()
        return [self.disk.runs[run.id] for run in started]

    def events(self) -> list[str]:
        return [event for event, _ in self.disk.audit]

    # What a Runner asks of its surroundings

    def executor(self, source: SourceName, fix: Fix) -> World | None:
        return self

    def aim(self, device: DeviceId, issue: IssueId | None, source: SourceName) -> Aim | None:
        aim = self.aims.get(device)
        if aim is not None and aim.issue is not None and aim.issue.id != issue:
            return replace(aim, issue=None, check=None)
        return aim

    async def put_run(self, run: Run) -> None:
        await self._step("journal", lambda: self.disk.runs.__setitem__(run.id, run))

    async def unsettled_runs(self) -> list[Run]:
        return [run for run in self.disk.runs.values() if not run.settled]

    async def run(self, run_id: RunId) -> Run | None:
        return self.disk.runs.get(run_id)

    async def append(self, *, by: str, event: str, subject: str, data: Mapping[str, str]) -> None:
        await self._step("audit", lambda: self.disk.audit.append((event, subject)))

    async def identify(self, native: str) -> tuple[Identity, str]:
        await self._device("identify")
        known = next((aim.device.identity for aim in self.aims.values() if aim.native == native), Identity())
        return self.machine.identity.get(native, known), next(self.machine.boot_ids)

    async def execute(self, native: str, script: Script, run: RunId, emit: Emit) -> Executed:
        def do() -> None:
            self.machine.executed.append((native, run))
            self.machine.scripts.append(script)

        await self._step("execute", do)
        emit(self.machine.output)
        await self._device("execute")
        return Executed(exit=70 if native in self.machine.broken else self.machine.exit)

    async def look(self, native: str) -> Reading:
        await self._device("look")
        aim = next(aim for aim in self.aims.values() if aim.native == native)
        device, check = aim.device, aim.check or a_check()
        sighting = Sighting(
            source=aim.source,
            native=native,
            client=device.client,
            client_name=device.client_name,
            site=device.site,
            site_name=device.site_name,
            name=device.name,
            health=Health.OK,
            seen=self.clock.now(),
        )
        check = replace(check, native=native, state=self.machine.state_after)
        return Reading(source=aim.source, at=self.clock.now(), sightings=(sighting,), checks=(check,), complete=False)

    async def _device(self, what: str) -> None:
        await self._step(what, lambda: None)
        if what in self.machine.hangs:
            await asyncio.get_running_loop().create_future()
        if what in self.machine.fails:
            raise self.machine.fails[what]

    async def _step(self, what: str, effect: Callable[[], object]) -> None:
        """One step that can be the engine's last."""
        if self.dead:
            raise Killed
        self.steps += 1
        last = self.steps == self.kill_at
        if last and not self.kill_after:
            self.dead = True
            raise Killed
        await asyncio.sleep(0)
        if what == self.full:
            raise StoreError("The disk is full.")
        effect()
        if last:
            self.dead = True
            raise Killed
