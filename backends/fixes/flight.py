"""One run on its way to one device: identify, write down, send, watch, verify. Nothing is ever sent twice.

The order is what keeps the promises: `running` is in the journal and `run-sent` in the audit, both on the disk, before
the first byte goes out. A crash before that is a run that was never sent; a crash after it is a run that may have run.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Final

from msgspec.structs import replace

from backends.api import Executed, NotSent, OutcomeUnknown, RunsFixes, Script
from backends.fixes import outcome
from backends.fixes.errors import FixError, Unrecorded
from backends.fixes.model import Fix, Step
from backends.fixes.plan import compare, unlike
from backends.fixes.ports import Ports, keep
from backends.fixes.tail import EVERY_S, Tail
from backends.fixes.verify import Asking, TooLong, verify, within
from backends.fixes.wording import age
from backends.fleet.model import Identity
from backends.fleet.run import PlanTarget, Run, RunState, Verified
from backends.text import safe

IDENTIFY_S: Final = 30.0
"""How long a device may take to say who it is."""

LARGEST_EXIT: Final = 2**32
"""Windows has exit codes up to there."""

GRACE_S: Final = 5.0
"""Beyond a step's own deadline, which the adapter keeps first."""


class _Nothing(FixError):  # noqa: N818 - an outcome
    """Nothing was sent, for this reason."""


class Flight:
    """Carries one approved run out. Its `run` is always the latest that is on the disk."""

    def __init__(self, run: Run, target: PlanTarget, fix: Fix, ports: Ports) -> None:
        self.run = run
        self.fix = fix
        self.tail = Tail(run.id, ports.clock.boot_s, ports.output)
        self.stopped = ""
        """Why it must not be sent any more; empty while it may."""
        self._target = target
        self._ports = ports
        self._sent = False

    async def go(self) -> None:
        """To the end, verification included. Whatever the device, the adapter or the disk does, the run ends."""
        try:
            await self._carry_out()
        except asyncio.CancelledError:
            await self.break_off()
        finally:
            self.tail.close()

    async def break_off(self) -> None:
        """Bring a run to its end that is cancelled, wherever it is on its way."""
        if self.run.state.ended:
            if self.run.verified is Verified.PENDING:
                await self._conclude(Verified.NOT_VERIFIED, "The look at the evidence was broken off.")
        elif self._sent:
            await self._end(RunState.UNKNOWN, "it was broken off while it ran.")
        else:
            await self._end(RunState.FAILED, self.stopped or "It was broken off before.")

    @property
    def good(self) -> bool:
        """Whether other devices may follow."""
        return self.run.state is RunState.SUCCEEDED and self.run.verified is not Verified.NOT_FIXED

    async def _carry_out(self) -> None:
        try:
            hands, identity = await self._ready()
            await self._send_down()
        except _Nothing as nothing:
            await self._end(RunState.FAILED, nothing.sentence)
            return
        ticker = asyncio.ensure_future(self._tick())
        try:
            state, sentence = await self._steps(hands)
        finally:
            ticker.cancel()
        await self._end(state, sentence)
        if self.run.verified is Verified.PENDING:
            await self._verify(hands, identity, patient=state is RunState.SUCCEEDED)

    async def _ready(self) -> tuple[RunsFixes, Identity]:
        """The hands to do it with, once the device has proved to be the one of the plan."""
        target, ports = self._target, self._ports
        if self.stopped:
            raise _Nothing(self.stopped)
        changed = compare(target, ports.aim(target.device, target.issue, target.source), self.run.by)
        if changed:
            raise _Nothing(changed[0])
        hands = ports.executor(target.source, self.fix)
        if hands is None:
            raise _Nothing(f"The source {target.source} runs no fixes now.")
        try:
            identity, boot_id = await within(IDENTIFY_S, ports.clock, hands.identify(target.native))
        except NotSent as error:
            raise _Nothing(str(error)) from error
        except TooLong as error:
            raise _Nothing(f"It did not say who it is within {age(IDENTIFY_S)}.") from error
        except Exception as error:  # an adapter is somebody else's code
            raise _Nothing(f"The source failed before anything was sent ({type(error).__name__}).") from error
        if another := unlike(target.identity, identity):
            raise _Nothing(f"Another machine answers there: {another[0]}.")
        if target.boot_id and boot_id and target.boot_id != boot_id:
            raise _Nothing("It was rebooted since the plan was made.")
        if self.stopped:
            raise _Nothing(self.stopped)
        self.run = replace(self.run, boot_id=boot_id)
        return hands, identity

    async def _send_down(self) -> None:
        """Write down that it is sent, before it is."""
        running = replace(self.run, state=RunState.RUNNING, started=self._ports.clock.now())
        try:
            await self._keep(running, "run-sent", {"native": safe(running.native), "boot": safe(running.boot_id)})
        except Unrecorded as error:
            raise _Nothing(error.sentence) from error
        self._sent = True

    async def _steps(self, hands: RunsFixes) -> tuple[RunState, str]:
        """Each step once, in order."""
        steps = self.fix.steps_for(self._target.platform)
        for number, step in enumerate(steps, 1):
            try:
                done = await self._step(hands, step)
            except NotSent as error:
                where = f"Step {number} was not sent, the ones before it ran" if number > 1 else "It was not sent"
                return RunState.FAILED, f"{where}: {error}"
            except OutcomeUnknown as error:
                return RunState.UNKNOWN, str(error)
            except TooLong:
                return RunState.UNKNOWN, f"No answer came within {age(step.deadline_s)}."
            except Exception as error:  # noqa: BLE001 - an adapter is somebody else's code
                return RunState.UNKNOWN, f"The source failed while it ran ({type(error).__name__})."
            # A number that is none of a process could not be written down, and the run would never end.
            code = done.exit if abs(done.exit) <= LARGEST_EXIT else 1
            self.run = replace(self.run, exit=code)
            if code != 0:
                said = self.fix.exits.get(str(code), "")
                return RunState.FAILED, said or f"It ended with exit code {code}: see the end of its output."
        return RunState.SUCCEEDED, ""

    async def _step(self, hands: RunsFixes, step: Step) -> Executed:
        script = Script(
            code=step.script,
            arguments=tuple(self._target.parameters.values()),
            deadline_s=step.deadline_s,
            disconnects=step.disconnects,
            action=self.fix.id,
        )
        work = hands.execute(self._target.native, script, self.run.id, self.tail.feed)
        return await within(step.deadline_s + GRACE_S, self._ports.clock, work)

    async def _tick(self) -> None:
        """Show the last piece of output when no other comes after it."""
        while True:
            await self._ports.clock.sleep(EVERY_S)
            self.tail.flush()

    async def _end(self, state: RunState, why: str) -> None:
        """Write down what came out. `why` is a sentence; for a run that was not sent, the reason."""
        self.run = replace(
            self.run,
            state=state,
            verified=Verified.NOT_VERIFIED if state is RunState.UNKNOWN or self.run.exit is None else Verified.PENDING,
            ended=self._ports.clock.now(),
            sentence=safe(self._outcome(state, why), 512),
            output=self.tail.text,
            output_bytes=self.tail.total,
        )
        await self._keep_if_possible("run-ended", {"state": state, "exit": str(self.run.exit), "sentence": why})

    def _outcome(self, state: RunState, why: str) -> str:
        if state is RunState.SUCCEEDED:
            return f"{outcome.done(self.fix, self.run)}; its effect is being checked."
        if not self._sent:
            return outcome.not_sent(self.run, why)
        return outcome.unknown(self.run, why) if state is RunState.UNKNOWN else outcome.failed(self.run, why)

    async def _verify(self, hands: RunsFixes, identity: Identity, *, patient: bool) -> None:
        asking = Asking(
            fix=self.fix,
            run=self.run,
            hands=hands,
            clock=self._ports.clock,
            learn=self._ports.learn,
            identity=identity,
        )
        found = await verify(asking, patient=patient)
        await self._conclude(found.verified, found.because)

    async def _conclude(self, verified: Verified, because: str) -> None:
        """Write down what the evidence says."""
        sentence = self.run.sentence
        if self.run.state is RunState.SUCCEEDED:
            sentence = safe(outcome.concluded(self.fix, outcome.done(self.fix, self.run), verified, because), 512)
        self.run = replace(self.run, verified=verified, sentence=sentence)
        await self._keep_if_possible("run-verified", {"verified": verified, "sentence": sentence})

    async def _keep_if_possible(self, event: str, data: Mapping[str, str]) -> None:
        """After something was sent the run goes on without its record: what is not written ends as unknown after a
        restart, which is the careful side."""
        try:
            await self._keep(self.run, event, data)
        except Unrecorded as error:
            self.run = replace(self.run, sentence=safe(f"{self.run.sentence} Not on record: {error.sentence}", 512))
            self._ports.publish(self.run)

    async def _keep(self, run: Run, event: str, data: Mapping[str, str]) -> None:
        await keep(self._ports, run, event, data)
        self.run = run
