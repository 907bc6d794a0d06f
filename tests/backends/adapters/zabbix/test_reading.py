"""From the answers that a real Zabbix 6.0.14 gave to what a technician is told."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from backends.adapters.zabbix.gather import Snapshot
from backends.adapters.zabbix.options import FACTS, USUAL
from backends.adapters.zabbix.reading import read
from backends.adapters.zabbix.records import Host, Item, Problem, Proxy, Trigger, understood
from backends.api import Check, Reading, SourceName
from backends.fleet.model import UNPLACED, CheckState, Health, Severity
from backends.fleet.placement import Placement, placement
from backends.text import is_safe
from tests.support.replayed.zabbix import ANSWERS, RECORDED

AT = datetime.fromtimestamp(RECORDED, UTC)
NAME = SourceName("zabbix-eu")


def records(method: str, kind: type[Any]) -> list[Any]:
    raws = msgspec.json.decode((ANSWERS / f"{method}.json").read_bytes(), type=list[msgspec.Raw])
    found, spoiled = understood(raws, kind)
    assert spoiled == 0
    return found


def rules(**table: Any) -> Placement:
    return placement(table, NAME, {}, FACTS, USUAL)


def snapshot(**changes: Any) -> Snapshot:
    """The recorded answers as one poll knows them."""
    triggers = {one.triggerid: one for one in records("trigger.get", Trigger)}
    return msgspec.structs.replace(
        Snapshot(
            at=AT,
            skew_s=0.0,
            hosts={one.hostid: one for one in records("host.get", Host)},
            problems=records("problem.get", Problem),
            triggers=triggers,
            items={item.itemid: item for one in triggers.values() for item in one.items},
            maintenances={"1": "patch night"},
            users={"1": "Admin"},
        ),
        **changes,
    )


def reading(**changes: Any) -> Reading:
    return read(snapshot(**changes), NAME, rules()).reading


def native(host: str) -> str:
    return next(one.hostid for one in records("host.get", Host) if one.host == host)


def checks(told: Reading, host: str) -> dict[str, Check]:
    return {check.key: check for check in told.checks if check.native == native(host)}


def test_every_host_is_a_device_where_its_groups_say() -> None:
    placed = {sighting.native: (sighting.client, sighting.site_name) for sighting in reading().sightings}
    assert placed[native("acme-dc01")] == ("acme", "HQ")
    assert placed[native("borg-fw01")] == ("borg", "Main")
    assert placed[native("lost01")] == (UNPLACED, "zabbix-eu")
    assert len(placed) == 8


def test_the_name_for_people_is_the_devices_name() -> None:
    names = {sighting.native: sighting.name for sighting in reading().sightings}
    assert names[native("acme-dc01")] == "dc 01 at acme"


@pytest.mark.parametrize(
    ("host", "health"),
    [
        ("acme-dc01", Health.OK),
        ("acme-nas01", Health.UNKNOWN),
        ("acme-old", Health.UNKNOWN),
        ("borg-fw01", Health.DOWN),
        ("borg-ws01", Health.MAINTENANCE),
    ],
    ids=["answers", "never asked", "disabled", "does not answer", "in maintenance"],
)
def test_a_host_is_as_well_as_zabbix_knows(host: str, health: Health) -> None:
    found = {sighting.native: sighting.health for sighting in reading().sightings}
    assert found[native(host)] is health


@pytest.mark.parametrize("host", ["acme-nas01", "acme-old", "evil01"])
def test_of_a_host_that_was_never_asked_nothing_is_said_to_be_fine(host: str) -> None:
    """F-69"""
    assert not [check for check in checks(reading(), host).values() if check.state is CheckState.OK]


def test_disabled_hosts_can_be_left_out() -> None:
    told = read(snapshot(), NAME, rules(), disabled=False).reading
    assert native("acme-old") not in {sighting.native for sighting in told.sightings}


def test_what_a_problem_is_about_is_known_by_the_same_name_as_everywhere() -> None:
    found = checks(reading(), "acme-dc01")
    assert set(found) == {"reachable", "disk//var", "service/spooler"}
    disk = found["disk//var"]
    assert (disk.state, disk.severity) == (CheckState.CRITICAL, Severity.HIGH)
    assert (disk.value, disk.unit, disk.warn, disk.crit) == (97.5, "%", None, 90.0)
    assert disk.summary == "Disk space on /var (now 97.5 %)"
    assert disk.since is not None
    assert timedelta() < AT - disk.since < timedelta(minutes=5)


def test_a_name_with_values_in_it_keeps_its_condition_when_they_change() -> None:
    (raid,) = checks(reading(), "acme-nas01").values()
    assert raid.key == "check/RAID: … broken disks"
    assert raid.summary == "RAID: 2 broken disks on acme-nas01"


def test_who_acknowledged_is_told() -> None:
    (raid,) = checks(reading(), "acme-nas01").values()
    assert raid.handling is not None
    assert (raid.handling.acked, raid.handling.acked_by, raid.handling.text) == (True, "Admin", "disk is ordered")
    assert raid.handling.acked_at is not None


def test_what_a_maintenance_quiets_is_told_with_its_end() -> None:
    handling = checks(reading(), "borg-ws01")["check/Pending updates"].handling
    assert handling is not None
    assert (handling.quiet, handling.quiet_by) == (True, "patch night")
    assert handling.quiet_until is not None
    assert handling.quiet_until > AT


def test_two_witnesses_that_a_host_does_not_answer_are_one_condition() -> None:
    found = checks(reading(), "borg-fw01")
    assert found["reachable"].summary == "Zabbix agent is not available on borg-fw01"
    assert found["reachable"].state is CheckState.CRITICAL
    assert set(found) == {"reachable", "check/Not reachable"}


def test_what_hangs_behind_another_is_not_told_twice_and_knows_its_master() -> None:
    found = checks(reading(), "borg-ap01")
    assert set(found) == {"reachable"}
    (sighting,) = [one for one in reading().sightings if one.native == native("borg-ap01")]
    assert sighting.behind == native("borg-fw01")


def test_a_symptom_knows_the_host_of_its_cause() -> None:
    problems = records("problem.get", Problem)
    triggers = snapshot().triggers
    cause = next(one for one in problems if one.name == "Disk space on /var")
    symptom = next(one for one in problems if triggers[one.objectid].hosts[0].hostid == native("borg-ap01"))
    bare = msgspec.structs.replace(triggers[symptom.objectid], dependencies=())
    changed = [msgspec.structs.replace(one, cause_eventid=cause.eventid) if one is symptom else one for one in problems]
    told = reading(problems=changed, triggers={**triggers, bare.triggerid: bare})
    (sighting,) = [one for one in told.sightings if one.native == native("borg-ap01")]
    assert sighting.behind == native("acme-dc01")


def test_a_problem_whose_trigger_is_disabled_or_out_of_sight_is_not_told() -> None:
    assert not [check for check in reading(triggers={}).checks if check.key != "reachable"]


def test_several_problems_of_one_trigger_are_one_condition() -> None:
    problems = records("problem.get", Problem)
    again = msgspec.structs.replace(next(one for one in problems if one.objectid == "1"), eventid="9999")
    disk = checks(reading(problems=[*problems, again]), "acme-dc01")["disk//var"]
    assert disk.summary.endswith("and 1 more of these")


def test_an_acknowledged_problem_beside_one_that_is_not_is_not_acknowledged() -> None:
    problems = records("problem.get", Problem)
    raid = next(one for one in problems if one.acknowledged == "1")
    again = msgspec.structs.replace(raid, eventid="9999", acknowledged="0", acknowledges=())
    (check,) = checks(reading(problems=[*problems, again]), "acme-nas01").values()
    assert check.handling is not None
    assert not check.handling.acked


def test_text_of_outside_is_safe() -> None:
    """F-16"""
    told = reading()
    for sighting in told.sightings:
        assert all(map(is_safe, (sighting.name, sighting.client_name, sighting.site_name)))
    for check in told.checks:
        assert all(map(is_safe, (check.label, check.summary, check.unit)))


def test_a_clock_that_is_ahead_does_not_make_problems_younger() -> None:
    disk, late = (checks(reading(skew_s=skew_s), "acme-dc01")["disk//var"] for skew_s in (0.0, 30.0))
    assert disk.since is not None
    assert late.since == disk.since - timedelta(seconds=30)


def test_nothing_is_vouched_for_when_the_server_has_stopped() -> None:
    """F-69: the web page answers from the database as if nothing had happened."""
    stopped = AT - timedelta(minutes=20)
    told = reading(stopped=stopped)
    assert {sighting.seen for sighting in told.sightings} == {stopped}
    assert {check.seen for check in told.checks} == {stopped}
    assert "zabbix_server is running" in told.note


def hosts_with(host: str, **changes: Any) -> dict[str, Host]:
    hosts = snapshot().hosts
    return {**hosts, native(host): msgspec.structs.replace(hosts[native(host)], **changes)}


@pytest.mark.parametrize(
    ("proxy", "old"),
    [
        (Proxy(proxyid="9", lastaccess=str(RECORDED - 10)), False),
        (Proxy(proxyid="9", lastaccess=str(RECORDED - 600)), True),
        (Proxy(proxyid="9", lastaccess=str(RECORDED - 70), state="1"), True),
    ],
    ids=["heard just now", "silent", "offline"],
)
def test_what_a_silent_proxy_watches_grows_old(proxy: Proxy, old: bool) -> None:
    told = reading(hosts=hosts_with("acme-dc01", proxy_hostid="9"), proxies={"9": proxy})
    seen = {sighting.native: sighting.seen for sighting in told.sightings}
    assert (seen[native("acme-dc01")] < AT) is old
    assert seen[native("lost01")] == AT


def test_what_a_silent_proxy_of_a_group_watches_grows_old_too() -> None:
    """F-69: such a host names no proxy of its own."""
    hosts = hosts_with("acme-dc01", proxy_groupid="3", assigned_proxyid="9")
    told = reading(hosts=hosts, proxies={"9": Proxy(proxyid="9", lastaccess=str(RECORDED - 600), state="1")})
    seen = {sighting.native: sighting.seen for sighting in told.sightings}
    assert seen[native("acme-dc01")] < AT


def test_of_a_host_that_no_proxy_of_its_group_has_nothing_is_known() -> None:
    told = reading(hosts=hosts_with("acme-dc01", proxy_groupid="3"))
    health = {sighting.native: sighting.health for sighting in told.sightings}
    assert health[native("acme-dc01")] is Health.UNKNOWN
    assert "reachable" not in checks(told, "acme-dc01")


def ping(value: str, ago_s: int) -> Item:
    return Item(
        itemid="77",
        hostid=native("acme-nas01"),
        key_="icmpping",
        delay="1m",
        lastvalue=value,
        lastclock=str(RECORDED - ago_s),
    )


@pytest.mark.parametrize(
    ("value", "ago_s", "state", "fresh"),
    [
        ("1", 30, CheckState.OK, True),
        ("0", 30, CheckState.CRITICAL, True),
        ("1", 900, CheckState.OK, False),
    ],
    ids=["answers", "does not", "was not asked for long"],
)
def test_a_host_without_availability_is_known_by_its_ping(
    value: str, ago_s: int, state: CheckState, fresh: bool
) -> None:
    host = native("acme-nas01")
    told = reading(items={**snapshot().items, "77": ping(value, ago_s)}, pings={host: "77"})
    reachable = checks(told, "acme-nas01")["reachable"]
    assert reachable.state is state
    assert (reachable.seen == AT) is fresh


def test_a_ping_that_never_had_a_value_says_nothing() -> None:
    item = msgspec.structs.replace(ping("0", 0), lastclock="0")
    told = reading(items={**snapshot().items, "77": item}, pings={native("acme-nas01"): "77"})
    assert "reachable" not in checks(told, "acme-nas01")


def test_one_interface_of_several_that_is_mute_is_a_finding_of_its_own() -> None:
    hosts = snapshot().hosts
    first = hosts[native("acme-dc01")].interfaces[0]
    second = msgspec.structs.replace(first, type="2", available="2", error="timed out", main="0")
    told = reading(hosts=hosts_with("acme-dc01", interfaces=(first, second)))
    found = checks(told, "acme-dc01")
    assert found["reachable"].state is CheckState.OK
    assert found["check/SNMP at 127.0.0.1"].summary == "No answer by SNMP at 127.0.0.1: timed out"


def test_an_active_agent_counts_as_a_way_to_answer() -> None:
    told = reading(hosts=hosts_with("acme-nas01", active_available="2"))
    assert checks(told, "acme-nas01")["reachable"].state is CheckState.CRITICAL


@pytest.mark.parametrize(
    ("severity", "told"),
    [("0", Severity.INFO), ("2", Severity.WARNING), ("3", Severity.WARNING), ("5", Severity.CRITICAL)],
)
def test_severities_are_those_of_the_problem_not_of_its_trigger(severity: str, told: Severity) -> None:
    problems = [msgspec.structs.replace(one, severity=severity) for one in records("problem.get", Problem)]
    assert checks(reading(problems=problems), "acme-dc01")["disk//var"].severity is told


@pytest.mark.parametrize("clock", ["0", "-5", "99999999999999999", "soon", ""])
def test_a_time_that_is_none_is_left_to_the_engine(clock: str) -> None:
    """F-73"""
    problems = [msgspec.structs.replace(one, clock=clock) for one in records("problem.get", Problem)]
    assert checks(reading(problems=problems), "acme-dc01")["disk//var"].since is None


ODD: list[Any] = [
    None,
    True,
    0,
    -1,
    10**30,
    1e300,
    "",
    "-1",
    "9" * 400,
    "\x1b[2J",
    "é" * 300,
    "nan",
    [],
    {},
    [None],
    [[]],
]
TABLES = {"host.get": Host, "problem.get": Problem, "trigger.get": Trigger}


@given(
    st.lists(
        st.tuples(st.sampled_from(sorted(TABLES)), st.integers(0, 60), st.integers(0, 60), st.sampled_from(ODD)),
        max_size=5,
    )
)
@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_no_payload_of_the_right_shape_raises(changes: list[tuple[str, int, int, Any]]) -> None:
    """F-73: any field of any record may be anything."""
    tables = {method: json.loads((ANSWERS / f"{method}.json").read_text()) for method in TABLES}
    for method, row, column, value in changes:
        record = tables[method][row % len(tables[method])]
        record[sorted(record)[column % len(record)]] = value
    told = {
        method: understood([msgspec.Raw(json.dumps(one).encode()) for one in tables[method]], kind)[0]
        for method, kind in TABLES.items()
    }
    found = read(
        snapshot(
            hosts={one.hostid: one for one in told["host.get"]},
            problems=told["problem.get"],
            triggers={one.triggerid: one for one in told["trigger.get"]},
        ),
        NAME,
        rules(),
    ).reading
    assert all(check.seen <= found.at for check in found.checks)
    keys = [(check.native, check.key) for check in found.checks]
    assert len(keys) == len(set(keys))
    assert all(is_safe(check.summary) for check in found.checks)
