"""A short list to choose from; choosing opens the next question, it never acts by itself."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, datetime

from textual import events, on
from textual.widget import Widget

from widgets.dialogs.dialog import DEAD_S, Dialog
from widgets.live_table import LiveTable
from widgets.present.row import Column, Row, SafeText


class Menu(Dialog[str]):
    """Answers with the key of the row."""

    KEYS = "j k or a number chooses · Enter opens · Esc leaves"
    DEFAULT_CSS = "Menu LiveTable { height: auto; max-height: 14; }"

    def __init__(
        self,
        title: SafeText,
        columns: Sequence[Column],
        rows: Sequence[Row],
        *,
        boot_s: Callable[[], float],
        dead_s: float = DEAD_S,
    ) -> None:
        super().__init__(title, SafeText("Choose"), boot_s=boot_s, dead_s=dead_s)
        self._columns, self._rows = tuple(columns), tuple(rows)

    def body(self) -> Iterable[Widget]:
        yield LiveTable(self._columns, lambda: datetime.now(UTC), UTC, boot_s=self._boot_s, id="menu")

    def on_mount(self) -> None:
        self.query_one(LiveTable).replace(self._rows)
        super().on_mount()

    def first_focus(self) -> Widget:
        return self.query_one(LiveTable)

    def answer(self) -> str | None:
        return self.query_one(LiveTable).cursor_key

    def on_key(self, event: events.Key) -> None:
        table = self.query_one(LiveTable)
        moves = {"up": -1, "k": -1, "down": 1, "j": 1}
        if event.key in moves:
            table.move(moves[event.key])
        elif event.key == "enter" and self.focused is table:
            self.accept()
        elif (key := self._numbered(event.character)) is not None:
            table.select(key)
            self.accept()
        else:
            super().on_key(event)
            return
        event.stop()

    def _numbered(self, digit: str | None) -> str | None:
        """The key of the row that has this digit in front."""
        if not digit or not digit.isdigit():
            return None
        return next((row.key for row in self._rows if row.cells[0].text == digit), None)

    @on(LiveTable.Chosen)
    def _on_chosen(self) -> None:
        self.accept()
