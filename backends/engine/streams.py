"""What a source tells as it changes, beside its polls: one task a source, opened after a good poll, and again after the
next good one when it has ended.

What comes over a stream is news of devices and says nothing of the source: how fresh its facts are, is the polls'
business. A stream that breaks is in the log, once; the polls go on, and neither stops nor slows another.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Final

from backends.api import Reading, SourceError, SourceName, StreamsEvents, safe

log = logging.getLogger("rounds.engine")

LET_GO_S: Final = 3.0
"""How long an adapter may take to close its stream."""


class Stream:
    """The events of one source."""

    def __init__(
        self,
        source: SourceName,
        adapter: StreamsEvents,
        *,
        took: Callable[[Reading], Awaitable[None]],
        poll: Callable[[], Awaitable[None]],
        may: Callable[[], bool],
    ) -> None:
        self.source = source
        self._adapter = adapter
        self._took = took
        self._poll = poll
        """Asks the source once, soon."""
        self._may = may
        """Whether nothing is known against it."""
        self._good = asyncio.Event()
        self._broken = False

    def polled_well(self) -> None:
        """A poll got through: a stream that is not open may be opened."""
        self._good.set()

    async def run(self) -> None:
        """Until cancelled."""
        while True:
            await self._good.wait()
            if self._may():
                self._ended(await self._listen())
            self._good.clear()  # what was polled while it was open does not count

    async def _listen(self) -> str:
        """Open it and take what comes. Returns why it ended, in words."""
        try:
            return await self._events()
        except SourceError as error:
            return error.sentence
        except asyncio.CancelledError:
            task = asyncio.current_task()
            if task is None or task.cancelling():
                raise
            return "it was broken off"
        except Exception as error:  # code of an adapter; its mistake costs the stream
            if not self._broken:
                log.exception("the stream of source %s met an error of its own", self.source)
            return f"the adapter met an error of its own ({type(error).__name__})"

    async def _events(self) -> str:
        events = self._adapter.events()
        asking: asyncio.Future[None] | None = None
        try:
            async for reading in events:
                if asking is None:  # it listens: what happened before that, a poll finds
                    self._listens()
                    asking = asyncio.ensure_future(self._poll())
                await self._hear(reading)
        finally:
            if asking is not None:
                asking.cancel()
            await _closed(events)
        return "it was closed at the other end"

    async def _hear(self, reading: Reading) -> None:
        if reading.source != self.source:
            raise ValueError(f"it speaks for {safe(reading.source)}")
        if reading.sightings or reading.checks or reading.covers:
            await self._took(reading)
        await asyncio.sleep(0)  # a flood of events lets others have their turn

    def _listens(self) -> None:
        if self._broken:
            log.info("source %s tells again what changes", self.source)
        self._broken = False

    def _ended(self, why: str) -> None:
        if not self._broken:
            log.warning("source %s no longer tells what changes, and is polled as before: %s", self.source, why)
        self._broken = True


async def _closed(events: AsyncIterator[Reading]) -> None:
    """Let the adapter's side go too, for as long as that may take."""
    close = getattr(events, "aclose", None)
    if close is None:
        return
    try:
        async with asyncio.timeout(LET_GO_S):
            await close()
    except TimeoutError:
        log.warning("a stream of events was not let go within %d s", LET_GO_S)
