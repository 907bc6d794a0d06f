"""What a run prints, as it comes: the last lines, bounded, following the end until somebody scrolls up."""

from __future__ import annotations

from typing import Final

from rich.segment import Segment
from textual.geometry import Size
from textual.scroll_view import ScrollView
from textual.strip import Strip

from widgets.fit import padded
from widgets.present.row import GUTTER, SafeText

LINES: Final = 2000
"""Kept; what came before is counted, not shown."""

COLUMNS: Final = 400
"""Longest line shown."""


class OutputLog(ScrollView, can_focus=True):
    """Takes text that is safe already."""

    DEFAULT_CSS = "OutputLog { overflow-x: hidden; overflow-y: auto; scrollbar-size-vertical: 1; height: 1fr; }"

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002 - Textual's name
        super().__init__(id=id)
        self._lines: list[str] = [""]
        self.dropped = 0

    @property
    def text(self) -> str:
        return "\n".join(self._lines)

    def clear(self) -> None:
        self._lines, self.dropped = [""], 0
        self._grow()

    def write(self, text: SafeText) -> None:
        """More output; lines end with a line feed."""
        first, *rest = text.split("\n")
        self._lines[-1] = (self._lines[-1] + first)[:COLUMNS]
        self._lines += [line[:COLUMNS] for line in rest]
        if len(self._lines) > LINES:
            self.dropped += len(self._lines) - LINES
            del self._lines[:-LINES]
        self._grow()

    def render_line(self, y: int) -> Strip:
        width = self.scrollable_content_region.width
        place = y + self.scroll_offset.y
        text = f" {GUTTER}{self._lines[place]}" if place < len(self._lines) else ""
        return Strip([Segment(padded(text, width), self.rich_style)], width)

    def _grow(self) -> None:
        at_end = self.is_vertical_scroll_end
        self.virtual_size = Size(self.scrollable_content_region.width, len(self._lines))
        if at_end:
            self.scroll_end(animate=False, immediate=True)
        self.refresh()
