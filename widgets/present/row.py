"""What every list is made of: columns, and rows of cells under a key. A list knows no more than this.

There are a hundred thousand cells in a long list, and nothing in one can lead back to it: `gc=False` spares the garbage
collector looking at each of them again and again, while a key waits.
"""

from __future__ import annotations

from datetime import datetime
from typing import Final

from msgspec import Struct

from backends.fleet.model import SafeText, safe
from widgets.present.tone import Tone

__all__ = ["EMPTY", "GUTTER", "Cell", "Column", "Line", "Row", "SafeText", "Tone"]
__all__ += ["gutter", "line", "number", "plain", "safe", "since"]

EMPTY = SafeText("")


class Cell(Struct, frozen=True, gc=False):
    """A piece of text with its meaning. `since` is drawn as an age, `until` as what is left, and both as times when
    times are asked for."""

    text: SafeText = EMPTY
    tone: Tone = Tone.PLAIN
    since: datetime | None = None
    ago: bool = False
    """Within a sentence: `3m ago`, `just now`."""
    until: datetime | None = None
    rank: float | None = None
    """Where it stands in a list sorted by its column; without one it is sorted by its time, else by its text."""

    @property
    def timed(self) -> bool:
        """Whether it reads differently as time goes by."""
        return self.since is not None or self.until is not None


class Column(Struct, frozen=True, kw_only=True):
    """Widths are in terminal columns."""

    name: SafeText
    width: int
    grow: int = 0
    """Its share of the room that is left."""
    most: int = 0
    """Never grows beyond this; 0 is no limit."""
    from_width: int = 0
    """Shown only in a list at least this wide."""
    right: bool = False
    time: bool = False
    """Holds an age."""


class Row(Struct, frozen=True, kw_only=True, gc=False):
    """One line of a list. Rows are compared by identity when lists are redrawn, so equal facts should give one row."""

    key: str
    cells: tuple[Cell, ...]
    dim: bool = False
    """Not fresh, snoozed or recovered: shown, but quietly."""


class Line(Struct, frozen=True, gc=False):
    """A labelled line of a card: `Why      gateway stopped answering`. Without a label it goes on under the last."""

    label: SafeText
    spans: tuple[Cell, ...]


def plain(text: str, tone: Tone = Tone.PLAIN) -> Cell:
    """A cell of our own words and of text that is safe already."""
    return Cell(SafeText(text), tone)


def number(value: int, tone: Tone = Tone.PLAIN) -> Cell:
    """A count in at most four columns; sorted, the largest is first."""
    text = str(value) if value < 10_000 else f"{value // 1000}k" if value < 1_000_000 else ">1m"
    return Cell(SafeText(text), tone, rank=-value)


GUTTER: Final = "│ "
"""Stands before each line of a text of many lines that came from outside, so that none of them can look like ours."""


def gutter(text: str) -> Cell:
    """One line of such a text."""
    return Cell(SafeText(GUTTER + safe(text)), Tone.DIM)


def since(when: datetime | None, tone: Tone = Tone.DIM) -> Cell:
    """`3m ago` in a sentence."""
    return Cell(SafeText("" if when else "never"), tone, when, ago=True)


def line(label: str, *spans: Cell | str) -> Line:
    """A line of our own words and of text that is safe already."""
    return Line(SafeText(label), tuple(plain(span) if isinstance(span, str) else span for span in spans))
