"""A trend is bounded, made of real samples, and honest about gaps."""

from __future__ import annotations

from itertools import accumulate, pairwise
from math import inf, nan

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backends.fleet.trend import POINTS, STEP_S, WINDOW_S, Course, Point

START = 1_800_000_000

numbers = st.floats(min_value=-1e18, max_value=1e18)
readings = st.sampled_from([0.0, 1.0, 50.0, 97.2])
steps = st.lists(st.tuples(st.integers(1, 500), st.one_of(st.none(), numbers, readings)), max_size=150)


def told(moves: list[tuple[int, float | None]]) -> list[Point]:
    times = accumulate((step for step, _ in moves), initial=START)
    return [(at, value) for at, (_, value) in zip(times, moves, strict=False)]


def known(points: tuple[Point, ...] | list[Point]) -> list[Point]:
    return [point for point in points if point[1] is not None]


@given(steps)
def test_a_trend_is_bounded(moves: list[tuple[int, float | None]]) -> None:
    assert len(Course("", told(moves))) <= POINTS


@given(steps)
def test_every_sample_was_told_as_it_stands_and_in_order(moves: list[tuple[int, float | None]]) -> None:
    points = told(moves)
    kept = Course("", points).points
    assert set(kept) <= set(points)
    assert all(earlier[0] < later[0] for earlier, later in pairwise(kept))


@given(steps)
def test_first_last_lowest_and_highest_are_kept(moves: list[tuple[int, float | None]]) -> None:
    values = known(told(moves))
    kept = known(Course("", told(moves)).points)
    assert (kept[:1], kept[-1:]) == (values[:1], values[-1:])
    if values:
        assert min(kept, key=lambda one: one[1] or 0)[1] == min(values, key=lambda one: one[1] or 0)[1]
        assert max(kept, key=lambda one: one[1] or 0)[1] == max(values, key=lambda one: one[1] or 0)[1]


@given(steps)
def test_no_gap_is_drawn_across(moves: list[tuple[int, float | None]]) -> None:
    points = told(moves)
    for earlier, later in pairwise(Course("", points).points):
        if earlier[1] is not None and later[1] is not None:
            assert all(value is not None for at, value in points if earlier[0] < at < later[0])


@given(steps, steps)
def test_with_what_somebody_else_remembers_it_is_bounded_and_in_order_too(
    moves: list[tuple[int, float | None]], others: list[tuple[int, float | None]]
) -> None:
    both = Course("", told(moves)).with_earlier(told(others)).points
    assert len(both) <= POINTS
    assert set(both) <= {*told(moves), *told(others)}
    assert all(earlier[0] < later[0] for earlier, later in pairwise(both))


@pytest.mark.parametrize("value", [None, nan, inf, -inf])
def test_what_is_no_number_is_a_gap(value: float | None) -> None:
    assert Course("", [(START, 1.0), (START + 60, value), (START + 120, 2.0)]).points[1] == (START + 60, None)


def test_it_does_not_begin_with_a_gap() -> None:
    assert Course("", [(START, None), (START + 60, 1.0)]).points == ((START + 60, 1.0),)


def test_what_comes_late_is_not_heard() -> None:
    course = Course("", [(START, 1.0)])
    assert not course.add(START, 2.0)
    assert not course.add(START - 60, 2.0)
    assert course.points == ((START, 1.0),)


def test_a_value_that_stays_moves_the_last_sample_on() -> None:
    course = Course("", [(START, 1.0), (START + 1, 1.0)])
    assert not course.add(START + STEP_S, 1.0)
    assert course.points == ((START, 1.0), (START + STEP_S, 1.0))


def test_a_peak_between_two_steps_stays() -> None:
    course = Course("", [(START, 1.0), (START + 1, 99.0), (START + 2, 1.0), (START + 3, 1.0)])
    assert 99.0 in [value for _, value in course.points]


def test_what_is_older_than_a_day_is_let_go() -> None:
    course = Course("", [(START + minute * 60, float(minute)) for minute in range(3 * 24 * 60)])
    assert course.last - WINDOW_S <= course.points[0][0] <= course.last - WINDOW_S + course.step_s + 60


def test_what_a_source_remembers_fills_our_own_gap() -> None:
    mine = Course("", [(START, 1.0), (START + 100, None), (START + 900, 9.0)])
    theirs = [(START - 300, 0.0), (START + 300, 3.0), (START + 900, 9.0)]
    assert mine.with_earlier(theirs).points == (
        (START - 300, 0.0), (START, 1.0), (START + 300, 3.0), (START + 900, 9.0),
    )  # fmt: skip


def test_a_gap_outside_of_what_a_source_remembers_stays() -> None:
    mine = Course("", [(START, 1.0), (START + 100, None), (START + 900, 9.0)])
    assert (START + 100, None) in mine.with_earlier([(START - 600, 0.0), (START - 300, 0.0)]).points
