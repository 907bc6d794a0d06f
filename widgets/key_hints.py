"""The last line: the keys that apply here, or for a moment what just happened."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime

from rich.cells import cell_len

from widgets.line_bar import LineBar
from widgets.present.row import Cell, SafeText, Tone, plain

SAID_S = 8.0
"""How long a sentence stands."""


class KeyHints(LineBar):
    """`f fix  a ack  c claim`; a sentence said covers it for a while or until the next key."""

    def __init__(self, now: Callable[[], datetime], boot_s: Callable[[], float], *, id: str | None = None) -> None:  # noqa: A002
        super().__init__(now, id=id)
        self._boot_s = boot_s
        self._keys: tuple[tuple[str, str], ...] = ()
        self._last: tuple[Cell, ...] = ()
        self._until = 0.0
        self.said = SafeText("")
        """The last sentence said, for those who listen."""

    def hint(self, keys: Sequence[tuple[str, str]], last: Sequence[tuple[str, str]] = ()) -> None:
        """Pairs of key and word; `last` stand at the right end."""
        self._keys, self._last = tuple(keys), _cells(last)
        if self._boot_s() >= self._until:
            self.show(self._fitting(), self._last)

    def on_resize(self) -> None:
        if self._boot_s() >= self._until:
            self.show(self._fitting(), self._last)

    def _fitting(self) -> tuple[Cell, ...]:
        """As many hints as there is room for, each of them whole."""
        room = self.size.width - sum(cell_len(cell.text) for cell in self._last) - 4
        cells: tuple[Cell, ...] = ()
        for pair in self._keys:
            more = _cells([pair])
            room -= sum(cell_len(cell.text) for cell in more)
            if room < 0:
                break
            cells += more
        return cells

    def say(self, sentence: SafeText, tone: Tone = Tone.STRONG) -> None:
        self.said = sentence
        self._until = self._boot_s() + SAID_S
        self.show((Cell(sentence, tone),))

    def unsay(self) -> None:
        self._until = 0.0
        self.show(self._fitting(), self._last)

    def tick(self) -> None:
        if self._until and self._boot_s() >= self._until:
            self.unsay()
        super().tick()


def _cells(keys: Sequence[tuple[str, str]]) -> tuple[Cell, ...]:
    return tuple(cell for key, word in keys for cell in (plain(key, Tone.ACCENT), plain(f" {word}  ", Tone.DIM)))
