"""A list in the order of one of its columns: a new list, that can be made again when the rows have changed."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from math import isfinite

from msgspec import Struct

from widgets.present.row import Cell, Column, Row, SafeText

_DIGITS = re.compile("([0-9]+)")

Standing = tuple[int, float, tuple[str | int, ...]]


class Sort(Struct, frozen=True):
    """By which column; the worst, the newest, the largest or the first of the alphabet comes first unless reversed."""

    column: SafeText
    reverse: bool = False


def place_of(sort: Sort | None, columns: Sequence[Column]) -> int | None:
    """Which column that is; None when the list has no such column."""
    if sort is None:
        return None
    return next((index for index, column in enumerate(columns) if column.name == sort.column), None)


def in_order_of(rows: Iterable[Row], columns: Sequence[Column], sort: Sort | None) -> tuple[Row, ...]:
    """The rows sorted, those that are alike as they stood; rows with nothing in that column stay at the end."""
    index = place_of(sort, columns)
    if index is None or sort is None:
        return tuple(rows)
    filled: list[tuple[Standing, Row]] = []
    blank: list[Row] = []
    for row in rows:
        standing = _standing(row.cells[index]) if index < len(row.cells) else None
        if standing is None:
            blank.append(row)
        else:
            filled.append((standing, row))
    filled.sort(key=lambda pair: pair[0], reverse=sort.reverse)
    return (*(row for _, row in filled), *blank)


def _standing(cell: Cell) -> Standing | None:
    """Numbers before words; None where there is nothing to go by."""
    if cell.rank is not None:
        return (0, float(cell.rank), ()) if isfinite(cell.rank) else None
    if cell.until is not None:
        return 0, cell.until.timestamp(), ()
    if cell.since is not None:
        return 0, -cell.since.timestamp(), ()
    if not cell.text or cell.text == "—":
        return None
    return 1, 0.0, _natural(cell.text)


def _natural(text: str) -> tuple[str | int, ...]:
    """`web2` before `web10`: digits at odd places are numbers, so that like is compared with like."""
    parts: list[str | int] = list(_DIGITS.split(text.casefold()))
    for place in range(1, len(parts), 2):
        digits = str(parts[place])
        parts[place] = int(digits) if len(digits) <= 18 else 0
    return tuple(parts)
