"""What a live list tells its screen."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual.message import Message

from widgets.present.row import SafeText

if TYPE_CHECKING:
    from widgets.live_table import LiveTable


class _Said(Message):
    def __init__(self, table: LiveTable) -> None:
        super().__init__()
        self.table = table

    @property
    def control(self) -> LiveTable:
        return self.table


class Moved(_Said, namespace="live_table"):
    """The cursor is on another key, or on none."""

    def __init__(self, table: LiveTable, key: str | None) -> None:
        super().__init__(table)
        self.key = key


class Chosen(_Said, namespace="live_table"):
    """The row under the cursor was clicked again."""

    def __init__(self, table: LiveTable, key: str) -> None:
        super().__init__(table)
        self.key = key


class Marked(_Said, namespace="live_table"):
    """So many rows are marked now."""

    def __init__(self, table: LiveTable, number: int) -> None:
        super().__init__(table)
        self.number = number


class Named(_Said, namespace="live_table"):
    """The name of a column was clicked."""

    def __init__(self, table: LiveTable, column: SafeText) -> None:
        super().__init__(table)
        self.column = column
