"""The list that lives: rows under keys, drawn by the line, repainting only what changed.

The cursor holds on to a key, never to a row number: it survives sorting, insertion and removal, and when its row is
gone nothing is selected. The order changes only while no key is being pressed; until then changed rows are redrawn in
their place, and rows that came or went wait.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime, tzinfo
from typing import ClassVar, Final

from rich.segment import Segment
from rich.style import Style
from textual import events
from textual.geometry import Region, Size
from textual.message import Message
from textual.scroll_view import ScrollView
from textual.strip import Strip
from textual.timer import Timer

from widgets.fit import GAP, cut, fit, padded
from widgets.palette import TONE_CLASSES, Palette
from widgets.present.age import age_text, time_text
from widgets.present.row import Column, Row, SafeText, Tone

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
        self.columns = tuple(columns)
        self.empty = SafeText(empty)
        """Shown where rows would be, when there are none."""
        self.absolute = False
        self._now, self._zone, self._boot_s, self._quiet_s = now, zone, boot_s, quiet_s
        self._rows: dict[str, Row] = {}
        self._order: list[str] = []
        self._places: dict[str, int] = {}
        self._waiting: tuple[str, ...] | None = None
        """The order that is due when no key is being pressed."""
        self._gone: set[str] = set()
        """Keys that leave with the waiting order; until then their rows stand where they were."""
        self._cursor: str | None = None
        self._near = 0
        """Where the cursor was last, for the next movement after its row went."""
        self._begun = False
        self._last_key = -1e9
        self._timer: Timer | None = None
        self._strips: dict[str, tuple[Row, tuple[str, ...], Strip]] = {}
        self._widths: tuple[int, ...] = ()
        self._palette = Palette(self)

    # -- rows -------------------------------------------------------------------------------------------------

    @property
    def cursor_key(self) -> str | None:
        return self._cursor

    @property
    def order(self) -> tuple[str, ...]:
        return tuple(self._order)

    @property
    def waiting(self) -> bool:
        """Whether an order is held back because keys are being pressed."""
        return self._waiting is not None

    def row(self, key: str) -> Row | None:
        return self._rows.get(key)

    def show(self, columns: Sequence[Column], rows: Iterable[Row], cursor: str | None = None, empty: str = "") -> None:
        """Another list altogether: its cursor starts on `cursor`, else on the first row."""
        self.columns, self.empty = tuple(columns), SafeText(empty)
        self._rows = {row.key: row for row in rows}
        self._waiting, self._cursor, self._begun, self._near = None, None, False, 0
        self._gone.clear()
        self._strips.clear()
        self._widths = ()
        self.scroll_to(y=0, animate=False)
        if cursor is not None and cursor in self._rows:
            self._cursor, self._begun = cursor, True
        self._arrange(list(self._rows))
        self.refresh()

    def replace(self, rows: Iterable[Row]) -> None:
        """All rows in their order; those that are equal to what is shown are not painted again."""
        fresh = {row.key: row for row in rows}
        changed = [row for key, row in fresh.items() if self._rows.get(key) is not row and self._rows.get(key) != row]
        self.patch(changed, [key for key in self._rows if key not in fresh], tuple(fresh))

    def patch(self, rows: Iterable[Row], gone: Iterable[str], order: Sequence[str] | None = None) -> None:
        """Rows that are new or different, keys that left, and the order of all keys after that."""
        self._gone.update(gone)
        for row in rows:
            self._gone.discard(row.key)
            self._rows[row.key] = row
            if row.key in self._places:
                self._refresh_key(row.key)
        if order is None:
            order = [key for key in self._order if key not in self._gone]
        self._waiting = None if list(order) == self._order and not self._gone else tuple(order)
        if self._waiting is not None:
            self._settle_when_quiet()

    def settle(self) -> None:
        """Take on the waiting order now."""
        if self._waiting is None:
            return
        order, self._waiting = self._waiting, None
        for key in self._gone:
            self._rows.pop(key, None)
            self._strips.pop(key, None)
        self._gone.clear()
        self._arrange([key for key in order if key in self._rows])

    def key_pressed(self) -> None:
        """A key was pressed anywhere: the order stays as it is for a moment."""
        self._last_key = self._boot_s()

    def tick(self) -> None:
        """Time went by: repaint the visible rows whose ages read differently now."""
        for key in self._visible_keys():
            cached = self._strips.get(key)
            if cached is not None and cached[1] != self._ages(self._rows[key]):
                self._refresh_key(key)

    def set_absolute(self, absolute: bool) -> None:
        """Show times instead of ages."""
        self.absolute = absolute
        self._forget_strips()

    def _settle_when_quiet(self) -> None:
        left = self._quiet_s - (self._boot_s() - self._last_key)
        if left <= 0 or not self._order:
            self.settle()
        elif self._timer is None and self.is_attached:
            self._timer = self.set_timer(left, self._on_quiet)

    def _on_quiet(self) -> None:
        self._timer = None
        if self._waiting is not None:
            self._settle_when_quiet()

    def _arrange(self, order: list[str]) -> None:
        before = self._order
        self._order = order
        self._places = {key: place for place, key in enumerate(order)}
        moved = False
        if self._cursor is not None and self._cursor not in self._places:
            self._cursor, moved = None, True
        if not self._begun and order:
            self._cursor, self._begun, moved = order[0], True, True
        if self._cursor is not None:
            self._near = self._places[self._cursor]
        self._measure()
        if not before or not order:
            self.refresh()
        self._refresh_places(place for place, key in enumerate(order) if place >= len(before) or before[place] != key)
        self._refresh_places(range(len(order), len(before)))
        self._reveal()
        if moved:
            self.post_message(self.Moved(self, self._cursor))

    # -- the cursor -------------------------------------------------------------------------------------------

    @property
    def page(self) -> int:
        """Rows that fit on the screen."""
        return max(1, self.scrollable_content_region.height - HEADER)

    def move(self, by: int) -> None:
        """Some rows down, or up; the first movement after the row went lands where it was."""
        if not self._order:
            return
        start = self._near if self._cursor is not None else self._near - (by > 0)
        self.move_to_place(start + by)

    def move_to_place(self, place: int) -> None:
        """To a row number, as near as there is one; negative numbers other than by `move` do not occur."""
        if self._order:
            self.select(self._order[max(0, min(place, len(self._order) - 1))])

    def select(self, key: str | None) -> None:
        """Put the cursor on `key`; on nothing when it is not there."""
        if key is not None and key not in self._places:
            key = None
        before, self._cursor = self._cursor, key
        if key is not None:
            self._near, self._begun = self._places[key], True
        if before == key:
            return
        for one in (before, key):
            if one is not None:
                self._refresh_key(one)
        self._reveal()
        self.post_message(self.Moved(self, key))

    def _reveal(self) -> None:
        if self._cursor is None or not self.size.height:
            return
        place, top = self._places[self._cursor], self.scroll_offset.y
        if place < top:
            self.scroll_to(y=place, animate=False)
        elif place >= top + self.page:
            self.scroll_to(y=place - self.page + 1, animate=False)

    def on_click(self, event: events.Click) -> None:
        place = event.y - HEADER + self.scroll_offset.y
        if event.y < HEADER or not 0 <= place < len(self._order):
            return
        self.key_pressed()
        key = self._order[place]
        if event.chain > 1 and key == self._cursor:
            self.post_message(self.Chosen(self, key))
        self.select(key)

    # -- painting ---------------------------------------------------------------------------------------------

    def on_resize(self) -> None:
        self._measure()
        self._reveal()

    def on_focus(self) -> None:
        self._cursor_line()

    def on_blur(self) -> None:
        self._cursor_line()

    def notify_style_update(self) -> None:
        super().notify_style_update()
        self._palette.clear()
        self._forget_strips()

    def render_line(self, y: int) -> Strip:
        width = self.scrollable_content_region.width
        widths = fit(self.columns, width - 2, absolute=self.absolute)
        if widths != self._widths:
            self._widths = widths
            self._strips.clear()
        if y < HEADER:
            return self._header(width)
        place = y - HEADER + self.scroll_offset.y
        if place >= len(self._order):
            return self._blank(width, self.empty if place == 1 and not self._order else SafeText(""))
        key = self._order[place]
        strip = self._strip(self._rows[key], width)
        if key != self._cursor:
            return strip
        name = "live-table--cursor" if self.has_focus else "live-table--cursor-blurred"
        return _over(strip, self._palette[name])

    def _strip(self, row: Row, width: int) -> Strip:
        ages = self._ages(row)
        cached = self._strips.get(row.key)
        if cached is not None and cached[0] is row and cached[1] == ages:
            return cached[2]
        base = self.rich_style
        segments = [Segment(" ", base)]
        times = iter(ages)
        first = True
        for cell, column, wide in zip(row.cells, self.columns, self._widths, strict=False):
            text = (next(times) if cell.since is not None else "") + cell.text
            if not wide:
                continue
            tone = Tone.DIM if row.dim and cell.tone in (Tone.PLAIN, Tone.STRONG, Tone.ACCENT) else cell.tone
            gap = "" if first else " " * GAP
            segments.append(Segment(gap + padded(text, wide, right=column.right), base + self._palette.tone(tone)))
            first = False
        strip = Strip(segments).adjust_cell_length(width, base)
        self._strips[row.key] = (row, ages, strip)
        return strip

    def _ages(self, row: Row) -> tuple[str, ...]:
        now = self._now()
        if self.absolute:
            return tuple(time_text(cell.since, now, self._zone) for cell in row.cells if cell.since is not None)
        return tuple(age_text(cell.since, now) for cell in row.cells if cell.since is not None)

    def _header(self, width: int) -> Strip:
        style = self.rich_style + self._palette["live-table--header"]
        names = [
            padded(column.name, wide, right=column.right)
            for column, wide in zip(self.columns, self._widths, strict=True)
            if wide
        ]
        text = " " + (" " * GAP).join(names)
        return Strip([Segment(padded(text, width), style)], width)

    def _blank(self, width: int, text: SafeText) -> Strip:
        style = self.rich_style + self._palette.tone(Tone.DIM)
        return Strip([Segment(padded(f" {cut(text, width - 2)}" if text else "", width), style)], width)

    def _forget_strips(self) -> None:
        self._strips.clear()
        self._widths = ()
        self.refresh()

    def _measure(self) -> None:
        self.virtual_size = Size(self.scrollable_content_region.width, len(self._order) + HEADER)

    def _visible_keys(self) -> Sequence[str]:
        top = self.scroll_offset.y
        return self._order[top : top + self.page]

    def _cursor_line(self) -> None:
        if self._cursor is not None:
            self._refresh_key(self._cursor)

    def _refresh_key(self, key: str) -> None:
        if key in self._places:
            self._refresh_places((self._places[key],))

    def _refresh_places(self, places: Iterable[int]) -> None:
        top, page = self.scroll_offset.y, self.page
        seen = [place - top for place in places if top <= place < top + page]
        if seen:
            width = self.size.width
            self.refresh(*(Region(0, y + HEADER, width, 1) for y in seen))


def _over(strip: Strip, style: Style) -> Strip:
    """The strip with `style` laid over it; what tells tones apart (bold, colour of severity) stays."""
    return Strip([Segment(text, (own or Style()) + style) for text, own, _ in strip], strip.cell_length)
