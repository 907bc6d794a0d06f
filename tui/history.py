"""The lines that were entered in this session, to be walked through again."""

from __future__ import annotations

from typing import Final

MOST: Final = 100
"""Lines kept; the oldest go first."""


class History:
    """Each line once, the latest last. A walk begins at the line that is being typed and comes back to it."""

    def __init__(self, most: int = MOST) -> None:
        self._most = most
        self._lines: list[str] = []
        self._at = 0
        self._draft = ""

    @property
    def lines(self) -> tuple[str, ...]:
        return tuple(self._lines)

    def add(self, line: str) -> None:
        line = line.strip()
        if line:
            others = [one for one in self._lines if one != line]
            self._lines = [*others[-(self._most - 1) :], line]
        self.begin()

    def begin(self) -> None:
        """The next walk starts at the end."""
        self._at, self._draft = len(self._lines), ""

    def walk(self, by: int, typed: str) -> str | None:
        """The line that far back (-1) or forth (1) from where the walk is; None at either end."""
        to = self._at + by
        if not 0 <= to <= len(self._lines):
            return None
        if self._at == len(self._lines):
            self._draft = typed
        self._at = to
        return self._draft if to == len(self._lines) else self._lines[to]
