"""What names of clients and sites mean: never two companies one client, never one company two."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backends.fleet.model import Client, ClientId, safe, slug
from backends.fleet.naming import ClientNames, free_key, named_id

NAMES = st.text(st.sampled_from("aAbB1. -_&,~é\u200b"), max_size=6) | st.text(max_size=20)


def client(key: str, name: str) -> Client:
    return Client(id=ClientId(key), name=safe(name))


@pytest.mark.parametrize(
    ("name", "key"),
    [
        ("Acme Dental", "acme-dental"),
        (" HQ\n", "hq"),
        ("baker-law", "baker--law"),
        ("v1.2 North", "v1.2-north"),
        ("Müller", "müller"),
    ],
)
def test_an_id_reads_as_its_name_where_it_can(name: str, key: str) -> None:
    assert named_id(name) == key


@pytest.mark.parametrize(
    "other", ["A&B", "A-B", "A  B", "A, B", "A_B", "A/B", "A - B", "A--B", "A\u200b B", "(A) B", "AB"]
)
def test_names_that_differ_in_a_sign_only_are_two_clients(other: str) -> None:
    """F-14."""
    assert named_id("A B") == "a-b"
    assert named_id(other) != "a-b"
    assert named_id(other) == named_id(f" {other.lower()} ")


def test_letters_that_only_some_fold_together_keep_two_companies_apart() -> None:
    """F-14."""
    assert named_id("Weiß") != named_id("Weiss")


def test_a_name_without_any_letter_has_an_id_all_the_same() -> None:
    assert named_id("???").startswith("unnamed~")
    assert named_id("???") != named_id("!!!")


@given(NAMES, NAMES)
def test_two_names_have_one_id_only_when_they_differ_in_case_and_outer_space(one: str, other: str) -> None:
    """F-14."""
    same = safe(one.strip()).lower() == safe(other.strip()).lower()
    assert (named_id(one) == named_id(other)) is same


@given(NAMES)
def test_an_id_is_one_part_of_a_path(name: str) -> None:
    assert named_id(name)
    assert not {"/", " ", ":"} & set(named_id(name))


@pytest.mark.parametrize("told", ["acme", "ACME ", "Acme & Sons GmbH", "acme & sons gmbh"])
def test_a_configured_client_is_meant_by_its_key_and_its_name(told: str) -> None:
    acme = client("acme", "Acme & Sons GmbH")
    assert ClientNames({acme.id: acme}).configured(told) is acme


@pytest.mark.parametrize("name", ["baker-law", "Baker Law", "Baker Law LLP"])
def test_a_name_that_becomes_the_key_means_its_client(name: str) -> None:
    baker = client("baker-law", name)
    assert ClientNames({baker.id: baker}).meant("Baker Law") == (baker.id, baker.name)


@pytest.mark.parametrize("told", ["A B", "A,B", "A  B"])
def test_a_key_made_of_another_name_is_not_meant(told: str) -> None:
    """F-14."""
    ampersand = client("a-b", "A&B")
    names = ClientNames({ampersand.id: ampersand})
    key, shown = names.meant(told)
    assert key != ampersand.id
    assert shown == told
    assert names.meant("a&b") == (ampersand.id, "A&B")


def test_the_table_of_another_client_gets_a_key_of_its_own() -> None:
    assert free_key("A&B", ()) == "a-b"
    key = free_key("A&B", {"a-b"})
    assert key.startswith("a-b-")
    assert slug(key) == key
