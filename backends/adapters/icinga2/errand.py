"""A command that Icinga runs on one of its endpoints: begun with one request, then its result is waited for."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from backends.adapters.icinga2.acts import Acts
from backends.adapters.icinga2.calls import Calls
from backends.adapters.icinga2.commands import Command
from backends.adapters.icinga2.records import Execution
from backends.adapters.icinga2.rights import Rights
from backends.adapters.icinga2.world import Spot
from backends.api import Emit, Executed, OutcomeUnknown, SourceError, Timing

LOOK_S: Final = (0.2, 2.0)
"""First and longest time between two looks for the result."""
MARGIN_S: Final = 5.0
"""What is added to the deadline before it is given up: the result has a way to go."""


class Errands:
    """Runs the commands that the configuration offers."""

    def __init__(self, calls: Calls, acts: Acts, timing: Timing) -> None:
        self._calls = calls
        self._acts = acts
        self._timing = timing

    async def run(
        self, spot: Spot, command: Command, arguments: Mapping[str, str], rights: Rights, emit: Emit
    ) -> Executed:
        """Raises `NotSent` and `OutcomeUnknown`; never tries twice."""
        body: dict[str, Any] = {
            "command_type": command.kind,
            "command": command.name,
            "ttl": command.fix.deadline_s,
            "macros": dict(arguments),
        }
        if command.endpoint:
            body["endpoint"] = command.endpoint
        execution = await self._acts.execute(spot, body, rights)
        done = await self._result(spot, execution, command.fix.deadline_s + MARGIN_S)
        if done.output:
            emit(done.output.encode("utf-8", "replace"))
        return Executed(exit=int(done.exit or 0))

    async def _result(self, spot: Spot, execution: str, limit_s: float) -> Execution:
        """Look for it until it is there. A look that fails is no result: the next one may succeed."""
        ends, pause_s = self._timing.boot_s() + limit_s, LOOK_S[0]
        trouble = ""
        while self._timing.boot_s() < ends:
            try:
                found = (await self._calls.executions(spot)).get(execution)
            except SourceError as error:
                trouble = f" {error.sentence}"
            else:
                trouble = ""
                if found is not None and found.exit is not None:
                    return found
            await self._timing.sleep(pause_s)
            pause_s = min(2 * pause_s, LOOK_S[1])
        raise OutcomeUnknown(
            f"Icinga took the command and told no result within {limit_s:.0f} s; look on the device what it did."
            + trouble
        )
