"""How long a poller rests."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backends.fleet.schedule import LONGEST_ASKED_S, LONGEST_AWAY_S, LONGEST_S, next_rest

CHANCES = st.floats(0, 1)


@pytest.mark.parametrize(
    ("chance", "rest_s"),
    [(0.0, 27.0), (0.5, 30.0), (1.0, 33.0)],
)
def test_after_a_good_answer_it_rests_for_the_interval_give_or_take_a_tenth(chance: float, rest_s: float) -> None:
    assert next_rest(every_s=30, failures=0, chance=chance) == pytest.approx(rest_s)


@pytest.mark.parametrize(
    ("failures", "longest_s"),
    [(1, 2.0), (2, 4.0), (3, 8.0), (8, 256.0), (9, LONGEST_S), (1000, LONGEST_S)],
)
def test_after_failures_the_ceiling_doubles_up_to_five_minutes(failures: int, longest_s: float) -> None:
    assert next_rest(every_s=30, failures=failures, chance=1.0) == longest_s


def test_what_needs_a_hand_is_not_tried_often() -> None:
    assert next_rest(every_s=30, failures=1, chance=1.0, needs_hand=True) >= 0.9 * LONGEST_S


def test_a_server_that_asks_for_time_gets_it() -> None:
    assert next_rest(every_s=30, failures=1, chance=0.5, retry_after_s=120) == 120


def test_a_server_that_asks_for_a_week_is_asked_again_within_the_hour() -> None:
    assert next_rest(every_s=30, failures=1, chance=0.5, retry_after_s=7 * 86_400) == LONGEST_ASKED_S


@pytest.mark.parametrize("nonsense", [-5.0, math.nan])
def test_nonsense_counts_as_nothing_asked(nonsense: float) -> None:
    assert next_rest(every_s=30, failures=0, chance=0.5, retry_after_s=nonsense) == 30


@given(st.floats(5, 3600), st.integers(0, 10_000), CHANCES, st.none() | st.floats(), st.booleans())
def test_a_rest_is_never_shorter_than_a_second_nor_endless(
    every_s: float, failures: int, chance: float, asked_s: float | None, needs_hand: bool
) -> None:
    rest_s = next_rest(every_s=every_s, failures=failures, chance=chance, retry_after_s=asked_s, needs_hand=needs_hand)

    assert 1.0 <= rest_s <= 1.1 * 3600 + 1


@pytest.mark.parametrize(("every_s", "longest_s"), [(5, 5), (15, 15), (30, LONGEST_AWAY_S), (300, LONGEST_AWAY_S)])
def test_what_did_not_answer_is_asked_again_within_half_a_minute(every_s: float, longest_s: float) -> None:
    """F-79."""
    assert next_rest(every_s=every_s, failures=40, chance=1.0, away=True) == longest_s
