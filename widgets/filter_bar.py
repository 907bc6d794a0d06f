"""One line to type a filter or a destination into; what is wrong with it is said beside it."""

from __future__ import annotations

from typing import ClassVar

from textual import events, on
from textual.app import ComposeResult
from textual.containers import Horizontal
from textual.content import Content
from textual.message import Message
from textual.widgets import Input, Static

LONGEST = 500


class FilterBar(Horizontal):
    """Hidden until it is opened; posts what is typed, and once more when it is entered or left."""

    DEFAULT_CSS: ClassVar[str] = """
    FilterBar { height: 1; display: none; }
    FilterBar.open { display: block; }
    FilterBar #prompt { width: 2; padding-left: 1; }
    FilterBar Input { width: 1fr; }
    FilterBar #problem { width: auto; max-width: 60%; padding: 0 1; }
    """

    class Typed(Message):
        def __init__(self, prompt: str, text: str) -> None:
            super().__init__()
            self.prompt, self.text = prompt, text

    class Entered(Typed):
        """Enter was pressed."""

    class Left(Typed):
        """Escape was pressed; `text` is what stood there when it was opened."""

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002 - Textual's name
        super().__init__(id=id)
        self.prompt = "/"
        self._before = ""

    def compose(self) -> ComposeResult:
        yield Static("", id="prompt", markup=False)
        yield Input(id="text", compact=True, max_length=LONGEST)
        yield Static("", id="problem", markup=False)

    @property
    def is_open(self) -> bool:
        return self.has_class("open")

    def open(self, prompt: str, text: str) -> None:
        self.prompt, self._before = prompt, text
        self.query_one("#prompt", Static).update(Content(prompt))
        self.complain("")
        box = self.query_one(Input)
        with self.prevent(Input.Changed):
            box.value = text
        box.cursor_position = len(text)
        self.add_class("open")
        box.focus()

    def close(self) -> None:
        self.remove_class("open")

    def complain(self, sentence: str) -> None:
        """What is wrong with the text; empty when nothing is."""
        self.query_one("#problem", Static).update(Content(sentence))

    @on(Input.Changed)
    def _on_changed(self, event: Input.Changed) -> None:
        event.stop()
        if self.is_open:
            self.post_message(self.Typed(self.prompt, event.value))

    @on(Input.Submitted)
    def _on_submitted(self, event: Input.Submitted) -> None:
        event.stop()
        self.post_message(self.Entered(self.prompt, event.value))

    def on_key(self, event: events.Key) -> None:
        if event.key in ("escape", "ctrl+c"):
            event.stop()
            self.post_message(self.Left(self.prompt, self._before))
        elif event.key in ("tab", "shift+tab", "up", "down"):
            event.stop()
            event.prevent_default()
