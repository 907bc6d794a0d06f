"""Finding by a few letters in their order, as in a palette: `rfh` finds `refresh`."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TypeVar

Thing = TypeVar("Thing")


def score(typed: str, text: str) -> int | None:
    """How well `text` fits, the smaller the better; None when the letters are not all in it in that order."""
    wanted, found = typed.casefold(), text.casefold()
    at = found.find(wanted)
    if at == 0:
        return 0
    if at > 0:
        return (1 if not found[at - 1].isalnum() else 100) + at
    first = last = -1
    for letter in wanted:
        last = found.find(letter, last + 1)
        if last < 0:
            return None
        first = last if first < 0 else first
    return 1000 + (last - first) * 10 + first


def best(typed: str, things: Iterable[Thing], texts: Callable[[Thing], tuple[str, ...]]) -> list[Thing]:
    """The things whose texts have every word that is typed, best first; an earlier text counts for more."""
    words = typed.split()
    fits: list[tuple[int, int, Thing]] = []
    for place, thing in enumerate(things):
        total = _total(words, texts(thing))
        if total is not None:
            fits.append((total, place, thing))
    return [thing for _, _, thing in sorted(fits, key=lambda fit: fit[:2])]


def _total(words: list[str], texts: tuple[str, ...]) -> int | None:
    total = 0
    for word in words:
        scores = [_in_text(word, text, place) for place, text in enumerate(texts)]
        known = [one for one in scores if one is not None]
        if not known:
            return None
        total += min(known)
    return total


def _in_text(word: str, text: str, place: int) -> int | None:
    """Scattered letters count in the first text, the name, only: a sentence has nearly all of them somewhere."""
    found = score(word, text)
    if found is None or (place and found >= 1000):
        return None
    return found + place * 200
