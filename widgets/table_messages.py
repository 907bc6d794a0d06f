"""What a live list tells its screen."""

from __future__ import annotations

from textual.message import Message
from textual.widget import Widget

from widgets.present.row import SafeText


class _Said(Message):
    def __init__(self, table: Widget) -> None:
        super().__init__()
        self.table = table

    @property
    def control(self) -> Widget:
        return self.table


class Moved(_Said, namespace="live_table"):
    """The cursor is on another key, or on none."""

    def __init__(self, table: Widget, key: str | None) -> None:
        super().__init__(table)
        self.key = key


class Chosen(_Said, namespace="live_table"):
    """The row under the cursor was clicked again."""

    def __init__(self, table: Widget, key: str) -> None:
        super().__init__(table)
        self.key = key


class Marked(_Said, namespace="live_table"):
    """So many rows are marked now."""

    def __init__(self, table: Widget, number: int) -> None:
        super().__init__(table)
        self.number = number


class Named(_Said, namespace="live_table"):
    """The name of a column was clicked."""

    def __init__(self, table: Widget, column: SafeText) -> None:
        super().__init__(table)
        self.column = column
