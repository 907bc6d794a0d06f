"""The index of evidence: whoever was added is found at the place, and what a fleet has is never written to."""

from __future__ import annotations

from collections import defaultdict

from hypothesis import given
from hypothesis import strategies as st

from backends.fleet.bearers import Bearers, Share
from backends.fleet.evidence import PLACE_BITS
from backends.fleet.identity import Key
from backends.fleet.model import SourceName

PLACES = st.sampled_from([0, 1, 2, 1 << (PLACE_BITS - 8), (1 << PLACE_BITS) - 2, (1 << PLACE_BITS) - 1])
"""Neighbours, and far apart."""
KEYS = st.builds(lambda number: (SourceName("zabbix"), str(number)), st.integers(0, 5))
Pairs = set[tuple[int, Key]]


def filled(pairs: Pairs) -> Bearers:
    out = Bearers({})
    for place, key in sorted(pairs):
        out.add(place, key)
    return out


def kept(shares: dict[int, Share]) -> Pairs:
    return {pair for places, keys in shares.values() for pair in zip(places, keys, strict=True)}


@given(st.sets(st.tuples(PLACES, KEYS)), st.sets(st.tuples(PLACES, KEYS)))
def test_who_was_added_and_not_removed_is_found_at_the_place(added: Pairs, removed: Pairs) -> None:
    bearers = filled(added)
    for place, key in removed:
        bearers.remove(place, key)

    expected = defaultdict(set)
    for place, key in added - removed:
        expected[place].add(key)
    assert {place: set(bearers.of(place)) for place, _ in added} == {place: expected[place] for place, _ in added}
    assert kept(bearers.shares) == added - removed


@given(st.sets(st.tuples(PLACES, KEYS)), st.sets(st.tuples(PLACES, KEYS)))
def test_what_a_fleet_has_is_not_written_to(before: Pairs, other: Pairs) -> None:
    shares = filled(before).shares
    draft = Bearers(shares)
    for place, key in other:
        if (place, key) in before:
            draft.remove(place, key)
        else:
            draft.add(place, key)

    assert kept(shares) == before
    assert kept(draft.shares) == before ^ other


def test_a_share_that_nobody_touches_is_the_same() -> None:
    shares = filled({(0, (SourceName("zabbix"), "1")), ((1 << PLACE_BITS) - 1, (SourceName("zabbix"), "2"))}).shares
    draft = Bearers(shares)
    draft.add(1, (SourceName("zabbix"), "3"))

    assert [name for name in shares if draft.shares[name] is shares[name]] == [max(shares)]


def test_bearers_of_one_place_come_in_the_order_of_their_coming() -> None:
    bearers = Bearers({})
    for native in "bca":
        bearers.add(7, (SourceName("zabbix"), native))

    assert [native for _, native in bearers.of(7)] == ["b", "c", "a"]
