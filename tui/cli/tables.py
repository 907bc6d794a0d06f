"""Tables for people: columns as wide as their text, the last one cut to the terminal's width."""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from datetime import datetime

from backends.text import columns_of, safe

_LONGEST = 4096


def age(since: datetime | None, now: datetime) -> str:
    """`4m`, `2h`, `3d`; a dash when unknown. The largest whole unit."""
    if since is None:
        return "—"
    seconds = max(0, int((now - since).total_seconds()))
    for unit, size in (("d", 86_400), ("h", 3_600), ("m", 60)):
        if seconds >= size:
            return f"{seconds // size}{unit}"
    return f"{seconds}s"


def counted(number: int, noun: str) -> str:
    """`1 source`, `2 sources`."""
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


def table(head: Sequence[str], rows: Sequence[Sequence[str]], width: int | None = None) -> str:
    """Aligned text, a line a row whatever is in its cells. Each row has as many cells as `head`; `width` None is the
    terminal's, or endless in a pipe."""
    if not rows:
        return ""
    head, rows = list(head), [[safe(cell, _LONGEST) for cell in row] for row in rows]
    columns = width if width is not None else shutil.get_terminal_size((10_000, 24)).columns
    widths = [max(columns_of(row[index]) for row in [head, *rows]) for index in range(len(head))]
    used = sum(widths[:-1]) + 2 * (len(head) - 1)
    widths[-1] = max(columns_of(head[-1]), min(widths[-1], columns - used))
    return "\n".join(
        "  ".join(_cell(cell, size) for cell, size in zip(row, widths, strict=True)).rstrip() for row in [head, *rows]
    )


def _cell(text: str, width: int) -> str:
    short = text if columns_of(text) <= width else safe(text, width)
    return short + " " * (width - columns_of(short))
