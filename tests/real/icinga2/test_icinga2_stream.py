"""What changes at a real Icinga 2 is told by its stream, with no poll in between. Icinga holds events back for up to
five seconds: what is looked at is their order and that none is missing."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator

import pytest

from backends.api import Check, FaultKind, Reading, SourceError
from backends.fixes.plan import unlike
from backends.fleet.model import CheckState
from tests.support.icinga2_source import source_at
from tests.support.servers.icinga2 import Icinga
from tests.support.servers.icinga2_story import acknowledge

pytestmark = pytest.mark.real


class Heard:
    """What a stream has told so far."""

    def __init__(self, stream: AsyncIterator[Reading]) -> None:
        self._stream = stream
        self.readings: list[Reading] = []

    def told(self, native: str, key: str) -> list[Check]:
        """All that was said of one check, oldest first."""
        return [check for one in self.readings for check in one.checks if (check.native, check.key) == (native, key)]

    @property
    def gone(self) -> set[str]:
        """Hosts that were covered and not told."""
        return {
            native
            for one in self.readings
            for native in set(one.covers) - {sighting.native for sighting in one.sightings}
        }

    async def more(self) -> None:
        async with asyncio.timeout(30):
            self.readings.append(await anext(self._stream))


async def test_changes_come_without_a_poll_in_their_order(icinga: Icinga) -> None:
    async with source_at(icinga) as source:
        await source.poll()
        stream = source.events()
        heard = Heard(stream)
        await heard.more()
        assert heard.readings[0].checks == (), "the first one says only that it listens"
        _happens(icinga)
        while not (heard.told("acme-db01", "check/ping4") and "passing" in heard.gone):
            await heard.more()
        states = [check.state for check in heard.told("globex-web01", "check/ping4")]
        assert states[-1] is CheckState.OK
        (*_, load) = heard.told("globex-web01", "load")
        assert load.state is CheckState.CRITICAL
        assert load.summary == "LOAD CRITICAL"
        assert load.value == 42.0
        assert load.handling is not None
        assert (load.handling.acked, load.handling.acked_by) == (True, "carol")
        assert (load.handling.quiet, load.handling.quiet_by) == (True, "dave")
        assert all(not reading.complete for reading in heard.readings)
        assert all(
            one.partial or one.native in reading.covers for reading in heard.readings for one in reading.sightings
        )
        await stream.aclose()  # type: ignore[attr-defined]
        icinga.result("globex-web01", "load", output="load OK - quiet")


def _happens(icinga: Icinga) -> None:
    now = time.time()
    icinga.result("globex-web01", "ping4", exit_status=2, output="PING CRITICAL")
    icinga.result("globex-web01", "load", exit_status=2, output="LOAD CRITICAL", performance_data=["load1=42;5;10"])
    acknowledge(icinga, "globex-web01!load", "carol", "looking")
    icinga.do(
        "schedule-downtime",
        type="Service",
        service="globex-web01!load",
        author="dave",
        comment="window",
        start_time=now - 1,
        end_time=now + 600,
    )
    icinga.result("globex-web01", "ping4", output="PING OK")
    icinga.create("hosts", "passing", {"check_command": "never", "vars.client": "acme"})
    icinga.remove("hosts", "passing")
    icinga.result("acme-db01", "ping4", output="the last word")


async def test_a_host_that_is_made_anew_under_its_name_is_told_from_the_earlier_one(icinga: Icinga) -> None:
    """F-16: neither results nor a look make another one of it."""
    attributes: dict[str, object] = {"check_command": "never", "vars.client": "acme"}
    async with source_at(icinga) as source:
        icinga.create("hosts", "twice", attributes)
        try:
            (planned,) = [one for one in (await source.poll()).sightings if one.native == "twice"]
            icinga.result("twice", output="OK")
            assert not unlike(planned.identity, (await source.identify("twice"))[0])
            icinga.remove("hosts", "twice")
            icinga.create("hosts", "twice", attributes)
            (said,) = unlike(planned.identity, (await source.identify("twice"))[0])
        finally:
            icinga.remove("hosts", "twice")
    assert said.startswith("its record in ")


async def test_a_host_that_is_made_there_is_here_without_a_poll(icinga: Icinga) -> None:
    async with source_at(icinga) as source:
        await source.poll()
        stream = source.events()
        heard = Heard(stream)
        await heard.more()
        icinga.create("hosts", "brand-new", {"check_command": "never", "vars.client": "acme"})
        try:
            while not heard.told("brand-new", "reachable"):
                await heard.more()
            (sighting,) = [one for one in heard.readings[-1].sightings if one.native == "brand-new"]
            assert sighting.client == "acme"
        finally:
            icinga.remove("hosts", "brand-new")
        while "brand-new" not in heard.gone:
            await heard.more()
        await stream.aclose()  # type: ignore[attr-defined]


async def test_without_the_right_to_events_the_stream_says_so(icinga: Icinga) -> None:
    async with source_at(icinga, "viewer") as source:
        await source.poll()
        with pytest.raises(SourceError, match="events/CheckResult") as caught:
            await anext(source.events())
    assert caught.value.kind is FaultKind.FORBIDDEN


async def test_a_killed_server_ends_the_stream_and_a_new_one_listens_again(mortal: Icinga) -> None:
    async with source_at(mortal) as source:
        await source.poll()
        heard = Heard(source.events())
        await heard.more()
        mortal.kill()
        with pytest.raises((SourceError, StopAsyncIteration)):
            await heard.more()
        with pytest.raises(SourceError):
            await source.poll()
        mortal.start()
        await source.poll()
        stream = source.events()
        again = Heard(stream)
        await again.more()
        mortal.result("acme-router", output="PING OK")
        while not again.told("acme-router", "reachable"):
            await again.more()
        assert again.told("acme-router", "reachable")[-1].state is CheckState.OK
        await stream.aclose()  # type: ignore[attr-defined]
