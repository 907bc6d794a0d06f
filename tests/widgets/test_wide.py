"""A wide list cuts nothing: it is scrolled sideways, and what is painted is exactly as wide as the screen."""

from __future__ import annotations

from textual.geometry import Region

from tests.widgets.test_live_table import Host, lines, row, shown

LONG = "the text of a row that is much longer than the list is wide, and it ends here"


async def test_what_is_cut_off_can_be_scrolled_to() -> None:
    async with shown([row("a", LONG), row("b")]) as (table, _, _pilot):
        assert "ends here" not in lines(table)[1]
        table.set_wide(True)
        table.scroll_sideways(1000)
        assert "ends here" in lines(table)[1]
        table.scroll_sideways(-1000)
        assert lines(table)[1].strip().startswith("the text")


async def test_every_line_is_as_wide_as_the_screen_wherever_it_is_scrolled_to() -> None:
    async with shown([row("a", LONG), row("b", "東浜精機" * 8), row("c")]) as (table, _, _pilot):
        table.set_wide(True)
        for _ in range(12):
            table.scroll_sideways(5)
            widths = {strip.cell_length for strip in table.render_lines(Region(0, 0, *table.size))}
            assert widths == {table.size.width}


async def test_the_names_of_the_columns_scroll_with_them() -> None:
    async with shown([row("a", LONG, age_s=90)]) as (table, _, _pilot):
        table.set_wide(True)
        table.scroll_sideways(1000)
        header, line = lines(table)[:2]
        assert header.rstrip().endswith("Age")
        assert line.rstrip().endswith("1m")


async def test_a_list_that_fits_is_not_scrolled() -> None:
    async with shown([row("a")]) as (table, _, _pilot):
        table.set_wide(True)
        table.scroll_sideways(10)
        assert lines(table)[1].startswith(" a")


async def test_a_click_on_a_name_tells_which_column_also_when_scrolled() -> None:
    async with shown([row("a", LONG, age_s=90)]) as (table, _, pilot):
        table.set_wide(True)
        table.scroll_sideways(1000)
        await pilot.pause()
        await pilot.click(table, offset=(lines(table)[0].index("Age"), 0))
        await pilot.pause()
        assert isinstance(table.app, Host)
        assert table.app.named == ["Age"]
