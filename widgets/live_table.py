"""The list that lives: rows under keys, drawn by the line, repainting only what changed.

The order changes only while no key is being pressed (`keyed.py` has the rules, `calm.py` the pause); until then changed
rows are redrawn in their place, and rows that came or went wait. Cursor and marks are keys, never row numbers.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime, tzinfo
from typing import Final, TypeAlias

from textual import events
from textual.geometry import Region, Size
from textual.scroll_view import ScrollView
from textual.strip import Strip

from widgets import table_messages as said
from widgets.calm import QUIET_S, Calm
from widgets.keyed import KeyedRows
from widgets.marks import Marks
from widgets.present.row import EMPTY, Column, Row, SafeText
from widgets.present.sorting import Sort
from widgets.row_painter import RowPainter

HEADER: Final = 1
"""Lines above the rows: the names of the columns."""


class LiveTable(ScrollView, can_focus=True, inherit_bindings=False):
    """Give it columns, a clock and a zone; hand it rows; it posts `Moved`, `Chosen`, `Marked` and `Named`."""

    Moved: TypeAlias = said.Moved
    Chosen: TypeAlias = said.Chosen
    Marked: TypeAlias = said.Marked
    Named: TypeAlias = said.Named
    DEFAULT_CSS = """
    LiveTable {
        height: 1fr;
        overflow-x: hidden;
        overflow-y: auto;
        scrollbar-size-vertical: 1;
    }
    """

    def __init__(
        self,
        columns: Sequence[Column],
        now: Callable[[], datetime],
        zone: tzinfo,
        *,
        boot_s: Callable[[], float],
        quiet_s: float = QUIET_S,
        empty: SafeText = EMPTY,
        id: str | None = None,  # noqa: A002 - Textual's name for it
    ) -> None:
        super().__init__(id=id)
        self.empty = empty
        """Shown where rows would be, when there are none."""
        self._calm = Calm(self, boot_s, quiet_s)
        self._keyed = KeyedRows()
        self._marks = Marks()
        self._unseen = False
        self._painter = RowPainter(self, columns, now, zone)
        self._left = 0
        """Columns of a wide list that are out of sight on the left."""

    # -- rows -------------------------------------------------------------------------------------------------------

    @property
    def cursor_key(self) -> str | None:
        return self._keyed.cursor

    @property
    def unseen(self) -> bool:
        """Whether the cursor came to its row by itself, and has not been painted there yet."""
        return self._unseen and self._keyed.cursor is not None

    @property
    def order(self) -> tuple[str, ...]:
        return tuple(self._keyed.order)

    @property
    def waiting(self) -> bool:
        """Whether an order is held back because keys are being pressed."""
        return self._keyed.waiting

    def row(self, key: str) -> Row | None:
        return self._keyed.rows.get(key)

    def show(
        self,
        columns: Sequence[Column],
        rows: Iterable[Row],
        cursor: str | None = None,
        empty: SafeText = EMPTY,
        sort: Sort | None = None,
    ) -> None:
        """Another list altogether: its cursor starts on `cursor`, else on the first row. `sort` is the order that the
        rows are in already."""
        self.empty = empty
        if tuple(columns) != self._painter.columns:
            self._left = 0
        self._keyed = KeyedRows(rows, cursor)
        self._unseen = True
        self._prune_marks()
        self._painter.sort = sort
        self._painter.begin(columns, self._keyed.rows.values())
        self._measure()
        self.scroll_to(y=0, animate=False)
        self._reveal()
        self.refresh()
        self.post_message(self.Moved(self, self.cursor_key))

    def replace(self, rows: Iterable[Row]) -> None:
        """All rows in their order; those that are equal to what is shown are not painted again."""
        self._took_in(self._keyed.replace(rows))

    def patch(self, rows: Iterable[Row], gone: Iterable[str], order: Sequence[str] | None = None) -> None:
        """Rows that are new or different, keys that left, and the order of all keys after that."""
        self._took_in(self._keyed.patch(rows, gone, order))

    def settle(self) -> None:
        """Take on the waiting order now."""
        if not self._keyed.waiting:
            return
        cursor, had = self._keyed.cursor, len(self._keyed.order)
        places = self._keyed.settle()
        self._painter.keep(self._keyed.rows)
        if self._prune_marks():
            self._keyed.select(None)  # a verb was for those; the row under the cursor was not meant
        if had != len(self._keyed.order):
            self._measure()
        if had and self._keyed.order:
            self._refresh_places(places)
        else:
            self.refresh()
        self._reveal()
        if self._keyed.cursor != cursor:
            self._unseen = True
            self.post_message(self.Moved(self, self._keyed.cursor))

    def key_pressed(self) -> None:
        """A key was pressed anywhere: the order stays as it is for a moment."""
        self._calm.disturbed()

    def tick(self) -> None:
        """Time went by: repaint the visible rows whose ages read differently now."""
        for key in self._visible_keys():
            if self._painter.aged(self._keyed.rows[key]):
                self._refresh_key(key)

    def set_times(self, *, absolute: bool, zone_of: Callable[[str], tzinfo] | None = None) -> None:
        """Show times instead of ages; `zone_of` gives the zone in which those of a row are told."""
        self._painter.absolute, self._painter.zone_of = absolute, zone_of
        self._repaint()

    def _took_in(self, changed: Sequence[Row]) -> None:
        if self._painter.learn(changed):
            self.refresh()
        for row in changed:
            if not self._painter.looks_same(row):
                self._refresh_key(row.key)
        if not self._keyed.waiting:
            return
        if self._keyed.order:
            self._calm.when_calm(self.settle)
        else:
            self.settle()

    # -- marks ------------------------------------------------------------------------------------------------------

    @property
    def marked(self) -> tuple[str, ...]:
        """The keys of the marked rows, in the order of the list."""
        return self._marks.of(self._keyed.order)

    def toggle_mark(self) -> None:
        """Mark the row under the cursor, or take its mark away, and go on to the next row."""
        if self.cursor_key is not None:
            self._marks.toggle(self.cursor_key)
            self._marks_changed([self.cursor_key])
            self.move(1)

    def mark_to_cursor(self) -> None:
        """Mark every row from the one that was marked last to the cursor."""
        if self.cursor_key is not None:
            self._marks_changed(self._marks.reach(self.cursor_key, self._keyed.order))

    def mark_all(self) -> None:
        """Mark all rows; when all are marked, none."""
        if len(self._marks) == len(self._keyed.order):
            self.clear_marks()
        else:
            self._marks_changed(self._marks.add(self._keyed.order))

    def clear_marks(self) -> None:
        self._marks_changed(self._marks.clear())

    def _marks_changed(self, keys: Iterable[str]) -> None:
        for key in keys:
            self._refresh_key(key)
        self.post_message(self.Marked(self, len(self._marks)))

    def _prune_marks(self) -> bool:
        """Marks go with their rows; whether the last of them went."""
        had = len(self._marks)
        self._marks.keep(self._keyed.places)
        if len(self._marks) != had:
            self.post_message(self.Marked(self, len(self._marks)))
        return had > 0 and not self._marks

    # -- a list that is wider than the screen -----------------------------------------------------------------------

    @property
    def wide(self) -> bool:
        return self._painter.wide

    def set_wide(self, wide: bool) -> None:
        """Show every column with its longest text; what does not fit is scrolled to."""
        self._painter.wide, self._left = wide, 0
        self._repaint()

    def scroll_sideways(self, by: int) -> None:
        """So many columns to the right, or to the left."""
        width = self.scrollable_content_region.width
        left = max(0, min(self._left + by, self._painter.length(width) - width))
        if left != self._left:
            self._left = left
            self.refresh()

    def _repaint(self) -> None:
        self._painter.forget()
        self.refresh()

    # -- the cursor -------------------------------------------------------------------------------------------------

    @property
    def page(self) -> int:
        """Rows that fit on the screen."""
        return max(1, self.scrollable_content_region.height - HEADER)

    def move(self, by: int) -> None:
        """Some rows down, or up."""
        self.select(self._keyed.step(by))

    def move_to_place(self, place: int) -> None:
        """To a row number, or the nearest there is."""
        self.select(self._keyed.at(place))

    def select(self, key: str | None) -> None:
        """Put the cursor on `key`; on nothing when it is not there."""
        before = self._keyed.cursor
        self._keyed.select(key)
        if before == self._keyed.cursor:
            return
        for one in (before, key):
            if one is not None:
                self._refresh_key(one)
        self._reveal()
        self.post_message(self.Moved(self, self._keyed.cursor))

    def _reveal(self) -> None:
        if self._keyed.cursor is None or not self.size.height:
            return
        place, top = self._keyed.places[self._keyed.cursor], self.scroll_offset.y
        if place < top:
            self.scroll_to(y=place, animate=False, force=True)
        elif place >= top + self.page:
            self.scroll_to(y=place - self.page + 1, animate=False, force=True)

    def on_click(self, event: events.Click) -> None:
        """A click is for what is painted there: a name in the header, a row, and a second time the row is chosen."""
        self.key_pressed()
        if event.y < HEADER:
            column = self._painter.column_at(event.x + self._left)
            if column is not None:
                self.post_message(self.Named(self, column.name))
            return
        place = event.y - HEADER + self.scroll_offset.y
        if not 0 <= place < len(self._keyed.order):
            return
        key = self._keyed.order[place]
        if event.ctrl:
            self._marks.toggle(key)
            self._marks_changed([key])
        elif event.chain > 1 and key == self._keyed.cursor:
            self.post_message(self.Chosen(self, key))
        self.select(key)

    # -- painting ---------------------------------------------------------------------------------------------------

    def on_resize(self) -> None:
        self._left = 0
        self._measure()
        self._reveal()

    def on_focus(self) -> None:
        self._refresh_cursor()

    def on_blur(self) -> None:
        self._refresh_cursor()

    def notify_style_update(self) -> None:
        super().notify_style_update()
        if self.is_attached and self._painter.restyled():
            self.refresh()

    def render_line(self, y: int) -> Strip:
        width = self.scrollable_content_region.width
        if y < HEADER:
            return self._painter.header(width, self._left)
        place = y - HEADER + self.scroll_offset.y
        if place >= len(self._keyed.order):
            return self._painter.note(self.empty if y == HEADER and not self._keyed.order else EMPTY, width)
        key = self._keyed.order[place]
        over = ""
        if key == self._keyed.cursor:
            self._unseen = False
            over = "live-table--cursor" if self.has_focus else "live-table--cursor-blurred"
        return self._painter.row(self._keyed.rows[key], width, over, left=self._left, marked=key in self._marks)

    def _measure(self) -> None:
        self.virtual_size = Size(self.scrollable_content_region.width, len(self._keyed.order) + HEADER)

    def _visible_keys(self) -> Sequence[str]:
        top = self.scroll_offset.y
        return self._keyed.order[top : top + self.page]

    def _refresh_cursor(self) -> None:
        if self._keyed.cursor is not None:
            self._refresh_key(self._keyed.cursor)

    def _refresh_key(self, key: str) -> None:
        if key in self._keyed.places:
            self._refresh_places((self._keyed.places[key],))

    def _refresh_places(self, places: Iterable[int]) -> None:
        top, page = self.scroll_offset.y, self.page
        lines = [place - top + HEADER for place in places if top <= place < top + page]
        if lines:
            self.refresh(*(Region(0, y, self.size.width, 1) for y in lines))
