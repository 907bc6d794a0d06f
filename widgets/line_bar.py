"""One line of spans: the verdict, the counts, the heading of a list. Ages in it tick; nothing else is repainted."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime

from rich.segment import Segment
from textual.strip import Strip
from textual.widget import Widget

from widgets.palette import Palette
from widgets.present.age import age_text
from widgets.present.row import Cell


class LineBar(Widget):
    """Draws its cells in a row, and `right` at the right end as far as there is room."""

    DEFAULT_CSS = "LineBar { height: 1; width: 1fr; }"

    def __init__(self, now: Callable[[], datetime], *, id: str | None = None) -> None:  # noqa: A002 - Textual's name
        super().__init__(id=id)
        self._now = now
        self._cells: tuple[Cell, ...] = ()
        self._right: tuple[Cell, ...] = ()
        self._palette = Palette(self)
        self._painted: tuple[str, ...] = ()

    @property
    def text(self) -> str:
        return "".join(self._texts((*self._cells, *self._right)))

    def show(self, cells: Sequence[Cell], right: Sequence[Cell] = ()) -> None:
        if (tuple(cells), tuple(right)) != (self._cells, self._right):
            self._cells, self._right = tuple(cells), tuple(right)
            self.refresh()

    def tick(self) -> None:
        """Time went by: repaint when an age reads differently now."""
        if self._painted != self._texts((*self._cells, *self._right)):
            self.refresh()

    def notify_style_update(self) -> None:
        super().notify_style_update()
        if self.is_attached and self._palette.restyled():
            self.refresh()

    def render_line(self, y: int) -> Strip:  # noqa: ARG002 - there is one line
        width = self.size.width
        self._painted = self._texts((*self._cells, *self._right))
        left = Strip([Segment(" ", self.rich_style), *self._segments(self._cells)])
        right = Strip(self._segments(self._right))
        room = width - right.cell_length - 1
        if not self._right or room < 20:
            return _ended(left, width, self)
        return Strip.join(
            [_ended(left, room - 1, self), Strip([Segment(" ", self.rich_style)]), right]
        ).adjust_cell_length(width, self.rich_style)

    def _texts(self, cells: Sequence[Cell]) -> tuple[str, ...]:
        now = self._now()
        return tuple(cell.text + (age_text(cell.since, now, ago=cell.ago) if cell.since else "") for cell in cells)

    def _segments(self, cells: Sequence[Cell]) -> list[Segment]:
        base = self._palette.base
        texts = self._texts(cells)
        return [Segment(text, base + self._palette.tone(cell.tone)) for text, cell in zip(texts, cells, strict=True)]


def _ended(strip: Strip, width: int, widget: Widget) -> Strip:
    """The strip in exactly `width` columns, with an ellipsis where something is missing."""
    if strip.cell_length <= width:
        return strip.extend_cell_length(width, widget.rich_style)
    return Strip.join([strip.crop(0, width - 1), Strip([Segment("…", widget.rich_style)])])
