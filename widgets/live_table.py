"""The list that lives: rows under keys, drawn by the line, repainting only what changed.

The order changes only while no key is being pressed (`keyed.py` has the rules); until then changed rows are redrawn
in their place, and rows that came or went wait.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime, tzinfo
from typing import ClassVar, Final

from textual import events
from textual.geometry import Region, Size
from textual.message import Message
from textual.scroll_view import ScrollView
from textual.strip import Strip
from textual.timer import Timer

from widgets.keyed import KeyedRows
from widgets.palette import TONE_CLASSES
from widgets.present.row import EMPTY, Column, Row, SafeText
from widgets.row_painter import RowPainter

QUIET_S: Final = 0.7
"""Without a key for this long the technician is reading, and the order may change."""

HEADER: Final = 1
"""Lines above the rows: the names of the columns."""


class LiveTable(ScrollView, can_focus=True, inherit_bindings=False):
    """Give it columns, a clock and a zone; hand it rows; it posts `Moved` and `Chosen`."""

    COMPONENT_CLASSES: ClassVar[set[str]] = {
        *TONE_CLASSES,
        "live-table--header",
        "live-table--cursor",
        "live-table--cursor-blurred",
    }
    DEFAULT_CSS = """
    LiveTable {
        height: 1fr;
        overflow-x: hidden;
        overflow-y: auto;
        scrollbar-size-vertical: 1;
    }
    """

    class Moved(Message):
        """The cursor is on another key, or on none."""

        def __init__(self, table: LiveTable, key: str | None) -> None:
            super().__init__()
            self.table = table
            self.key = key

        @property
        def control(self) -> LiveTable:
            return self.table

    class Chosen(Message):
        """The row under the cursor was clicked again."""

        def __init__(self, table: LiveTable, key: str) -> None:
            super().__init__()
            self.table = table
            self.key = key

        @property
        def control(self) -> LiveTable:
            return self.table

    def __init__(
        self,
        columns: Sequence[Column],
        now: Callable[[], datetime],
        zone: tzinfo,
        *,
        boot_s: Callable[[], float],
        quiet_s: float = QUIET_S,
        empty: str = "",
        id: str | None = None,  # noqa: A002 - Textual's name for it
    ) -> None:
        super().__init__(id=id)
        self.empty = SafeText(empty)
        """Shown where rows would be, when there are none."""
        self._boot_s, self._quiet_s = boot_s, quiet_s
        self._keyed = KeyedRows()
        self._last_key = -1e9
        self._timer: Timer | None = None
        self._painter = RowPainter(self, columns, now, zone)

    # -- rows -------------------------------------------------------------------------------------------------------

    @property
    def cursor_key(self) -> str | None:
        return self._keyed.cursor

    @property
    def order(self) -> tuple[str, ...]:
        return tuple(self._keyed.order)

    @property
    def absolute(self) -> bool:
        return self._painter.absolute

    @property
    def waiting(self) -> bool:
        """Whether an order is held back because keys are being pressed."""
        return self._keyed.waiting

    def row(self, key: str) -> Row | None:
        return self._keyed.rows.get(key)

    def show(self, columns: Sequence[Column], rows: Iterable[Row], cursor: str | None = None, empty: str = "") -> None:
        """Another list altogether: its cursor starts on `cursor`, else on the first row."""
        self.empty = SafeText(empty)
        self._keyed = KeyedRows(rows, cursor)
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
        if had != len(self._keyed.order):
            self._measure()
        if had and self._keyed.order:
            self._refresh_places(places)
        else:
            self.refresh()
        self._reveal()
        if self._keyed.cursor != cursor:
            self.post_message(self.Moved(self, self._keyed.cursor))

    def key_pressed(self) -> None:
        """A key was pressed anywhere: the order stays as it is for a moment."""
        self._last_key = self._boot_s()

    def tick(self) -> None:
        """Time went by: repaint the visible rows whose ages read differently now."""
        for key in self._visible_keys():
            if self._painter.aged(self._keyed.rows[key]):
                self._refresh_key(key)

    def set_absolute(self, absolute: bool) -> None:
        """Show times instead of ages."""
        self._painter.absolute = absolute
        self._painter.forget()
        self.refresh()

    def _took_in(self, changed: Sequence[Row]) -> None:
        if self._painter.learn(changed):
            self.refresh()
        for row in changed:
            if not self._painter.looks_same(row):
                self._refresh_key(row.key)
        if self._keyed.waiting:
            self._settle_when_quiet()

    def _settle_when_quiet(self) -> None:
        left = self._quiet_s - (self._boot_s() - self._last_key)
        if left <= 0 or not self._keyed.order:
            self.settle()
        elif self._timer is None and self.is_attached:
            self._timer = self.set_timer(left, self._on_quiet)

    def _on_quiet(self) -> None:
        self._timer = None
        if self._keyed.waiting:
            self._settle_when_quiet()

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
        place = event.y - HEADER + self.scroll_offset.y
        if event.y < HEADER or not 0 <= place < len(self._keyed.order):
            return
        self.key_pressed()
        key = self._keyed.order[place]
        if event.chain > 1 and key == self._keyed.cursor:
            self.post_message(self.Chosen(self, key))
        self.select(key)

    # -- painting ---------------------------------------------------------------------------------------------------

    def on_resize(self) -> None:
        self._measure()
        self._reveal()

    def on_focus(self) -> None:
        self._refresh_cursor()

    def on_blur(self) -> None:
        self._refresh_cursor()

    def notify_style_update(self) -> None:
        super().notify_style_update()
        self._painter.forget(styles=True)
        self.refresh()

    def render_line(self, y: int) -> Strip:
        width = self.scrollable_content_region.width
        if y < HEADER:
            return self._painter.header(width)
        place = y - HEADER + self.scroll_offset.y
        if place >= len(self._keyed.order):
            return self._painter.note(self.empty if y == HEADER and not self._keyed.order else EMPTY, width)
        key = self._keyed.order[place]
        over = ""
        if key == self._keyed.cursor:
            over = "live-table--cursor" if self.has_focus else "live-table--cursor-blurred"
        return self._painter.row(self._keyed.rows[key], width, over)

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
