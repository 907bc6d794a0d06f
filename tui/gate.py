"""Tells keys that a person pressed from keys that were pasted or held down.

More than forty keys a second are no fingers: they are dropped, together with the one before them if it has not acted
yet. A verb's key that repeats because it is held acts once. Moving may repeat as it likes.
"""

from __future__ import annotations

from enum import Enum, auto

FASTEST_S = 0.025
"""Two keys closer than this are a paste."""

ESCAPE_S = 0.1
"""An escape comes so much later than it was pressed: it might have been the beginning of another key."""

CALM_S = 0.3
"""After a paste, keys count again when none came for this long."""

REPEAT_S = 0.15
"""The same verb closer than this to the one before is a key held down."""

AGAIN_S = 0.7
"""So long after a verb has acted its key acts again: terminals begin to repeat a key after half a second. A person who
presses again and again is heard, since keys that were dropped do not count here."""


class Ruling(Enum):
    PASS = auto()
    """Acts at once."""
    WAIT = auto()
    """Acts unless another key follows within `FASTEST_S`."""
    DROP = auto()


class KeyGate:
    """Judges keys by the time at which they arrived, in seconds of any steady clock."""

    def __init__(self, fastest_s: float = FASTEST_S) -> None:
        self._fastest_s = fastest_s
        self._last = float("-inf")
        self._last_key = ""
        self._acted = float("-inf")
        self._pasting = False

    def forget(self) -> None:
        """Something else was typed meanwhile: the same key again is no key held down."""
        self._last_key = ""

    def judge(self, key: str, at: float, *, moves: bool) -> Ruling:
        """What is to be done with `key`; what is waiting is to be dropped when this says DROP."""
        since, same = at - self._last, key == self._last_key
        self._last, self._last_key = at - (ESCAPE_S if key == "escape" else 0.0), key
        if not self._fastest_s:
            return Ruling.PASS
        if self._pasting and since < CALM_S:
            return Ruling.DROP
        self._pasting = since < self._fastest_s and not (same and moves)
        if self._pasting:
            return Ruling.DROP
        if moves:
            return Ruling.PASS
        if same and (since < REPEAT_S or at - self._acted < AGAIN_S):
            return Ruling.DROP
        self._acted = at
        return Ruling.WAIT
