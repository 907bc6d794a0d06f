"""How often everybody else gets a turn while something is done."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable
from typing import TypeVar

Result = TypeVar("Result")


async def turns_of_others(work: Awaitable[Result]) -> tuple[Result, int]:
    """What came of it, and how many turns of the loop it took."""
    turns = 0

    async def count() -> None:
        nonlocal turns
        while True:
            await asyncio.sleep(0)
            turns += 1

    counting = asyncio.ensure_future(count())
    await asyncio.sleep(0)  # it has begun to count
    before = turns
    try:
        return await work, turns - before
    finally:
        counting.cancel()
