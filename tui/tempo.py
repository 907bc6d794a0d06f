"""How often changes are shown: as the pace says, and more seldom while the terminal takes what is written late.

A slow link is noticed by its back-pressure: what was given to it is not out yet. Keys know nothing of this; what they
change is painted at once.
"""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable
from typing import Final

STEPS: Final = (1, 2, 4, 8)
"""A batch may become so many times as long."""

LONGEST_S: Final = 2.0

ROOM: Final = 2.0
"""The link is to be busy with a batch for no more than this part of the time until the next: half of it."""


class Backlog:
    """What was given to the terminal and is not out yet. Given by the loop, taken by the thread that writes."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._waiting: deque[float] = deque()
        self._last_wait = 0.0
        self.taken = 0
        """How many pieces have got out so far."""

    def give(self) -> None:
        self._waiting.append(self._clock())

    def take(self, pieces: int) -> None:
        """So many of the oldest are out."""
        for _ in range(pieces):
            since = self._waiting.popleft()
            self._last_wait = self._clock() - since
        self.taken += pieces

    def wait_s(self) -> float:
        """How long the last piece took to get out, or the oldest one has been waiting if that is longer."""
        try:
            return max(self._last_wait, self._clock() - self._waiting[0])
        except IndexError:  # nothing waits, or the last one has just got out
            return self._last_wait


class Tempo:
    """The pace of one screen over its link."""

    def __init__(self, batch_s: float, backlog: Backlog) -> None:
        self._steps = tuple(step * batch_s for step in STEPS if step == 1 or step * batch_s <= LONGEST_S)
        self._backlog = backlog
        self._level = 0
        self._seen = backlog.taken

    def batch_s(self) -> float:
        """How long changes are gathered now. Longer at once when the link is slow, shorter step by step."""
        wanted = ROOM * self._backlog.wait_s()
        fits = (level for level, step in enumerate(self._steps) if step >= wanted)
        needed = next(fits, len(self._steps) - 1) if wanted else 0
        if needed > self._level:
            self._level = needed
        elif needed < self._level and self._backlog.taken != self._seen:
            self._level -= 1  # something got out quickly since this was asked last
        self._seen = self._backlog.taken
        return self._steps[self._level]
