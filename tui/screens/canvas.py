"""What the board draws on: the fleet screen, seen from its contents."""

from __future__ import annotations

from typing import Any, Protocol

from textual.worker import Worker, WorkType

from widgets.card_view import CardView
from widgets.line_bar import LineBar
from widgets.live_table import LiveTable


class Canvas(Protocol):
    @property
    def list(self) -> LiveTable: ...

    @property
    def clients(self) -> LiveTable: ...

    @property
    def card(self) -> CardView: ...

    def bar(self, name: str) -> LineBar: ...

    def hint(self) -> None:
        """Show the keys that work here."""
        ...

    def run_worker(self, work: WorkType[Any], *, group: str, exclusive: bool) -> Worker[Any]: ...
