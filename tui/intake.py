"""What the terminal sends, before anything acts on it: pasted keys, hiding characters, absurd sizes go no further."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from textual import events
from textual.app import App
from textual.geometry import Size
from textual.widgets import Input

from backends.text import is_safe
from tui.gate import KeyGate, Ruling
from widgets.present.candidate import pasted

LARGEST: Final = Size(1000, 400)
"""A terminal that claims to be larger is not believed."""

LONGEST_PASTE: Final = 2000
"""Characters; no field of ours takes more."""

QUESTION_MOVES: Final = frozenset({"escape", "tab", "shift+tab", "left", "right", "up", "down", "pageup", "pagedown"})
"""Keys that only move about in a question."""


class Intake:
    """`moves` says of a key whether it only moves about where one is; `refused` is called when keys were dropped."""

    def __init__(
        self, app: App[Any], fastest_s: float, moves: Callable[[str], bool], refused: Callable[[], None]
    ) -> None:
        self._app, self._fastest_s, self._moves, self._refused = app, fastest_s, moves, refused
        self._gate = KeyGate(fastest_s)
        self._waiting: events.Key | None = None
        self._typed = float("-inf")

    def admit(self, event: events.Event) -> events.Event | None:
        """The event that may go on now; a key that has to wait comes back by itself."""
        if isinstance(event, events.Resize):
            return _clamped(event)
        if isinstance(event, events.Paste) and not event.is_forwarded:
            return _one_line(event) if isinstance(self._app.focused, Input) else None
        if isinstance(event, events.Key) and not event.is_forwarded:
            return self._admit_key(event)
        return event

    def _admit_key(self, event: events.Key) -> events.Key | None:
        if isinstance(self._app.focused, Input):
            return self._admit_typed(event)
        if event is self._waiting:
            self._waiting = None
            return event
        ruling = self._gate.judge(event.key, event.time, moves=self._moves(event.key))
        if ruling is Ruling.PASS:
            return event
        dropped, self._waiting = self._waiting, None
        if ruling is Ruling.WAIT:
            self._waiting = event
            self._app.set_timer(self._fastest_s, lambda: self._release(event))
        elif dropped is not None:
            self._refused()
        return None

    def _admit_typed(self, event: events.Key) -> events.Key | None:
        """A field takes what is typed or pasted into it; an Enter within a paste enters nothing, and what
        hides is not typed."""
        since, self._typed = event.time - self._typed, event.time
        self._gate.forget()
        if event.is_printable and not is_safe(event.character or ""):
            return None
        if event.key == "enter" and since < self._fastest_s:
            self._refused()
            return None
        return event

    def _release(self, event: events.Key) -> None:
        if event is self._waiting:
            self._app.post_message(event)


def _one_line(event: events.Paste) -> events.Paste:
    """What hides in a pasted text is marked, as it is in the lists that one looks for it in."""
    return events.Paste(pasted(event.text, LONGEST_PASTE))


def _clamped(event: events.Resize) -> events.Resize:
    width, height = event.size
    if width <= LARGEST.width and height <= LARGEST.height:
        return event
    size = Size(min(width, LARGEST.width), min(height, LARGEST.height))
    return events.Resize(size, size, size)
