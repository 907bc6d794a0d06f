"""A reading that comes in slices: nothing counts before all are in, and nobody is missed who was told of in any."""

from __future__ import annotations

import pytest

from backends.fleet.hearing import Hearing
from backends.fleet.merge import fold, folding_heard
from backends.fleet.model import FaultKind, Health, SourceName
from backends.fleet.steps import finished
from tests.support.facts import at, check, folded, folded_in_slices, only_device, reading, sighting

ZABBIX = SourceName("zabbix")


def test_who_is_in_none_of_the_slices_is_gone() -> None:
    before = folded(reading([sighting("1"), sighting("2"), sighting("3")]))

    after = folded_in_slices(before, [reading([sighting(native, seen=at(30))], when=at(30)) for native in ("1", "3")])

    assert set(after.devices) == {"zabbix:1", "zabbix:3"}


def test_who_was_looked_at_after_the_first_slice_is_not_missed() -> None:
    looked = reading([sighting("2", seen=at(31))], when=at(31), complete=False, covers=["2"])
    before = folded(reading([sighting("1"), sighting("2")]), looked)

    after = folded_in_slices(before, [reading([sighting("1", seen=at(when))], when=at(when)) for when in (30, 32)])

    assert set(after.devices) == {"zabbix:1", "zabbix:2"}


def test_what_a_look_told_while_the_slices_came_stands() -> None:
    before = folded(reading([sighting("1")]))
    heard = Hearing(ZABBIX)
    finished(heard.hearing(reading([sighting("1", seen=at(30))], when=at(30)), before.told[ZABBIX]))
    looked = reading([sighting("1", seen=at(31), health=Health.DOWN)], when=at(31), complete=False, covers=["1"])

    after = finished(folding_heard(fold(before, looked), heard))

    assert only_device(after).health is Health.DOWN


def test_of_one_device_in_two_slices_the_younger_counts() -> None:
    older, younger = sighting("1", name="old", seen=at(1)), sighting("1", name="new", seen=at(2))

    for order in ([older, younger], [younger, older]):
        fleet = folded_in_slices(folded(), [reading([one], when=at(2)) for one in order])
        assert only_device(fleet).name == "new"


def test_evidence_that_one_source_gives_in_two_slices_tells_nothing() -> None:
    known = reading([sighting("a", source="rmm", name="web", serial="TWIN0001")], source="rmm")
    twins = [sighting("1", name="web1", serial="TWIN0001"), sighting("2", name="web2", serial="TWIN0001")]

    fleet = folded_in_slices(folded(known), [reading([one]) for one in twins])

    assert set(fleet.devices) == {"rmm:a", "zabbix:1", "zabbix:2"}


def test_slices_with_no_device_at_all_are_suspicious() -> None:
    before = folded(reading([sighting("1")]))

    after = folded_in_slices(before, [reading(when=at(10)), reading(when=at(11))])

    fault = after.sources[ZABBIX].fault
    assert fault is not None
    assert fault.kind is FaultKind.EMPTY
    assert set(after.devices) == {"zabbix:1"}


def test_checks_alone_are_news_of_a_device_that_is_known() -> None:
    before = folded(reading([sighting("1")], [check("1", "load")]))
    slices = [reading(checks=[check("1", "disk", seen=at(9))], when=at(9), complete=False)] * 2

    assert {one.key for one in folded_in_slices(before, slices).checks_of(only_device(before).id)} == {"disk", "load"}


def test_a_slice_of_another_source_is_refused() -> None:
    with pytest.raises(ValueError, match="a slice of icinga in a reading of zabbix"):
        finished(Hearing(ZABBIX).hearing(reading(source="icinga"), {}))


def test_a_reading_without_a_slice_is_none() -> None:
    with pytest.raises(ValueError, match="without a single slice"):
        finished(folding_heard(folded(), Hearing(ZABBIX)))
