"""What is said of real agents is, item by item, what snmpbulkwalk prints of them."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path

import pytest

from backends.api import Check, Reading
from backends.engine.clock import SystemClock
from tests.real.snmp.conftest import Agents
from tests.support.office import Office
from tests.support.servers.snmp import AUTH, COMMUNITY, PRIVACY, USER, Snmpd
from tests.support.snmp_agent import open_snmp

pytestmark = pytest.mark.real

IF = ".1.3.6.1.2.1.2.2.1"
IFX = ".1.3.6.1.2.1.31.1.1.1"
STORAGE = ".1.3.6.1.2.1.25.2.3.1"
SUPPLIES = ".1.3.6.1.2.1.43.11.1.1"
UPS = ".1.3.6.1.2.1.33.1"
SYS_NAME = ".1.3.6.1.2.1.1.5.0"
VERSION_3 = ("-v3", "-l", "authPriv", "-u", USER, "-a", "SHA-256", "-A", AUTH, "-x", "AES", "-X", PRIVACY)


def column(agent: Snmpd, oid: str) -> dict[str, str]:
    """By the index of the row; texts without their quotes."""
    start = len(oid.strip(".")) + 1
    return {at[start:]: value.strip('"') for at, value in agent.walked(oid).items()}


def checks(reading: Reading, family: str) -> dict[str, Check]:
    return {check.subject: check for check in reading.checks if check.family == family}


async def read(agent: Snmpd, tmp_path: Path, **options: object) -> Reading:
    return await open_snmp(tmp_path, [agent.at], SystemClock(), secret=COMMUNITY, **options).poll()


async def test_ports_are_those_of_the_walk(agents: Agents, tmp_path: Path) -> None:
    found = checks(await read(agents.switch, tmp_path), "network")
    names, speeds = column(agents.switch, f"{IFX}.1"), column(agents.switch, f"{IFX}.15")
    on, up = column(agents.switch, f"{IF}.7"), column(agents.switch, f"{IF}.8")
    assert len(names) == 8
    assert set(found) == set(names.values())
    for row, name in names.items():
        summary = found[name].summary
        assert ("is up" in summary) is (up[row] == "1"), summary
        assert ("switched off" in summary) is (on[row] == "2"), summary
        assert (f"{int(speeds[row]) // 1000} Gbit/s" in summary) is (up[row] == "1"), summary


async def test_addresses_and_serial_number_are_those_of_the_walk(agents: Agents, tmp_path: Path) -> None:
    (sighting,) = (await read(agents.switch, tmp_path)).sightings
    told = {tuple(re.findall("[0-9A-Fa-f]+", value)) for value in column(agents.switch, f"{IF}.6").values()}
    assert {tuple(part.lstrip("0").upper() or "0" for part in mac.split(":")) for mac in sighting.identity.macs} == {
        tuple(part.lstrip("0").upper() or "0" for part in parts) for parts in told
    }
    assert sighting.identity.serial == column(agents.switch, ".1.3.6.1.2.1.47.1.1.1.1.11")["1"]


async def test_supplies_are_those_of_the_walk(agents: Agents, tmp_path: Path) -> None:
    found = checks(await read(agents.printer, tmp_path), "supply")
    names, levels = column(agents.printer, f"{SUPPLIES}.6"), column(agents.printer, f"{SUPPLIES}.9")
    assert len(names) == 5
    assert {name: check.value for name, check in found.items()} == {
        name: float(levels[row]) if int(levels[row]) >= 0 else None for row, name in names.items()
    }


async def test_the_battery_is_that_of_the_walk(agents: Agents, tmp_path: Path) -> None:
    reading = await read(agents.ups, tmp_path)
    battery = checks(reading, "battery")[""]
    assert battery.value == float(agents.ups.asked(f"{UPS}.2.4.0"))
    assert f"{agents.ups.asked(f'{UPS}.2.3.0')} min left" in battery.summary
    assert checks(reading, "runtime")[""].value == float(agents.ups.asked(f"{UPS}.2.3.0"))
    assert checks(reading, "ups")["load"].value == float(agents.ups.asked(f"{UPS}.4.4.1.5.1"))


async def test_disks_and_memory_of_this_machine_are_those_of_the_walk(agents: Agents, tmp_path: Path) -> None:
    reading = await read(agents.here, tmp_path)
    names, kinds = column(agents.here, f"{STORAGE}.3"), column(agents.here, f"{STORAGE}.2")
    sizes, used = column(agents.here, f"{STORAGE}.5"), column(agents.here, f"{STORAGE}.6")
    disks = {
        name: 100 * int(used[row]) / int(sizes[row])
        for row, name in names.items()
        if kinds[row].endswith(".25.2.1.4")
        and int(sizes[row])
        and not name.startswith(("/run", "/dev", "/sys", "/proc"))
    }
    found = checks(reading, "disk")
    assert set(found) == set(disks)
    assert "/" in disks
    for name, full in disks.items():
        assert found[name].value == pytest.approx(full, abs=1.0)
    assert 0 < (checks(reading, "memory")[""].value or 0) <= 100
    assert (checks(reading, "uptime")[""].value or 0) > 0


async def test_version_3_reads_the_same(agents: Agents, tmp_path: Path) -> None:
    plain = await read(agents.switch, tmp_path)
    secret = f"{AUTH}\n{PRIVACY}\n"
    source = open_snmp(tmp_path, [agents.switch.at], SystemClock(), secret=secret, version="3", user=USER)
    safe = await source.poll()
    assert [(check.key, check.value) for check in plain.checks if check.key not in ("reachable", "uptime")] == [
        (check.key, check.value) for check in safe.checks if check.key not in ("reachable", "uptime")
    ]
    assert agents.switch.asked(SYS_NAME, *VERSION_3).strip('"') == safe.sightings[0].name


def configured(office: Office, hosts: Mapping[str, str], every: str = "30s") -> None:
    listed = ", ".join(f'"{name}={at}"' for name, at in hosts.items())
    office.configure(
        f"""
[technician]
name = "tech1"
[clients.acme]
name = "Acme Dental"
[sources.net]
kind = "snmp"
client = "acme"
site = "HQ"
every = "{every}"
hosts = [{listed}]
secret = "command:echo {COMMUNITY}"
deadline = "3s"
[sources.net.thresholds]
memory = {{ warn = "off", crit = "off" }}
disk = {{ warn = "off", crit = "off" }}
"""
    )


def test_the_commands_tell_of_all_agents(office: Office, agents: Agents) -> None:
    by_name = {"sw1": agents.switch, "printer1": agents.printer, "ups1": agents.ups, "here": agents.here}
    configured(office, {name: agent.at for name, agent in by_name.items()})
    devices = {device["name"]: device for device in office.items("devices")}
    assert {name: device["kind"] for name, device in devices.items()} == {
        "sw1": "switch",
        "printer1": "printer",
        "ups1": "ups",
        "here": "server",
    }
    assert {(device["client"], device["freshness"]) for device in devices.values()} == {("acme", "fresh")}
    level = column(agents.printer, f"{SUPPLIES}.9")["1.1"]
    jam = column(agents.printer, ".1.3.6.1.2.1.43.18.1.1.8")["1.1"]
    charge, minutes = agents.ups.asked(f"{UPS}.2.4.0"), agents.ups.asked(f"{UPS}.2.3.0")
    issues = {(issue["device_name"], issue["title"]) for issue in office.items("issues")}
    assert issues == {
        ("printer1", f"Black toner is at {level} %"),
        ("printer1", f"Printer: {jam}"),
        ("ups1", f"UPS is on battery for 6 min, {minutes} min left, {charge} %, battery is low"),
    }
    (source,) = office.items("sources")
    assert (source["state"], source["devices"], source["quarantined"]) == ("fresh", 4, 0)
