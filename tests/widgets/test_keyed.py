"""The rules of a live list: one cursor, one key, an order that waits."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from widgets.keyed import KeyedRows
from widgets.present.row import Row, plain


def row(key: str, text: str = "") -> Row:
    return Row(key=key, cells=(plain(text or key),))


def rows(keys: str) -> list[Row]:
    return [row(key) for key in keys]


def test_the_cursor_starts_on_the_first_row() -> None:
    assert KeyedRows(rows("abc")).cursor == "a"


def test_the_first_rows_that_come_later_get_the_cursor_too() -> None:
    keyed = KeyedRows()
    keyed.replace(rows("ab"))
    keyed.settle()
    assert keyed.cursor == "a"


def test_another_order_waits_until_it_is_settled() -> None:
    keyed = KeyedRows(rows("abc"))
    keyed.replace(rows("cab"))
    assert (keyed.order, keyed.waiting) == (["a", "b", "c"], True)
    keyed.settle()
    assert (keyed.order, keyed.waiting) == (["c", "a", "b"], False)


def test_new_facts_of_a_shown_row_do_not_wait() -> None:
    keyed = KeyedRows(rows("ab"))
    changed = keyed.replace([row("a", "news"), row("b")])
    assert [one.key for one in changed] == ["a"]
    assert keyed.rows["a"].cells[0].text == "news"
    assert not keyed.waiting


def test_rows_that_are_equal_are_not_called_changed() -> None:
    assert KeyedRows(rows("abc")).replace(rows("abc")) == []


def test_a_row_that_is_gone_stands_until_the_order_is_settled() -> None:
    keyed = KeyedRows(rows("abc"))
    keyed.patch([], ["b"])
    assert "b" in keyed.rows
    keyed.settle()
    assert keyed.order == ["a", "c"]
    assert "b" not in keyed.rows


def test_a_row_that_comes_back_before_that_stays() -> None:
    keyed = KeyedRows(rows("abc"))
    keyed.replace(rows("ac"))
    keyed.replace(rows("abc"))
    keyed.settle()
    assert keyed.order == ["a", "b", "c"]


def test_settling_names_the_places_that_look_different() -> None:
    keyed = KeyedRows(rows("abcd"))
    keyed.replace(rows("acb"))
    assert keyed.settle() == [1, 2, 3]


def test_when_the_row_under_the_cursor_goes_nothing_is_selected() -> None:
    """F-02."""
    keyed = KeyedRows(rows("abc"), "b")
    keyed.replace(rows("ac"))
    keyed.settle()
    assert keyed.cursor is None


def test_the_next_step_lands_where_the_row_was() -> None:
    keyed = KeyedRows(rows("abcd"), "b")
    keyed.replace(rows("acd"))
    keyed.settle()
    assert keyed.step(1) == "c"
    assert keyed.step(-1) == "a"


def test_a_list_that_was_emptied_selects_nothing_by_itself_again() -> None:
    keyed = KeyedRows(rows("ab"))
    keyed.replace([])
    keyed.settle()
    keyed.replace(rows("xy"))
    keyed.settle()
    assert keyed.cursor is None


def test_steps_end_at_the_ends() -> None:
    keyed = KeyedRows(rows("abc"))
    assert keyed.step(-5) == "a"
    assert keyed.step(50) == "c"
    assert KeyedRows().step(1) is None


@given(st.lists(st.lists(st.sampled_from("abcdefgh"), unique=True), max_size=12), st.data())
def test_whatever_comes_the_cursor_is_on_the_same_key_or_on_none(orders: list[list[str]], data: st.DataObject) -> None:
    """F-01, F-02."""
    keyed = KeyedRows(rows("abcdefgh"), "d")
    alive = True
    for order in orders:
        keyed.replace(rows("".join(order)))
        if data.draw(st.booleans()):
            keyed.settle()
            assert keyed.order == order
            alive = alive and "d" in order
        assert keyed.cursor == ("d" if alive else None)
        assert keyed.places == {key: place for place, key in enumerate(keyed.order)}
