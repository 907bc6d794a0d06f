"""One device that is looked at: a `Part`, polled on a loop of its own."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Final, Protocol

from backends.adapters.probe.found import Found, Spec, Tally
from backends.adapters.probe.ping import PingLook
from backends.adapters.probe.reading import Looked, Target, reading
from backends.api import FaultKind, Reading, SourceError, SourceName, Timing

AT_ONCE: Final = 64
"""Looks of one source that have a connection open; pings are not counted: they share a socket."""


class Look(Protocol):
    """Something that is looked at."""

    spec: Spec

    async def look(self) -> Found:
        """Keeps a deadline of its own. Never raises for what is wrong out there."""
        ...

    async def close(self) -> None: ...


class TargetPart:
    """All looks at one device, at once, each with its own deadline."""

    def __init__(
        self, source: SourceName, target: Target, looks: Sequence[Look], timing: Timing, places: asyncio.Semaphore
    ) -> None:
        self.native = target.native
        self.fault: SourceError | None = None
        self._source = source
        self._target = target
        self._looks = tuple(looks)
        self._tallies = tuple(Tally() for _ in looks)
        self._timing = timing
        self._places = places
        self._seen = timing.now()

    async def poll(self) -> Reading:
        """A device that does not answer is a reading too."""
        found = await asyncio.gather(*map(self._looked, self._looks))
        for tally, one in zip(self._tallies, found, strict=True):
            tally.add(one)
        now = self._timing.now()
        looked = [
            Looked(spec=look.spec, found=one, tally=tally)
            for look, one, tally in zip(self._looks, found, self._tallies, strict=True)
        ]
        if any(one.reached for one in found):
            self._seen = now
        note = next((look.hindered for look in self._looks if isinstance(look, PingLook) and look.hindered), "")
        told, self.fault = reading(self._source, self._target, looked, now=now, seen=self._seen, note=note)
        return told

    async def close(self) -> None:
        await asyncio.gather(*(look.close() for look in self._looks))

    async def _looked(self, look: Look) -> Found:
        try:
            if isinstance(look, PingLook):
                return await look.look()
            async with self._places:
                return await look.look()
        except OSError as error:  # what is wrong out there is found, not raised: this machine has no more sockets
            raise SourceError(FaultKind.INTERNAL, f"This machine cannot look: {error.strerror}.") from error
