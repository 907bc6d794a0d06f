"""All the pollers of one engine: which there are, what they tell of their source as a whole, how they begin and end."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import random
from collections.abc import Callable, Sequence
from typing import Final, Protocol

from msgspec import Struct

from backends.api import Adapter, Fault, GivesSlices, Part, Reading, SourceName, Spreads, StreamsEvents
from backends.engine.clock import Clock
from backends.engine.poller import DEADLINE_S, PART_DEADLINE_S, Poll, Poller, deadline_of
from backends.engine.streams import Stream
from backends.fleet.hearing import Hearing

log = logging.getLogger("rounds.engine")

BEGIN_S: Final = 2.0
"""The parts of one source begin spread over this time, or over the interval when that is shorter."""
CLOSE_S: Final = 3.0
"""How long an adapter may take to let go."""


class Polled(Struct, frozen=True):
    """An adapter and its interval in seconds."""

    adapter: Adapter
    every_s: float


class Listener(Protocol):
    """Who is told what pollers find."""

    async def hear(self, heard: Hearing, piece: Reading) -> None: ...

    async def took(self, reading: Reading | Hearing) -> None: ...

    async def streamed(self, reading: Reading) -> None: ...

    def may_stream(self, source: SourceName) -> bool: ...

    def failed(self, source: SourceName, fault: Fault) -> None: ...

    def counted(self, source: SourceName, polls: int) -> None: ...


class Polling:
    """Runs a poller for every source, or for every part of one that spreads."""

    def __init__(self, sources: Sequence[Polled], listener: Listener, clock: Clock, chance: random.Random) -> None:
        self._sources = {source.adapter.name: source.adapter for source in sources}
        self._listener = listener
        self._clock = clock
        self._chance = chance
        self._pollers = {source.adapter.name: self._pollers_of(source) for source in sources}
        self._tasks: dict[SourceName, list[asyncio.Task[None]]] = {}
        self._group: asyncio.TaskGroup | None = None
        """While it runs."""
        self._streams = {
            source.adapter.name: self._stream(source.adapter.name, source.adapter)
            for source in sources
            if isinstance(source.adapter, StreamsEvents)
        }
        self._round = asyncio.Event()
        if not any(self._pollers.values()):
            self._round.set()

    async def run(self) -> None:
        """Until cancelled."""
        async with asyncio.TaskGroup() as group:
            self._group = group
            for name in self._pollers:
                self._begin(name, group)
            await asyncio.get_running_loop().create_future()  # others may come

    def _begin(self, source: SourceName, group: asyncio.TaskGroup) -> None:
        self._tasks[source] = [
            group.create_task(poller.run(), name=f"poll {poller.source}") for poller in self._pollers[source]
        ]
        if source in self._streams:
            self._tasks[source].append(group.create_task(self._streams[source].run(), name=f"stream {source}"))

    def add(self, source: Polled) -> None:
        """Poll this one too, from now on. No other has its name."""
        name = source.adapter.name
        self._sources[name] = source.adapter
        self._pollers[name] = self._pollers_of(source)
        if isinstance(source.adapter, StreamsEvents):
            self._streams[name] = self._stream(name, source.adapter)
        if self._group is not None:
            self._begin(name, self._group)

    async def drop(self, source: SourceName) -> None:
        """Poll this one no more, and let its adapter go; nothing of it is heard after this."""
        if source not in self._pollers:
            return
        tasks = self._tasks.pop(source, [])
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        del self._pollers[source]
        self._streams.pop(source, None)
        await self._close(self._sources.pop(source))

    async def refreshed(self, source: SourceName | None = None) -> None:
        """Ask one source, or all, now; returns when each was asked. Raises `KeyError` for a source that is not."""
        asked = self._pollers.values() if source is None else [self._pollers[source]]
        await asyncio.gather(*(poller.refreshed() for pollers in asked for poller in pollers))

    async def first_round(self) -> None:
        """Wait until everything was asked once."""
        await self._round.wait()

    async def close(self) -> None:
        """Let every adapter go. Comes after `run` has ended."""
        await asyncio.gather(*(self._close(adapter) for adapter in self._sources.values()))

    async def _close(self, adapter: Adapter) -> None:
        try:
            async with asyncio.timeout(CLOSE_S):
                await adapter.close()
        except TimeoutError:
            log.warning("source %s did not let go within %d s", adapter.name, CLOSE_S)
        except Exception:  # code of an adapter; the others are still to be closed
            log.exception("source %s met an error while it was closed", adapter.name)

    def _pollers_of(self, source: Polled) -> list[Poller]:
        adapter = source.adapter
        name = adapter.name
        if not isinstance(adapter, Spreads):
            return [self._poller(source, None, 0.0, lambda fault: self._listener.failed(name, fault))]
        parts = adapter.parts()
        step_s = min(BEGIN_S, source.every_s) / max(1, len(parts))
        return [
            self._poller(source, part, number * step_s, lambda fault: self._part_failed(name, fault))
            for number, part in enumerate(parts)
        ]

    def _poller(self, source: Polled, part: Part | None, first_s: float, failed: Callable[[Fault], None]) -> Poller:
        return Poller(
            source.adapter.name,
            self._asking(source.adapter) if part is None else part.poll,
            every_s=source.every_s,
            deadline_s=_deadline(source) if part is None else PART_DEADLINE_S,
            clock=self._clock,
            took=self._listener.took,
            failed=failed,
            trouble=(lambda: None) if part is None else (lambda: part.fault),
            ended=self._ended,
            chance=self._chance,
            native="" if part is None else part.native,
            first_s=first_s,
        )

    def _stream(self, source: SourceName, adapter: StreamsEvents) -> Stream:
        return Stream(
            source,
            adapter,
            took=self._listener.streamed,
            poll=lambda: self.refreshed(source),
            may=lambda: self._listener.may_stream(source),
        )

    def _asking(self, adapter: Adapter) -> Poll:
        """How a whole source is polled."""
        if not isinstance(adapter, GivesSlices):
            return adapter.poll
        name, sliced = adapter.name, adapter

        async def in_slices() -> Hearing:
            heard = Hearing(name)
            async with contextlib.aclosing(sliced.slices()) as slices:
                async for piece in slices:
                    await self._listener.hear(heard, piece)
            return heard

        return in_slices

    def _part_failed(self, source: SourceName, fault: Fault) -> None:
        """A part that brings no reading leaves its device to age; only when all do, the source itself has failed."""
        if all(poller.unheard for poller in self._pollers[source]):
            self._listener.failed(source, fault)

    def _ended(self, poller: Poller) -> None:
        """A source counts one poll when each of its parts was asked."""
        pollers = self._pollers[poller.source]
        self._listener.counted(poller.source, min(one.polls for one in pollers))
        if poller.fault is None and poller.source in self._streams:
            self._streams[poller.source].polled_well()
        first = not self._round.is_set() and poller.polls == 1
        if first and all(one.polls for others in self._pollers.values() for one in others):
            self._round.set()


def _deadline(source: Polled) -> float:
    """For one poll of a whole source. Slices are taken in while it answers, which counts with it: they get the most."""
    return DEADLINE_S[1] if isinstance(source.adapter, GivesSlices) else deadline_of(source.every_s)
