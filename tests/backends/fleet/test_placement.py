"""Which client and site a device belongs to, by the rules of its source."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backends.fleet.evidence import contradict
from backends.fleet.model import UNPLACED, Client, ClientId, SourceName, safe
from backends.fleet.placement import Placement, PlacementError, placement
from backends.testing import FakeClock, a_sighting

KNOWN = ("hostgroup", "tag.", "host")
ACME = Client(id=ClientId("acme"), name=safe("Acme Dental"))


def of(options: Mapping[str, Any], usual: tuple[Mapping[str, Any], ...] = ()) -> Placement:
    return placement(options, SourceName("zabbix-eu"), {ACME.id: ACME}, KNOWN, usual)


def test_named_groups_of_a_pattern_say_client_and_site() -> None:
    rules = of({"place": {"hostgroup": "^Clients/(?P<client>[^/]+)/(?P<site>[^/]+)$"}})
    place = rules.place({"hostgroup": ["Linux servers", "Clients/Baker Law/Main Street"]})
    assert (place.client, place.client_name, place.site) == ("baker-law", "Baker Law", "baker-law/main-street")
    assert rules.facts == {"hostgroup"}


@pytest.mark.parametrize("told", ["Acme Dental", "acme dental", "acme", "ACME"])
def test_a_client_of_the_configuration_is_known_by_its_key_and_its_name(told: str) -> None:
    place = of({"place": {"tag": {"client": "(?P<client>.+)"}}}).place({"tag.client": [told]})
    assert (place.client, place.client_name) == (ACME.id, ACME.name)


@pytest.mark.parametrize(
    ("one", "other"), [("A&B", "A B"), ("Cole & Sons", "Cole, Sons"), ("North-East", "North East")]
)
def test_two_names_of_one_source_are_two_clients_and_two_sites(one: str, other: str) -> None:
    """F-14."""
    rules = of({"place": {"tag": {"client": "(?P<client>.+)", "site": "(?P<site>.+)"}}})
    clients = {rules.place({"tag.client": [name], "tag.site": ["HQ"]}).client for name in (one, other)}
    sites = {rules.place({"tag.client": ["Acme"], "tag.site": [name]}).site for name in (one, other)}
    assert (len(clients), len(sites)) == (2, 2)


def test_names_that_differ_in_case_and_outer_space_are_one_site() -> None:
    rules = of({"place": {"hostgroup": "^(?P<client>[^/]+)/(?P<site>[^/]+)$"}})
    assert {rules.place({"hostgroup": [said]}).site for said in ("acme/HQ", "acme/hq", "Acme / hq ")} == {"acme/hq"}


def test_all_patterns_of_a_rule_have_to_be_found() -> None:
    rules = of({"place": {"tag": {"client": "(?P<client>.+)", "site": "(?P<site>.+)"}}})
    assert rules.place({"tag.client": ["Acme"], "tag.site": ["HQ"]}).site == "acme/hq"
    assert rules.place({"tag.client": ["Acme"]}).client == UNPLACED


def test_the_first_rule_that_gives_a_client_decides() -> None:
    rules = of({"place": [{"tag": {"client": "(?P<client>.*)"}}, {"host": "^(?P<client>[a-z]+)-", "site": "Depot"}]})
    assert rules.place({"tag.client": ["Acme"], "host": ["baker-web"]}).client == ACME.id
    assert rules.place({"tag.client": [" "], "host": ["baker-web"]}).site == "baker/depot"


def test_names_can_be_put_together_from_what_was_found() -> None:
    rule = {
        "host": r"^(?P<who>\w+)-(?P<where>\w+)-(?P<what>.+)",
        "client": "{who}",
        "site": "{where}",
        "device": "{what}",
    }
    place = of({"place": rule}).place({"host": ["acme-hq-sql01"]})
    assert (place.client, place.site, place.device) == ("acme", "acme/hq", "sql01")


def test_what_no_rule_places_is_unplaced_at_its_own_source() -> None:
    place = of({"place": {"tag": {"client": "(?P<client>.+)"}}}).place({"host": ["web1"]})
    assert (place.client, place.site, place.placed) == (UNPLACED, "unplaced/zabbix-eu", False)


def test_a_source_with_a_client_of_its_own_places_the_rest_there() -> None:
    rules = of({"place": {"tag": {"client": "(?P<client>.+)"}}, "client": "acme", "site": "HQ"})
    assert rules.place({}).site == "acme/hq"
    assert rules.place({"tag.client": ["Baker"]}).client == "baker"


def test_a_client_that_is_called_unplaced_is_not_taken_for_those_without_one() -> None:
    assert of({"client": "Unplaced"}).place({}).client == "unplaced-zabbix-eu"


def test_the_usual_rules_hold_until_the_table_has_its_own() -> None:
    usual = ({"tag": {"client": "(?P<client>.+)"}},)
    assert of({}, usual).place({"tag.client": ["Acme"]}).client == ACME.id
    assert of({"place": {"host": "(?P<client>.+)"}}, usual).place({"tag.client": ["Acme"]}).client == UNPLACED


@pytest.mark.parametrize(
    ("options", "key"),
    [
        ({"place": {"hostgrup": "(?P<client>.+)"}}, "place.hostgrup"),
        ({"place": {"hostgroup": "("}}, "place.hostgroup"),
        ({"place": {"hostgroup": ".+"}}, "place"),
        ({"place": {"hostgroup": 3}}, "place.hostgroup"),
        ({"place": "acme"}, "place"),
        ({"place": [{"host": "x", "client": "{who}"}]}, "place.client"),
        ({"place": [{"client": "acme"}, {"tag": {"a": "["}}]}, "place[1].tag.a"),
        ({"site": "HQ"}, "site"),
    ],
)
def test_a_rule_that_is_wrong_names_its_key(options: dict[str, Any], key: str) -> None:
    with pytest.raises(PlacementError) as caught:
        of(options)
    assert caught.value.key == key
    assert caught.value.sentence.endswith(".")


def test_devices_that_nobody_placed_are_never_taken_for_one_another() -> None:
    at = FakeClock().now()
    one, other = (a_sighting(source, "dc01", at, client="unplaced") for source in ("a", "b"))
    assert contradict(one, other)
    one, other = (a_sighting(source, "dc01", at, client="acme") for source in ("a", "b"))
    assert not contradict(one, other)


@given(st.text(), st.text())
def test_no_value_of_a_fact_breaks_a_rule(group: str, host: str) -> None:
    place = of({"place": [{"hostgroup": "(?P<client>.*)/(?P<site>.*)"}, {"host": "(?P<client>.+)"}]}).place(
        {"hostgroup": [group], "host": [host]}
    )
    assert place.site.startswith(f"{place.client}/")
