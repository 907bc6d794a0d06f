"""The line over the one that is typed into: what it may become, each with a word about it, or what is wrong with it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from rich.cells import cell_len

from widgets.line_bar import LineBar
from widgets.present.candidate import Candidate
from widgets.present.row import Cell, SafeText, Tone, plain

GAP: Final = "   "
ABOUT = 34
"""Longest word about a candidate, in characters."""
ROOMY = 120
"""In a narrower line only the next or chosen candidate has its word: more of them are seen."""
COUNT = 10
"""Columns for how many more there are."""


class CandidateLine(LineBar):
    """Shows as many as there is room for, the chosen one among them, and counts the rest."""

    def offer(self, candidates: Sequence[Candidate], chosen: int | None) -> None:
        width = self.app.size.width
        shown = [_cells(one, place == chosen, width >= ROOMY) for place, one in enumerate(candidates)]
        if shown:
            told = chosen or 0
            shown[told] = _cells(candidates[told], told == chosen, told=True)
        start, room = 0, max(10, width - COUNT)
        while (end := _end(shown, start, room)) < len(shown) and chosen is not None and chosen >= end:
            start = end
        left = len(shown) - end + start
        self.show(
            [cell for cells in shown[start:end] for cell in cells], (plain(f"{left} more ", Tone.DIM),) if left else ()
        )

    def tell(self, problem: SafeText) -> None:
        self.show((Cell(problem, Tone.CRITICAL),))


def _end(shown: Sequence[tuple[Cell, ...]], start: int, room: int) -> int:
    """The place after the last one that fits; at least one does."""
    for place in range(start, len(shown)):
        room -= sum(cell_len(cell.text) for cell in shown[place])
        if room < 0:
            return max(place, start + 1)
    return len(shown)


def _cells(candidate: Candidate, chosen: bool, told: bool) -> tuple[Cell, ...]:
    """One candidate; `told` with the word about it."""
    about = candidate.about if len(candidate.about) <= ABOUT else candidate.about[: ABOUT - 1].rstrip() + "…"
    mark = "›" if chosen else ""
    return (
        plain(f"{mark}{candidate.word}", Tone.STRONG if chosen else Tone.ACCENT),
        plain(f" {about}" if about and told else "", Tone.DIM),
        plain(GAP[len(mark) :]),
    )
