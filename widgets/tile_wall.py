"""The wall itself: one widget that draws tiles by the line, and paints again only the parts of lines that changed."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from rich.segment import Segment
from rich.style import Style
from textual.geometry import Region
from textual.strip import Strip
from textual.widget import Widget

from widgets.palette import Palette
from widgets.present.row import SafeText, Tone
from widgets.present.wall_line import Piece
from widgets.present.wall_page import Line, Plan, Shown, Slot, planned

Texts = tuple[SafeText, ...]


class TileWall(Widget):
    """Takes no key and no click: whoever shows it turns its pages."""

    DEFAULT_CSS = "TileWall { height: 1fr; width: 1fr; }"
    ALLOW_SELECT = False

    def __init__(self, now: Callable[[], datetime], *, id: str | None = None) -> None:  # noqa: A002 - Textual's name
        super().__init__(id=id)
        self._now = now
        self._palette = Palette(self)
        self._shown: Shown | None = None
        self._plan: Plan | None = None
        self._lines: list[Line] = []
        self._kept: dict[Slot, tuple[Texts, Strip]] = {}
        """Strips of what is on this page, until they read differently."""
        self.page = 0

    @property
    def pages(self) -> int:
        return len(self._plan.pages) if self._plan is not None else 1

    def show(self, shown: Shown) -> None:
        """Other facts: the page stays, as long as there is one of its number."""
        before, self._shown = self._shown, shown
        if before is not None and before.old != shown.old:
            self._forget()
        self._arrange()

    def turn_to(self, page: int) -> None:
        """Another page, counted around."""
        self.page = page % self.pages
        self._arrange()

    def tick(self) -> None:
        """Time went by: repaint what reads differently now and can be seen."""
        changed = [
            Region(slot.x, y, slot.width, 1)
            for y, line in enumerate(self._lines)
            for slot in line
            if (kept := self._kept.get(slot)) is not None and kept[0] != self._texts(slot)
        ]
        if changed:
            self.refresh(*changed)

    def on_resize(self) -> None:
        self._forget()
        self._arrange()

    def notify_style_update(self) -> None:
        super().notify_style_update()
        if self.is_attached and self._palette.restyled():
            self._forget()

    def _forget(self) -> None:
        self._kept.clear()
        self.refresh()

    def _arrange(self) -> None:
        width, height = self.size
        if self._shown is None or not width or not height:
            return
        self._plan = planned(self._shown, width, height)
        self.page = min(self.page, self.pages - 1)
        before, self._lines = self._lines, self._plan.lines(self.page)
        if len(before) != len(self._lines):
            self._forget()
            return
        seen = {slot for line in self._lines for slot in line}
        self._kept = {slot: kept for slot, kept in self._kept.items() if slot in seen}
        changed = [part for y in range(height) for part in _changed(before[y], self._lines[y], y, width)]
        if changed:
            self.refresh(*changed)

    def render_line(self, y: int) -> Strip:
        base, width = self._palette.base, self.size.width
        if y >= len(self._lines):
            return Strip.blank(width, base)
        strips: list[Strip] = []
        x = 0
        for slot in self._lines[y]:
            if slot.x > x:
                strips.append(Strip.blank(slot.x - x, base))
            strips.append(self._strip(slot))
            x = slot.x + slot.width
        return Strip.join(strips).adjust_cell_length(width, base)

    def _strip(self, slot: Slot) -> Strip:
        texts = self._texts(slot)
        kept = self._kept.get(slot)
        if kept is None or kept[0] != texts:
            kept = self._kept[slot] = (texts, self._paint(slot, texts))
        return kept[1]

    def _texts(self, slot: Slot) -> Texts:
        now = self._now()
        return tuple(piece.at(now) for piece in (*slot.line.left, *slot.line.right))

    def _paint(self, slot: Slot, texts: Texts) -> Strip:
        line = slot.line
        over = self._shown is not None and self._shown.old and not self._is_over(slot)
        fill = line.fill if not over else None
        count = len(line.left)
        left = Strip(self._segments(line.left, texts[:count], fill, old=over))
        right = Strip(self._segments(line.right, texts[count:], fill, old=over))
        style = self._style(fill or Tone.PLAIN, fill)
        room = slot.width - right.cell_length
        if room < right.cell_length and line.left:
            room, right = slot.width, Strip([])
        if left.cell_length > room:
            left = Strip.join([left.crop(0, max(0, room - 1)), Strip([Segment("…", style)])])
        return Strip.join([left.adjust_cell_length(room, style), right])

    def _is_over(self, slot: Slot) -> bool:
        return self._plan is not None and slot.line in self._plan.over

    def _segments(self, pieces: tuple[Piece, ...], texts: Texts, fill: Tone | None, *, old: bool) -> list[Segment]:
        now = self._now()
        return [
            Segment(text, self._style(Tone.DIM if old else fill or piece.tone_at(now), fill))
            for text, piece in zip(texts, pieces, strict=True)
        ]

    def _style(self, tone: Tone, fill: Tone | None) -> Style:
        style = self._palette.base + self._palette.tone(tone)
        return style + Style(reverse=True, bold=True) if fill is not None else style


def _changed(before: Line, after: Line, y: int, width: int) -> list[Region]:
    """The parts of a line that look different."""
    if before == after:
        return []
    if [(slot.x, slot.width) for slot in before] != [(slot.x, slot.width) for slot in after]:
        return [Region(0, y, width, 1)]
    return [Region(new.x, y, new.width, 1) for old, new in zip(before, after, strict=True) if old != new]
