"""The `icinga2` source: polls, follows the event stream, and does what technicians decided."""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import AsyncIterator, Collection, Iterator, Mapping
from contextlib import aclosing
from datetime import datetime
from typing import Final

from backends.adapters.icinga2.acts import Acts, snooze_says
from backends.adapters.icinga2.calls import Calls
from backends.adapters.icinga2.commands import offered
from backends.adapters.icinga2.errand import Errands
from backends.adapters.icinga2.introducing import introduction
from backends.adapters.icinga2.news import RESULTS, TYPES, Touched, checkable_at, learn
from backends.adapters.icinga2.options import IcingaOptions
from backends.adapters.icinga2.reading import Moment, Teller, identity_of, moment, skew_floor
from backends.adapters.icinga2.records import Event
from backends.adapters.icinga2.rights import Rights
from backends.adapters.icinga2.stream import batches
from backends.adapters.icinga2.world import Answers, Spot, World, world_of
from backends.api import (
    Check,
    Emit,
    Executed,
    FaultKind,
    Identity,
    Introduction,
    NotSent,
    OwnFix,
    Reading,
    RunId,
    SafeText,
    Sighting,
    SourceError,
    SourceSettings,
    safe,
)

ASK_AGAIN: Final = 20
"""Polls after which rights, version and clock are asked for again."""
MOST_LOOKS: Final = 5
"""New hosts of one batch that are asked for at once; more of them wait for the next poll."""
AT_ONCE: Final = 1000
"""Hosts and services that are told without letting others have their turn: some ten milliseconds."""


class IcingaSource:
    """`Adapter`, `Acknowledges`, `Snoozes`, `Rechecks`, `RunsOwnFixes`, `StreamsEvents`, `Introduces`."""

    def __init__(self, settings: SourceSettings, options: IcingaOptions) -> None:
        self.name = settings.name
        self.http = options.http
        self._timing = settings.timing
        self._options = options
        self._calls = Calls(options.http, options.placement.facts)
        self._acts = Acts(self._calls, sticky=options.sticky, acknowledge_s=options.acknowledge_s)
        self._errands = Errands(self._calls, self._acts, settings.timing)
        self._teller = Teller(settings.name, options.placement)
        self._world = World()
        self._rights: Rights | None = None
        self._skew_s: float | None = None
        self._polls = 0
        """Since rights, version and clock were asked for."""
        self._meanwhile: list[Event] = []
        """What the stream told while a poll was under way, whose answers may be older."""
        self._looked: dict[str, Answers] = {}
        """Hosts that were looked at meanwhile."""
        self._polling = False
        self._stirred: set[str] = set()
        """Hosts of which there was news since it was begun to tell of all."""

    async def poll(self) -> Reading:
        rights = await self._known()
        world = await self._asked(rights)
        sightings, checks = await self._told(world)
        return Reading(
            source=self.name,
            at=self._timing.now(),
            sightings=tuple(sightings),
            checks=tuple(checks),
            quarantined=world.spoiled,
            version=safe(f"Icinga {rights.version}", 40),
            skew_s=self._skew_s,
            fixes=offered(self._options.commands, world.services),
            lacks=rights.lacks(),
        )

    async def _asked(self, rights: Rights) -> World:
        """All that is to be known, with what the stream told meanwhile. Raises `SourceError`."""
        self._rights = rights
        self._meanwhile, self._looked, self._polling = [], {}, True
        answers = None
        try:
            answers = await self._calls.everything(rights)
        finally:
            self._polling = False
            if answers is None:
                self._rights = None  # whatever went wrong, we may be somebody else to it the next time
        world = world_of(answers)
        for native, looked in self._looked.items():
            world.look(native, looked)
        touched = Touched()
        for event in self._meanwhile:
            learn(world, event, touched)
        self._world = world
        self._polls += 1
        if not rights.may("status/query"):
            self._skew_s = skew_floor(world, self._timing.now())
        return world

    async def _told(self, world: World) -> tuple[list[Sighting], list[Check]]:
        """All hosts with their checks, told in turns with whatever else there is to do: ten thousand checks take a
        tenth of a second. Hosts of which there was news meanwhile are told once more."""
        self._teller.forget_all_but(world)
        self._stirred.clear()
        found: dict[str, tuple[Sighting, list[Check]]] = {}
        for natives in _turns(world):
            found.update(self._teller.told(world, natives, self._moment()))
            await asyncio.sleep(0)
        stirred = sorted(self._stirred)
        for native in stirred:
            found.pop(native, None)
        found.update(self._teller.told(world, stirred, self._moment()))
        return [one for one, _ in found.values()], [check for _, checks in found.values() for check in checks]

    async def close(self) -> None:
        await self.http.close()

    async def events(self) -> AsyncIterator[Reading]:
        """Raises `SourceError`."""
        rights = await self._known()
        self._rights = rights
        types = [kind for kind in TYPES if rights.may(f"events/{kind}")]
        if not set(RESULTS) <= set(types):
            missing = [f"events/{kind}" for kind in RESULTS if kind not in types]
            raise SourceError(FaultKind.FORBIDDEN, f"Icinga tells our user no events. {rights.remedy(*missing)}")
        lines = self._calls.events(types, f"rounds-{uuid.uuid4().hex}")
        async with aclosing(batches(lines, self._timing)) as found:
            async for batch in found:
                yield await self._heard(batch, rights)

    async def introduce(self) -> Introduction:
        """Raises `SourceError`."""
        rights = await self._calls.rights()
        hosts = await self._calls.placeable(rights)
        return introduction(rights, hosts)

    def snooze_says(self, native: str, key: str) -> SafeText:
        return snooze_says(self._teller.spot(self._world, native, key) or (native, key))

    async def acknowledge(self, native: str, key: str, by: str, text: SafeText) -> None:
        spot = self._spot(native, key)
        await self._acts.acknowledge(spot, by, text, self._moment().there, await self._permitted())

    async def unacknowledge(self, native: str, key: str, by: str) -> None:
        await self._acts.unacknowledge(self._spot(native, key), by, await self._permitted())

    async def snooze(self, native: str, key: str, by: str, until: datetime, reason: SafeText) -> None:
        spot, now = self._spot(native, key), self._moment()
        end = until.timestamp() + now.skew_s
        await self._acts.rest(spot, by, reason, (now.there, end), await self._permitted())

    async def wake(self, native: str, key: str, by: str) -> None:
        await self._acts.wake(self._spot(native, key), by, await self._permitted())

    async def recheck(self, native: str, key: str) -> None:
        spot = self._spot(native, key)
        checkable = checkable_at(self._world, spot)
        if checkable is not None and not checkable.enable_active_checks:
            raise NotSent(
                "Icinga does not check this itself: its results are handed in from outside, and a check by hand would "
                "put another one over them."
            )
        await self._acts.recheck(spot, await self._permitted())

    async def identify(self, native: str) -> tuple[Identity, str]:
        """Icinga knows a host by its name, and of some when they were made. Raises `NotSent`."""
        try:
            version = await self._calls.version(native)
        except SourceError as error:
            raise NotSent(error.sentence) from error
        if version is None:
            raise NotSent(f"Icinga knows no host {safe(native, 80)} (any more).")
        return identity_of(self.name, version), ""

    async def perform(
        self,
        native: str,
        fix: OwnFix,
        arguments: Mapping[str, str],
        run: RunId,  # noqa: ARG002 - Icinga gives an id of its own
        emit: Emit,
    ) -> Executed:
        """Raises `NotSent` or `OutcomeUnknown`; never tries twice."""
        command = next((one for one in self._options.commands if one.id == fix.id), None)
        if command is None:
            raise NotSent(f"The source {self.name} offers no command {safe(fix.id, 60)} (any more).")
        spot = native, command.service
        done = await self._errands.run(spot, command, arguments, await self._permitted(), emit)
        services = self._world.services_of(native).items()
        active = {name: service for name, service in services if service.enable_active_checks}
        unwell = sorted(name for name, service in active.items() if service.state or name == command.service)
        if unwell:
            await self._acts.recheck_services(native, unwell)  # else nobody could see what it did
        return done

    async def look(self, native: str) -> Reading:
        """Raises `SourceError`."""
        await self._look(native, await self._known())
        return self._part({}, {native})

    async def _look(self, native: str, rights: Rights) -> None:
        """Ask for one host again."""
        known = tuple(self._world.services_of(native))
        answers = await self._calls.host(native, rights, known)
        self._rights = rights
        self._world.look(native, answers)
        if self._polling:
            self._looked[native] = answers

    async def _heard(self, batch: Collection[Event], rights: Rights) -> Reading:
        """What a batch of events changed."""
        if self._polling:
            self._meanwhile.extend(batch)
        touched = Touched()
        for event in batch:
            learn(self._world, event, touched)
        for native in sorted(touched.unknown)[:MOST_LOOKS]:
            await self._look(native, rights)
            touched.whole.add(native)
        parts: dict[str, set[str]] = {}
        for native, service in touched.spots:
            parts.setdefault(native, set()).add(service)
        return self._part(parts, touched.whole)

    def _part(self, parts: Mapping[str, Collection[str]], whole: Collection[str]) -> Reading:
        """Some checks of some hosts, and all of others."""
        world, now = self._world, self._moment()
        self._stirred.update(parts, whole)
        there = set(world.natives)
        sightings: list[Sighting] = []
        checks: list[Check] = []
        for native in sorted(whole):
            if native in there:
                sightings.append(self._teller.sighting(world, native, now))
                checks += self._teller.checks(world, native, now)
        for native in sorted(set(parts) - set(whole)):
            sightings.append(self._teller.sighting(world, native, now, partial=True))
            checks += self._teller.checks(world, native, now, parts[native])
        return Reading(
            source=self.name,
            at=now.at,
            sightings=tuple(sightings),
            checks=tuple(checks),
            complete=False,
            covers=tuple(sorted(whole)),
        )

    async def _known(self) -> Rights:
        """Rights, version and clock: asked for once, after a failure, and now and then. Raises `SourceError`."""
        rights = self._rights
        if rights is None or self._polls >= ASK_AGAIN:
            rights = await self._calls.rights()
            if rights.may("status/query"):
                self._skew_s = await self._calls.skew_s()
            self._polls = 0
        return rights

    async def _permitted(self) -> Rights:
        """Rights, for an act. Raises `NotSent`."""
        try:
            self._rights = rights = await self._known()
        except SourceError as error:
            raise NotSent(error.sentence) from error
        return rights

    def _spot(self, native: str, key: str) -> Spot:
        """Raises `NotSent`."""
        spot = self._teller.spot(self._world, native, key)
        if spot is None:
            raise NotSent(f"Icinga has no such check on {safe(native, 80)} (any more): {safe(key, 80)}.")
        return spot

    def _moment(self, at: datetime | None = None) -> Moment:
        return moment(at or self._timing.now(), self._skew_s)


def _turns(world: World) -> Iterator[list[str]]:
    """All hosts that are there now, as many at a time as are told at once."""
    some: list[str] = []
    size = 0
    for native, number in [(native, 1 + len(world.services_of(native))) for native in world.natives]:
        if some and size + number > AT_ONCE:
            yield some
            some, size = [], 0
        some.append(native)
        size += number
    yield some
