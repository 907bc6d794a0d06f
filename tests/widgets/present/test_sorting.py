"""Any column can be sorted by; what is alike stays as it stood, and what has nothing there comes last."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from widgets.present.row import Cell, Column, Row, SafeText, number, plain
from widgets.present.sorting import Sort, in_order_of

NOW = datetime(2026, 1, 5, 9, 0, tzinfo=UTC)
COLUMNS = (Column(name=SafeText("Name"), width=4), Column(name=SafeText("What"), width=4))


def rows(*cells: Cell) -> list[Row]:
    return [Row(key=str(place), cells=(plain("x"), cell)) for place, cell in enumerate(cells)]


def order(cells: list[Cell], *, reverse: bool = False) -> str:
    found = in_order_of(rows(*cells), COLUMNS, Sort(SafeText("What"), reverse))
    return "".join(row.key for row in found)


def test_numbers_within_names_count_as_numbers() -> None:
    assert order([plain("web10"), plain("web9"), plain("Web2")]) == "210"


def test_the_largest_count_comes_first() -> None:
    assert order([number(3), number(11), number(7)]) == "120"


def test_the_newest_comes_first_and_the_nearest_deadline() -> None:
    assert order([Cell(since=NOW - timedelta(hours=3)), Cell(since=NOW), Cell(since=NOW - timedelta(hours=1))]) == "120"
    assert order([Cell(until=NOW + timedelta(hours=3)), Cell(until=NOW), Cell(until=NOW + timedelta(hours=1))]) == "120"


@pytest.mark.parametrize("reverse", [False, True])
def test_nothing_comes_last_either_way(reverse: bool) -> None:
    assert order([Cell(), plain("b"), plain("—"), plain("a")], reverse=reverse)[2:] == "02"


@pytest.mark.parametrize("value", [float("nan"), float("inf"), float("-inf")])
def test_what_is_no_number_is_nothing(value: float) -> None:
    """F-72."""
    assert order([Cell(rank=value), number(1)]) == "10"


def test_a_column_that_the_list_does_not_have_leaves_it_as_it_is() -> None:
    found = in_order_of(rows(plain("b"), plain("a")), COLUMNS, Sort(SafeText("Colour")))
    assert [row.key for row in found] == ["0", "1"]


@given(st.lists(st.one_of(st.text(max_size=8).map(plain), st.integers(-9, 9).map(number), st.just(Cell()))))
def test_any_cells_can_be_sorted_and_none_is_lost(cells: list[Cell]) -> None:
    found = in_order_of(rows(*cells), COLUMNS, Sort(SafeText("What")))
    assert sorted(row.key for row in found) == sorted(str(place) for place in range(len(cells)))
    assert in_order_of(found, COLUMNS, Sort(SafeText("What"))) == found
