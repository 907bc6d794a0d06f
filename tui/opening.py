"""The first picture, painted before Textual is imported: what was last known, as plain text where it will stand.

It takes the terminal's other screen, which the driver takes over without a blank between; whatever goes wrong before
that gives the terminal back.
"""

from __future__ import annotations

import contextlib
import os
import signal
import sys
import termios
from collections.abc import Iterable, Sequence
from datetime import datetime
from types import FrameType
from typing import TYPE_CHECKING, Any, Final

from backends.fleet.glance import Glance
from backends.fleet.model import SafeText, columns_of, safe
from backends.fleet.tally import waiting
from tui.now import Now
from tui.sizes import SMALLEST, beside
from tui.terminal import LEAVE, leave_at_once
from widgets.present import issues
from widgets.present.age import age_text, due_text
from widgets.present.counts import count_cells
from widgets.present.row import Cell, Column, Row, plain, since
from widgets.present.widths import GAP, fit

if TYPE_CHECKING:
    from tui.terminal import Sight

ENTER: Final = "\x1b[?1049h"
"""To the other screen; Textual writes the same when it begins."""

_LEAVE: Final = "\x1b[?25h\x1b[?1049l"
_HIDE_CURSOR: Final = "\x1b[?25l"
_SIGNALS: Final = (signal.SIGTERM, signal.SIGHUP, signal.SIGQUIT)
_TOP: Final = 4
"""Lines above the rows."""
_CARD: Final = 10
"""Lines below them."""


class Opening:
    """Whether the terminal shows it, and who gives the terminal back."""

    def __init__(self) -> None:
        self._open = False
        self._driven = False
        """The driver has taken over; until the application is up, signals still come here."""
        self._keys, self._out = 0, 2
        self._settings: list[Any] | None = None
        with contextlib.suppress(OSError, ValueError, termios.error):
            self._out = sys.stderr.fileno()  # now: Textual puts something else in its place
            self._keys = sys.stdin.fileno()
            self._settings = termios.tcgetattr(self._keys)

    def show(self, lines: Sequence[str]) -> None:
        """Paint `lines`, from the first on. What a terminal does not take is not worth an error."""
        painted = "".join(f"\x1b[{number};1H{line}" for number, line in enumerate(lines, 1))
        self._open = True
        for number in _SIGNALS:  # before the first byte: whoever ends us then must not be left on the other screen
            signal.signal(number, self._end)
        try:
            sys.stderr.write(f"{ENTER}\x1b[2J{_HIDE_CURSOR}{painted}")
            sys.stderr.flush()
        except (OSError, ValueError):
            self._open = False

    def taken_over(self, data: str) -> str:
        """What the driver writes, without a second way into a screen that is open: from here on it is the driver's."""
        if not self._open or ENTER not in data:
            return data
        self._open, self._driven = False, True
        return data.replace(ENTER, "", 1)

    def close(self) -> None:
        """Give the terminal back, when nobody has taken it over."""
        if self._open:
            self._open = False
            sys.stderr.write(_LEAVE)
            sys.stderr.flush()

    def _end(self, number: int, _: FrameType | None) -> None:
        leave = LEAVE if self._driven else _LEAVE.encode("ascii") if self._open else b""
        # Not by way of the stream: the signal may have come while something was being written to it.
        leave_at_once(self._out, leave, self._keys, self._settings)
        os._exit(128 + number)


def opened(glance: Glance | None, title: str, sight: Sight) -> Opening:
    """The opening on this terminal; nothing is painted where its size or its characters are in doubt."""
    opening = Opening()
    try:
        size = os.get_terminal_size(sys.stderr.fileno())
    except (OSError, ValueError):
        return opening
    if not sight.plainest and size.columns >= SMALLEST[0] and size.lines >= SMALLEST[1]:
        opening.show(opening_lines(glance, title or "rounds", (size.columns, size.lines), Now()()))
    return opening


def opening_lines(glance: Glance | None, title: str, size: tuple[int, int], now: datetime) -> list[SafeText]:
    """Verdict, counts and the first issues, where the screen will show them. Nothing in it is green: nobody vouches for
    it yet."""
    width, height = size
    head = [plain(f"{safe(title)}   Looking for the engine.")]
    if glance is None or not glance.counts.sites:
        return [_line(head, width, now)]
    head += [plain(" What is shown was last known "), since(glance.at), plain(".")]
    left, right = count_cells(glance.counts, glance.sources.values(), width)
    room = width - columns_of(_texts(right, now)) - 3
    counts = f"{_padded(_texts(left, now), room)} {_texts(right, now)}"
    rows = [issues.issue_row(issue) for issue in glance.issues[: max(0, height - _TOP - _CARD)]]
    edge = beside(width)
    table = _table(rows, width - edge, now)
    blank = " " * edge
    heading = f"{blank} Issues {waiting(glance.counts)} · by urgency"
    body = [f" {counts}", heading, *(f"{blank} {line}" for line in table)]
    return [_line(head, width, now), *(safe(line, width) for line in body)]


def _table(rows: Sequence[Row], width: int, now: datetime) -> list[str]:
    """The names of the columns, and the rows below them."""
    texts = [[_text(cell, now) for cell in row.cells] for row in rows]
    wanted = [max((columns_of(row[place]) for row in texts), default=0) for place in range(len(issues.COLUMNS))]
    widths = fit(issues.COLUMNS, width - 2, wanted)
    names: list[str] = [column.name for column in issues.COLUMNS]
    return [_row(line, issues.COLUMNS, widths) for line in [names, *texts]]


def _row(texts: Sequence[str], columns: Sequence[Column], widths: Sequence[int]) -> str:
    shown = zip(texts, columns, widths, strict=True)
    return (" " * GAP).join(_padded(text, wide, right=column.right) for text, column, wide in shown if wide)


def _line(cells: Sequence[Cell], width: int, now: datetime) -> SafeText:
    return safe(f" {_texts(cells, now)}", width)


def _texts(cells: Iterable[Cell], now: datetime) -> str:
    return "".join(_text(cell, now) for cell in cells)


def _text(cell: Cell, now: datetime) -> str:
    if cell.until is not None:
        return due_text(cell.until, now)
    return (age_text(cell.since, now, ago=cell.ago) if cell.since else "") + cell.text


def _padded(text: str, width: int, *, right: bool = False) -> str:
    shown = safe(text, width)
    gap = " " * (width - columns_of(shown))
    return gap + shown if right else shown + gap
