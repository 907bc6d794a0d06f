"""The last line: the keys that apply here, or for a moment what just happened."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime

from rich.cells import cell_len
from textual import events
from textual.message import Message

from widgets.line_bar import LineBar
from widgets.present.row import Cell, SafeText, Tone, plain

SAID_S = 8.0
"""How long a sentence stands."""


class KeyHints(LineBar):
    """`f fix  a ack  c claim`; a sentence said covers it for a while or until the next key."""

    def __init__(self, now: Callable[[], datetime], boot_s: Callable[[], float], *, id: str | None = None) -> None:  # noqa: A002
        super().__init__(now, id=id)
        self._boot_s = boot_s
        self._keys: tuple[tuple[SafeText, SafeText], ...] = ()
        self._last: tuple[tuple[SafeText, SafeText], ...] = ()
        self._until = 0.0
        self.said = SafeText("")
        """The last sentence said, for those who listen."""

    class Pressed(Message):
        """A key of the footer was clicked."""

        def __init__(self, key: str) -> None:
            super().__init__()
            self.key = key

    def hint(self, keys: Sequence[tuple[SafeText, SafeText]], last: Sequence[tuple[SafeText, SafeText]] = ()) -> None:
        """Pairs of key and word; `last` stand at the right end."""
        self._keys, self._last = tuple(keys), tuple(last)
        if self._boot_s() >= self._until:
            self._show_keys()

    def on_resize(self) -> None:
        if self._boot_s() >= self._until:
            self._show_keys()

    def on_click(self, event: events.Click) -> None:
        """A key that is shown can be clicked, as if it were pressed."""
        if self._boot_s() < self._until:
            return
        begin = 1
        for key, word in self._fitting():
            begin += _length((key, word))
            if event.x < begin:
                self.post_message(self.Pressed(key))
                return
        begin = self.size.width - 1 - sum(map(_length, self._last))
        for key, word in self._last:
            if begin <= event.x < begin + _length((key, word)):
                self.post_message(self.Pressed(key))
            begin += _length((key, word))

    def _show_keys(self) -> None:
        self.show(_cells(self._fitting()), _cells(self._last))

    def _fitting(self) -> list[tuple[SafeText, SafeText]]:
        """As many hints as there is room for, each of them whole."""
        room = self.size.width - sum(map(_length, self._last)) - 4
        fits = []
        for pair in self._keys:
            room -= _length(pair)
            if room < 0:
                break
            fits.append(pair)
        return fits

    def say(self, sentence: SafeText, tone: Tone = Tone.STRONG) -> None:
        self.said = sentence
        self._until = self._boot_s() + SAID_S
        self.show((Cell(sentence, tone),))

    def unsay(self) -> None:
        self._until = 0.0
        self._show_keys()

    def tick(self) -> None:
        if self._until and self._boot_s() >= self._until:
            self.unsay()
        super().tick()


def _length(pair: tuple[SafeText, SafeText]) -> int:
    return sum(cell_len(cell.text) for cell in _cells([pair]))


def _cells(keys: Sequence[tuple[SafeText, SafeText]]) -> tuple[Cell, ...]:
    return tuple(cell for key, word in keys for cell in (plain(key, Tone.ACCENT), plain(f" {word}  ", Tone.DIM)))
