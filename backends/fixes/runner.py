"""Plans and runs of one engine: a plan starts at most once, a device has at most one run, and none is lost.

Everything that changes a device goes through `Runner`: consent, guards and leases are checked here, whoever asks.
"""

from __future__ import annotations

import asyncio
import dataclasses
import logging
from collections.abc import Coroutine, Mapping, Sequence
from typing import Any, Final, TypeVar

from msgspec.structs import replace

from backends.fixes import outcome
from backends.fixes.aim import Aim
from backends.fixes.consent import check_agreement, check_still_so
from backends.fixes.errors import Changed, FixError, Missing, Refused, Unrecorded
from backends.fixes.flight import Flight
from backends.fixes.guard import Policy
from backends.fixes.model import Fix
from backends.fixes.plan import make_plan
from backends.fixes.ports import Agreement, Ports, keep
from backends.fixes.verify import Asking, verify
from backends.fleet.model import DeviceId, FixId, RunId
from backends.fleet.run import Plan, Run, RunOutput, RunState, Verified
from backends.store.errors import StoreError
from backends.text import safe

log = logging.getLogger("rounds.fixes")

AT_ONCE: Final = 5
"""Devices of one plan that run at the same time, once the first has gone well."""

PLANS_KEPT: Final = 500


Fact = TypeVar("Fact")
Result = TypeVar("Result")


class Runner:
    """The one way to change a device."""

    def __init__(self, fixes: Mapping[FixId, Fix], ports: Ports) -> None:
        self._fixes = fixes
        self._ports = ports
        self._plans: dict[str, Plan] = {}
        self._meant: dict[str, Fix] = {}
        """The fix as it was when the plan of that id was made."""
        self._overtaken: dict[str, Plan] = {}
        """Plans that could not be started because something had changed, by what they were about."""
        self._started: dict[str, tuple[RunId, ...]] = {}
        self._flights: dict[RunId, Flight] = {}
        self._tasks: dict[RunId, asyncio.Task[None]] = {}
        self._held: dict[DeviceId, Run] = {}
        self._work: set[asyncio.Task[Any]] = set()
        self._lock = asyncio.Lock()

    def go_by(self, policy: Policy) -> None:
        """From now on these guards decide, also on what was planned before."""
        self._ports = dataclasses.replace(self._ports, policy=policy)

    def plan(
        self,
        fix: FixId,
        aims: Sequence[Aim],
        *,
        by: str,
        given: Mapping[str, str] | None = None,
    ) -> Plan:
        """What `fix` would do there; good until it expires. Made again after its facts had changed, it says what did.
        Raises `Missing` and `PlanError`."""
        meant = self._fixes.get(fix)
        if meant is None:
            raise Missing(f"There is no fix “{safe(fix, 60)}”: see `rounds fix list`.")
        plan = make_plan(
            meant,
            [self._with_lease(aim) for aim in aims],
            plan_id=f"p-{self._ports.new_id()}",
            by=by,
            now=self._ports.clock.now(),
            policy=self._ports.policy,
            given=given,
            replaces=self._overtaken.get(_about(by, fix, [aim.device.id for aim in aims])),
        )
        _put(self._plans, plan.id, plan)
        _put(self._meant, plan.id, meant)
        return plan

    async def approve(self, plan_id: str, agreement: Agreement) -> list[Run]:
        """Start that plan, once: one run a target, each on record before this returns. Raises `Missing`, `Refused`,
        `Changed` and `Unrecorded`; then nothing was started. It goes on when the caller is cancelled."""
        return await asyncio.shield(self._spawn(self._approve(plan_id, agreement)))

    async def check_run(self, run_id: RunId) -> Run:
        """Ask for the evidence of an unknown run again; afterwards it holds its device no longer. Raises `Missing`,
        `Unrecorded`, and `Refused` when the device cannot be asked now."""
        run = await self._unknown(run_id)
        fix = self._fixes.get(run.fix)
        hands = self._ports.executor(run.source, fix) if fix is not None else None
        what = f"{run.title} may have run on {run.device_name}"
        verified, sentence = Verified.NOT_VERIFIED, f"{what}. Its source or its fix is gone."
        if fix is not None and hands is not None:
            asking = Asking(fix=fix, run=run, hands=hands, clock=self._ports.clock, learn=self._ports.learn)
            found = await verify(asking, patient=False)
            if found.verified is Verified.NOT_VERIFIED and run.issue_key:
                raise Refused(f"{run.device_name} cannot be asked now, so the run still holds it. {found.because}")
            verified, sentence = found.verified, outcome.concluded(fix, what, found.verified, found.because)
        checked = replace(run, verified=verified, checked=True, sentence=safe(sentence, 512))
        await keep(self._ports, checked, "run-verified", {"verified": verified, "sentence": checked.sentence})
        self._settle(checked)
        return checked

    async def cancel(self, run_id: RunId) -> None:
        """Break a run off: before it is sent it fails, afterwards it is unknown. Raises `Missing`."""
        flight, task = self._flights.get(run_id), self._tasks.get(run_id)
        if flight is None:
            raise Missing(f"No run {safe(run_id, 60)} is under way.")
        flight.stopped = flight.stopped or "It was broken off before."
        if task is not None:
            task.cancel()
            await asyncio.wait((task,))

    async def recover(self) -> list[Run]:
        """Bring what an earlier engine left behind to its end; call once, before the first plan. Gives the runs that
        were changed. Raises `Unrecorded`: then nothing may be run."""
        try:
            unsettled = {run.id: run for run in await self._ports.journal.unsettled_runs()}
        except StoreError as error:
            raise Unrecorded(error.sentence) from error
        now = self._ports.clock.now()
        changed = [outcome.left_behind(run, now) for run in unsettled.values() if not run.state.ended]
        for run in changed:
            await keep(self._ports, run, "run-ended", {"state": run.state, "sentence": run.sentence})
        for run in [outcome.unverified(run) for run in unsettled.values() if outcome.pending(run)]:
            await keep(self._ports, run, "run-verified", {"verified": run.verified, "sentence": run.sentence})
            changed.append(run)
        for run in (unsettled | {run.id: run for run in changed}).values():
            if outcome.holds_device(run):
                self._held[run.device] = run
        return changed

    async def close(self) -> None:
        """Break off what is under way, and write it down."""
        for flight in self._flights.values():
            flight.stopped = flight.stopped or "The engine ends."
        for task in self._tasks.values():
            task.cancel()
        while self._work:
            await asyncio.wait(self._work)

    @property
    def under_way(self) -> int:
        """Runs that have not come to their end; the engine stays as long as there are any."""
        return len(self._flights)

    def busy(self, device: DeviceId) -> Run | None:
        """The run that holds a device."""
        held = self._held.get(device)
        flight = self._flights.get(held.id) if held is not None else None
        return flight.run if flight is not None else held

    def output(self, run_id: RunId) -> RunOutput | None:
        """What is kept so far of the output of a run under way."""
        flight = self._flights.get(run_id)
        return flight.tail.so_far if flight is not None else None

    async def _approve(self, plan_id: str, agreement: Agreement) -> list[Run]:
        async with self._lock:
            plan = self._open_plan(plan_id)
            try:
                check_agreement(plan, confirmed=agreement.confirmed, typed=agreement.typed)
                aims = {target.device: self._aim_at(plan, target.device) for target in plan.targets}
                now, policy = self._ports.clock.now(), self._ports.policy
                fix = self._still_meant(plan)
                check_still_so(plan, fix, aims, now=now, policy=policy)
            except FixError as error:
                if isinstance(error, Changed):
                    _put(self._overtaken, _about(plan.by, plan.fix, [target.device for target in plan.targets]), plan)
                await self._refused(plan, error)
                raise
            # From here on this plan is spent, whatever comes of it.
            del self._plans[plan.id]
            self._overtaken.pop(_about(plan.by, plan.fix, [target.device for target in plan.targets]), None)
            runs = [outcome.approved(RunId(f"r-{self._ports.new_id()}"), plan, target) for target in plan.targets]
            _put(self._started, plan.id, tuple(run.id for run in runs))
            await self._write_down(plan, runs)
            flights = [Flight(run, target, fix, self._ports) for run, target in zip(runs, plan.targets, strict=True)]
            for flight in flights:
                self._flights[flight.run.id] = flight
                self._held[flight.run.device] = flight.run
        self._spawn(self._carry_out(flights))
        return runs

    def _open_plan(self, plan_id: str) -> Plan:
        started = self._started.get(plan_id)
        if started is not None:
            raise Changed(f"This plan has been started already, as run {', '.join(started[:3])}.")
        plan = self._plans.get(plan_id)
        if plan is None:
            raise Missing("There is no such plan any more: make a new one.")
        return plan

    def _still_meant(self, plan: Plan) -> Fix:
        """The plan's fix, as it was agreed to. Raises `Changed`: a script at a source may be another one by now."""
        fix = self._fixes.get(plan.fix)
        if fix is None:
            raise Changed(f"{plan.title} is not offered any more.")
        if fix != self._meant.get(plan.id):
            raise Changed(f"{plan.title} was changed at its source since: look at the plan again.")
        return fix

    def _aim_at(self, plan: Plan, device: DeviceId) -> Aim | None:
        target = next(target for target in plan.targets if target.device == device)
        aim = self._ports.aim(target.device, target.issue, target.source)
        return self._with_lease(aim) if aim is not None else None

    async def _refused(self, plan: Plan, error: FixError) -> None:
        """On record too, as far as it can be: nothing is sent either way."""
        devices = ", ".join(target.device for target in plan.targets)
        data = {"fix": plan.fix, "devices": safe(devices, 512), "reason": error.sentence}
        try:
            await self._ports.record.append(by=plan.by, event="plan-refused", subject=plan.id, data=data)
        except (StoreError, OSError):
            return

    async def _write_down(self, plan: Plan, runs: Sequence[Run]) -> None:
        """Every run of the plan, or none: one that cannot be recorded stops all."""
        for index, run in enumerate(runs):
            told = ", ".join(f"{name}={value}" for name, value in run.parameters.items())
            try:
                await keep(self._ports, run, "run-approved", {"consent": plan.consent, "parameters": safe(told, 512)})
            except Unrecorded as error:
                for one in runs[: index + 1]:
                    await self._take_back(one, error)
                raise

    async def _take_back(self, run: Run, error: Unrecorded) -> None:
        """What cannot be written even now is ended by the next `recover`."""
        back = outcome.taken_back(run, error.sentence, self._ports.clock.now())
        try:
            await keep(self._ports, back, "run-ended", {"state": back.state, "sentence": back.sentence})
        except Unrecorded:
            self._ports.publish(back)

    async def _carry_out(self, flights: Sequence[Flight]) -> None:
        """The first alone; when it went well the others, a few at a time, until one does not."""
        first, *others = flights
        await self._fly(first, flights)
        gate = asyncio.Semaphore(AT_ONCE)

        async def one(flight: Flight) -> None:
            async with gate:
                await self._fly(flight, flights)

        await asyncio.gather(*(one(flight) for flight in others))

    async def _fly(self, flight: Flight, group: Sequence[Flight]) -> None:
        run_id = flight.run.id
        task = self._tasks[run_id] = asyncio.create_task(flight.go())
        await asyncio.wait((task,))
        if task.cancelled():  # before its first step, or twice
            await flight.break_off()
        elif (error := task.exception()) is not None:  # a defect of ours must not leave it under way for ever
            log.error("run %s met a defect", run_id, exc_info=error)
            await flight.break_off()
        del self._tasks[run_id], self._flights[run_id]
        if not flight.good:
            for other in group:
                other.stopped = other.stopped or f"The run on {flight.run.device_name} did not go well."
        self._settle(flight.run)

    def _settle(self, run: Run) -> None:
        """Let go of the device, unless nobody knows what the run has done to it."""
        held = self._held.get(run.device)
        if held is None or held.id != run.id:
            return
        if outcome.holds_device(run):
            self._held[run.device] = run
        else:
            del self._held[run.device]

    def _with_lease(self, aim: Aim) -> Aim:
        return replace(aim, busy=self.busy(aim.device.id))

    async def _unknown(self, run_id: RunId) -> Run:
        run = next((run for run in self._held.values() if run.id == run_id), None)
        run = run or await self._ports.journal.run(run_id)
        if run is None:
            raise Missing(f"There is no run {safe(run_id, 60)}.")
        if run.state is not RunState.UNKNOWN:
            raise Refused(f"The run {run.id} is {run.state}: only an unknown one is checked again.")
        return run

    def _spawn(self, work: Coroutine[Any, Any, Result]) -> asyncio.Task[Result]:
        """A task that goes on whoever waits for it."""
        task = asyncio.create_task(work)
        self._work.add(task)
        task.add_done_callback(self._done)
        return task

    def _done(self, task: asyncio.Task[Any]) -> None:
        self._work.discard(task)
        if not task.cancelled():
            task.exception()


def _about(by: str, fix: FixId, devices: Sequence[DeviceId]) -> str:
    return "\n".join((by, fix, *sorted(set(devices))))


def _put(kept: dict[str, Fact], key: str, fact: Fact) -> None:
    """Keep the latest ones."""
    kept[key] = fact
    while len(kept) > PLANS_KEPT:
        del kept[next(iter(kept))]
