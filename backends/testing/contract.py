"""What every adapter has to hold, as tests: subclass it in a test module, say how yours is opened, and pytest finds the
rest."""

# ruff: noqa: S101 - a contract is made of assertions

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Sequence
from datetime import timedelta
from math import isfinite

import msgspec

from backends.api import Adapter, GivesHistory, GivesSlices, NotSent, Reading, RunsFixes, Snoozes, Spreads
from backends.text import is_safe

_Poll = Callable[[], Awaitable[Reading]]


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

    async def test_what_a_snooze_would_do_there_is_told_safely(self) -> None:
        adapter = self.open_adapter()
        try:
            if isinstance(adapter, Snoozes):
                for native, key in (("1", "load"), ("no such device \x1b[2J", "no/such \x1b[2J check")):
                    assert is_safe(adapter.snooze_says(native, key))
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
