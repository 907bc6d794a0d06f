"""A stock DataTable on the rows of a stored picture, so many of them changed a second: what ours is compared with.

What is typed after `/` narrows it: the rows that have it in them are put in anew, as its documentation has it.

python -m tests.bench.table_app PICTURE CHANGES
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import ClassVar

from textual import events
from textual.app import App, ComposeResult
from textual.widgets import DataTable, Static

from tests.bench.churn import STEP_S, Churn, stored
from widgets.present.issues import COLUMNS, in_order, issue_row


class Table(App[None]):
    CSS = "Static { dock: bottom; height: 1; }"
    BINDINGS: ClassVar = [("j", "screen.focused.action_cursor_down", "down")]

    def __init__(self, picture: Path, changes: float) -> None:
        super().__init__()
        self.issues = in_order(stored(picture).issues.values())
        self.churn = Churn(self.issues, changes)
        self.rows: list[tuple[str, list[str]]] = []
        self.typed = ""

    def compose(self) -> ComposeResult:
        yield Static(" ")
        yield DataTable(cursor_type="row")

    def on_mount(self) -> None:
        table = self.query_one(DataTable)
        places = sorted(range(len(COLUMNS)), key=lambda place: COLUMNS[place].name != "Issue")  # seen at any width
        table.add_columns(*((COLUMNS[place].name, COLUMNS[place].name) for place in places))
        for issue in self.issues:
            cells = issue_row(issue).cells
            self.rows.append((issue.id, [cells[place].text for place in places]))
        self.fill()
        self.set_interval(STEP_S, self.change)

    def fill(self) -> None:
        table = self.query_one(DataTable)
        for key, cells in self.rows:
            if not self.typed or self.typed in "\n".join(cells).casefold():
                table.add_row(*cells, key=key)

    def on_key(self, event: events.Key) -> None:
        if event.key == "slash":
            self.typed = ""
        elif event.character and event.character.isalnum() and event.character != "j":
            self.typed += event.character
            self.query_one(DataTable).clear()
            self.fill()
            self.query_one(Static).update(f"/{self.typed}")

    def change(self) -> None:
        table = self.query_one(DataTable)
        for issue in self.churn.step():
            table.update_cell(issue.id, "Issue", issue.title)


if __name__ == "__main__":
    Table(Path(sys.argv[1]), float(sys.argv[2])).run()
