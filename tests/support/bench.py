"""A whole engine over scripted sources, in a folder of its own."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Sequence
from datetime import datetime
from pathlib import Path
from typing import Final

import msgspec

from backends.bootstrap.assembly import desk_over
from backends.config.load import parse
from backends.config.paths import Places
from backends.config.schema import Config, Profile
from backends.desk.inprocess import InProcessDesk
from backends.engine.clock import Clock, SystemClock
from backends.engine.polling import Polled
from backends.fleet.model import Can, Client, ClientId, Contract, Freshness, Source, SourceName, safe
from backends.fleet.reading import Reading, unchanged
from backends.testing import ScriptedAdapter, a_check, a_sighting

CONFIG = msgspec.structs.replace(
    parse('[technician]\nname = "tech1"\n', "", ()),
    clients={ClientId("acme"): Client(id=ClientId("acme"), name=safe("Acme"), contract=Contract.MANAGED)},
)


def places_in(folder: Path) -> Places:
    return Places(profile=Profile(), config=folder / "config.toml", own_config=False, state=folder, runtime=folder)


def sick(source: str, at: datetime) -> Reading:
    """Two servers of Acme; nginx has stopped on the first."""
    return Reading(
        source=a_sighting(source, "web01", at).source,
        at=at,
        sightings=(a_sighting(source, "web01", at), a_sighting(source, "web02", at)),
        checks=(a_check(source, "web01", at), a_check(source, "web02", at, ok=True)),
    )


def well(source: str, at: datetime) -> Reading:
    """The same after nginx was restarted."""
    return msgspec.structs.replace(
        sick(source, at),
        checks=(a_check(source, "web01", at, ok=True), a_check(source, "web02", at, ok=True)),
    )


class Kept(ScriptedAdapter):
    """A scripted source whose facts are always of now."""

    def __init__(self, name: str, clock: Clock) -> None:
        super().__init__(name, sick(name, clock.now()))
        self._clock = clock
        self.hurt = True

    async def poll(self) -> Reading:
        self._renew()
        return await super().poll()

    async def look(self, native: str) -> Reading:
        self._renew()
        return await super().look(native)

    def _renew(self) -> None:
        now = self._clock.now()
        self.repaired = well(self.name, now)
        if isinstance(self.script[-1], Reading):
            self.script[-1] = (sick if self.hurt else well)(self.name, now)


class Steady(Kept):
    """Tells everything once, and from then on that nothing changed, `but` for what it is given to say in between."""

    but: Reading | None = None

    async def poll(self) -> Reading:
        reading = await super().poll()
        said, self.but = self.but, None
        if said is not None:
            return said
        return reading if self.polls == 1 else unchanged(self.name, reading.at)


RUNS_FIXES: Final = (Can.RUN_FIXES,)
DECIDES: Final = (Can.RUN_FIXES, Can.ACKNOWLEDGE, Can.SNOOZE, Can.CLOSE, Can.RECHECK)


def polled_by(
    sources: Sequence[ScriptedAdapter], every_s: float, can: tuple[Can, ...] = RUNS_FIXES
) -> list[tuple[Polled, Source]]:
    """Adapters as an engine takes them."""
    return [(Polled(adapter, every_s), _source(adapter.name, every_s, can)) for adapter in sources]


def _source(name: SourceName, every_s: float, can: tuple[Can, ...]) -> Source:
    return Source(name=name, kind="scripted", state=Freshness.STALE, every_s=every_s, capabilities=can)


@contextlib.asynccontextmanager
async def bench(
    folder: Path,
    sources: Sequence[ScriptedAdapter],
    *,
    clock: Clock | None = None,
    config: Config = CONFIG,
    every_s: float = 30.0,
    can: tuple[Can, ...] = RUNS_FIXES,
) -> AsyncIterator[InProcessDesk]:
    """A desk over `sources` that has polled each once."""
    desk = await desk_over(polled_by(sources, every_s, can), config, places_in(folder), clock or SystemClock())
    try:
        await desk.first_round()
        yield desk
    finally:
        await desk.close()


async def written(desk: InProcessDesk) -> None:
    """Wait until the store's threads have done what they were given so far. Time of a `FakeClock` passes in no time at
    all, and a disk takes what it takes: who waits for what is written lets each step of the clock wait for the disk."""
    loop = asyncio.get_running_loop()
    for database in (desk._store._journal, desk._store._facts):
        await loop.run_in_executor(database._writing, int)
