"""A source that runs scripts of its own on its devices, as a console of agents does; no script of ours."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from datetime import datetime

import msgspec

from backends.api import Emit, Executed, Identity, NotSent, OwnFix, Reading, RunId, SourceError, SourceName
from backends.engine.clock import Clock
from backends.fleet.run import Parameter, Risk
from backends.testing import a_check, a_sighting
from backends.text import safe

FLUSH = OwnFix(
    id="12",
    title=safe("Flush the spooler"),
    about=safe("flush-spooler.sh"),
    confirmation=safe("Really flush it?"),
    natives=("web01",),
)
RESTART = OwnFix(
    id="restart {service}",
    title=safe("Restart {service} of the console"),
    risk=Risk.DISRUPTIVE,
    families=("service",),
    parameters=(Parameter(name="service", label=safe("Service"), pattern="[a-z]+", source="subject"),),
)


class Console:
    """Two servers of Acme; nginx has stopped on the first until `RESTART` was run there."""

    def __init__(self, name: str, clock: Clock) -> None:
        self.name = SourceName(name)
        self.fixes: tuple[OwnFix, ...] = (FLUSH, RESTART)
        self.performed: list[tuple[str, OwnFix, dict[str, str], RunId]] = []
        self.outcome: Executed | Exception = Executed(exit=0)
        self.fault: SourceError | None = None
        """Why polls fail."""
        self.during: Callable[[], Awaitable[None]] | None = None
        """What happens while something is performed."""
        self._clock = clock
        self._mended = False

    async def poll(self) -> Reading:
        if self.fault is not None:
            raise self.fault
        return self._reading(self._clock.now())

    async def look(self, native: str) -> Reading:
        found = self._reading(self._clock.now())
        return msgspec.structs.replace(
            found,
            sightings=tuple(one for one in found.sightings if one.native == native),
            checks=tuple(one for one in found.checks if one.native == native),
            fixes=None,
            complete=False,
            covers=(native,),
        )

    async def identify(self, native: str) -> tuple[Identity, str]:
        if native not in ("web01", "web02"):
            raise NotSent(f"{safe(native)} is not known here.")
        return Identity(machine=f"machine-{native}"), "boot-1"

    async def perform(self, native: str, fix: OwnFix, arguments: Mapping[str, str], run: RunId, emit: Emit) -> Executed:
        self.performed.append((native, fix, dict(arguments), run))
        emit(b"said by the console\n")
        await asyncio.sleep(0)
        if self.during is not None:
            await self.during()
        if isinstance(self.outcome, Exception):
            raise self.outcome
        self._mended = self._mended or fix.id == RESTART.id
        return self.outcome

    async def close(self) -> None:
        """Nothing is held."""

    def _reading(self, at: datetime) -> Reading:
        return Reading(
            source=self.name,
            at=at,
            sightings=(a_sighting(self.name, "web01", at), a_sighting(self.name, "web02", at)),
            checks=(a_check(self.name, "web01", at, ok=self._mended), a_check(self.name, "web02", at, ok=True)),
            fixes=self.fixes,
        )
