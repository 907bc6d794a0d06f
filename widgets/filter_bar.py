"""One line to type a filter or a destination into, over the foot of the screen: nothing below it moves.

Above it stands what it may become, or what is wrong with it. Tab goes through the candidates, the right arrow at the
end of the line takes one and goes on from there.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import ClassVar

from rich.style import Style
from textual import events, on
from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical
from textual.content import Content
from textual.message import Message
from textual.widgets import Input, Static

from widgets.candidate_line import CandidateLine
from widgets.present.candidate import Candidate
from widgets.present.row import EMPTY, SafeText, safe
from widgets.typed_line import LONGEST, TypedLine

__all__ = ["LONGEST", "FilterBar"]


class FilterBar(Vertical):
    """Hidden until it is opened; posts what is typed, and once more when it is entered or left."""

    COMPONENT_CLASSES: ClassVar[set[str]] = {"filter-bar--wrong"}
    DEFAULT_CSS: ClassVar[str] = """
    FilterBar { height: 2; display: none; dock: bottom; }
    FilterBar.open { display: block; }
    FilterBar #line { height: 1; }
    FilterBar #prompt { width: 2; padding-left: 1; }
    FilterBar Input { width: 1fr; }
    """

    class Line(Message):
        """What all messages tell; none of them is another."""

        def __init__(self, prompt: str, text: str) -> None:
            super().__init__()
            self.prompt, self.text = prompt, text

    class Typed(Line):
        """Another text stands there."""

        def __init__(self, prompt: str, text: str, cursor: int, *, chosen: bool = False) -> None:
            super().__init__(prompt, text)
            self.cursor = cursor
            self.chosen = chosen
            """It is one of the candidates, tried on: they stay as they are."""

    class Entered(Line):
        """Enter was pressed."""

    class Left(Line):
        """Escape was pressed; `text` is what stood there when it was opened."""

    class Walked(Line):
        """An arrow was pressed: `by` is -1 for the line before, 1 for the one after."""

        def __init__(self, prompt: str, text: str, by: int) -> None:
            super().__init__(prompt, text)
            self.by = by

    def __init__(self, now: Callable[[], datetime], *, id: str | None = None) -> None:  # noqa: A002 - Textual's name
        super().__init__(id=id)
        self.prompt = "/"
        self._now, self._before = now, ""
        self._offered: tuple[Candidate, ...] = ()
        self._chosen: int | None = None
        self._problem, self._aloud = EMPTY, False

    def compose(self) -> ComposeResult:
        yield CandidateLine(self._now, id="candidates")
        with Horizontal(id="line"):
            yield Static("", id="prompt", markup=False)
            yield TypedLine(id="text")

    @property
    def is_open(self) -> bool:
        return self.has_class("open")

    @property
    def line(self) -> TypedLine:
        return self.query_one(TypedLine)

    # -- what it is told --------------------------------------------------------------------------------------

    def open(self, prompt: str, text: str) -> None:
        """Give it the keyboard; what was typed is posted at once, for its first candidates."""
        self.prompt, self._before = prompt, text
        self.query_one("#prompt", Static).update(Content(safe(prompt)))
        self.add_class("open")
        self.put(text)
        self.screen.set_focus(self.line)

    def put(self, text: str) -> None:
        """Another text, as if it had been typed."""
        self.line.put(text)
        self._typed()

    def close(self) -> None:
        self.remove_class("open")

    def offer(self, candidates: Sequence[Candidate]) -> None:
        self._offered, self._chosen = tuple(candidates), None
        self._draw()

    def complain(self, sentence: SafeText, position: int = 0, length: int = 0, *, aloud: bool = False) -> None:
        """What is wrong, and where; empty when nothing is. Said over candidates only `aloud`: they may mend it."""
        self._problem, self._aloud = sentence, aloud
        wrong = self.get_component_rich_style("filter-bar--wrong", partial=True) if sentence else Style()
        self.line.underline(position, length if sentence else 0, wrong)
        self._draw()

    # -- what it hears ----------------------------------------------------------------------------------------

    @on(Input.Changed)
    def _on_changed(self, event: Input.Changed) -> None:
        event.stop()
        if self.is_open:
            self._typed()

    @on(Input.Submitted)
    def _on_submitted(self, event: Input.Submitted) -> None:
        event.stop()
        if self.is_open:
            self.post_message(self.Entered(self.prompt, event.value))

    def on_key(self, event: events.Key) -> None:
        match event.key:
            case "escape" | "ctrl+c":
                self.post_message(self.Left(self.prompt, self._before))
            case "tab":
                self._choose(1)
            case "shift+tab":
                self._choose(-1)
            case "right" if self.line.cursor_at_end and self._offered:
                self._take(self._chosen or 0)
            case "up" | "down":
                self.post_message(self.Walked(self.prompt, self.line.value, -1 if event.key == "up" else 1))
            case _:
                return
        event.stop()
        event.prevent_default()

    def _choose(self, by: int) -> None:
        """The next candidate, or the one before, tried on; the only one is taken."""
        if not self._offered:
            return
        if len(self._offered) == 1:
            self._take(0)
            return
        before = self._chosen if self._chosen is not None else -1 if by > 0 else 0
        self._chosen = (before + by) % len(self._offered)
        candidate = self._offered[self._chosen]
        self.line.put(candidate.line, candidate.cursor)
        self._problem, self._aloud = EMPTY, False
        self._typed(chosen=True)
        self._draw()

    def _take(self, place: int) -> None:
        candidate = self._offered[place]
        self.line.put(candidate.line, candidate.cursor)
        self._typed()

    def _typed(self, *, chosen: bool = False) -> None:
        if not chosen:
            self._chosen = None
        self.post_message(self.Typed(self.prompt, self.line.value, self.line.cursor_position, chosen=chosen))

    def _draw(self) -> None:
        over = self.query_one(CandidateLine)
        if self._problem and (self._aloud or not self._offered):
            over.tell(self._problem)
        else:
            over.offer(self._offered, self._chosen)
