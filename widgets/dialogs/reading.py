"""A text to be read in full, as long as one likes."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import datetime

from textual import events
from textual.widget import Widget

from widgets.card_view import CardView
from widgets.dialogs.dialog import Dialog
from widgets.present.card import Card
from widgets.present.row import SafeText


class Reading(Dialog[None]):
    """Can only be left."""

    KEYS = "j k move · Esc leaves"

    def __init__(
        self, title: SafeText, card: Card, now: Callable[[], datetime], *, boot_s: Callable[[], float]
    ) -> None:
        super().__init__(title, SafeText(""), boot_s=boot_s, cancel=SafeText("Close"))
        self._card, self._now = card, now

    def body(self) -> Iterable[Widget]:
        view = CardView(self._now, id="reading-card")
        view.show(self._card)
        yield view

    def answer(self) -> None:
        """There is nothing to answer."""

    def on_key(self, event: events.Key) -> None:
        lines = {"j": 1, "k": -1, "space": 8}
        if event.key in lines:
            event.stop()
            self._body.scroll_relative(y=lines[event.key], animate=False)
        elif event.key in ("q", "x", "enter"):
            event.stop()
            self.leave()
        else:
            super().on_key(event)
