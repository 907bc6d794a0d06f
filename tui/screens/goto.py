"""What `:` understands: a noun, and a filter after it."""

from __future__ import annotations

from difflib import get_close_matches

from backends.fleet.model import safe
from tui.place import Noun, Place

NOUNS = {noun.value: noun for noun in Noun if noun is not Noun.CHECKS}


class GotoError(Exception):
    """Nowhere; the message says where one can go."""


def destination(text: str) -> Place:
    """`issues acme` as a place; a noun may be shortened as long as it stays unique."""
    word, _, query = text.strip().partition(" ")
    fits = [name for name in NOUNS if name.startswith(word.lower())] if word else ["issues"]
    if word.lower() in NOUNS:
        fits = [word.lower()]
    if len(fits) == 1:
        return Place(noun=NOUNS[fits[0]], query=query.strip())
    near = get_close_matches(word.lower(), NOUNS, 1)
    if fits:
        raise GotoError(f"{safe(word, 20)} may be {' or '.join(fits)}.")
    raise GotoError(f"Did you mean {near[0]}?" if near else f"One can go to {', '.join(NOUNS)}.")
