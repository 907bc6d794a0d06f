"""The verbs about plans and runs: what the runner needs from this engine, and what the technician is told of it."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import secrets
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from typing import Final

from backends.desk.aims import Aims
from backends.desk.outputs import Outputs
from backends.desk.protocol import Approval, DeskError, DeskErrorKind
from backends.desk.record import Record
from backends.engine.engine import Engine
from backends.fixes.errors import Changed, FixError, Missing, PlanError, Refused, Unrecorded
from backends.fixes.guard import Policy
from backends.fixes.model import Fix
from backends.fixes.ports import Ports
from backends.fixes.runner import Runner
from backends.fleet.model import DeviceId, FixId, IssueId, RunId
from backends.fleet.run import Plan, Run, RunOutput, Verified
from backends.store.store import Store
from backends.text import safe

log = logging.getLogger("rounds.desk")

_KIND: Final[Mapping[type[FixError], DeskErrorKind]] = {
    PlanError: DeskErrorKind.WRONG_USE,
    Missing: DeskErrorKind.NOT_FOUND,
    Refused: DeskErrorKind.REFUSED,
    Changed: DeskErrorKind.CHANGED,
    Unrecorded: DeskErrorKind.UNAVAILABLE,
}


class Fixing:
    """Plans, approvals, runs and their output, over one runner."""

    def __init__(
        self,
        *,
        engine: Engine,
        store: Store,
        record: Record,
        aims: Aims,
        fixes: Mapping[FixId, Fix],
        policy: Policy,
    ) -> None:
        self._engine = engine
        self._store = store
        self._aims = aims
        self._fixes = fixes
        self._outputs = Outputs()
        self._recovered = False
        ports = Ports(
            journal=store,
            record=record,
            clock=engine.clock,
            policy=policy,
            executor=aims.executor,
            aim=aims.aim,
            learn=engine.looked,
            publish=self._published,
            output=self._outputs.put,
            new_id=lambda: secrets.token_hex(6),
        )
        self._runner = Runner(fixes, ports)

    @property
    def under_way(self) -> int:
        """Runs that have not come to their end."""
        return self._runner.under_way

    def go_by(self, policy: Policy) -> None:
        """From now on these guards decide."""
        self._runner.go_by(policy)

    async def recover(self) -> None:
        """Bring the runs that an earlier engine left behind to their end. Where the journal cannot be read and written
        that is tried again before the next plan: until then nothing runs."""
        if not self._store.writable:
            return
        try:
            await self._runner.recover()
        except Unrecorded as error:
            log.warning("runs of an earlier engine cannot be looked through yet: %s", error.sentence)
            return
        self._recovered = True

    async def plan(
        self, fix: FixId, targets: Sequence[DeviceId], by: str, issue: IssueId | None, given: Mapping[str, str]
    ) -> Plan:
        await self._ready()
        known = self._fixes.get(fix)
        if known is None:
            raise DeskError(DeskErrorKind.NOT_FOUND, f"There is no fix {safe(fix, 60)}; `rounds fix list` shows them.")
        with _told():
            aims = [self._aims.for_fix(known, device, issue, given) for device in targets]
            return self._runner.plan(fix, aims, by=by, given=given)

    async def approve(self, plan: str, approval: Approval) -> list[Run]:
        await self._ready()
        with _told():
            return await self._runner.approve(plan, approval)

    async def check_run(self, run: RunId) -> Run:
        await self._ready()
        with _told():
            return await self._runner.check_run(run)

    async def run(self, run: RunId) -> Run:
        """Raises `DeskError(NOT_FOUND)`."""
        known = self._engine.fleet.runs.get(run) or await self._store.run(run)
        if known is None:
            raise DeskError(DeskErrorKind.NOT_FOUND, f"There is no run {safe(run, 60)}.")
        return known

    async def output(self, run: RunId) -> AsyncIterator[RunOutput]:
        """What is kept so far, then live until the run has come to its end."""
        known = await self.run(run)
        follower = self._outputs.follow(run)
        try:
            # For a moment a run counts as under way although its last state is out and its followers were told the end.
            known = self._engine.fleet.runs.get(run, known)
            so_far = None if _over(known) else self._runner.output(run)
            if so_far is None:
                # Over, or on record and not under way yet: then it is followed from its first byte.
                known = await self.run(run)
                if known.output:
                    yield RunOutput(run=run, text=known.output, total_bytes=known.output_bytes)
                if known.state.ended:
                    return
            elif so_far.text:
                yield so_far
            while (piece := await follower.next()) is not None:
                yield piece
        finally:
            self._outputs.leave(run, follower)

    async def close(self) -> None:
        await self._runner.close()
        self._outputs.end()

    async def _ready(self) -> None:
        if not self._recovered:
            await self.recover()
        if not self._recovered:
            raise DeskError(
                DeskErrorKind.UNAVAILABLE,
                f"Nothing is run while its record cannot be written: {self._store.trouble}",
            )

    def _published(self, run: Run) -> None:
        """Every state of every run comes by here, after it is on the disk."""
        self._engine.ran(run)
        if _over(run):
            # The last piece of output is flushed after the last state was published.
            asyncio.get_running_loop().call_soon(self._outputs.end, run.id)
            if run.verified is Verified.FIXED and run.issue is not None:
                self._engine.fixed(run.issue, run.fix)


def _over(run: Run) -> bool:
    """Whether no further state of it will come by itself."""
    return run.state.ended and run.verified is not Verified.PENDING


@contextlib.contextmanager
def _told() -> Iterator[None]:
    """Errors of the fixes as the desk tells them."""
    try:
        yield
    except FixError as error:
        raise DeskError(_KIND.get(type(error), DeskErrorKind.REFUSED), error.sentence) from error
