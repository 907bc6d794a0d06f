"""The `zabbix` source."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Final

import msgspec

from backends.adapters.zabbix import asks
from backends.adapters.zabbix.access import Access, access_of
from backends.adapters.zabbix.acts import Acts
from backends.adapters.zabbix.begun import Begun
from backends.adapters.zabbix.gather import Gather, Snapshot
from backends.adapters.zabbix.hosts import identity_of
from backends.adapters.zabbix.introduce import introduction
from backends.adapters.zabbix.options import ZabbixOptions
from backends.adapters.zabbix.past import past_of
from backends.adapters.zabbix.reading import Ground, Read, called, reading
from backends.adapters.zabbix.records import Host
from backends.adapters.zabbix.scripts import Scripts
from backends.adapters.zabbix.session import Refusal, Session
from backends.adapters.zabbix.version import Version
from backends.api import (
    Emit,
    Executed,
    FaultKind,
    Identity,
    Introduction,
    NotSent,
    OwnFix,
    Past,
    Reading,
    RunId,
    SourceError,
    SourceSettings,
    in_turns,
    safe,
)
from backends.fleet.model import SafeText

SCRIPTS_AGAIN_S: Final = 600.0
MOST_GROUNDS: Final = 100_000
"""Conditions that are remembered after they are over, for their history."""


class ZabbixSource:
    """`Adapter`, `Acknowledges`, `Snoozes`, `Closes`, `Rechecks`, `RunsOwnFixes`, `GivesHistory` and `Introduces`."""

    def __init__(self, settings: SourceSettings, options: ZabbixOptions) -> None:
        self.name = settings.name
        self._options = options
        self._timing = settings.timing
        self._session = Session(settings, options)
        self._gather = Gather(self._session, options, settings.timing)
        self._scripts = Scripts(self._session, settings.timing)
        self._scripts_at: float | None = None
        self._access: Access | None = None
        self._grounds: dict[tuple[str, str], Ground] = {}
        self._begun = Begun(self._session, settings.timing)
        self._acts = Acts(
            self._session, settings.timing, self._begun, lambda: self._grounds, lambda: self._access or Access()
        )

    async def poll(self) -> Reading:
        try:
            version = await self._session.version()
            if self._access is None:
                self._access = await access_of(self._session)
            found = await self._read(await self._gather.everything())
            told = await self._with_begun(version, found.reading)
            fixes = await self._fixes()
        except SourceError:
            self._start_anew()
            raise
        self._remember(found.grounds)
        return msgspec.structs.replace(
            told,
            version=version.text,
            skew_s=self._session.skew_s,
            fixes=fixes,
            lacks=self._access.lacks(version, scripts=not self._scripts.broken),
        )

    async def close(self) -> None:
        await self._session.close()

    async def look(self, native: str) -> Reading:
        found = await self._read(await self._gather.one(native))
        self._grounds.update(found.grounds)
        told = await self._with_begun(await self._session.version(), found.reading)
        return msgspec.structs.replace(told, complete=False, covers=(native,))

    async def identify(self, native: str) -> tuple[Identity, str]:
        try:
            version = await self._session.version()
            hosts, _ = await self._session.records("host.get", asks.hosts(version, (), only=[native]), Host)
        except SourceError as error:
            raise NotSent(error.sentence) from error
        found = next((host for host in hosts if host.hostid == native), None)
        if found is None:
            raise NotSent(f"Zabbix has no host {safe(native, 40)} that we may see.")
        return identity_of(found), ""

    async def perform(self, native: str, fix: OwnFix, arguments: Mapping[str, str], run: RunId, emit: Emit) -> Executed:  # noqa: ARG002 - Zabbix has no place for our id of it
        return await self._scripts.perform(native, fix, arguments, emit)

    async def acknowledge(self, native: str, key: str, by: str, text: SafeText) -> None:
        await self._acts.acknowledge(native, key, by, text)

    async def unacknowledge(self, native: str, key: str, by: str) -> None:
        await self._acts.unacknowledge(native, key, by)

    def snooze_says(self, native: str, key: str) -> SafeText:
        return self._acts.snooze_says(native, key)

    async def snooze(self, native: str, key: str, by: str, until: datetime, reason: SafeText) -> None:
        await self._acts.snooze(native, key, by, until, reason)

    async def wake(self, native: str, key: str, by: str) -> None:
        await self._acts.wake(native, key, by)

    async def close_problem(self, native: str, key: str, by: str, text: SafeText) -> None:
        await self._acts.close_problem(native, key, by, text)

    async def recheck(self, native: str, key: str) -> None:
        await self._acts.recheck(native, key)

    async def history(self, native: str, key: str, since: datetime, points: int) -> Sequence[Past]:
        ground = self._grounds.get((native, key))
        if ground is None or ground.item is None:
            return ()
        return await past_of(self._session, ground.item, since, self._timing.now(), points)

    async def introduce(self) -> Introduction:
        access = await access_of(self._session)
        return await introduction(self._session, access, self._timing)

    async def _read(self, snapshot: Snapshot) -> Read:
        """A thousand hosts with as many problems take some thirty milliseconds."""
        steps = reading(
            snapshot,
            self.name,
            self._options.placement,
            disabled=self._options.disabled,
            called=called(self._grounds),
        )
        return await in_turns(steps)

    async def _with_begun(self, version: Version, reading: Reading) -> Reading:
        """With what will be quiet in a moment. Raises `SourceError`."""
        if version.suppresses or self._access is None or not self._access.snoozes(version):
            return reading
        return await self._begun.over(reading)

    async def _fixes(self) -> tuple[OwnFix, ...] | None:
        """None where they were told a while ago; none at all where our role may not ask."""
        now = self._timing.boot_s()
        if self._scripts_at is not None and now - self._scripts_at < SCRIPTS_AGAIN_S:
            return None
        fixes: tuple[OwnFix, ...] = ()
        if self._access is None or self._access.may("execute_scripts"):
            try:
                fixes = await self._scripts.offered()
            except Refusal as refusal:
                if refusal.kind is FaultKind.CREDENTIALS:
                    raise
        self._scripts_at = now
        return fixes

    def _remember(self, grounds: dict[tuple[str, str], Ground]) -> None:
        """What is over keeps its number, and nothing that could be acted on."""
        if len(self._grounds) > MOST_GROUNDS:
            self._grounds = {}
        over = {
            key: msgspec.structs.replace(ground, eventids=())
            for key, ground in self._grounds.items()
            if key not in grounds and ground.item is not None
        }
        self._grounds = {**over, **grounds}

    def _start_anew(self) -> None:
        """It may be another version, another account and another set of hosts when it answers again."""
        self._session.reset()
        self._gather.forget()
        self._access = None
        self._scripts_at = None
