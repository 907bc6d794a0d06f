"""What was told is kept small, and given back as it was told."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from math import nan
from typing import Any

import msgspec
import pytest

from backends.fleet.model import Check, CheckState, ClientId, SafeText, Severity, Sighting, SiteId, SourceName
from backends.fleet.told import only_seen_again, told_of

NOW = datetime(2026, 1, 5, 9, 0, tzinfo=UTC)


def sighting(native: str = "10001") -> Sighting:
    return Sighting(
        source=SourceName("probe"), native=native, client=ClientId("acme"), client_name=SafeText("Acme"),
        site=SiteId("acme/hq"), site_name=SafeText("HQ"), name=SafeText("fw-hq"), seen=NOW,
    )  # fmt: skip


def check(family: str = "disk", native: str = "10001", value: float | None = 41.5) -> Check:
    return Check(
        source=SourceName("probe"), native=native, family=family, subject="/", label=SafeText("Disk /"),
        state=CheckState.OK, value=value, unit="%", warn=85.0, crit=95.0, seen=NOW,
    )  # fmt: skip


ODD: dict[str, dict[str, Any]] = {
    "another state": {"state": CheckState.WARNING, "severity": Severity.HIGH},
    "another time": {"seen": NOW - timedelta(seconds=5)},
    "words of its own": {"summary": SafeText("Disk / is 41.5 % full")},
    "a target": {"target": "4711"},
    "a beginning": {"since": NOW - timedelta(hours=1)},
    "a whole number": {"value": 41},
    "another device": {"native": "10002"},
    "no value": {"value": None},
    "a severity": {"severity": Severity.INFO},
}


@pytest.mark.parametrize("what", ODD)
def test_checks_come_back_as_they_were_told(what: str) -> None:
    checks = (check("load"), msgspec.structs.replace(check(), **ODD[what]), check("inode", value=0.0))
    told = told_of(sighting(), checks, NOW, NOW)
    assert told.checks == checks
    assert list(map(repr, told.checks)) == list(map(repr, checks))


def test_a_value_that_is_no_number_comes_back_as_such() -> None:
    (back,) = told_of(sighting(), [check(value=nan)], NOW, NOW).checks
    assert repr(back.value) == "nan"


def test_the_words_of_devices_that_are_told_alike_are_kept_once() -> None:
    one = told_of(sighting(), [check()], NOW, NOW)
    other = told_of(sighting("10002"), [check(native="10002", value=12.0)], NOW, NOW)
    assert one.words is other.words


def test_the_same_facts_at_a_later_time_were_only_seen_again() -> None:
    later = NOW + timedelta(seconds=30)
    again = told_of(
        msgspec.structs.replace(sighting(), seen=later), [msgspec.structs.replace(check(), seen=later)], later, later
    )
    assert only_seen_again(told_of(sighting(), [check()], NOW, NOW), again)


def test_another_value_is_news() -> None:
    known, told = ([check()], [check(value=41.6)])
    assert not only_seen_again(told_of(sighting(), known, NOW, NOW), told_of(sighting(), told, NOW, NOW))


def test_no_checks_are_all_well() -> None:
    assert told_of(sighting(), (), NOW, NOW).well
