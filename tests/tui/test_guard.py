"""The last guard below every widget, with the guard taken away as a control."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from rich.control import Control
from rich.segment import Segment
from textual.app import App, ComposeResult
from textual.color import Color
from textual.content import Content
from textual.filter import LineFilter
from textual.widgets import Static

from tui.guard import TextGuard

PAYLOADS = {
    "clipboard": "\x1b]52;c;aGk=\x07",
    "clear": "\x1b[2J",
    "query": "\x1b[>c",
    "c1": "\x9b2J",
    "delete": "a\x7fb",
    "nul": "a\x00b",
    "right to left": "a\u202eb",
    "isolate": "a\u2066b",
    "zero width": "a\u200bb",
    "line separator": "a\u2028b",
    "surrogate": "a\ud800b",
}


class Shown(App[None]):
    def __init__(self, text: str, guarded: bool) -> None:
        super().__init__()
        self._text, self._guarded = text, guarded

    def compose(self) -> ComposeResult:
        yield Static(Content(self._text), markup=False)

    def get_line_filters(self) -> Sequence[LineFilter]:
        return (*super().get_line_filters(), TextGuard()) if self._guarded else super().get_line_filters()


async def painted(text: str, *, guarded: bool) -> str:
    app = Shown(text, guarded)
    async with app.run_test(size=(40, 5)):
        return "".join(strip.text for strip in app.screen._compositor.render_strips())


@pytest.mark.parametrize("payload", PAYLOADS.values(), ids=PAYLOADS)
async def test_nothing_that_operates_or_hides_reaches_the_terminal(payload: str) -> None:
    """F-28, F-29, F-30, F-31, F-32, F-33, F-36."""
    text = await painted(payload, guarded=True)
    assert all(char.isprintable() or char == " " for char in text)


async def test_without_the_guard_an_escape_would_get_through() -> None:
    assert "\x1b[2J" in await painted(PAYLOADS["clear"], guarded=False)


def test_control_segments_of_widgets_are_dropped_whole() -> None:
    segments = [Segment("ok"), Control.bell().segment]
    assert TextGuard().apply(segments, Color(0, 0, 0)) == [Segment("ok")]


def test_harmless_text_is_handed_on_as_it_is() -> None:
    segments = [Segment("Größe 東浜 ✓")]
    assert TextGuard().apply(segments, Color(0, 0, 0)) is segments
