"""The line over the one that is typed into: what it may become, each with a word about it, or what is wrong with it."""

from __future__ import annotations

from collections.abc import Sequence

from rich.cells import cell_len

from widgets.line_bar import LineBar
from widgets.present.candidate import Candidate
from widgets.present.row import Cell, SafeText, Tone, plain

GAP = "   "
ABOUT = 34
"""Longest word about a candidate, in characters."""


class CandidateLine(LineBar):
    """Shows as many as there is room for, the chosen one among them, and counts the rest."""

    def offer(self, candidates: Sequence[Candidate], chosen: int | None) -> None:
        start, room = 0, max(10, self.app.size.width - 12)
        while True:
            end = self._end(candidates, start, room)
            if chosen is None or chosen < end or end >= len(candidates):
                break
            start = end
        cells = [cell for place in range(start, end) for cell in _cells(candidates[place], place == chosen)]
        left = len(candidates) - end + start
        self.show(cells, (plain(f"{left} more ", Tone.DIM),) if left else ())

    def tell(self, problem: SafeText) -> None:
        self.show((Cell(problem, Tone.CRITICAL),))

    @staticmethod
    def _end(candidates: Sequence[Candidate], start: int, room: int) -> int:
        """The place after the last one that fits; at least one does."""
        for place in range(start, len(candidates)):
            room -= sum(cell_len(cell.text) for cell in _cells(candidates[place], chosen=False))
            if room < 0:
                return max(place, start + 1)
        return len(candidates)


def _cells(candidate: Candidate, chosen: bool) -> tuple[Cell, ...]:
    about = candidate.about if len(candidate.about) <= ABOUT else candidate.about[: ABOUT - 1].rstrip() + "…"
    word = f"›{candidate.word}" if chosen else candidate.word
    return (
        plain(word, Tone.STRONG if chosen else Tone.ACCENT),
        plain(f" {about}" if about else "", Tone.DIM),
        plain(GAP if not chosen else GAP[1:]),
    )
