"""Rows as text for the clipboard: one line a row, tabs between the cells, nothing that a spreadsheet would run."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final

from widgets.present.age import full_time
from widgets.present.card import Card, Times
from widgets.present.row import Cell, Column, Line, Row, SafeText, Tone, plain

LONGEST: Final = 16 * 1024
"""Characters; a terminal may refuse, or choke on, more."""

_FORMULA: Final = ("=", "+", "-", "@")


def copied(rows: Iterable[Row], times: Times) -> tuple[SafeText, int]:
    """The text, and how many rows are in it: whole rows as far as there is room."""
    lines: list[str] = []
    room = LONGEST
    for row in rows:
        line = "\t".join(_cell_text(cell, times) for cell in row.cells)
        room -= len(line) + 1
        if room < 0:
            break
        lines.append(line)
    return SafeText("\n".join(lines)), len(lines)


def _cell_text(cell: Cell, times: Times) -> str:
    when = cell.since or cell.until
    text = f"{full_time(when, times.zone)} {cell.text}".strip() if when else cell.text
    return f"'{text}" if text.startswith(_FORMULA) else text


def whole_row(row: Row, columns: Sequence[Column], times: Times) -> Card:
    """The row as a card: each column in full under its name."""
    lines = []
    for cell, column in zip(row.cells, columns, strict=False):
        when = cell.since or cell.until
        spans = [plain(full_time(when, times.zone))] if when else []
        spans += [Cell(SafeText(f" {cell.text}" if spans else cell.text), cell.tone)] if cell.text else []
        if spans:
            lines.append(Line(column.name, tuple(spans)))
    return Card((), tuple(lines)) if lines else Card((plain("The row is empty.", Tone.DIM),))
