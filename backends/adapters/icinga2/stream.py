"""The event stream in batches: what has come while the one before was taken in, is one."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from contextlib import aclosing
from typing import Final

from backends.adapters.icinga2.news import understood
from backends.adapters.icinga2.records import Event
from backends.api import Timing

GATHER_S: Final = 0.2
"""A busy Icinga tells of hundreds of results a second: so long is waited for more after the first."""
MOST: Final = 2000
"""Events of one batch; until they are taken in the server is left waiting."""


async def batches(lines: AsyncGenerator[bytes, None], timing: Timing) -> AsyncGenerator[list[Event], None]:
    """Events as they come; first an empty batch when the server listens. Ends when the lines do; raises
    `SourceError`."""
    waiting: asyncio.Queue[Event | Exception | None] = asyncio.Queue(MOST)
    pump = asyncio.ensure_future(_pumped(lines, waiting))
    try:
        open_ = True
        listens = False
        while open_:
            first = await waiting.get()
            if listens:
                await timing.sleep(GATHER_S)
            batch: list[Event] = []
            for one in (first, *_rest(waiting)):
                if isinstance(one, Exception):
                    raise one
                if one is None:
                    open_ = False
                elif one is not _LISTENS:
                    batch.append(one)
            if batch or not listens:
                yield batch
            listens = True
    finally:
        pump.cancel()
        await asyncio.gather(pump, return_exceptions=True)


_LISTENS: Final = Event(type="")


async def _pumped(lines: AsyncGenerator[bytes, None], waiting: asyncio.Queue[Event | Exception | None]) -> None:
    try:
        async with aclosing(lines):
            async for line in lines:
                event = understood(line) if line else _LISTENS
                if event is not None:
                    await waiting.put(event)
        await waiting.put(None)
    except Exception as error:  # noqa: BLE001 - told to whoever listens, who would wait for ever
        await waiting.put(error)


def _rest(waiting: asyncio.Queue[Event | Exception | None]) -> list[Event | Exception | None]:
    return [waiting.get_nowait() for _ in range(waiting.qsize())]
