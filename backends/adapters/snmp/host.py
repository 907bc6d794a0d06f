"""One host of an `snmp` source: its looks, what is kept from one to the next, and what is said when it is silent."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import datetime
from functools import partial
from typing import Final

import msgspec

from backends.adapters.snmp import failures
from backends.adapters.snmp.credentials import Credentials
from backends.adapters.snmp.look import Looker
from backends.adapters.snmp.options import HostOptions
from backends.adapters.snmp.ports import UP
from backends.adapters.snmp.rates import Counted, Rate, counted, rates
from backends.adapters.snmp.reading import booted_at, reading_of
from backends.adapters.snmp.records import Found
from backends.adapters.snmp.session import Pace, Refusal, Session, Speech
from backends.adapters.snmp.usm import Trouble, Users
from backends.adapters.snmp.wire import Wire, open_wire
from backends.api import Check, FaultKind, Reading, Sighting, SourceError, SourceName, Timing, safe
from backends.fleet.model import CheckState, Health, Severity

_NO_WORD_OF_IT: Final = frozenset(
    (FaultKind.CREDENTIALS, FaultKind.SECRET, FaultKind.FORBIDDEN, FaultKind.NAME, FaultKind.PROTOCOL, FaultKind.SERVER)
)
"""Faults that say nothing on whether the host itself is up."""
_TRY_S: Final = 0.4
"""Share of the time for the greeting of version 3."""


class Host:
    """`Part` of an `snmp` source."""

    def __init__(
        self,
        source: SourceName,
        options: HostOptions,
        credentials: Credentials,
        timing: Timing,
        *,
        deadline_s: float,
        rows: int,
    ) -> None:
        self.native = options.native
        self.options = options
        self.fault: SourceError | None = None
        self._source = source
        self._credentials = credentials
        self._timing = timing
        self._deadline_s = deadline_s
        self._rows = rows
        self._turn = asyncio.Lock()
        self._looker = Looker(timing, rows)
        self._pace = Pace()
        self._users: Users | None = None
        self._answers = 0
        self._greeted = False
        """Of the last look."""
        self._counted: Counted | None = None
        self._seen_up: frozenset[str] = frozenset()
        self._booted: datetime | None = None
        self._last: Sighting | None = None
        self._started = timing.now()

    async def poll(self) -> Reading:
        """Never raises `SourceError`: a host that does not answer is a reading, with `fault` beside it."""
        async with self._turn:
            try:
                found = await self.look()
            except SourceError as error:
                self.fault = error
                self._after(error)
                return self._failed(error)
            self.fault = None
            return self._reading(found)

    async def look(self) -> Found:
        """All that the agent tells now. Raises `SourceError`."""
        options = self.options
        try:
            found = await self._asked()
        except TimeoutError as error:
            raise self._no_answer() from error
        except Trouble as trouble:
            raise failures.of_trouble(options, trouble) from trouble
        except Refusal as refusal:
            raise failures.of_refusal(options, refusal) from refusal
        except OSError as error:
            raise failures.of_socket(options, error) from error
        if found.system.ticks is None and not found.system.descr:
            raise failures.nothing(options)
        if not found.unread:
            self._pace.looked()
        return found

    async def _asked(self) -> Found:
        """By what was known of the agent before, and when that does not hold any more, by what it says now."""
        asked, known = self._timing.now(), self._users is not None
        end_s = asyncio.get_running_loop().time() + self._deadline_s
        self._answers, self._greeted = 0, False
        async with asyncio.timeout_at(end_s + 1), open_wire(self.options.address, self.options.port) as wire:
            try:
                return await self._told(wire, asked, end_s)
            except Trouble as trouble:
                if not known or trouble.why not in ("engine", "time"):
                    raise
            self._users = None
            self._looker.forget()
            return await self._told(wire, asked, end_s)

    async def _told(self, wire: Wire, asked: datetime, end_s: float) -> Found:
        session = Session(wire, await self._speech(wire), self._pace, self._deadline_s, end_s)
        try:
            return await self._looker.look(session, asked)
        finally:
            self._answers = session.answers

    async def _speech(self, wire: Wire) -> Speech:
        if self.options.version == "2c":
            return await self._credentials.community()
        users = self._users
        if users is None:
            users = Users(await self._credentials.user(self.options), self._timing.boot_s)
            await self._greet(wire, users)
            self._users, self._greeted = users, True
        return users

    async def _greet(self, wire: Wire, users: Users) -> None:
        for turn in (1, 2):
            message, number = users.greeting()
            try:
                await wire.ask(message, partial(users.greeted, number=number), _TRY_S * self._deadline_s)
            except TimeoutError:
                if turn == 2:
                    raise
            else:
                return

    def _no_answer(self) -> SourceError:
        if self._answers:
            return failures.slow(self.options, self._deadline_s)
        if self._greeted:
            return failures.silent_after_greeting(self.options, self._deadline_s)
        return failures.silent(self.options, self._deadline_s, heard_before=self._last is not None)

    def _after(self, error: SourceError) -> None:
        """What of all that is kept may not hold any more."""
        self._users = None  # its clock may have gone back, or another device may have its address
        self._counted = None
        self._looker.forget()
        if error.kind in (FaultKind.CREDENTIALS, FaultKind.SECRET) or self._last is None:
            self._credentials.forget()

    def _reading(self, found: Found) -> Reading:
        moved: dict[str, Rate] = {}
        if found.ports is not None:
            now = counted(found.clock_s, found.system.ticks, found.ports)
            moved = rates(self._counted, now)
            self._counted = now
            self._seen_up |= {port.name for port in found.ports if port.oper == UP}
        self._booted = booted_at(found, self._booted)
        reading = reading_of(
            found,
            self.options,
            self._source,
            rates=moved,
            seen_up=self._seen_up,
            booted=self._booted,
            rows=self._rows,
        )
        if found.unread and self._last is not None:
            # Without its ports it would be of another kind, and have other addresses.
            told = msgspec.structs.replace(reading.sightings[0], kind=self._last.kind, identity=self._last.identity)
            reading = msgspec.structs.replace(reading, sightings=(told,))
        self._last = reading.sightings[0]
        return reading

    def _failed(self, error: SourceError) -> Reading:
        now, options = self._timing.now(), self.options
        no_word = error.kind in _NO_WORD_OF_IT
        last = self._last or self._unknown()
        check = Check(
            source=self._source,
            native=self.native,
            family="reachable",
            label=safe("Reachable over SNMP"),
            state=CheckState.UNKNOWN if no_word else CheckState.CRITICAL,
            # That it never answered may as well be the configuration's fault.
            severity=Severity.HIGH if no_word or self._last is None else None,
            summary=error.sentence,
            seen=now,
        )
        health = Health.UNKNOWN if no_word else Health.DOWN
        return Reading(
            source=self._source,
            at=now,
            sightings=(msgspec.structs.replace(last, health=health, partial=True),),
            checks=(check,),
            complete=False,
            covers=(options.native,),
        )

    def _unknown(self) -> Sighting:
        """A host that never answered, as far as the configuration knows it."""
        options = self.options
        told: Sequence[str] = [value for value in (options.name, options.address) if value]
        place = options.placement.place({"host": told})
        return Sighting(
            source=self._source,
            native=self.native,
            client=place.client,
            client_name=place.client_name,
            site=place.site,
            site_name=place.site_name,
            name=place.device or safe(options.name or options.address),
            kind=options.kind or "other",
            address=safe(options.address),
            seen=self._started,
        )
