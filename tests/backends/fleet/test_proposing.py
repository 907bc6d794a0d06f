"""Rules that fit the names that are really there; each is tried on those names."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backends.fleet.model import UNPLACED, SourceName
from backends.fleet.placement import placement
from backends.fleet.proposing import Values, proposals

KNOWN = ("hostgroup", "host", "client_name", "site_name", "tag.", "label.")


def tried(there: Values, facts: dict[str, Sequence[str]]) -> list[str]:
    """Where each proposal puts a device with these facts."""
    found = proposals(there)
    return [placement({"place": list(one.rules)}, SourceName("x"), {}, KNOWN).place(facts).site for one in found]


@pytest.mark.parametrize(
    ("there", "facts", "site"),
    [
        (
            {"hostgroup": ["Linux servers", "Clients/Acme/HQ", "Clients/Baker Law/Main"]},
            {"hostgroup": ["Linux servers", "Clients/Acme/HQ"]},
            "acme/hq",
        ),
        (
            {"hostgroup": ["Clients/Acme", "Clients/Acme/HQ"]},
            {"hostgroup": ["Clients/Acme", "Clients/Acme/HQ"]},
            "acme/hq",
        ),
        ({"hostgroup": ["Customers/Acme", "Discovered hosts"]}, {"hostgroup": ["Customers/Acme"]}, "acme/main"),
        ({"hostgroup": ["MSP (old)/A/1", "MSP (old)/B/1"]}, {"hostgroup": ["MSP (old)/B/1"]}, "b/1"),
        ({"hostgroup": ["client-acme", "client-baker", "linux"]}, {"hostgroup": ["client-acme"]}, "acme/main"),
        (
            {"hostgroup": ["client-acme", "site-hq", "linux"]},
            {"hostgroup": ["linux", "site-hq", "client-acme"]},
            "acme/hq",
        ),
        ({"tag.client": ["Acme"], "tag.site": ["HQ"]}, {"tag.client": ["Acme"], "tag.site": ["HQ"]}, "acme/hq"),
        ({"tag.client": ["Acme"], "tag.site": ["HQ"]}, {"tag.client": ["Acme"]}, "acme/main"),
        ({"label.Customer": ["Acme"], "label.job": ["node"]}, {"label.Customer": ["Acme"]}, "acme/main"),
        ({"client_name": ["Acme"], "site_name": ["HQ"]}, {"client_name": ["Acme"], "site_name": ["HQ"]}, "acme/hq"),
    ],
)
def test_the_first_proposal_places_what_is_there(there: Values, facts: dict[str, Sequence[str]], site: str) -> None:
    assert tried(there, facts)[0] == site


@pytest.mark.parametrize(
    "there",
    [
        {},
        {"hostgroup": ["Linux servers", "Templates", "Zabbix servers"]},
        {"hostgroup": ["Templates/Databases", "Templates/Modules/X"]},
        {"hostgroup": ["a/b"], "tag.env": ["prod"]},
        {"host": ["web1", "web2"], "tag.client": []},
    ],
)
def test_where_nothing_speaks_of_clients_nothing_is_proposed(there: Values) -> None:
    assert proposals(there) == []


@given(
    st.dictionaries(st.sampled_from(["hostgroup", "host", "tag.client", "tag.a.b"]), st.lists(st.text(), max_size=5))
)
def test_every_proposal_is_a_rule_that_holds(there: dict[str, list[str]]) -> None:
    for one in proposals(there):
        place = placement({"place": list(one.rules)}, SourceName("x"), {}, KNOWN).place({})
        assert place.client == UNPLACED
