"""A stock DataTable on the rows of a stored picture, so many of them changed a second: what ours is compared with.

python -m tests.bench.table_app PICTURE CHANGES
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import ClassVar

from textual.app import App, ComposeResult
from textual.widgets import DataTable

from tests.bench.churn import STEP_S, Churn, stored
from widgets.present.issues import COLUMNS, in_order, issue_row


class Table(App[None]):
    BINDINGS: ClassVar = [("j", "screen.focused.action_cursor_down", "down")]

    def __init__(self, picture: Path, changes: float) -> None:
        super().__init__()
        self.issues = in_order(stored(picture).issues.values())
        self.churn = Churn(self.issues, changes)

    def compose(self) -> ComposeResult:
        yield DataTable(cursor_type="row")

    def on_mount(self) -> None:
        table = self.query_one(DataTable)
        places = sorted(range(len(COLUMNS)), key=lambda place: COLUMNS[place].name != "Issue")  # seen at any width
        table.add_columns(*((COLUMNS[place].name, COLUMNS[place].name) for place in places))
        for issue in self.issues:
            cells = issue_row(issue).cells
            table.add_row(*(cells[place].text for place in places), key=issue.id)
        self.set_interval(STEP_S, self.change)

    def change(self) -> None:
        table = self.query_one(DataTable)
        for issue in self.churn.step():
            table.update_cell(issue.id, "Issue", issue.title)


if __name__ == "__main__":
    Table(Path(sys.argv[1]), float(sys.argv[2])).run()
