"""Where in the text of a TOML file a key stands. The parser tells this for syntax errors only."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Final

Step = str | int
"""One step of a path: a key, or the number of a table in an array of tables, from 0."""

_BARE_OR_QUOTED: Final = r"""(?:[A-Za-z0-9_-]+|"(?:[^"\\]|\\.)*"|'[^']*')"""
_DOTTED: Final = rf"{_BARE_OR_QUOTED}(?:\s*\.\s*{_BARE_OR_QUOTED})*"
_HEADER: Final = re.compile(rf"\s*(\[\[?)\s*({_DOTTED})\s*\]\]?")
_ASSIGNMENT: Final = re.compile(rf"\s*({_DOTTED})\s*=")
_PART: Final = re.compile(_BARE_OR_QUOTED)
_FENCE: Final = re.compile(r'"""|' + r"'''")


def line_of(text: str, path: Sequence[Step]) -> int:
    """The line, from 1, where the key at `path` is set, else the nearest table around it; 0 when nothing fits.

    A key inside an inline table is found at the line of that table.
    """
    wanted = tuple(path)
    line, best = 0, (0, False)
    for number, found in _keys(text):
        shared = next((at for at, (one, other) in enumerate(zip(found, wanted, strict=False)) if one != other), None)
        length = min(len(found), len(wanted)) if shared is None else shared
        # A table around the key fits better than another key that merely stands in the same table.
        fit = (length, length == len(found))
        if length and fit > best:
            line, best = number, fit
    return line


def _keys(text: str) -> Iterator[tuple[int, tuple[Step, ...]]]:
    """Every header and assignment with its line and full path."""
    table: tuple[Step, ...] = ()
    counts: dict[tuple[Step, ...], int] = {}
    fence = ""
    for number, line in enumerate(text.split("\n"), start=1):
        if fence:
            fence = _fence_after(line, fence)
            continue
        if header := _HEADER.match(line):
            table = _parts(header[2])
            if header[1] == "[[":
                counts[table] = counts.get(table, -1) + 1
                table = (*table, counts[table])
            else:
                table = _inside(table, counts)
            yield number, table
        elif assignment := _ASSIGNMENT.match(line):
            yield number, table + _parts(assignment[1])
        fence = _fence_after(line, "")


def _inside(table: tuple[Step, ...], counts: dict[tuple[Step, ...], int]) -> tuple[Step, ...]:
    """`[guards.x]` behind `[[guards]]` belongs to the latest of them."""
    for length in range(len(table), 0, -1):
        if table[:length] in counts:
            return (*table[:length], counts[table[:length]], *table[length:])
    return table


def _parts(dotted: str) -> tuple[Step, ...]:
    return tuple(part[1:-1] if part[0] in "\"'" else part for part in _PART.findall(dotted))


def _fence_after(line: str, fence: str) -> str:
    """The fence of a string of many lines that is still open at the end of `line`; empty when there is none."""
    for found in _FENCE.findall(line):
        if not fence:
            fence = found
        elif found == fence:
            fence = ""
    return fence
