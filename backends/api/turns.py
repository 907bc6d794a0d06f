"""Much work in turns with everything else that the engine's loop has to do: somebody is at the keys meanwhile."""

from __future__ import annotations

import asyncio
from typing import TypeVar

from backends.fleet.steps import Steps

Result = TypeVar("Result")


async def in_turns(steps: Steps[Result], slice_s: float = 0.0) -> Result:
    """What comes of all the steps; others get their turn between two of them, when one of ours has taken `slice_s`.
    Raises what the steps raise."""
    loop = asyncio.get_running_loop()
    turn_ends = loop.time() + slice_s
    while True:
        try:
            next(steps)
        except StopIteration as end:
            result: Result = end.value
            return result
        if loop.time() >= turn_ends:
            await asyncio.sleep(0)
            turn_ends = loop.time() + slice_s
