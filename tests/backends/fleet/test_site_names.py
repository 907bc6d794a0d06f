"""A site has one name wherever it is shown, however its sources spell it."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import permutations

import msgspec
import pytest

from backends.api import Fault, FaultKind
from backends.fleet.fleet import Fleet
from backends.fleet.freshness import with_source
from backends.fleet.model import SourceName, safe
from backends.fleet.reading import Reading
from tests.support.facts import at, check, folded, reading, sighting

SPELLED = {"icinga": "hq", "nagios": "HQ", "zabbix": "Hq"}


def told(source: str, spelled: str) -> Reading:
    return reading([sighting(source, source=source, site=spelled)], [check(source, source=source)], source=source)


def names(fleet: Fleet) -> set[str]:
    shown = [site.name for site in fleet.sites.values()]
    return {*shown, *(fact.site_name for table in (fleet.devices, fleet.issues) for fact in table.values())}


@pytest.mark.parametrize("order", [*permutations(SPELLED)])
def test_spelled_in_three_ways_it_has_one_name_in_whatever_order_they_come(order: Sequence[str]) -> None:
    fleet = folded(*(told(source, SPELLED[source]) for source in order))
    assert (len(fleet.sites), len(fleet.devices), len(fleet.issues)) == (1, 3, 3)
    assert names(fleet) == {"HQ"}
    again = folded(*(told(source, SPELLED[source]) for source in reversed(order)), fleet=fleet)
    assert names(again) == {"HQ"}


def test_spelled_in_two_ways_by_one_source_in_one_poll() -> None:
    both = reading([sighting("1", site="hq"), sighting("2", site="HQ")], [check("1"), check("2")])
    assert names(folded(both)) == {"HQ"}


def test_what_the_site_counts_stays_right_when_its_name_changes() -> None:
    fleet = folded(told("icinga", "hq"), told("nagios", "HQ"))
    (site,) = fleet.sites.values()
    assert (site.devices.total, site.devices.degraded) == (2, 2)


def test_another_client_s_site_of_that_name_keeps_its_own_spelling() -> None:
    other = reading([sighting("9", source="other", client="Baker", site="hq")], source="other")
    fleet = folded(told("nagios", "HQ"), other)
    assert {site.id: site.name for site in fleet.sites.values()} == {"acme/hq": "HQ", "baker/hq": "hq"}


def test_a_source_that_cannot_be_read_is_at_the_site_as_it_is_called() -> None:
    fleet = folded(told("nagios", "HQ"), told("icinga", "hq"))
    fault = Fault(kind=FaultKind.UNREACHABLE, sentence=safe("It does not let us in."), since=at(1))
    source = msgspec.structs.replace(fleet.sources[SourceName("icinga")], fault=fault, failures=3)
    fleet = with_source(fleet, source, at(1))
    assert len([issue for issue in fleet.issues.values() if issue.device is None]) == 1
    assert names(fleet) == {"HQ"}
