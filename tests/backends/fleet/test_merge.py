"""What folding a reading does to the facts of its source, and to nobody else's."""

from __future__ import annotations

import msgspec

from backends.fleet.fleet import Fleet
from backends.fleet.merge import fold
from backends.fleet.model import CheckState, FaultKind, Freshness, Health, Severity, SourceName, safe
from tests.support.facts import at, check, folded, only_device, only_issue, reading, sighting, unreachable

ZABBIX = SourceName("zabbix")


def test_a_first_sighting_gives_its_device_source_and_native_id_as_its_name() -> None:
    fleet = folded(reading([sighting("10084")]))

    assert only_device(fleet).id == "zabbix:10084"


def test_the_same_native_id_at_two_sources_is_two_devices() -> None:
    fleet = folded(
        reading([sighting("1", name="a")]),
        reading([sighting("1", source="icinga", name="b")], source="icinga"),
    )

    assert set(fleet.devices) == {"zabbix:1", "icinga:1"}


def test_a_device_that_a_complete_reading_leaves_out_is_gone() -> None:
    fleet = folded(reading([sighting("1"), sighting("2")]), reading([sighting("1", seen=at(30))], when=at(30)))

    assert set(fleet.devices) == {"zabbix:1"}


def test_a_device_that_is_covered_and_not_seen_is_gone() -> None:
    fleet = folded(
        reading([sighting("1"), sighting("2")]),
        reading(when=at(30), complete=False, covers=["2"]),
    )

    assert set(fleet.devices) == {"zabbix:1"}


def test_a_reading_of_one_part_leaves_the_others_as_they_are() -> None:
    before = folded(reading([sighting("1"), sighting("2")]))

    after = fold(before, reading([sighting("2", seen=at(5))], when=at(5), complete=False, covers=["2"]))

    assert after.devices["zabbix:1"] is before.devices["zabbix:1"]


def test_an_empty_complete_reading_keeps_the_devices_and_makes_them_stale() -> None:
    fleet = folded(reading([sighting("1")]), reading(when=at(10)))

    assert only_device(fleet).freshness is Freshness.STALE


def test_an_empty_complete_reading_asks_in_a_sentence() -> None:
    fleet = folded(reading([sighting("1")]), reading(when=at(10)))

    fault = fleet.sources[ZABBIX].fault
    assert fault is not None
    assert fault.kind is FaultKind.EMPTY
    assert fault.sentence.startswith("zabbix answered with no devices at all, and had 1 before")


def test_an_empty_first_reading_is_no_fault() -> None:
    fleet = folded(reading())

    assert fleet.sources[ZABBIX].fault is None


def test_what_was_known_of_a_device_outlives_a_start_while_it_is_away() -> None:
    known = sighting("10.0.0.7", name="web01", platform="linux", machine="m-1", seen=at(0))
    away = sighting("10.0.0.7", name="10.0.0.7", seen=at(500), partial=True, health=Health.DOWN)
    away = msgspec.structs.replace(away, address=safe("10.0.0.7"))
    silence = check("10.0.0.7", "reachable", CheckState.CRITICAL, seen=at(500))
    fleet = folded(reading([known], when=at(0)), reading([away], [silence], when=at(500)))
    (device,) = fleet.devices.values()
    assert (device.name, device.platform, device.identity.machine) == ("web01", "linux", "m-1")
    assert device.seen == at(0)
    assert device.health is Health.DOWN


def test_checks_that_a_partial_sighting_leaves_out_are_kept() -> None:
    fleet = folded(
        reading([sighting("1")], [check("1", "disk")]),
        reading([sighting("1", seen=at(5), partial=True)], [check("1", "load", seen=at(5))], when=at(5)),
    )

    assert {issue.key for issue in fleet.issues.values()} == {"disk", "load"}


def test_checks_that_a_whole_sighting_leaves_out_are_over() -> None:
    fleet = folded(
        reading([sighting("1")], [check("1", "disk")]),
        reading([sighting("1", seen=at(5))], [check("1", "load", seen=at(5))], when=at(5)),
    )

    assert only_issue(fleet).key == "load"


def test_a_device_that_does_not_answer_keeps_its_other_checks() -> None:
    fleet = folded(
        reading([sighting("1")], [check("1", "disk")]),
        reading([sighting("1", health=Health.DOWN)], [unreachable("1", seen=at(5))], when=at(5)),
    )

    assert {issue.key for issue in fleet.issues.values()} == {"disk", "reachable"}


def test_a_device_that_lets_nobody_in_to_look_is_unknown_and_has_an_issue() -> None:
    shut = check("1", "reachable", CheckState.UNKNOWN, severity=Severity.HIGH)
    fleet = folded(reading([sighting("1", health=Health.UNKNOWN)], [shut]))

    assert only_device(fleet).health is Health.UNKNOWN
    assert only_issue(fleet).severity is Severity.HIGH


def test_an_older_reading_changes_nothing() -> None:
    new = folded(reading([sighting("1", name="new", seen=at(60))], when=at(60)))

    assert fold(new, reading([sighting("1", name="old")])) == new


def test_words_in_the_name_of_another_source_are_not_heard() -> None:
    fleet = folded(reading([sighting("1"), sighting("2", source="icinga")], [check("1", source="icinga")]))

    assert set(fleet.devices) == {"zabbix:1"}
    assert not fleet.issues


def test_checks_of_devices_that_nobody_saw_are_left_alone() -> None:
    assert folded(reading([], [check("9")])).issues == Fleet().issues


def test_of_two_sightings_with_one_id_in_one_answer_the_younger_counts() -> None:
    fleet = folded(reading([sighting("1", name="young", seen=at(2)), sighting("1", name="old")], when=at(2)))

    assert only_device(fleet).name == "young"


def test_folding_the_same_reading_again_changes_nothing() -> None:
    one = reading([sighting("1"), sighting("2")], [check("1"), check("2", state=CheckState.OK), unreachable("2")])

    assert folded(one, one) == folded(one)
