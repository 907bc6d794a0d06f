"""Much work in turns with everything else that the engine's loop has to do: somebody is at the keys meanwhile."""

from __future__ import annotations

import asyncio
from typing import TypeVar

from backends.fleet.steps import Steps

Result = TypeVar("Result")


async def in_turns(steps: Steps[Result]) -> Result:
    """What comes of all the steps; others get their turn between two of them. Raises what they raise."""
    while True:
        try:
            next(steps)
        except StopIteration as end:
            result: Result = end.value
            return result
        await asyncio.sleep(0)
