"""This machine as a source: a look by psutil and small files, fixes in a shell of our own, the technician's shell."""

from __future__ import annotations

import asyncio
import os
import pwd
from typing import Final

import msgspec

from backends.adapters.local.gather import Gatherer
from backends.adapters.local.options import Options, place_of
from backends.adapters.local.services import ServicesUnread, read_services
from backends.adapters.local.steps import run_step
from backends.adapters.local.thread import off_loop
from backends.adapters.local.vitals import Vitals
from backends.api import (
    Emit,
    Executed,
    FaultKind,
    Identity,
    NotSent,
    Reading,
    Script,
    SourceError,
    SourceName,
    SourceSettings,
    safe,
)
from backends.fleet.host import HostFacts, Service
from backends.fleet.host_checks import checks_of, identity_of, sighting_of
from backends.fleet.model import RunId

NATIVE: Final = "this-machine"
_LOCKED_SHELLS: Final = ("nologin", "false", "sync", "")


class LocalAdapter:
    """Polls, fixes and opens a shell on the machine that it runs on."""

    def __init__(self, settings: SourceSettings, options: Options, vitals: Vitals) -> None:
        self.name: SourceName = settings.name
        self._settings = settings
        self._options = options
        self._gatherer = Gatherer(options, vitals)
        self._under_way: asyncio.Future[HostFacts] | None = None

    async def poll(self) -> Reading:
        """Never raises `SourceError`: what cannot be read is left out, and counted."""
        facts, (services, unread) = await asyncio.gather(self._look(), self._services())
        return self._reading(facts, services, unread)

    async def close(self) -> None:
        if self._under_way is None or self._under_way.done():
            self._gatherer.close()

    async def identify(self, native: str) -> tuple[Identity, str]:
        """Raises `NotSent` for any device but this one."""
        self._is_here(native)
        now = self._settings.timing.now()
        who = await off_loop(lambda: self._gatherer.who(now), "rounds-local-who")
        return identity_of(who), who.boot_id

    async def execute(self, native: str, script: Script, run: RunId, emit: Emit) -> Executed:  # noqa: ARG002 - nothing here remembers runs
        self._is_here(native)
        return await run_step(script, emit, sudo=self._options.sudo)

    async def look(self, native: str) -> Reading:
        """A reading that began after the call. Raises `SourceError` for any device but this one."""
        if native != NATIVE:
            raise SourceError(FaultKind.NAME, f"{safe(native, 64)} is not this machine.")
        if self._under_way is not None and not self._under_way.done():
            await asyncio.wait([self._under_way])
        return await self.poll()

    def shell(self, native: str) -> tuple[str, ...]:
        """The technician's own login shell."""
        self._is_here(native)
        try:
            program = pwd.getpwuid(os.getuid()).pw_shell
        except KeyError:
            program = "/bin/sh"
        if program.rpartition("/")[2] in _LOCKED_SHELLS or not os.access(program, os.X_OK):
            raise NotSent(f"Your login shell {safe(program) or 'is not set, so it'} cannot be opened on this machine.")
        return (program,)

    def _is_here(self, native: str) -> None:
        if native != NATIVE:
            raise NotSent(f"{safe(native, 64)} is not this machine.")

    async def _look(self) -> HostFacts:
        """One look at a time: whoever comes while one is under way (its poll was cancelled) shares it."""
        if self._under_way is None or self._under_way.done():
            now = self._settings.timing.now()
            self._under_way = off_loop(lambda: self._gatherer.look(now), "rounds-local-look")
        return await asyncio.shield(self._under_way)

    async def _services(self) -> tuple[tuple[Service, ...], tuple[str, ...]]:
        try:
            return await read_services(self._options.services), ()
        except ServicesUnread:
            unknown = (Service(name=name, state="unknown", watched=True) for name in self._options.services)
            return tuple(unknown), ("services",)

    def _reading(self, facts: HostFacts, services: tuple[Service, ...], unread: tuple[str, ...]) -> Reading:
        missing = (*facts.unread, *unread)
        whole = msgspec.structs.replace(facts, services=services, unread=missing)
        place = place_of(self._options, self._settings, whole.hostname)
        sighting = sighting_of(
            whole,
            source=self.name,
            native=NATIVE,
            client=place.client,
            client_name=place.client_name,
            site=place.site,
            site_name=place.site_name,
            name=self._options.name,
            address=_address(whole),
            kind=self._options.device_kind,
            partial=bool(missing),
        )
        return Reading(
            source=self.name,
            at=self._settings.timing.now(),
            sightings=(sighting,),
            checks=checks_of(whole, self._options.thresholds, source=self.name, native=NATIVE),
            quarantined=len(missing),
            note=safe(f"could not be read: {', '.join(missing)}") if missing else safe(""),
        )


def _address(facts: HostFacts) -> str:
    """The address that others would use: of the interface with the default route, else any, else the name."""
    ranked = sorted(facts.interfaces, key=lambda one: (not one.default_route, not one.up))
    addresses = [address for one in ranked for address in one.addresses if not address.startswith("fe80:")]
    return addresses[0] if addresses else "localhost"
