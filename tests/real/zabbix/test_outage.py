"""A Zabbix that is away or dead: what it said grows old, nothing is green, and it is fresh again by itself."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path

import pytest

from backends.adapters.zabbix import pulse
from backends.bootstrap.assembly import desk_over
from backends.desk.inprocess import InProcessDesk
from backends.engine.polling import Polled
from backends.fleet.freshness import Freshness
from backends.fleet.model import Device, Health, Source, SourceName
from tests.support.bench import CONFIG, places_in
from tests.support.elsewhere import LaterClock
from tests.support.servers.zabbix_asking import by_token, read_until
from tests.support.servers.zabbix_seed import Seed

pytestmark = pytest.mark.real


async def devices_when(desk: InProcessDesk, holds: Callable[[Device], bool]) -> list[Device]:
    """The devices, once that holds for all of them."""
    async with asyncio.timeout(60):
        while True:
            devices = list(await desk.devices())
            if devices and all(map(holds, devices)):
                return devices
            await asyncio.sleep(0.1)  # what is waited for happens in another process


async def test_with_the_web_page_gone_all_grows_old_and_comes_back(zabbix: Seed, tmp_path: Path) -> None:
    """F-69, F-79"""
    clock = LaterClock()
    async with by_token(zabbix, clock=clock) as adapter:
        source = Source(name=SourceName("zabbix-eu"), kind="zabbix", state=Freshness.STALE, every_s=1.0)
        desk = await desk_over([(Polled(adapter, 1.0), source)], CONFIG, places_in(tmp_path), clock)
        try:
            await desk.first_round()
            before = await devices_when(desk, lambda one: one.freshness is Freshness.FRESH)
            assert any(one.health is Health.OK for one in before)
            zabbix.server.stop("web")
            await devices_when(desk, lambda one: one.freshness is Freshness.STALE)
            clock.later_s = 20.0
            old = await devices_when(desk, lambda one: one.freshness is not Freshness.FRESH)
            assert len(old) == len(before)
            await devices_when(desk, lambda one: one.freshness in (Freshness.SILENT, Freshness.STALE))
            zabbix.server.start_web()
            back = await devices_when(desk, lambda one: one.freshness is Freshness.FRESH)
            assert {one.id: one.health for one in back} == {one.id: one.health for one in before}
        finally:
            if "web" not in zabbix.server.running:
                zabbix.server.start_web()
            await desk.close()


async def test_with_the_server_dead_behind_its_web_page_nothing_is_vouched_for(
    zabbix: Seed, monkeypatch: pytest.MonkeyPatch
) -> None:
    """F-69: the web page goes on answering from the database."""
    monkeypatch.setattr(pulse, "LIFELESS_S", 4.0)
    async with by_token(zabbix) as source:
        alive = await source.poll()
        assert alive.note == ""
        zabbix.server.stop("server")
        try:
            dead = await read_until(source, lambda reading: bool(reading.note))
        finally:
            zabbix.server.start_server()
        assert "zabbix_server is running" in dead.note
        assert all((dead.at - one.seen).total_seconds() >= 4 for one in (*dead.sightings, *dead.checks))
        await read_until(source, lambda reading: not reading.note)
