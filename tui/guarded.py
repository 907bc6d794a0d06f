"""What goes out to the terminal and what comes in from it, past the last guards: mixed into every application."""

from __future__ import annotations

from collections.abc import Sequence

from textual import events
from textual.app import App
from textual.filter import LineFilter

from tui.guard import TextGuard
from tui.intake import Intake


class Guarded(App[int]):
    """`intake` is set in the `__init__` of the application."""

    intake: Intake
    _guard = TextGuard()

    def get_line_filters(self) -> Sequence[LineFilter]:
        return (*super().get_line_filters(), self._guard)

    async def on_event(self, event: events.Event) -> None:
        admitted = self.intake.admit(event)
        if admitted is not None:
            await super().on_event(admitted)
