"""The adapter as a whole, and in an engine."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from pathlib import Path

import pytest

from backends.adapters.probe import pinger as pinging
from backends.adapters.probe.pinger import NoPing, Pinger
from backends.adapters.probe.source import ProbeSource
from backends.api import Adapter, Introduces, SourceError, Spreads
from backends.bootstrap.assembly import desk_over
from backends.engine.clock import SystemClock
from backends.engine.polling import Polled
from backends.fleet.model import CheckState, Freshness, Health, Source
from backends.testing import AdapterContract
from tests.support.bench import CONFIG, places_in
from tests.support.ports import free_port
from tests.support.probing import eyes, listening, pinging_or_skip, settings


class TestContract(AdapterContract):
    def open_adapter(self) -> Adapter:
        return ProbeSource(
            settings(targets=["127.0.0.1", "fw=127.0.0.2"], check=[{"device": "fw", "tcp": "127.0.0.2:9"}])
        )


async def test_each_target_is_a_part_of_its_own() -> None:
    async with eyes(targets=["127.0.0.1", "fw=127.0.0.2"]) as source:
        assert isinstance(source, Spreads)
        assert isinstance(source, Introduces)
        readings = await asyncio.gather(*(part.poll() for part in source.parts()))
    assert [one.covers for one in readings] == [("127.0.0.1",), ("127.0.0.2",)]
    assert [one.sightings[0].name for one in readings] == ["127.0.0.1", "fw"]


async def test_it_introduces_itself_with_how_it_pings() -> None:
    await pinging_or_skip()
    async with eyes(targets=["127.0.0.1"]) as source:
        told = await source.introduce()
    assert told.rights[0].granted is True
    assert "socket" in told.account


async def test_it_says_which_names_of_targets_nobody_knows() -> None:
    async with eyes(targets=["127.0.0.1", "fw=nowhere.invalid"]) as source:
        (_, found) = (await source.introduce()).rights
    assert (found.what, found.granted) == ("find every target", False)
    assert found.remedy == "The name nowhere.invalid is not known; check it, the DNS or the VPN."
    async with eyes(targets=["nowhere.invalid"]) as source:
        with pytest.raises(SourceError, match=r"nowhere\.invalid is not known"):
            await source.introduce()
    async with eyes(targets=["127.0.0.1", "localhost"]) as source:
        assert all(right.granted for right in (await source.introduce()).rights if right.what != "ping")


def forbidden(version: int) -> object:
    raise NoPing(version, "operation not permitted")


async def test_where_pings_are_forbidden_it_goes_on_with_tcp_and_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pinging, "_opened", forbidden)
    monkeypatch.setattr("backends.adapters.probe.ping.INSTEAD", (free_port(),))
    async with eyes(targets=["127.0.0.1"]) as source:
        told = await source.introduce()
        assert told.rights[0].granted is False
        assert "ping_group_range" in told.rights[0].remedy
        async with listening() as port:
            monkeypatch.setattr("backends.adapters.probe.ping.INSTEAD", (free_port(), port))
            reading = await source.poll()
            assert reading.checks[0].state is CheckState.OK
            assert "not being pinged" in reading.checks[0].summary
            assert "ping_group_range" in reading.note


async def test_where_pings_are_forbidden_silence_is_not_taken_for_an_outage(monkeypatch: pytest.MonkeyPatch) -> None:
    async def silent(*_: object) -> object:
        from backends.adapters.probe.tcp import Knock  # noqa: PLC0415

        return Knock(reason="no answer")

    monkeypatch.setattr(pinging, "_opened", forbidden)
    monkeypatch.setattr("backends.adapters.probe.ping.knock", silent)
    async with eyes(targets=["127.0.0.1"]) as source:
        reading = await source.poll()
    assert reading.sightings[0].health is Health.UNKNOWN
    assert reading.checks[0].state is CheckState.UNKNOWN


async def test_a_target_without_a_way_is_down_and_waits_longer(monkeypatch: pytest.MonkeyPatch) -> None:
    async def no_way(*_: object) -> float:
        raise OSError(113, "No route to host")

    monkeypatch.setattr(Pinger, "ping", no_way)
    async with eyes(targets=["127.0.0.1"]) as source:
        reading = await source.poll()
        assert "no way to 127.0.0.1 from here (no route to host)" in reading.checks[0].summary
        (part,) = source.parts()
        assert part.fault is not None
        assert part.fault.kind == "unreachable"


async def test_in_an_engine_its_targets_are_devices(tmp_path: Path) -> None:
    await pinging_or_skip()
    source = ProbeSource(
        settings(targets=["fw=127.0.0.2"], check=[{"device": "fw", "tcp": f"127.0.0.2:{free_port()}"}])
    )
    as_source = Source(name=source.name, kind="probe", state=Freshness.STALE)
    desk = await desk_over([(Polled(source, 30.0), as_source)], CONFIG, places_in(tmp_path), SystemClock())
    try:
        await desk.first_round()
        (device,) = await desk.devices()
        assert (device.name, device.client_name, device.site_name) == ("fw", "Acme", "HQ")
        assert [issue.family for issue in (await desk.picture()).issues.values()] == ["tcp"]
        assert (await desk.picture()).at <= datetime.now(UTC)
    finally:
        await desk.close()
