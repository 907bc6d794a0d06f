"""Fixes on imaginary machines: they take their time, print, take effect, and sometimes behave as badly as real ones."""

from __future__ import annotations

from hashlib import blake2b
from typing import TYPE_CHECKING

from backends.adapters.demo.acts import Act, Acts
from backends.adapters.demo.machines import Machine
from backends.adapters.demo.moment import Moment
from backends.adapters.demo.observe import Eye
from backends.adapters.demo.outputs import Piece, refused, spoken
from backends.adapters.demo.story import Story
from backends.api import Emit, Executed, NotSent, OutcomeUnknown, Script, Timing
from backends.fleet.model import RunId

if TYPE_CHECKING:
    from backends.adapters.demo.hostile import Mask

LATE_S = 45.0
"""At most so many seconds of the story does the slow one take."""


class Hands:
    """What a source can do to its machines."""

    def __init__(
        self, source: str, timing: Timing, story: Story, *, eye: Eye, acts: Acts, mask: Mask | None, speed: float
    ) -> None:
        self._source = source
        self._timing = timing
        self._story = story
        self._eye = eye
        self._acts = acts
        self._mask = mask
        self._speed = speed

    def reached(self, machine: Machine | None, at: Moment) -> Machine:
        """The machine, when it can be acted on. Raises `NotSent`."""
        if machine is None:
            raise NotSent(f"{self._source} does not know this device any more.")
        if self._story.silent(self._source, at.t):
            raise NotSent(f"{self._source} does not answer, and it is the way to {machine.name}.")
        if self._story.tempers.get(machine.index) == "unreachable":
            raise NotSent(f"The agent on {machine.name} has not called in since yesterday.")
        if not self._eye.answers(machine.index, at):
            raise NotSent(f"{machine.name} does not answer.")
        return machine

    async def execute(
        self, machine: Machine, native: str, script: Script, run: RunId, *, emit: Emit, at: Moment
    ) -> Executed:
        """The machine notes the execution before it does anything. Raises `OutcomeUnknown`."""
        temper = self._story.tempers.get(machine.index, "")
        about = [trouble for trouble in self._eye.present(machine.index, at) if script.action in trouble.cures]
        self._acts.append(
            Act(
                run=run,
                device=native,
                action=script.action,
                at=at.now,
                source=self._source,
                name=machine.name,
                arguments=script.arguments,
                step=blake2b(script.code.encode("utf-8", "replace"), digest_size=4).hexdigest(),
                machine=machine.index,
                t=at.t,
                story=self._acts.story,
            )
        )
        left_s = script.deadline_s
        if temper == "late":
            left_s = await self._wait(min(script.deadline_s * 0.8, LATE_S / self._speed), left_s, machine)
        pieces = spoken(script.action, machine, script.arguments, about[0] if about else None, at.t)
        if temper == "fails":
            pieces = refused(script.action, script.arguments)
        await self._speak(pieces[:1] if temper == "hangs" else pieces, left_s, machine, emit)
        if temper == "hangs":
            await self._timing.sleep(script.deadline_s)
            raise OutcomeUnknown(f"{machine.name} took the script and did not answer within {script.deadline_s:.0f} s.")
        return Executed(exit=1 if temper == "fails" else 0)

    async def _speak(self, pieces: list[Piece], left_s: float, machine: Machine, emit: Emit) -> None:
        for wait_s, text in pieces:
            left_s = await self._wait(wait_s / self._speed, left_s, machine)
            emit(text.encode())
            if self._mask is not None:
                emit(self._mask.output(machine.index))

    async def _wait(self, seconds: float, left_s: float, machine: Machine) -> float:
        """What is left until the deadline after waiting for `seconds`."""
        await self._timing.sleep(min(seconds, left_s))
        if seconds > left_s:
            raise OutcomeUnknown(f"{machine.name} took the script and did not answer in time.")
        return left_s - seconds
