"""Rows as strips, kept by key until the row, its ages, the width or the styles change.

A strip is made as long as the list is wide; of a wide list the part that is in sight is cut out of it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, datetime, tzinfo
from typing import Final

from msgspec import Struct
from rich.cells import cell_len
from rich.segment import Segment
from rich.style import Style
from textual.strip import Strip
from textual.widget import Widget

from widgets.fit import padded
from widgets.palette import Palette
from widgets.present.age import age_text, age_turns, due_text, due_turns, time_text
from widgets.present.row import Cell, Column, Row, SafeText, Tone
from widgets.present.sorting import Sort, place_of
from widgets.present.tone import due_tone
from widgets.present.widths import GAP, fit, unfold

MARGIN = 1
"""Blank columns left and right of a list."""

MARK: Final = "✓"
"""In the margin of a row that is marked."""

KEPT: Final = 1_000
"""So many strips are kept, those that were drawn last: more than the largest screen has lines, and enough to page back
through. A strip is some twenty objects."""

NEVER: Final = datetime.max.replace(tzinfo=UTC)

_QUIETED = (Tone.PLAIN, Tone.STRONG, Tone.ACCENT)
"""Tones that a dim row loses; what says how bad or how doubtful something is stays."""


class Kept(Struct, frozen=True):
    """A row as it was painted, and the time in which its ages read so: they need not be looked at before."""

    row: Row
    ages: tuple[str, ...]
    strip: Strip
    since: datetime
    until: datetime


class RowPainter:
    def __init__(self, widget: Widget, columns: Sequence[Column], now: Callable[[], datetime], zone: tzinfo) -> None:
        self.columns = tuple(columns)
        self.absolute = False
        """Times instead of ages."""
        self.wide = False
        """Every column as wide as its longest text."""
        self.sort: Sort | None = None
        """What the header says of the order."""
        self.zone_of: Callable[[str], tzinfo] | None = None
        """The zone in which the times of a row are told; without it all are told in the technician's."""
        self._now, self._zone = now, zone
        self._palette = Palette(widget)
        self._kept: dict[str, Kept] = {}
        self._width = 0
        self._widths: tuple[int, ...] = ()
        self._wanted: list[int] = []

    def forget(self) -> None:
        """Everything is to be painted again."""
        self._kept.clear()
        self._width = 0

    def restyled(self) -> bool:
        """Styles may have changed; whether everything is to be painted again for that."""
        if not self._palette.restyled():
            return False
        self.forget()
        return True

    def keep(self, keys: Iterable[str]) -> None:
        """Rows under other keys are not coming back."""
        wanted = set(keys)
        self._kept = {key: kept for key, kept in self._kept.items() if key in wanted}

    def learn(self, rows: Iterable[Row]) -> bool:
        """Take the lengths of texts into account; whether a column has to become wider for them."""
        wanted = self._wanted or [0] * len(self.columns)
        cells = [row.cells for row in rows]
        for index, widest in enumerate(wanted):
            wanted[index] = max(widest, _widest([each[index].text for each in cells if len(each) > index]))
        before, self._wanted = self._widths, wanted
        self._widths = self._fitted(self._width)
        if self._widths == before or not self._width:
            return False
        self.forget()
        return True

    def begin(self, columns: Sequence[Column], rows: Iterable[Row]) -> None:
        """Another list altogether."""
        self.columns, self._wanted = tuple(columns), []
        self.forget()
        self.learn(rows)

    def looks_same(self, row: Row) -> bool:
        """Whether the row looks as it was painted, though its facts are newer; then they are taken over."""
        kept = self._kept.get(row.key)
        if kept is None or kept.row.dim != row.dim or kept.ages != self._ages(row):
            return False
        if [(cell.text, cell.tone) for cell in kept.row.cells] != [(cell.text, cell.tone) for cell in row.cells]:
            return False
        self._kept[row.key] = self._as_kept(row, kept.ages, kept.strip)
        return True

    def aged(self, row: Row) -> bool:
        """Whether an age of the row reads differently from when it was painted."""
        kept = self._kept.get(row.key)
        if kept is None or kept.since <= self._now() < kept.until:
            return False
        if kept.ages != self._ages(row):
            return True
        self._kept[row.key] = self._as_kept(row, kept.ages, kept.strip)
        return False

    def length(self, width: int) -> int:
        """How long the rows are in a list that is `width` columns wide."""
        self._fit(width)
        shown = [wide for wide in self._widths if wide]
        return max(width, sum(shown) + GAP * (len(shown) - 1) + 2 * MARGIN)

    def column_at(self, x: int) -> Column | None:
        """The column that is drawn at `x`, counted from the row's left end."""
        begin = MARGIN
        for column, wide in zip(self.columns, self._widths, strict=True):
            if wide and begin <= x < begin + wide + GAP:
                return column
            begin += wide + GAP if wide else 0
        return None

    def header(self, width: int, left: int = 0) -> Strip:
        self._fit(width)
        by = place_of(self.sort, self.columns)
        names = [
            padded(self._heading(column, index == by, wide), wide, right=column.right)
            for index, (column, wide) in enumerate(zip(self.columns, self._widths, strict=True))
            if wide
        ]
        style = self._palette.base
        length = self.length(width)
        text = padded((" " * GAP).join(names), length - 2 * MARGIN)
        edge = Segment(" " * MARGIN, style)
        strip = Strip([edge, Segment(text, style + self._palette["live-table--header"]), edge], length)
        return strip.crop(left, left + width)

    def row(self, row: Row, width: int, over: str = "", *, left: int = 0, marked: bool = False) -> Strip:
        """The row from column `left` on; `over` names the component class that is laid over it."""
        self._fit(width)
        ages = self._ages(row)
        kept = self._kept.pop(row.key, None)
        if kept is None or kept.row is not row or kept.ages != ages:
            kept = self._as_kept(row, ages, self._paint(row, ages, self.length(width)))
            if len(self._kept) >= KEPT:
                del self._kept[next(iter(self._kept))]
        self._kept[row.key] = kept  # now the last
        strip = kept.strip if not left and kept.strip.cell_length == width else kept.strip.crop(left, left + width)
        if marked:
            mark = Segment(MARK, self._palette.base + self._palette.tone(Tone.ACCENT))
            strip = Strip([mark, *strip.crop(len(MARK))], width)
        return _laid_over(strip, self._palette[over]) if over else strip

    def note(self, text: SafeText, width: int) -> Strip:
        """A line that is no row."""
        style = self._palette.base + self._palette.tone(Tone.DIM)
        return Strip([Segment(padded(" " * MARGIN + text, width), style)], width)

    def _fit(self, width: int) -> None:
        if width != self._width:
            self._width = width
            self._widths = self._fitted(width)
            self._kept.clear()

    def _fitted(self, width: int) -> tuple[int, ...]:
        if self.wide:
            return unfold(self.columns, self._wanted, absolute=self.absolute)
        return fit(self.columns, width - 2 * MARGIN, self._wanted, absolute=self.absolute)

    def _heading(self, column: Column, sorted_by: bool, wide: int) -> str:
        if not sorted_by or self.sort is None:
            return column.name
        arrow = "↑" if self.sort.reverse else "↓"
        return f"{column.name}{arrow}" if len(column.name) < wide else f"{column.name[: wide - 1]}{arrow}"

    def _paint(self, row: Row, ages: Sequence[str], length: int) -> Strip:
        base = self._palette.base
        segments = [Segment(" " * MARGIN, base)]
        times = iter(ages)
        gap = ""
        for cell, column, wide in zip(row.cells, self.columns, self._widths, strict=False):
            text = (next(times) if cell.timed else "") + cell.text
            if wide:
                tone = due_tone(cell.until, self._now()) or (
                    Tone.DIM if row.dim and cell.tone in _QUIETED else cell.tone
                )
                shown = gap + padded(text, wide, right=column.right)
                segments.append(Segment(shown, base + self._palette.tone(tone)))
                gap = " " * GAP
        return Strip(segments).adjust_cell_length(length, base)

    def _ages(self, row: Row) -> tuple[str, ...]:
        now = self._now()
        zone = self._zone if self.zone_of is None else self.zone_of(row.key)
        return tuple(self._time(cell, now, zone) for cell in row.cells if cell.timed)

    def _as_kept(self, row: Row, ages: tuple[str, ...], strip: Strip) -> Kept:
        now = self._now()
        until = now if self.absolute else min((_turns(cell, now) for cell in row.cells if cell.timed), default=NEVER)
        return Kept(row, ages, strip, now, until)

    def _time(self, cell: Cell, now: datetime, zone: tzinfo) -> SafeText:
        if self.absolute:
            return time_text(cell.since or cell.until, now, zone)
        if cell.until is not None:
            return due_text(cell.until, now)
        return age_text(cell.since, now, ago=cell.ago)


def _widest(texts: Sequence[str]) -> int:
    """Columns that the longest takes. There may be ten thousand, between two letters of a filter."""
    if all(map(str.isascii, texts)):
        return max(map(len, texts), default=0)
    return max(len(text) if text.isascii() else cell_len(text) for text in texts)


def _turns(cell: Cell, now: datetime) -> datetime:
    if cell.until is not None:
        return due_turns(cell.until, now)
    return age_turns(cell.since or now, now)


def _laid_over(strip: Strip, style: Style) -> Strip:
    """What tells tones apart (bold, the colour of a severity) stays."""
    return Strip([Segment(text, (own or Style()) + style) for text, own, _ in strip], strip.cell_length)
