"""From walks to readings: what is said of switches, printers, UPSs and servers."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from backends.adapters.snmp.options import snmp_options
from backends.adapters.snmp.parse import ports_of, printer_of, stores_of, system_of, traits_of, ups_of
from backends.adapters.snmp.reading import reading_of
from backends.adapters.snmp.records import Found
from backends.adapters.snmp.session import Row
from backends.api import Check, Reading, SourceName, safe
from backends.fleet.fleet import Fleet
from backends.fleet.merge import fold
from backends.fleet.model import CheckState, Severity
from backends.testing import FakeClock
from backends.text import is_safe
from tests.support.snmp_agent import agent, changed, open_snmp, recorded, settings_of

IF = "1.3.6.1.2.1.2.2.1"
UPS = "1.3.6.1.2.1.33.1"
PRINTER = "1.3.6.1.2.1.43"
STATUS = "1.3.6.1.2.1.25.3.5.1.2.1"
NOW = datetime(2026, 11, 26, 7, 0, tzinfo=UTC)
HOSTILE = "evil\x1b[2J\u202e\x00\n[red]"


async def read(
    tmp_path: Path, name: str, changes: Mapping[str, str | None] | None = None, **options: object
) -> Reading:
    with agent(changed(recorded(name), changes or {})) as made:
        return await open_snmp(tmp_path, [made.port], **options).poll()


def wrong(reading: Reading) -> dict[str, tuple[CheckState, Severity | None, str]]:
    return {
        check.key: (check.state, check.severity, str(check.summary))
        for check in reading.checks
        if check.state is not CheckState.OK
    }


def check(reading: Reading, key: str) -> Check:
    return next(one for one in reading.checks if one.key == key)


@pytest.mark.parametrize("kind", ["switch", "printer", "ups", "server"])
async def test_the_mibs_that_answer_tell_the_kind(kind: str, tmp_path: Path) -> None:
    (sighting,) = (await read(tmp_path, kind)).sightings
    assert sighting.kind == kind
    assert (sighting.client, sighting.client_name, sighting.site) == ("acme", "Acme Dental", "acme/hq")


@pytest.mark.parametrize(
    ("descr", "kind"),
    [
        ("Linux DiskStation 4.4 synology", "nas"),
        ("FortiGate-60F v7", "firewall"),
        ("AP 315 access point", "access-point"),
    ],
)
async def test_words_tell_the_kind_where_no_mib_does(descr: str, kind: str, tmp_path: Path) -> None:
    (sighting,) = (await read(tmp_path, "server", {"1.3.6.1.2.1.1.1.0": descr})).sightings
    assert sighting.kind == kind


async def test_a_switch_is_known_by_the_chassis_and_its_real_addresses(tmp_path: Path) -> None:
    shared = {f"{IF}.6.1": "00 00 5E 00 01 0A", f"{IF}.6.2": "00 00 0C 07 AC 01", f"{IF}.6.3": "00 00 00 00 00 00"}
    (sighting,) = (await read(tmp_path, "switch", shared)).sightings
    assert sighting.identity.serial == "FDO1234X0AB"
    assert sighting.identity.macs == tuple(f"00:1b:21:0a:00:{port:02x}" for port in range(4, 9))


async def test_a_free_port_is_no_issue_and_one_that_must_be_up_is(tmp_path: Path) -> None:
    must = {"network": {"up": ["Gi0/6", "uplink*", "Gi0/8"]}}
    reading = await read(tmp_path, "switch", thresholds=must)
    assert wrong(reading) == {
        "network/Gi0/6": (CheckState.CRITICAL, None, "Network Gi0/6 is down"),
        "network/Gi0/8": (CheckState.CRITICAL, None, "Network Gi0/8 is switched off"),
    }
    down = await read(tmp_path, "switch", {f"{IF}.8.1": "7"}, thresholds=must)
    assert wrong(down)["network/Gi0/1"][2].startswith("Network Gi0/1 (uplink to firewall) is down")


@pytest.mark.parametrize(("name", "port", "severity"), [("switch", "Gi0/2", Severity.INFO), ("server", "eth0", None)])
async def test_a_port_that_was_up_and_is_down_is_told(
    name: str, port: str, severity: Severity | None, tmp_path: Path
) -> None:
    with agent(recorded(name)) as made:
        part = open_snmp(tmp_path, [made.port]).parts()[0]
        assert f"network/{port}" not in wrong(await part.poll())
        made.rows = changed(recorded(name), {f"{IF}.8.2": "2"})
        state, told, summary = wrong(await part.poll())[f"network/{port}"]
    assert (state, told, summary) == (CheckState.WARNING, severity, f"Network {port} is down")


async def test_since_when_a_port_is_down_is_told_by_the_device(tmp_path: Path) -> None:
    must = {"network": {"up": ["Gi0/6"]}}
    clock = FakeClock()
    with agent(changed(recorded("switch"), {f"{IF}.9.6": "834584"})) as made:
        reading = await open_snmp(tmp_path, [made.port], clock, thresholds=must).poll()
    assert check(reading, "network/Gi0/6").since == clock.now() - timedelta(seconds=300)
    assert check(reading, "network/Gi0/7").since is None


async def test_since_when_a_ups_is_on_battery_is_told_by_it(tmp_path: Path) -> None:
    reading = await read(tmp_path, "ups")
    assert check(reading, "battery").since == reading.at - timedelta(seconds=385)


async def test_traffic_and_errors_are_what_two_looks_differ_by(tmp_path: Path) -> None:
    clock, wide = FakeClock(), "1.3.6.1.2.1.31.1.1.1"
    with agent(recorded("switch")) as made:
        part = open_snmp(tmp_path, [made.port], clock).parts()[0]
        assert not [one for one in (await part.poll()).checks if one.family in ("traffic", "errors")]
        await clock.advance(10)
        more = {f"{wide}.6.1": str(900_000_000_001 + 125_000_000), f"{IF}.14.1": "50"}
        made.rows = changed(recorded("switch"), {**more, "1.3.6.1.2.1.1.3.0": "865584"})
        reading = await part.poll()
    traffic = check(reading, "traffic/Gi0/1")
    assert (traffic.value, traffic.unit) == (100e6, "bit/s")
    assert traffic.summary == "Traffic Gi0/1 (uplink to firewall): 100 Mbit/s in, 0 bit/s out of 1 Gbit/s (10 %)"
    errors = check(reading, "errors/Gi0/1")
    assert (errors.value, errors.state) == (5.0, CheckState.WARNING)
    assert check(reading, "errors/Gi0/2").state is CheckState.OK
    assert not [one for one in reading.checks if one.key in ("traffic/Gi0/6", "traffic/Gi0/8")]


async def test_counters_of_a_restarted_agent_tell_no_rate(tmp_path: Path) -> None:
    clock = FakeClock()
    with agent(recorded("switch")) as made:
        part = open_snmp(tmp_path, [made.port], clock).parts()[0]
        await part.poll()
        await clock.advance(10)
        zeros = {f"1.3.6.1.2.1.31.1.1.1.{column}.{port}": "0" for column in (6, 10) for port in range(1, 9)}
        made.rows = changed(recorded("switch"), {**zeros, "1.3.6.1.2.1.1.3.0": "900"})
        reading = await part.poll()
        assert not [one for one in reading.checks if one.family == "traffic"]
        await clock.advance(10)
        made.rows = changed(made.rows, {"1.3.6.1.2.1.1.3.0": "1900"})
        assert check(await part.poll(), "traffic/Gi0/1").value == 0.0


async def test_a_full_disk_is_told_as_over_ssh(tmp_path: Path) -> None:
    reading = await read(tmp_path, "server")
    assert wrong(reading) == {"disk//srv": (CheckState.CRITICAL, None, "Disk /srv is 99.6 % full, 78.1 MiB left")}
    assert {one.key for one in reading.checks if one.family == "disk"} == {"disk//", "disk//srv"}  # no /run, no NFS
    assert round(check(reading, "memory").value or 0, 1) == 62.5  # caches count as available


async def test_a_disk_of_windows_is_its_letter(tmp_path: Path) -> None:
    name = "1.3.6.1.2.1.25.2.3.1.3.37"
    reading = await read(tmp_path, "server", {name: "C:\\ Label:System  Serial Number 1a2b3c4d"})
    assert wrong(reading)["disk/C:"][0] is CheckState.CRITICAL


async def test_a_disk_of_more_blocks_than_a_signed_number_holds_is_no_negative_one(tmp_path: Path) -> None:
    size = str(-(2**31) + 1000)
    reading = await read(tmp_path, "server", {"1.3.6.1.2.1.25.2.3.1.5.36": size})
    assert check(reading, "disk//").summary.startswith("Disk / is 0.1 % full, 8.0 TiB left")


async def test_toner_that_is_low_and_a_jam_are_told_once_each(tmp_path: Path) -> None:
    assert wrong(await read(tmp_path, "printer")) == {
        "supply/Black toner": (CheckState.WARNING, None, "Black toner is at 4 %"),
        "printer/8.0.8": (CheckState.CRITICAL, Severity.HIGH, "Printer: Paper jam in tray 2"),
    }


@pytest.mark.parametrize(
    ("level", "summary", "state"),
    [
        ("3", "Black toner is at 3 %", CheckState.CRITICAL),
        ("0", "Black toner is at 0 %", CheckState.CRITICAL),
        ("11", "Black toner is at 11 %", CheckState.OK),
        ("-3", "Black toner has something left", CheckState.OK),
        ("-2", "Black toner does not tell how much is left", CheckState.OK),
    ],
)
async def test_levels_of_supplies(level: str, summary: str, state: CheckState, tmp_path: Path) -> None:
    toner = check(await read(tmp_path, "printer", {f"{PRINTER}.11.1.1.9.1.1": level}), "supply/Black toner")
    assert (toner.summary, toner.state) == (summary, state)
    assert (toner.value is None) is level.startswith("-")


async def test_a_waste_box_tells_the_room_that_is_left(tmp_path: Path) -> None:
    reading = await read(tmp_path, "printer", {f"{PRINTER}.11.1.1.9.1.5": "2"})
    assert wrong(reading)["supply/Waste box"] == (
        CheckState.CRITICAL,
        None,
        "Waste box has 2 % of its room left",
    )


async def test_a_printer_without_alerts_is_told_by_its_error_state(tmp_path: Path) -> None:
    gone = {oid: None for oid, _, _ in recorded("printer") if oid.startswith(f"{PRINTER}.18.")}
    full = {f"{PRINTER}.11.1.1.9.1.1": "80"}
    reading = await read(tmp_path, "printer", {**gone, **full, STATUS: "48 08"})
    assert wrong(reading) == {
        "printer": (
            CheckState.CRITICAL,
            Severity.HIGH,
            "Printer is out of paper, open, blocked: its output tray is full",
        )
    }


async def test_an_alert_of_a_supply_that_is_low_is_not_told_twice(tmp_path: Path) -> None:
    alert = {f"{PRINTER}.18.1.1.4.1.1": "11"}
    rows = [*changed(recorded("printer"), alert), (f"{PRINTER}.18.1.1.5.1.1", "Integer", "1")]
    with agent(rows) as made:
        reading = await open_snmp(tmp_path, [made.port]).poll()
    assert list(wrong(reading)) == ["supply/Black toner"]


async def test_a_ups_on_battery_is_told_with_the_time_that_is_left(tmp_path: Path) -> None:
    reading = await read(tmp_path, "ups", {f"{UPS}.2.1.0": "2", f"{UPS}.2.3.0": "25", f"{UPS}.2.4.0": "80"})
    assert wrong(reading) == {
        "battery": (CheckState.WARNING, None, "UPS is on battery for 6 min, 25 min left, 80 %"),
    }
    assert wrong(await read(tmp_path, "ups"))["battery"][0] is CheckState.CRITICAL  # its battery is low


@pytest.mark.parametrize(
    ("changes", "key", "state"),
    [
        ({f"{UPS}.2.3.0": "9"}, "battery", CheckState.CRITICAL),
        ({f"{UPS}.4.4.1.5.1": "90"}, "ups/load", CheckState.WARNING),
        ({f"{UPS}.4.4.1.5.1": "104"}, "ups/load", CheckState.CRITICAL),
        ({f"{UPS}.4.1.0": "4"}, "ups/output", CheckState.WARNING),
        ({f"{UPS}.4.1.0": "2"}, "ups/output", CheckState.CRITICAL),
        ({f"{UPS}.6.2.1.2.1": f"{UPS}.6.3.1"}, "ups/alarm 1", CheckState.CRITICAL),
        ({f"{UPS}.6.2.1.2.1": f"{UPS}.6.3.16"}, "ups/alarm 16", CheckState.WARNING),
    ],
)
async def test_what_else_a_ups_complains_of(
    changes: Mapping[str, str], key: str, state: CheckState, tmp_path: Path
) -> None:
    assert wrong(await read(tmp_path, "ups", changes))[key][0] is state


async def test_a_ups_on_mains_is_well(tmp_path: Path) -> None:
    changes = {f"{UPS}.2.1.0": "2", f"{UPS}.2.2.0": "0", f"{UPS}.4.1.0": "3", f"{UPS}.6.2.1.2.1": f"{UPS}.6.3.24"}
    reading = await read(tmp_path, "ups", changes)
    assert wrong(reading) == {}
    assert check(reading, "battery").summary == "UPS is on mains, 11 min left, 31 %"


async def test_what_devices_call_themselves_is_made_safe(tmp_path: Path) -> None:
    """F-28 … F-37: names of devices, ports, disks, supplies and alerts."""
    changes: dict[str, dict[str, str]] = {
        "switch": {"1.3.6.1.2.1.1.5.0": HOSTILE, "1.3.6.1.2.1.31.1.1.1.1.1": HOSTILE, "1.3.6.1.2.1.1.1.0": HOSTILE},
        "printer": {f"{PRINTER}.11.1.1.6.1.1": HOSTILE, f"{PRINTER}.18.1.1.8.1.1": HOSTILE},
        "server": {"1.3.6.1.2.1.25.2.3.1.3.37": HOSTILE, "1.3.6.1.2.1.1.6.0": HOSTILE},
    }
    for name, some in changes.items():
        reading = await read(tmp_path, name, some)
        shown = [text for one in reading.checks for text in (one.label, one.summary, one.advice)]
        shown += [text for one in reading.sightings for text in (one.name, one.system, one.site_name, one.address)]
        assert all(map(is_safe, shown))
        assert any("evil" in text for text in shown)


async def test_a_device_is_placed_by_its_location(tmp_path: Path) -> None:
    place = {"location": "^(?P<client>client[0-9]+) (?P<site>.+) rack"}
    with agent(recorded("switch")) as made:
        source = open_snmp(tmp_path, [made.port], place=place)
        (sighting,) = (await source.poll()).sightings
        introduction = await source.introduce()
    assert (sighting.client, sighting.site) == ("client01", "client01/hq")
    assert introduction.facts["location"] == ("client01 HQ rack 1",)
    assert introduction.product == "SNMP v2c: Testbed switch, 8 ports"


async def test_an_agent_that_shows_its_system_group_only_hides_the_rest(tmp_path: Path) -> None:
    shown = [row for row in recorded("switch") if row[0].startswith("1.3.6.1.2.1.1.")]
    for rows, missing in (
        (shown, ["read more than the system group"]),
        (recorded("switch"), []),
        (recorded("ups"), []),
    ):
        with agent(rows) as made:
            rights = (await open_snmp(tmp_path, [made.port]).introduce()).rights
        assert [right.what for right in rights if right.granted is False] == missing
        assert all("a view of all of 1.3.6.1.2.1" in right.remedy for right in rights if right.granted is False)


async def test_memory_of_a_printer_is_nobodys_business(tmp_path: Path) -> None:
    storage = "1.3.6.1.2.1.25.2.3.1"
    full = (("2", "ObjectIdentifier", "1.3.6.1.2.1.25.2.1.2"), ("3", "OctetString", "RAM"), ("4", "Integer", "1024"))
    rows = [(f"{storage}.{column}.1", kind, value) for column, kind, value in full]
    rows += [(f"{storage}.{column}.1", "Integer", "1000") for column in (5, 6)]
    with agent([*recorded("printer"), *rows]) as made:
        reading = await open_snmp(tmp_path, [made.port]).poll()
    assert not [one for one in reading.checks if one.family == "memory"]


async def test_a_server_that_another_source_knows_by_its_address_is_one_device(tmp_path: Path) -> None:
    reading = await read(tmp_path, "server")
    (sighting,) = reading.sightings
    assert sighting.identity.macs == ("52:54:00:aa:bb:01",)
    other = msgspec.structs.replace(sighting, source=SourceName("ssh-hq"), native="10.0.0.5", name=safe("db01"))
    fleet = fold(fold(Fleet(), reading), Reading(source=other.source, at=reading.at, sightings=(other,)))
    (device,) = fleet.devices.values()
    assert set(device.sources) == {"acme-net", "ssh-hq"}


_VALUES = st.one_of(st.integers(-(2**63), 2**64), st.binary(max_size=20), st.text(max_size=20), st.none())


def _rows(*names: str) -> st.SearchStrategy[dict[tuple[int, ...], Row]]:
    row = st.dictionaries(st.sampled_from(names), _VALUES)
    return st.dictionaries(st.lists(st.integers(0, 9), min_size=1, max_size=3).map(tuple), row, max_size=4)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_nothing_that_variables_can_hold_raises_anything(data: st.DataObject, tmp_path: Path) -> None:
    """F-69 … F-79: any value of any type under any index."""

    def rows(*names: str) -> dict[tuple[int, ...], Row]:
        return data.draw(_rows(*names))

    some = ("descr", "object", "up", "name", "location", "engine_up", "host_up", "bridge_ports", "interfaces", "ups")
    flat = data.draw(st.dictionaries(st.sampled_from((*some, "status", "minutes", "charge", "source")), _VALUES))
    names = ("descr", "type", "speed", "mac", "name", "high_speed", "alias")
    counters = ("admin", "oper", "in", "out", "in_errors", "wide_in", "wide_out", "broken")
    found = Found(
        at=NOW,
        took_s=0.1,
        clock_s=1.0,
        system=system_of(flat),
        traits=traits_of(flat, rows("serial"), rows("class", "serial"), storage=True),
        ports=ports_of(rows(*names), rows(*counters)),
        stores=stores_of(rows("type", "descr"), rows("unit", "size", "used")),
        printer=printer_of(
            rows("errors"),
            rows("class", "type", "descr", "unit", "most", "level"),
            rows("severity", "group", "group_index", "code", "descr"),
        ),
        ups=ups_of(flat, rows("load"), rows("what")),
    )
    options = snmp_options(settings_of(tmp_path, {"hosts": ["10.0.0.1"]}, FakeClock())).hosts[0]
    reading = reading_of(found, options, SourceName("s"), rates={}, seen_up=frozenset(), booted=None, rows=10)
    keys = [one.key for one in reading.checks]
    assert len(keys) == len(set(keys))
