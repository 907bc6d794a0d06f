"""What the terminal sends, before anything acts on it: pasted keys and absurd sizes go no further."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from textual import events
from textual.geometry import Size
from textual.widgets import Input

from backends.fleet.model import SafeText
from tui.gate import KeyGate, Ruling
from widgets.present.tone import Tone

if TYPE_CHECKING:
    from tui.rounds import Rounds

LARGEST: Final = Size(1000, 400)
"""A terminal that claims to be larger is not believed."""

QUESTION_MOVES: Final = frozenset({"escape", "tab", "shift+tab", "left", "right", "up", "down", "pageup", "pagedown"})
"""Keys that only move about in a question."""


class Intake:
    def __init__(self, app: Rounds, fastest_s: float) -> None:
        self._app, self._fastest_s = app, fastest_s
        self._gate = KeyGate(fastest_s)
        self._waiting: events.Key | None = None

    def admit(self, event: events.Event) -> events.Event | None:
        """The event that may go on now; a key that has to wait comes back by itself."""
        if isinstance(event, events.Resize):
            return _clamped(event)
        if isinstance(event, events.Paste) and not event.is_forwarded:
            return event if isinstance(self._app.focused, Input) else None
        if isinstance(event, events.Key) and not event.is_forwarded:
            return self._admit_key(event)
        return event

    def _admit_key(self, event: events.Key) -> events.Key | None:
        if isinstance(self._app.focused, Input):
            return event
        if event is self._waiting:
            self._waiting = None
            return event
        ruling = self._gate.judge(event.key, event.time, moves=self._moves(event))
        if ruling is Ruling.PASS:
            return event
        dropped, self._waiting = self._waiting, None
        if ruling is Ruling.WAIT:
            self._waiting = event
            self._app.set_timer(self._fastest_s, lambda: self._release(event))
        elif dropped is not None:
            self._app.say(SafeText("Keys came too fast, as if pasted: nothing was done."), Tone.WARNING)
        return None

    def _release(self, event: events.Key) -> None:
        if event is self._waiting:
            self._app.post_message(event)

    def _moves(self, event: events.Key) -> bool:
        if self._app.screen is not self._app.fleet:
            return event.key in QUESTION_MOVES
        command = self._app.keymap.command(event.key)
        return command is None or command.moves


def _clamped(event: events.Resize) -> events.Resize:
    width, height = event.size
    if width <= LARGEST.width and height <= LARGEST.height:
        return event
    size = Size(min(width, LARGEST.width), min(height, LARGEST.height))
    return events.Resize(size, size, size)
