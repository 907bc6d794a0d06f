"""A line to type into: what is pasted is cut to one line and made safe, and what is wrong in it is underlined."""

from __future__ import annotations

from rich.highlighter import Highlighter
from rich.style import Style
from rich.text import Text
from textual import events
from textual.widgets import Input

from widgets.present.candidate import pasted

LONGEST = 500


class TypedLine(Input):
    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002 - Textual's name
        self._wrong = _Wrong()
        super().__init__(id=id, compact=True, max_length=LONGEST, highlighter=self._wrong)

    def put(self, text: str, cursor: int | None = None) -> None:
        """Another text, without a word about it to anybody."""
        with self.prevent(Input.Changed):
            self.value = text[:LONGEST]
        self.cursor_position = len(self.value) if cursor is None else cursor

    def underline(self, position: int, length: int, style: Style) -> None:
        """Mark what is wrong; nothing when `length` is 0."""
        self._wrong.span = (position, position + length, style)
        self.refresh()

    def _on_paste(self, event: events.Paste) -> None:
        event.stop()
        event.prevent_default()
        start, end = sorted(self.selection)
        self.replace(pasted(event.text, LONGEST - len(self.value) + end - start), start, end)


class _Wrong(Highlighter):
    def __init__(self) -> None:
        self.span: tuple[int, int, Style] = (0, 0, Style())

    def highlight(self, text: Text) -> None:
        start, end, style = self.span
        if start < end:
            text.stylize(style, start, end)
