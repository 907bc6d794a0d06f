"""How wide each column of a list is, in terminal columns."""

from __future__ import annotations

from collections.abc import Sequence

from widgets.present.row import Column

GAP = 2
"""Blank columns between two columns of a list."""

TIME_WIDTH = 8
"""What a time takes where an age takes four."""

WIDEST = 160
"""No column of a wide list is wider; the whole text of a row is shown by itself."""


def fit(
    columns: Sequence[Column], width: int, wanted: Sequence[int] = (), *, absolute: bool = False
) -> tuple[int, ...]:
    """How wide each column is in a list of `width`; 0 means left out. `wanted` is the longest text of each column."""
    limits = [_limit(column, wanted[index] if wanted else None) for index, column in enumerate(columns)]
    wide = [_start(column, width, absolute) for column in columns]
    room = width - sum(wide) - GAP * (sum(1 for one in wide if one) - 1)
    growing = [index for index, column in enumerate(columns) if column.grow and wide[index]]
    while room > 0 and growing:
        shares = sum(columns[index].grow for index in growing)
        given = 0
        for index in list(growing):
            share = max(1, room * columns[index].grow // shares)
            share = min(share, room - given, limits[index] - wide[index] if limits[index] else room)
            wide[index] += share
            given += share
            if limits[index] and wide[index] >= limits[index]:
                growing.remove(index)
        room -= given
        if not given:
            break
    return tuple(wide)


def unfold(columns: Sequence[Column], wanted: Sequence[int], *, absolute: bool = False) -> tuple[int, ...]:
    """How wide each column is in a list that cuts nothing and leaves nothing out."""
    starts = [_start(column, column.from_width, absolute) for column in columns]
    longest = wanted or [0] * len(starts)
    return tuple(min(max(start, want), WIDEST) for start, want in zip(starts, longest, strict=True))


def _limit(column: Column, wanted: int | None) -> int:
    """How wide it may become; 0 is no limit. A column without a text stays as it is."""
    if wanted is None:
        return column.most
    wanted = max(wanted, column.width)
    return min(wanted, column.most) if column.most else wanted


def _start(column: Column, width: int, absolute: bool) -> int:
    if width < column.from_width:
        return 0
    return max(column.width, TIME_WIDTH) if column.time and absolute else column.width
