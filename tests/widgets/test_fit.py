"""Fitting text and columns."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from widgets.fit import cut, padded
from widgets.present.issues import COLUMNS
from widgets.present.row import Column, SafeText
from widgets.present.widths import GAP, fit


@pytest.mark.parametrize(
    ("text", "width", "expected"),
    [
        ("short", 10, "short"),
        ("exactly", 7, "exactly"),
        ("too long", 5, "too …"),
        ("東浜精機", 8, "東浜精機"),
        ("東浜精機", 6, "東浜…"),
        ("東浜精機", 5, "東浜…"),
        ("x", 0, ""),
    ],
)
def test_text_is_cut_to_columns_with_an_ellipsis(text: str, width: int, expected: str) -> None:
    assert cut(text, width) == expected


@given(st.text(max_size=40), st.integers(0, 30), st.booleans())
def test_padded_text_has_exactly_the_width(text: str, width: int, right: bool) -> None:
    assert cell_len(padded(text, width, right=right)) == width


@pytest.mark.parametrize("width", [78, 98, 127, 158, 298])
def test_columns_never_take_more_than_there_is(width: int) -> None:
    widths = fit(COLUMNS, width)
    shown = [wide for wide in widths if wide]
    assert sum(shown) + GAP * (len(shown) - 1) <= width


def test_columns_that_need_a_wide_list_are_left_out_of_a_narrow_one() -> None:
    column = Column(name=SafeText("x"), width=5, from_width=90)
    assert fit((column,), 89) == (0,)
    assert fit((column,), 90) == (5,)


def test_a_column_grows_no_further_than_its_longest_text() -> None:
    columns = (Column(name=SafeText("a"), width=4, grow=1), Column(name=SafeText("b"), width=4, grow=1))
    assert fit(columns, 52, (10, 100)) == (10, 40)
