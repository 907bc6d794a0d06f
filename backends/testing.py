"""For tests of rounds and of adapters that others write: a clock that is told the time, a source that plays a script.

`FakeClock` moves when told to. `ScriptedAdapter` answers, fails or hangs as written down, counts what it is asked, and
carries fixes out as often as it is told to, never more. `AdapterContract` is what every adapter has to hold: subclass
it in a test module, say how yours is opened, and pytest finds the rest.
"""

# ruff: noqa: S101 - a contract is made of assertions

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from enum import Enum
from math import isfinite
from typing import Final

import msgspec

from backends.api import (
    Adapter,
    Check,
    Emit,
    Executed,
    GivesHistory,
    GivesSlices,
    Identity,
    NotSent,
    Reading,
    RunsFixes,
    Script,
    Sighting,
    SiteId,
    SourceName,
    Spreads,
    safe,
    slug,
)
from backends.fleet.model import CheckState, ClientId, Health, RunId
from backends.text import is_safe


class FakeClock:
    """Time that moves when told to. Sleepers wake in order of their due time."""

    def __init__(self, start: datetime | None = None) -> None:
        self._start = start or datetime(2026, 1, 5, 9, 0, tzinfo=UTC)
        self._elapsed = 0.0
        self._sleepers: list[tuple[float, int, asyncio.Future[None]]] = []
        self._order = 0

    def now(self) -> datetime:
        return self._start + timedelta(seconds=self._elapsed)

    def boot_s(self) -> float:
        return self._elapsed

    @property
    def sleepers(self) -> int:
        return sum(1 for _, _, future in self._sleepers if not future.done())

    async def sleep(self, seconds: float) -> None:
        if seconds <= 0:
            await asyncio.sleep(0)
            return
        future: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._order += 1
        self._sleepers.append((self._elapsed + seconds, self._order, future))
        await future

    async def advance(self, seconds: float) -> None:
        """Let `seconds` pass; everything that becomes due in between runs in its order."""
        end = self._elapsed + seconds
        await settle()
        while due := sorted(entry for entry in self._sleepers if entry[0] <= end and not entry[2].done()):
            when, _, future = due[0]
            self._elapsed = max(self._elapsed, when)
            future.set_result(None)
            await settle()
            self._sleepers = [entry for entry in self._sleepers if not entry[2].done()]
        self._elapsed = end


async def settle(turns: int = 20) -> None:
    """Let every task that is ready go as far as it can."""
    for _ in range(turns):
        await asyncio.sleep(0)


class Hang(Enum):
    """An answer that never comes."""

    FOR_EVER = "for ever"


HANG: Final = Hang.FOR_EVER

Answer = Reading | Exception | Hang
_Poll = Callable[[], Awaitable[Reading]]


class ScriptedAdapter:
    """A source that gives its answers in order, the last one for ever. Runs fixes and counts them as a device would."""

    def __init__(self, name: str, *script: Answer) -> None:
        self.name = SourceName(name)
        self.script: list[Answer] = list(script)
        self.polls = 0
        self.under_way = 0
        """Polls that have begun and not ended."""
        self.most_under_way = 0
        """More than one would be an overlap."""
        self.closed = 0
        self.executed: list[tuple[str, Script, RunId]] = []
        """Every step that reached a device, with its native id."""
        self.outcome: Executed | Exception | Hang = Executed(exit=0)
        self.output = b""
        self.repaired: Reading | None = None
        """What it answers, whatever the script says, once a step has reached a device."""
        self.identities: dict[str, tuple[Identity, str]] = {}
        """Who answers at a native id, and its boot id, where it is not what the last reading said."""

    async def poll(self) -> Reading:
        number, self.polls = self.polls, self.polls + 1
        self.under_way += 1
        self.most_under_way = max(self.most_under_way, self.under_way)
        try:
            return await _played(self._answer(number))
        finally:
            self.under_way -= 1

    async def close(self) -> None:
        self.closed += 1

    async def identify(self, native: str) -> tuple[Identity, str]:
        if native in self.identities:
            return self.identities[native]
        sighting = self._sightings().get(native)
        if sighting is None:
            raise NotSent(f"{safe(native)} is not known here.")
        return sighting.identity, sighting.boot_id

    async def execute(self, native: str, script: Script, run: RunId, emit: Emit) -> Executed:
        self.executed.append((native, script, run))
        if self.output:
            emit(self.output)
        if isinstance(self.outcome, Exception):
            raise self.outcome
        if self.outcome is HANG:
            await asyncio.Event().wait()
        assert isinstance(self.outcome, Executed)
        return self.outcome

    async def look(self, native: str) -> Reading:
        """The current answer of the script, cut down to one device."""
        reading = await _played(self._answer(max(self.polls - 1, 0)))
        return msgspec.structs.replace(
            reading,
            sightings=tuple(sighting for sighting in reading.sightings if sighting.native == native),
            checks=tuple(check for check in reading.checks if check.native == native),
            complete=False,
            covers=(native,),
        )

    def _answer(self, number: int) -> Answer:
        if self.executed and self.repaired is not None:
            return self.repaired
        return self.script[min(number, len(self.script) - 1)]

    def _sightings(self) -> dict[str, Sighting]:
        readings = [answer for answer in self.script if isinstance(answer, Reading)]
        return {sighting.native: sighting for reading in readings for sighting in reading.sightings}


async def _played(answer: Answer) -> Reading:
    if isinstance(answer, Exception):
        raise answer
    if isinstance(answer, Hang):
        await asyncio.Event().wait()
    assert isinstance(answer, Reading)
    return answer


def a_sighting(source: str, native: str, at: datetime, *, client: str = "Acme", site: str = "HQ") -> Sighting:
    """A Linux server that is well."""
    client_id = ClientId(slug(client))
    return Sighting(
        source=SourceName(source),
        native=native,
        client=client_id,
        client_name=safe(client),
        site=SiteId(f"{client_id}/{slug(site)}"),
        site_name=safe(site),
        name=safe(native),
        platform="linux",
        address=safe("127.0.0.1"),
        health=Health.OK,
        boot_id="boot-1",
        identity=Identity(machine=f"machine-{native}"),
        seen=at,
    )


def a_check(
    source: str, native: str, at: datetime, *, family: str = "service", subject: str = "nginx", ok: bool = False
) -> Check:
    """A stopped service, or a running one."""
    return Check(
        source=SourceName(source),
        native=native,
        family=family,
        subject=subject,
        label=safe(f"{family} {subject}"),
        state=CheckState.OK if ok else CheckState.CRITICAL,
        summary=safe("" if ok else f"{subject} has stopped"),
        seen=at,
    )


class AdapterContract:
    """What every adapter has to hold. A subclass named `Test…` says in `open_adapter` how its own is opened, ready to
    be polled; each test opens one and closes it."""

    def open_adapter(self) -> Adapter:
        raise NotImplementedError

    async def test_a_reading_speaks_for_its_own_source(self) -> None:
        for reading in await self._readings():
            assert reading.source == self.open_adapter().name
            assert {sighting.source for sighting in reading.sightings} <= {reading.source}
            assert {check.source for check in reading.checks} <= {reading.source}

    async def test_every_device_of_a_reading_is_named_once(self) -> None:
        for reading in await self._readings():
            natives = [sighting.native for sighting in reading.sightings]
            assert len(natives) == len(set(natives))
            keys = [(check.native, check.key) for check in reading.checks]
            assert len(keys) == len(set(keys))

    async def test_every_check_is_of_a_device_that_the_reading_covers(self) -> None:
        for reading in await self._readings():
            natives = {sighting.native for sighting in reading.sightings} | set(reading.covers)
            assert {check.native for check in reading.checks} <= natives

    async def test_all_text_of_a_reading_is_safe_to_show(self) -> None:
        for reading in await self._readings():
            for sighting in reading.sightings:
                shown = (sighting.name, sighting.client_name, sighting.site_name, sighting.address, sighting.system)
                assert all(map(is_safe, shown)), shown
            for check in reading.checks:
                assert all(map(is_safe, (check.label, check.summary, check.advice))), check

    async def test_every_time_is_aware_and_not_ahead_of_the_reading(self) -> None:
        for reading in await self._readings():
            assert reading.at.tzinfo is not None
            seen = [sighting.seen for sighting in reading.sightings] + [check.seen for check in reading.checks]
            assert all(moment.tzinfo is not None and moment <= reading.at for moment in seen)

    async def test_a_reading_survives_the_store_and_the_wire(self) -> None:
        for reading in await self._readings():
            assert msgspec.msgpack.decode(msgspec.msgpack.encode(reading), type=Reading) == reading

    async def test_slices_are_of_one_reading_and_tell_all_of_a_device_at_once(self) -> None:
        adapter = self.open_adapter()
        try:
            if isinstance(adapter, GivesSlices):
                pieces = [piece async for piece in adapter.slices()]
                assert {(piece.source, piece.complete) for piece in pieces} == {(adapter.name, pieces[0].complete)}
                told = [sighting.native for piece in pieces for sighting in piece.sightings]
                assert len(told) == len(set(told))
                for piece in pieces:
                    natives = {sighting.native for sighting in piece.sightings} | set(piece.covers)
                    assert {check.native for check in piece.checks} <= natives
        finally:
            await adapter.close()

    async def test_a_poll_that_was_cancelled_does_not_spoil_the_next(self) -> None:
        adapter = self.open_adapter()
        try:
            for poll in _polls(adapter):
                task = asyncio.ensure_future(poll())
                await asyncio.sleep(0)
                task.cancel()
                await asyncio.gather(task, return_exceptions=True)
                assert isinstance(await poll(), Reading)
        finally:
            await adapter.close()

    async def test_it_can_be_closed_without_ever_having_been_polled(self) -> None:
        await self.open_adapter().close()

    async def test_nothing_is_sent_to_a_device_that_is_not_there(self) -> None:
        adapter = self.open_adapter()
        try:
            if isinstance(adapter, RunsFixes):
                try:
                    await adapter.identify("no such device \x1b[2J")
                except NotSent:
                    return
                raise AssertionError("a device that does not exist was identified")
        finally:
            await adapter.close()

    async def test_what_it_remembers_is_in_order_real_and_no_more_than_was_asked_for(self) -> None:
        async for reading, adapter in self._remembering():
            since = reading.at - timedelta(hours=1)
            for check in [check for check in reading.checks if check.value is not None][:20]:
                past = await adapter.history(check.native, check.key, since, 10)
                times = [when for when, _ in past]
                assert len(past) <= 10
                assert times == sorted(set(times))
                assert all(
                    when.tzinfo is not None and since <= when <= reading.at + timedelta(seconds=60) for when in times
                )
                assert all(value is None or isfinite(value) for _, value in past)

    async def test_of_what_is_not_there_it_remembers_nothing(self) -> None:
        async for reading, adapter in self._remembering():
            since = reading.at - timedelta(hours=1)
            assert not await adapter.history("no such device \x1b[2J", "load", since, 10)
            for sighting in reading.sightings[:1]:
                assert not await adapter.history(sighting.native, "no/such check", since, 10)

    async def _remembering(self) -> AsyncIterator[tuple[Reading, GivesHistory]]:
        """Readings with the adapter that gave them; none when it gives no history."""
        adapter = self.open_adapter()
        try:
            if isinstance(adapter, GivesHistory):
                for poll in list(_polls(adapter)):
                    yield await poll(), adapter
        finally:
            await adapter.close()

    async def _readings(self) -> Sequence[Reading]:
        adapter = self.open_adapter()
        try:
            return [await poll() for poll in _polls(adapter)]
        finally:
            await adapter.close()


def _polls(adapter: Adapter) -> Iterator[_Poll]:
    if isinstance(adapter, Spreads):
        yield from (part.poll for part in adapter.parts())
    else:
        yield adapter.poll
