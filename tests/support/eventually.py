"""Waiting for what another task or process will do, at most for a while."""

from __future__ import annotations

import asyncio
from collections.abc import Callable


async def until(condition: Callable[[], bool], within_s: float = 20.0) -> None:
    """Return when `condition` holds. Raises `TimeoutError`."""
    async with asyncio.timeout(within_s):
        while not condition():  # noqa: ASYNC110 - what is waited for happens beyond this loop
            await asyncio.sleep(0.005)
