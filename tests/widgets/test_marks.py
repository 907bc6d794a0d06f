"""Marks are keys: they go with their rows through every order, and are never on what is not shown."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from tests.widgets.test_live_table import lines, row, shown
from widgets.marks import Marks


def test_a_range_reaches_from_the_row_marked_last_in_either_direction() -> None:
    marks = Marks()
    marks.toggle("d")
    assert sorted(marks.reach("b", list("abcdef"))) == ["b", "c"]
    assert marks.of("abcdef") == ("b", "c", "d")


def test_a_range_without_a_beginning_is_the_row_itself() -> None:
    marks = Marks()
    assert marks.reach("c", list("abc")) == ["c"]


def test_a_range_whose_beginning_is_gone_is_the_row_itself() -> None:
    marks = Marks()
    marks.toggle("z")
    marks.keep("abc")
    assert marks.reach("b", list("abc")) == ["b"]
    assert marks.of("abc") == ("b",)


@given(st.lists(st.sampled_from("abcdefgh"), max_size=12), st.permutations("abcdefgh"))
def test_the_marked_keys_are_told_in_the_order_of_the_list(toggled: list[str], order: list[str]) -> None:
    marks = Marks()
    for key in toggled:
        marks.toggle(key)
    wanted = {key for key in toggled if toggled.count(key) % 2}
    assert marks.of(order) == tuple(key for key in order if key in wanted)


async def test_a_marked_row_carries_its_mark_to_another_place() -> None:
    async with shown([row("a"), row("b"), row("c")]) as (table, time, _):
        table.select("b")
        table.toggle_mark()
        assert [line[:1] for line in lines(table)[1:4]] == [" ", "✓", " "]
        time.seconds += 5
        table.replace([row("b"), row("c"), row("a")])
        assert [line[:2] for line in lines(table)[1:4]] == ["✓b", " c", " a"]
        assert table.marked == ("b",)


async def test_a_mark_goes_away_with_its_row_and_does_not_come_back_with_it() -> None:
    """F-02."""
    async with shown([row("a"), row("b"), row("c")]) as (table, time, _):
        table.select("b")
        table.toggle_mark()
        time.seconds += 5
        table.replace([row("a"), row("c")])
        assert table.marked == ()
        table.replace([row("a"), row("b"), row("c")])
        assert table.marked == ()


async def test_marking_repaints_the_row_and_moves_on() -> None:
    async with shown([row(str(number)) for number in range(8)]) as (table, _, _pilot):
        table.toggle_mark()
        assert table.cursor_key == "1"
        assert sorted({region.y for region in table.regions}) == [1, 2]


async def test_all_and_none() -> None:
    async with shown([row("a"), row("b")]) as (table, _, _pilot):
        table.mark_all()
        assert table.marked == ("a", "b")
        table.mark_all()
        assert table.marked == ()
