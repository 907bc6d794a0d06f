"""The list on a screen of its own: what it paints, and what it leaves alone."""

from __future__ import annotations

import gc
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta

from textual.app import App, ComposeResult
from textual.geometry import Region
from textual.pilot import Pilot

from widgets.live_table import LiveTable
from widgets.palette import TONE_CLASSES
from widgets.present.row import Cell, Column, Row, SafeText, line, plain
from widgets.row_painter import KEPT

START = datetime(2026, 1, 5, 9, 0, tzinfo=UTC)


class Time:
    def __init__(self) -> None:
        self.seconds = 1000.0

    def now(self) -> datetime:
        return START + timedelta(seconds=self.seconds)

    def boot_s(self) -> float:
        return self.seconds


def row(key: str, text: str = "", age_s: float = 0) -> Row:
    since = START + timedelta(seconds=1000 - age_s) if age_s else None
    return Row(key=key, cells=(plain(text or key), Cell(since=since)))


class Watched(LiveTable):
    """Counts what it is asked to repaint."""

    def __init__(self, time: Time) -> None:
        columns = (Column(name=SafeText("Name"), width=10, grow=1), Column(name=SafeText("Age"), width=4, time=True))
        super().__init__(columns, time.now, UTC, boot_s=time.boot_s, quiet_s=1.0, id="table")
        self.regions: list[Region] = []

    def refresh(self, *regions: Region, **how: bool) -> LiveTable:
        self.regions += regions or [self.size.region]
        return super().refresh(*regions, **how)


class Host(App[None]):
    CSS = "\n".join(f".{name} {{ color: $foreground; }}" for name in sorted(TONE_CLASSES))

    def __init__(self, table: LiveTable) -> None:
        super().__init__()
        self.table = table
        self.moved: list[str | None] = []
        self.named: list[str] = []

    def compose(self) -> ComposeResult:
        yield self.table

    def on_live_table_moved(self, message: LiveTable.Moved) -> None:
        self.moved.append(message.key)

    def on_live_table_named(self, message: LiveTable.Named) -> None:
        self.named.append(message.column)


@asynccontextmanager
async def shown(rows: list[Row], size: tuple[int, int] = (40, 11)) -> AsyncIterator[tuple[Watched, Time, Pilot[None]]]:
    time = Time()
    table = Watched(time)
    async with Host(table).run_test(size=size) as pilot:
        table.replace(rows)
        await pilot.pause()
        table.regions.clear()
        yield table, time, pilot


def lines(table: LiveTable) -> list[str]:
    return [strip.text.rstrip() for strip in table.render_lines(Region(0, 0, *table.size))]


async def test_rows_stand_under_the_names_of_their_columns() -> None:
    async with shown([row("alpha"), row("beta", age_s=90)]) as (table, _, _pilot):
        assert [line.split() for line in lines(table)[:3]] == [["Name", "Age"], ["alpha"], ["beta", "1m"]]


async def test_only_the_line_of_a_changed_row_is_repainted() -> None:
    async with shown([row(str(number)) for number in range(8)]) as (table, _, _pilot):
        table.patch([row("5", "news")], [])
        assert [region.y for region in table.regions] == [6]
        assert lines(table)[6].strip() == "news"


async def test_a_change_out_of_sight_repaints_nothing() -> None:
    async with shown([row(str(number)) for number in range(500)]) as (table, _, _pilot):
        table.patch([row("400", "news")], [])
        assert table.regions == []


async def test_the_same_rows_again_repaint_nothing() -> None:
    async with shown([row(str(number)) for number in range(8)]) as (table, _, _pilot):
        table.replace([row(str(number)) for number in range(8)])
        assert table.regions == []


async def test_a_second_repaints_only_the_rows_whose_age_reads_differently() -> None:
    async with shown([row("young", age_s=59), row("old", age_s=500), row("ageless")]) as (table, time, _pilot):
        lines(table)
        time.seconds += 1
        table.tick()
        assert [region.y for region in table.regions] == [1]
        assert "1m" in lines(table)[1]


async def test_moving_the_cursor_repaints_two_lines() -> None:
    async with shown([row(str(number)) for number in range(8)]) as (table, _, _pilot):
        table.move(3)
        assert sorted(region.y for region in table.regions) == [1, 4]


async def test_no_row_moves_while_keys_are_being_pressed() -> None:
    async with shown([row("a"), row("b"), row("c")]) as (table, time, _pilot):
        table.key_pressed()
        table.replace([row("c"), row("a", "A"), row("new")])
        assert table.order == ("a", "b", "c")
        assert lines(table)[1].strip() == "A"
        time.seconds += 2
        table.replace([row("c"), row("a", "A"), row("new")])
        assert table.order == ("c", "a", "new")


async def test_the_cursor_stays_in_sight_when_rows_come_above_it() -> None:
    async with shown([row(f"r{number}") for number in range(8)]) as (table, time, pilot):
        table.select("r7")
        time.seconds += 5
        table.replace([row(f"new{number}") for number in range(30)] + [row(f"r{number}") for number in range(8)])
        await pilot.pause()
        assert any("r7" in line for line in lines(table))
        assert table.cursor_key == "r7"


async def test_long_rows_are_cut_at_the_edge_and_wide_characters_keep_the_columns() -> None:
    async with shown([row("東浜精機" * 20), row("x" * 500, age_s=60)]) as (table, _, _pilot):
        for strip in table.render_lines(Region(0, 0, *table.size)):
            assert strip.cell_length == table.size.width


async def test_a_click_puts_the_cursor_on_the_row() -> None:
    async with shown([row("a"), row("b"), row("c")]) as (table, _, pilot):
        await pilot.click(table, offset=(3, 3))
        assert table.cursor_key == "c"


async def test_ten_thousand_rows_are_taken_in_without_making_strips_of_them() -> None:
    async with shown([row(str(number)) for number in range(10_000)]) as (table, _, _pilot):
        lines(table)
        assert len(table._painter._kept) <= table.size.height


async def test_whoever_pages_through_a_long_list_leaves_no_more_strips_behind_than_are_kept() -> None:
    async with shown([row(str(number), age_s=50) for number in range(3 * KEPT)]) as (table, time, pilot):
        for place in (*range(0, 3 * KEPT, table.page), 0):
            table.move_to_place(place)
            await pilot.pause()
            lines(table)
        assert len(table._painter._kept) == KEPT
        table.regions.clear()
        time.seconds += 60
        table.tick()
        assert len(table.regions) == table.page  # what is in sight is among what is kept, and ages


def test_the_garbage_collector_has_no_part_in_cells_and_rows() -> None:
    assert not any(map(gc.is_tracked, (row("a"), plain("a"), line("a", "b"))))


async def test_newer_facts_that_look_the_same_repaint_nothing() -> None:
    async with shown([row("a", age_s=3000)]) as (table, _, _pilot):
        lines(table)
        table.patch([row("a", age_s=3010)], [])
        assert table.regions == []


async def test_ages_follow_a_clock_that_is_set_back() -> None:
    async with shown([row("a", age_s=3 * 3600)]) as (table, time, _pilot):
        assert "3h" in lines(table)[1]
        time.seconds -= 2 * 3600
        table.tick()
        assert "1h" in lines(table)[1]
