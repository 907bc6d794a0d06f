"""Ways to read a list: how times are told, in which order, a row in full, rows elsewhere."""

from __future__ import annotations

from collections.abc import Coroutine
from typing import TYPE_CHECKING, Any

from backends.fleet.model import SafeText
from tui.lean_screen import LeanScreen
from tui.screens.board import Board
from widgets.live_table import LiveTable
from widgets.present.card import Times
from widgets.present.clients import COLUMNS as CLIENT_COLUMNS
from widgets.present.copying import copied, whole_row
from widgets.present.issues import count_word
from widgets.present.tone import Tone

if TYPE_CHECKING:
    from tui.screens.host import Host


class Readings(LeanScreen):
    """Mixed into the screen that has the lists."""

    host: Host
    board: Board

    @property
    def clients(self) -> LiveTable:
        raise NotImplementedError

    @property
    def table(self) -> LiveTable:
        raise NotImplementedError

    def say(self, sentence: SafeText, tone: Tone = Tone.STRONG) -> None:
        raise NotImplementedError

    def start(self, work: Coroutine[Any, Any, None]) -> None:
        raise NotImplementedError

    def next_times(self) -> None:
        self.board.tell_times(self.board.telling.next)
        self.say(self.board.telling.sentence, Tone.DIM)

    def choose_order(self) -> None:
        from tui.flows.lists import choose_order  # noqa: PLC0415 - not on the way to the first picture

        self.start(choose_order(self.host, self.board.columns, self.board.sort, self.board.sort_by))

    def show_row(self) -> None:
        columns = CLIENT_COLUMNS if self.table is self.clients else self.board.columns
        row = self.table.row(self.table.cursor_key or "")
        if row is not None:
            from tui.flows.lists import read_row  # noqa: PLC0415 - not on the way to the first picture

            self.start(read_row(self.host, whole_row(row, columns, self._times())))

    def copy_rows(self) -> None:
        keys = self.table.marked or ((self.table.cursor_key,) if self.table.cursor_key is not None else ())
        rows = [row for key in keys if (row := self.table.row(key)) is not None]
        text, number = copied(rows, self._times())
        self.app.copy_to_clipboard(text)
        more = f" of {len(rows)}: that is as much as a terminal takes" if number < len(rows) else ""
        self.say(
            SafeText(f"Copied {count_word(number, 'row')}{more}, where the terminal lets programs copy."), Tone.DIM
        )

    def _times(self) -> Times:
        return Times(self.host.now(), self.host.zone)
