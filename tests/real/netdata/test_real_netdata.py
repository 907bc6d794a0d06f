"""What rounds shows of a real Netdata is what that says itself."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path

import pytest

from backends.adapters.netdata.source import NetdataSource
from backends.engine.clock import SystemClock
from backends.fleet.model import CheckState
from backends.text import is_safe
from tests.support.office import Office
from tests.support.opened import opened
from tests.support.servers.netdata import Netdata

pytestmark = [pytest.mark.real, pytest.mark.xdist_group("netdata")]

WORDS = {"CLEAR": "ok", "WARNING": "warning", "CRITICAL": "critical"}


def configured(office: Office, netdata: Netdata) -> None:
    office.configure(
        f"""
[technician]
name = "tech1"
[clients.acme]
name = "Acme Dental"
[sources.net]
kind = "netdata"
urls = ["{netdata.url}"]
every = "5s"
client = "acme"
site = "HQ"
[sources.net.thresholds]
load = {{ warn = "off", crit = "off" }}
memory = {{ warn = "off", crit = "off" }}
"""
    )


@asynccontextmanager
async def source_at(netdata: Netdata, folder: Path) -> AsyncIterator[NetdataSource]:
    made = opened("netdata", folder, SystemClock(), urls=netdata.url, client="acme")
    assert isinstance(made, NetdataSource)
    try:
        yield made
    finally:
        await made.close()


def test_issues_and_devices_are_what_netdata_says(office: Office, netdata: Netdata) -> None:
    configured(office, netdata)
    raised = netdata.ask("alarms")["alarms"].values()
    with office.follow("sources"):
        issues, devices, (source,) = office.items("issues"), office.items("devices"), office.items("sources")
    told = {item["title"].rpartition(": ")[0] for item in issues if item["family"] != "disk"}
    assert told == {"<b> & ‹U+202E› always a warning", "always critical", "memory in use", "tb_nothing"}
    assert {one["name"] for one in raised} == {"tb_load", "tb_uptime", "ram_in_use"}  # the fourth has no value
    (device,) = devices
    assert (device["name"], device["client_name"], device["health"]) == (netdata.host, "Acme Dental", "degraded")
    assert (source["state"], source["quarantined"]) == ("fresh", 0)


async def test_alarms_and_values_are_those_of_the_agent(netdata: Netdata, tmp_path: Path) -> None:
    async with source_at(netdata, tmp_path) as source:
        reading = await source.poll()
    alarms = netdata.ask("alarms?all")["alarms"]
    assert (reading.version, reading.quarantined, reading.skew_s) == ("Netdata 1.37.1", 0, 0.0)
    found = {check.key: check for check in reading.checks}
    for key, alarm in alarms.items():
        if alarm["name"] != "ram_in_use":
            expected = "unknown" if alarm["value"] is None else WORDS[alarm["status"]]
            assert found[f"check/{key}"].state == expected
    memory = found["memory"]
    assert (memory.state, memory.summary.partition(":")[0]) == (CheckState.WARNING, "memory in use")
    disk = netdata.ask("allmetrics?format=json&filter=disk_space._")["disk_space._"]["dimensions"]
    used, left = (disk[name]["value"] for name in ("used", "avail"))
    assert found["disk//"].value == pytest.approx(100 * used / (used + left), abs=0.5)
    assert all(is_safe(text) for check in reading.checks for text in (check.label, check.summary))


async def test_how_a_value_went_is_what_netdata_remembers(netdata: Netdata, tmp_path: Path) -> None:
    async with source_at(netdata, tmp_path) as source:
        reading = await source.poll()
        since = reading.at - timedelta(minutes=5)
        checks = {check.key: check for check in reading.checks}
        for key in ("load", "memory", "disk//", "inode//", "uptime"):
            past = await source.history(netdata.native, key, since, 300)
            assert past, key
            assert past[-1][1] == pytest.approx(checks[key].value, rel=0.5, abs=20.0)
            assert all(since <= when for when, _ in past)
        rows = netdata.ask("data?chart=system.uptime&after=-300&points=300&options=seconds")["data"]
        told = {round(value) for _, value in await source.history(netdata.native, "uptime", since, 300) if value}
        assert len({round(row[1]) for row in rows if row[1] is not None} & told) >= len(told) - 3


async def test_the_introduction_says_what_is_there(netdata: Netdata, tmp_path: Path) -> None:
    async with source_at(netdata, tmp_path) as source:
        told = await source.introduce()
    assert (told.product, told.facts["host"]) == ("Netdata 1.37.1", (netdata.host,))


def test_one_that_is_stopped_is_a_critical_issue_and_nothing_is_green(office: Office, netdata: Netdata) -> None:
    configured(office, netdata)
    with office.follow("devices") as devices, office.follow("issues") as issues:

        def device() -> dict[str, object]:
            return devices.facts.get(netdata.host, {})

        devices.until(lambda: device().get("freshness") == "fresh", "a fresh device")
        try:
            netdata.stop()
            devices.until(lambda: device().get("health") == "down", "a device that is down")
            issues.until(
                lambda: (
                    {"Nothing" in one["title"] for one in issues.facts.values() if one["freshness"] == "fresh"}
                    == {True}
                ),
                "that all else is old",
            )
            assert office.rounds("status", check=False).returncode == 2
        finally:
            netdata.start()
        devices.until(lambda: device().get("health") == "degraded", "a device that answers again")
