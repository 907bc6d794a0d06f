"""One fact, several witnesses: what two systems both see is one device and one issue; what only sounds alike is not."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from backends.fleet.conditions import Conditions
from backends.fleet.fleet import Fleet
from backends.fleet.merge import fold
from backends.fleet.model import UNPLACED, Severity, SourceName, issue_id
from backends.fleet.reading import Reading
from backends.fleet.start import begun, restored
from tests.support.facts import at, check, folded, only_device, only_issue, reading, sighting

ZABBIX, NAGIOS = SourceName("zabbix"), SourceName("nagios")


def told(source: str, names: Mapping[str, Severity], *, client: str = "Acme", name: str = "files01") -> Reading:
    """What a system says of one host, its checks called as they are called there."""
    conditions = Conditions()
    checks = []
    for called, severity in names.items():
        family, subject = conditions.name("1", called)
        found = check("1", family, source=source, subject=subject, severity=severity, summary=f"{source}: {called}")
        checks.append(found)
    return reading([sighting("1", source=source, name=name, client=client)], checks, source=source)


@pytest.mark.parametrize(
    ("here", "there", "key"),
    [
        ("/var: Disk space is low (used > 80%)", "Disk /var", "disk//var"),
        ("Filesystem /var", "DISK SPACE on /var/", "disk//var"),
        ("Load average is too high", "load", "load"),
        ("Memory usage", "mem", "memory"),
        ("systemd unit nginx.service", "Service nginx", "service/nginx"),
        ("Free inodes on /srv", "inode /srv", "inode//srv"),
    ],
)
def test_one_fact_that_two_systems_call_differently_is_one_issue_with_two_witnesses(
    here: str, there: str, key: str
) -> None:
    fleet = folded(told("zabbix", {here: Severity.WARNING}), told("nagios", {there: Severity.HIGH}))

    issue = only_issue(fleet)
    assert (issue.key, issue.sources, issue.source, issue.severity) == (key, (NAGIOS, ZABBIX), NAGIOS, Severity.HIGH)
    said = {one.source: one.summary for one in fleet.checks_of(only_device(fleet).id)}
    assert said == {ZABBIX: f"zabbix: {here}", NAGIOS: f"nagios: {there}"}


def test_what_only_its_own_system_understands_is_an_issue_of_its_own() -> None:
    fleet = folded(told("zabbix", {"Oracle redo": Severity.HIGH}), told("nagios", {"oracle_redo_log": Severity.HIGH}))

    assert len(fleet.issues) == 2
    assert len(fleet.devices) == 1


def test_two_checks_of_one_system_about_one_thing_stay_two() -> None:
    fleet = folded(told("nagios", {"Load": Severity.WARNING, "CPU load": Severity.HIGH}))

    assert sorted(issue.key for issue in fleet.issues.values()) == ["check/CPU load", "load"]


def test_when_one_witness_is_content_the_other_stands_alone() -> None:
    fleet = folded(told("zabbix", {"Disk /var": Severity.HIGH}), told("nagios", {"Disk /var": Severity.HIGH}))
    fleet = fold(fleet, told("nagios", {}))

    assert only_issue(fleet).sources == (ZABBIX,)


@pytest.mark.parametrize("second", ["zabbix", "nagios"])
def test_two_clients_with_a_dc01_are_two_cards(second: str) -> None:
    """F-14."""
    fleet = folded(
        told("zabbix", {"Disk /var": Severity.HIGH}, client="Acme", name="dc01"),
        told("nagios", {"Disk /var": Severity.HIGH}, client="Baker", name="dc01"),
    )

    assert sorted((device.client, device.name) for device in fleet.devices.values()) == [
        ("acme", "dc01"),
        ("baker", "dc01"),
    ]
    assert [issue.sources for issue in fleet.issues.values()] == [(ZABBIX,), (NAGIOS,)]
    again = fold(fleet, told(second, {}, client="Acme" if second == "zabbix" else "Baker", name="dc01"))
    assert len(again.issues) == 1


def test_what_nobody_placed_is_never_taken_for_the_same() -> None:
    fleet = folded(
        told("zabbix", {"Disk /var": Severity.HIGH}, client=UNPLACED, name="dc01"),
        told("nagios", {"Disk /var": Severity.HIGH}, client=UNPLACED, name="dc01"),
    )

    assert len(fleet.devices) == len(fleet.issues) == 2


# What is not placed is counted.


def unplaced(fleet: Fleet) -> int:
    return fleet.sources[ZABBIX].unplaced


def test_devices_that_no_rule_placed_are_counted_until_one_does() -> None:
    fleet = folded(reading([sighting("1"), sighting("2", client=UNPLACED), sighting("3", client=UNPLACED)]))
    assert unplaced(fleet) == 2

    placed = sighting("2", seen=at(30))
    fleet = fold(fleet, reading([placed], complete=False, covers=["2"], when=at(30)))
    assert unplaced(fleet) == 1

    fleet = fold(fleet, reading([placed], when=at(60)))
    assert unplaced(fleet) == 0


def test_an_answer_that_lost_all_its_devices_keeps_their_number() -> None:
    fleet = folded(reading([sighting("1", client=UNPLACED)]), reading(when=at(30)))

    assert unplaced(fleet) == 1


def test_what_is_known_from_before_a_restart_is_counted() -> None:
    before = folded(reading([sighting("1", client=UNPLACED), sighting("2")], [check("1")]))
    seen = [(word.sighting, word.checks) for word in before.told[ZABBIX].values()]
    sources = [before.sources[ZABBIX]]
    fresh = begun({}, [type(sources[0])(name=ZABBIX, kind="zabbix", state=sources[0].state)], at(1))

    fleet = restored(fresh, seen, before.identity, {}, {}, at(1))

    assert unplaced(fleet) == 1
    assert issue_id("zabbix:1", "disk") in fleet.issues
