"""Facts grow old, and never younger."""

from __future__ import annotations

from datetime import datetime

import msgspec
import pytest

from backends.fleet.fleet import Fleet
from backends.fleet.freshness import aged, with_source
from backends.fleet.merge import fold
from backends.fleet.model import Fault, FaultKind, Freshness, Health, HealthCounts, SiteId, SourceName, safe
from tests.support.facts import at, check, folded, only_device, reading, sighting, unreachable

ZABBIX = SourceName("zabbix")
HQ = SiteId("acme/hq")


def polled_every(every_s: float, fleet: Fleet) -> Fleet:
    return with_source(fleet, msgspec.structs.replace(fleet.sources[ZABBIX], every_s=every_s), at())


@pytest.mark.parametrize(
    ("every_s", "age_s", "state"),
    [
        (5, 14.9, Freshness.FRESH),
        (5, 15, Freshness.SILENT),
        (30, 59.9, Freshness.FRESH),
        (30, 60, Freshness.SILENT),
        (300, 599, Freshness.FRESH),
        (300, 600, Freshness.SILENT),
        (30, 8 * 3600, Freshness.SILENT),
    ],
)
def test_a_source_is_silent_after_two_intervals_and_never_before_fifteen_seconds(
    every_s: float, age_s: float, state: Freshness
) -> None:
    fleet = aged(polled_every(every_s, folded(reading([sighting()]))), at(age_s))

    assert fleet.sources[ZABBIX].state is state
    assert only_device(fleet).freshness is state


def test_devices_of_a_silent_source_count_as_unknown() -> None:
    fleet = aged(folded(reading([sighting("1"), sighting("2")])), at(61))

    assert fleet.sites[HQ].devices == HealthCounts(unknown=2)
    assert fleet.sites[HQ].health is Health.UNKNOWN


def test_facts_are_fresh_again_with_the_next_answer() -> None:
    fleet = fold(aged(folded(reading([sighting()])), at(61)), reading([sighting(seen=at(90))], when=at(90)))

    assert only_device(fleet).freshness is Freshness.FRESH
    assert fleet.sites[HQ].health is Health.OK


def test_one_device_that_its_source_no_longer_sees_is_silent_alone() -> None:
    fleet = folded(reading([sighting("1"), sighting("2")]))
    fleet = fold(fleet, reading([sighting("2", seen=at(50))], when=at(50), complete=False, covers=["2"]))

    fleet = aged(fleet, at(61))

    assert {device.natives[0]: device.freshness for device in fleet.devices.values()} == {
        "1": Freshness.SILENT,
        "2": Freshness.FRESH,
    }


def test_a_device_is_worth_as_much_as_the_worst_of_its_sources() -> None:
    fleet = folded(
        reading([sighting("1", name="web")]),
        reading([sighting("9", name="web", source="ssh", seen=at(50))], source="ssh", when=at(50)),
    )

    assert only_device(aged(fleet, at(61))).freshness is Freshness.SILENT


def test_a_failed_poll_makes_the_facts_stale() -> None:
    fleet = folded(reading([sighting()]))
    fault = Fault(kind=FaultKind.TIMEOUT, sentence=safe("No answer."), since=at(5))

    fleet = with_source(fleet, msgspec.structs.replace(fleet.sources[ZABBIX], fault=fault, failures=1), at(5))

    assert only_device(fleet).freshness is Freshness.STALE
    assert fleet.sites[HQ].devices == HealthCounts(unknown=1)


@pytest.mark.parametrize("seen", [at(3), at(86_400), datetime.max.replace(tzinfo=at().tzinfo)])
def test_a_time_in_the_future_is_not_fresh(seen: datetime) -> None:
    """F-73."""
    assert only_device(folded(reading([sighting(seen=seen)]))).freshness is Freshness.STALE


def test_a_time_at_the_beginning_of_all_time_is_silent() -> None:
    never = datetime.min.replace(tzinfo=at().tzinfo)

    assert only_device(folded(reading([sighting(seen=never)]))).freshness is Freshness.SILENT


def test_a_device_that_is_down_is_down_although_it_was_last_seen_long_ago() -> None:
    fleet = folded(reading([sighting(seen=at(-9999), health=Health.DOWN)], [unreachable()]))

    assert only_device(fleet).freshness is Freshness.FRESH
    assert fleet.sites[HQ].devices == HealthCounts(down=1)


def test_a_device_that_is_down_and_asked_less_often_stays_down() -> None:
    fleet = folded(reading([sighting("1", health=Health.DOWN), sighting("2")], [unreachable("1")]))
    fleet = fold(fleet, reading([sighting("2", seen=at(70))], when=at(70), complete=False, covers=["2"]))

    fleet = aged(fleet, at(71))

    assert fleet.devices["zabbix:1"].freshness is Freshness.STALE  # type: ignore[index]
    assert fleet.sites[HQ].devices == HealthCounts(down=1, ok=1)


def test_nothing_is_done_while_nothing_is_due() -> None:
    fleet = aged(folded(reading([sighting()], [check()])), at(1))

    assert aged(fleet, at(2)) is fleet


def test_a_clock_that_is_set_back_makes_nothing_younger() -> None:
    """F-80."""
    fleet = aged(folded(reading([sighting()])), at(61))

    assert aged(fleet, at(1)).sources[ZABBIX].state is Freshness.SILENT


def test_issues_of_a_silent_source_are_silent() -> None:
    fleet = aged(folded(reading([sighting()], [check()])), at(61))

    assert {issue.key: issue.freshness for issue in fleet.issues.values()} == {
        "disk": Freshness.SILENT,
        "source": Freshness.FRESH,
    }


def test_a_site_is_ok_only_when_every_device_is() -> None:
    fleet = folded(reading([sighting("1"), sighting("2", health=Health.UNKNOWN)]))

    assert fleet.sites[HQ].health is Health.UNKNOWN
