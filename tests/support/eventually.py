"""Waiting for what another task or process will do, at most for a while."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable


async def until(condition: Callable[[], bool], within_s: float = 20.0) -> None:
    """Return when `condition` holds. Raises `TimeoutError`."""
    async with asyncio.timeout(within_s):
        while not condition():  # noqa: ASYNC110 - what is waited for happens beyond this loop
            await asyncio.sleep(0.005)


def wait_for(holds: Callable[[], bool], what: str | Callable[[], str], within_s: float = 60.0) -> None:
    """For a sign that another process leaves, where no loop runs. Raises `AssertionError`."""
    end = time.monotonic() + within_s
    while not holds():
        assert time.monotonic() < end, f"never saw {what if isinstance(what, str) else what()}"
        time.sleep(0.02)
