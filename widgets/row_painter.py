"""Rows as strips, kept by key until the row, its ages, the width or the styles change."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime, tzinfo

from rich.cells import cell_len
from rich.segment import Segment
from rich.style import Style
from textual.strip import Strip
from textual.widget import Widget

from widgets.fit import GAP, fit, padded
from widgets.palette import Palette
from widgets.present.age import age_text, time_text
from widgets.present.row import Column, Row, SafeText, Tone

MARGIN = 1
"""Blank columns left and right of a list."""

_QUIETED = (Tone.PLAIN, Tone.STRONG, Tone.ACCENT)
"""Tones that a dim row loses; what says how bad or how doubtful something is stays."""


class RowPainter:
    def __init__(self, widget: Widget, columns: Sequence[Column], now: Callable[[], datetime], zone: tzinfo) -> None:
        self.columns = tuple(columns)
        self.absolute = False
        self._widget, self._now, self._zone = widget, now, zone
        self._palette = Palette(widget)
        self._kept: dict[str, tuple[Row, tuple[str, ...], Strip]] = {}
        self._width = 0
        self._widths: tuple[int, ...] = ()
        self._wanted: list[int] = []

    def forget(self, *, styles: bool = False) -> None:
        """Everything is to be painted again."""
        self._kept.clear()
        self._width = 0
        if styles:
            self._palette.clear()

    def keep(self, keys: Iterable[str]) -> None:
        """Rows under other keys are not coming back."""
        wanted = set(keys)
        self._kept = {key: kept for key, kept in self._kept.items() if key in wanted}

    def learn(self, rows: Iterable[Row]) -> bool:
        """Take the lengths of texts into account; whether a column has to become wider for them."""
        wanted = self._wanted or [0] * len(self.columns)
        for row in rows:
            for index, cell in enumerate(row.cells[: len(wanted)]):
                if len(cell.text) > wanted[index] or not cell.text.isascii():
                    wanted[index] = max(wanted[index], cell_len(cell.text))
        before, self._widths = self._widths, fit(self.columns, self._width - 2 * MARGIN, wanted, absolute=self.absolute)
        self._wanted = wanted
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
        if kept is None or kept[0].dim != row.dim or kept[1] != self._ages(row):
            return False
        if [(cell.text, cell.tone) for cell in kept[0].cells] != [(cell.text, cell.tone) for cell in row.cells]:
            return False
        self._kept[row.key] = (row, kept[1], kept[2])
        return True

    def aged(self, row: Row) -> bool:
        """Whether an age of the row reads differently from when it was painted."""
        kept = self._kept.get(row.key)
        return kept is not None and kept[1] != self._ages(row)

    def header(self, width: int) -> Strip:
        self._fit(width)
        names = [
            padded(column.name, wide, right=column.right)
            for column, wide in zip(self.columns, self._widths, strict=True)
            if wide
        ]
        style = self._widget.rich_style
        text = padded((" " * GAP).join(names), width - 2 * MARGIN)
        edge = Segment(" " * MARGIN, style)
        return Strip([edge, Segment(text, style + self._palette["live-table--header"]), edge], width)

    def row(self, row: Row, width: int, over: str = "") -> Strip:
        """The row; `over` names the component class that is laid over it."""
        self._fit(width)
        ages = self._ages(row)
        kept = self._kept.get(row.key)
        if kept is None or kept[0] is not row or kept[1] != ages:
            kept = self._kept[row.key] = (row, ages, self._paint(row, ages, width))
        return _laid_over(kept[2], self._palette[over]) if over else kept[2]

    def note(self, text: SafeText, width: int) -> Strip:
        """A line that is no row."""
        style = self._widget.rich_style + self._palette.tone(Tone.DIM)
        return Strip([Segment(padded(" " * MARGIN + text, width), style)], width)

    def _fit(self, width: int) -> None:
        if width != self._width:
            self._width = width
            self._widths = fit(self.columns, width - 2 * MARGIN, self._wanted, absolute=self.absolute)
            self._kept.clear()

    def _paint(self, row: Row, ages: Sequence[str], width: int) -> Strip:
        base = self._widget.rich_style
        segments = [Segment(" " * MARGIN, base)]
        times = iter(ages)
        gap = ""
        for cell, column, wide in zip(row.cells, self.columns, self._widths, strict=False):
            text = (next(times) if cell.since is not None else "") + cell.text
            if wide:
                tone = Tone.DIM if row.dim and cell.tone in _QUIETED else cell.tone
                shown = gap + padded(text, wide, right=column.right)
                segments.append(Segment(shown, base + self._palette.tone(tone)))
                gap = " " * GAP
        return Strip(segments).adjust_cell_length(width, base)

    def _ages(self, row: Row) -> tuple[str, ...]:
        now = self._now()
        if self.absolute:
            return tuple(time_text(cell.since, now, self._zone) for cell in row.cells if cell.since is not None)
        return tuple(age_text(cell.since, now, ago=cell.ago) for cell in row.cells if cell.since is not None)


def _laid_over(strip: Strip, style: Style) -> Strip:
    """What tells tones apart (bold, the colour of a severity) stays."""
    return Strip([Segment(text, (own or Style()) + style) for text, own, _ in strip], strip.cell_length)
