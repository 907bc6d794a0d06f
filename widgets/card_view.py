"""A card of labelled lines, wrapped under their labels and drawn by the line."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime
from typing import Final

from rich.cells import cell_len
from rich.segment import Segment
from rich.style import Style
from textual.geometry import Size
from textual.scroll_view import ScrollView
from textual.strip import Strip

from widgets.fit import padded
from widgets.palette import Palette
from widgets.present.age import age_text
from widgets.present.card import Card
from widgets.present.row import Cell, Line

LABEL: Final = 9
"""Columns of the labels."""

LINES: Final = 400
"""Longest card, in lines after wrapping."""

Piece = tuple[str, Style]


class CardView(ScrollView, can_focus=False, inherit_bindings=False):
    """Shows one card; longer ones scroll."""

    DEFAULT_CSS = """
    CardView { overflow-x: hidden; overflow-y: auto; scrollbar-size-vertical: 1; }
    """

    def __init__(self, now: Callable[[], datetime], *, id: str | None = None) -> None:  # noqa: A002 - Textual's name
        super().__init__(id=id)
        self._now = now
        self._card = Card()
        self._strips: list[Strip] = []
        self._ages: tuple[str, ...] = ()
        self._palette = Palette(self)

    @property
    def card(self) -> Card:
        return self._card

    @property
    def text(self) -> str:
        return "\n".join(strip.text.rstrip() for strip in self._strips)

    def show(self, card: Card) -> None:
        if card != self._card:
            if card.head[:1] != self._card.head[:1]:
                self.scroll_to(y=0, animate=False)
            self._card = card
            self._draw()

    def tick(self) -> None:
        """Time went by: repaint when an age reads differently now."""
        if self._ages_now() != self._ages:
            self._draw()

    def notify_style_update(self) -> None:
        super().notify_style_update()
        if self.is_attached and self._palette.restyled():
            self._draw()

    def on_resize(self) -> None:
        self._draw()

    def render_line(self, y: int) -> Strip:
        place = y + self.scroll_offset.y
        width = self.scrollable_content_region.width
        if place >= len(self._strips):
            return Strip.blank(width, self.rich_style)
        return self._strips[place].adjust_cell_length(width, self.rich_style)

    def _ages_now(self) -> tuple[str, ...]:
        now = self._now()
        spans = (*self._card.head, *(span for line in self._card.lines for span in line.spans))
        return tuple(age_text(span.since, now, ago=span.ago) for span in spans if span.since)

    def _draw(self) -> None:
        width = self.scrollable_content_region.width
        if width <= LABEL + 4:
            return
        before, self._ages = self._strips, self._ages_now()
        self._strips = []
        if self._card.head:
            pieces = [(self._span_text(span), self._style(span.tone)) for span in self._card.head]
            head = self._palette.base + self._palette["card-view--head"]
            strip = Strip([Segment(" ", head), *(Segment(text, head + style) for text, style in pieces)])
            self._strips.append(strip.crop(0, width).extend_cell_length(width, head))
        for line in self._card.lines:
            self._strips.extend(self._wrapped(line, width))
            if len(self._strips) >= LINES:
                break
        self.virtual_size = Size(width, len(self._strips))
        if len(before) != len(self._strips):
            self.refresh()
            return
        for place, (old, new) in enumerate(zip(before, self._strips, strict=True)):
            if old != new:
                self.refresh_line(place)

    def _wrapped(self, line: Line, width: int) -> Iterator[Strip]:
        base = self._palette.base
        label = Segment(" " + padded(line.label, LABEL), base + self._palette["card-view--label"])
        indent = Segment(" " * (LABEL + 1), base)
        pieces = [(self._span_text(span), base + self._style(span.tone)) for span in line.spans]
        for number, row in enumerate(wrapped(pieces, width - LABEL - 2)):
            yield Strip([label if not number else indent, *(Segment(text, style) for text, style in row)])

    def _span_text(self, span: Cell) -> str:
        return span.text + (age_text(span.since, self._now(), ago=span.ago) if span.since else "")

    def _style(self, tone: str) -> Style:
        return self._palette[f"tone--{tone}"]


def wrapped(pieces: list[Piece], width: int) -> list[list[Piece]]:
    """The pieces in lines of at most `width` columns, broken between words; a longer word is broken where it has to."""
    rows: list[list[Piece]] = [[]]
    used = 0
    for text, style in pieces:
        for word in _words(text):
            size = cell_len(word)
            if used and used + cell_len(word.rstrip()) > width:
                rows.append([])
                used = 0
                word = word.lstrip()  # noqa: PLW2901 - the space at the break belongs to neither line
                size = cell_len(word)
            while size > width:
                head = _head(word, width)
                rows[-1].append((head, style))
                rows.append([])
                word = word[len(head) :]  # noqa: PLW2901 - what is left of it
                size = cell_len(word)
            rows[-1].append((word, style))
            used += size
    return rows


def _head(word: str, width: int) -> str:
    """As much of the word as fits, one character at least."""
    used = 0
    for place, char in enumerate(word):
        used += cell_len(char)
        if used > width:
            return word[: max(1, place)]
    return word


def _words(text: str) -> Iterator[str]:
    """Words with the spaces that follow them."""
    start = 0
    for place in range(1, len(text)):
        if text[place] != " " and text[place - 1] == " ":
            yield text[start:place]
            start = place
    if text:
        yield text[start:]
