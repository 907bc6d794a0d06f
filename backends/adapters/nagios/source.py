"""The `nagios` source: polls, and does what technicians decided."""

from __future__ import annotations

import asyncio
from datetime import datetime, timedelta
from functools import partial
from typing import Final

from backends.adapters.nagios.acts import Acts, snooze_says
from backends.adapters.nagios.calls import Calls
from backends.adapters.nagios.introducing import introduction
from backends.adapters.nagios.options import NagiosOptions
from backends.adapters.nagios.placing import wants_groups
from backends.adapters.nagios.reading import Names, moment_of, reading_of
from backends.adapters.nagios.rights import Rights, rights_at
from backends.adapters.nagios.world import Objects, Spot, Status, World
from backends.api import FaultKind, Introduction, NotSent, Reading, SafeText, SourceError, SourceSettings, safe

ASK_AGAIN: Final = 20
"""Polls after which configuration and rights are asked for again."""
MANY: Final = 50
"""Hosts of which a reading is made beside the loop, so that the loop goes on meanwhile."""


class NagiosSource:
    """`Adapter`, `Acknowledges`, `Snoozes`, `Rechecks`, `Introduces`."""

    def __init__(self, settings: SourceSettings, options: NagiosOptions) -> None:
        self.name = settings.name
        self._timing = settings.timing
        self._options = options
        self._calls = Calls(options.http)
        self._acts = Acts(self._calls, options)
        self._names = Names()
        self._world: World | None = None
        self._objects = Objects()
        self._known: frozenset[str] = frozenset()
        """The hosts that there were when configuration was asked for."""
        self._rights: Rights | None = None
        self._polls = 0
        """Since configuration and rights were asked for."""

    async def poll(self) -> Reading:
        status = await self._status()
        world = await self._calls.world(status)
        self._visible(world)
        if self._due(world):
            placing = self._options.placement.facts
            objects = await self._calls.objects(status, groups=wants_groups(placing))
            self._rights = await rights_at(self._calls, world)
            self._objects, self._known, self._polls = objects, frozenset(world.hosts), 0
        self._polls += 1
        self._world = world
        made = partial(
            reading_of,
            world,
            self._objects,
            moment_of(world, self._timing.now(), self._options.status_age_s),
            source=self.name,
            placement=self._options.placement,
            names=self._names,
            lacks=self._rights.lacks if self._rights else (),
        )
        return await asyncio.to_thread(made) if len(world.hosts) > MANY else made()

    async def close(self) -> None:
        await self._options.http.close()

    async def introduce(self) -> Introduction:
        """Raises `SourceError`."""
        status = await self._status()
        world = await self._calls.world(status)
        self._visible(world)
        objects = await self._calls.objects(status, groups=True)
        return introduction(world, objects, await rights_at(self._calls, world))

    def snooze_says(self, native: str, key: str) -> SafeText:
        spot = self._names.spot(self._world, native, key) if self._world is not None else None
        return snooze_says(spot) if spot is not None else SafeText("")

    async def acknowledge(self, native: str, key: str, by: str, text: SafeText) -> None:
        await self._acts.acknowledge(await self._spot(native, key), by, text)

    async def unacknowledge(self, native: str, key: str, by: str) -> None:  # noqa: ARG002 - Nagios does not ask who
        await self._acts.unacknowledge(await self._spot(native, key))

    async def snooze(self, native: str, key: str, by: str, until: datetime, reason: SafeText) -> None:
        spot = await self._spot(native, key)
        ahead = timedelta(seconds=(self._world.status.skew_s or 0.0) if self._world is not None else 0.0)
        await self._acts.rest(spot, by, until + ahead, reason, self._timing.now() + ahead)

    async def wake(self, native: str, key: str, by: str) -> None:  # noqa: ARG002 - Nagios does not ask who
        await self._acts.wake(await self._spot(native, key))

    async def recheck(self, native: str, key: str) -> None:
        await self._acts.recheck(await self._spot(native, key))

    async def _status(self) -> Status:
        """How the daemon is, when it is alive. Raises `SourceError`."""
        status = await self._calls.status()
        if status.age_s > self._options.status_age_s:
            raise SourceError(
                FaultKind.SERVER,
                f"Nagios at {self._options.http.origin} has not written its status for {_long(status.age_s)}: it has "
                "stopped or hangs. Start it there; if it is only slow, raise status_age of the source.",
            )
        return status

    def _visible(self, world: World) -> None:
        """There is no Nagios without hosts. Raises `SourceError`."""
        if world.hosts or world.services:
            return
        if world.nameless or world.spoiled:
            raise SourceError(
                FaultKind.PROTOCOL,
                f"None of the {world.nameless + world.spoiled} hosts and services of {self._options.http.origin} can "
                "be understood; check that this is a Nagios Core 4 and has the locale C.UTF-8.",
            )
        user = safe(world.status.user or "nobody", 60)
        raise SourceError(
            FaultKind.FORBIDDEN,
            f"Nagios at {self._options.http.origin} shows no host to {user}: make it a contact of hosts, or add it to "
            "authorized_for_all_hosts and authorized_for_all_services in cgi.cfg.",
        )

    def _due(self, world: World) -> bool:
        """Whether configuration and rights have to be asked for."""
        again = self._rights is None or self._polls >= ASK_AGAIN
        return again or self._objects.run != world.status.run or not world.hosts.keys() <= self._known

    async def _spot(self, native: str, key: str) -> Spot:
        """Raises `NotSent`: also while nobody is there to read what cmd.cgi would write, which would wait and then be
        done at some other time."""
        try:
            status = await self._status()
            if self._world is None:
                self._world = await self._calls.world(status)
        except SourceError as error:
            raise NotSent(error.sentence) from error
        spot = self._names.spot(self._world, native, key)
        if spot is None:
            raise NotSent(f"Nagios has no such check on {safe(native, 80)} (any more): {safe(key, 80)}.")
        return spot


def _long(seconds: float) -> str:
    return f"{seconds / 60:.0f} min" if seconds >= 120 else f"{seconds:.0f} s"
