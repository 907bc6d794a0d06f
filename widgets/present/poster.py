"""A few words over the whole wall, in the largest letters for which there is room, between two solid lines."""

from __future__ import annotations

from typing import Final

from msgspec import Struct

from backends.fleet.model import SafeText, columns_of
from widgets.present import letters
from widgets.present.row import Tone
from widgets.present.wall_line import WallLine, said

_MARGIN: Final = 4
_SHARE: Final = 0.75
"""At most so much of the height: what is behind it still shows above and below."""


class Poster(Struct, frozen=True, kw_only=True):
    words: tuple[str, ...]
    """Each on a line of its own, in large letters; the later ones are left out where there is no room."""
    line: SafeText
    """The same as plain text, with more."""
    tone: Tone


def poster_lines(poster: Poster, width: int, height: int) -> list[WallLine]:
    room = int(height * _SHARE) - 4
    large: list[SafeText] = []
    for count in range(len(poster.words), 0, -1):
        large = _large(poster.words[:count], width, room)
        if large:
            break
    text = WallLine(left=(said(_centred(poster.line, width), poster.tone),), fill=poster.tone)
    if not large:
        return [text]
    rows = [WallLine(left=(said(_centred(line, width), poster.tone),)) for line in large]
    return [WallLine(fill=poster.tone), WallLine(), *rows, WallLine(), text]


def _large(words: tuple[str, ...], width: int, height: int) -> list[SafeText]:
    """Nothing where there is no room for any size."""
    for scale in range(8, 0, -1):
        wide = [letters.columns(word, scale) for word in words]
        tall = letters.rows(scale) * len(words) + len(words) - 1
        if all(wide) and max(wide) <= width - 2 * _MARGIN and tall <= height:
            break
    else:
        return []
    lines: list[SafeText] = []
    for word in words:
        lines += [SafeText("")] if lines else []
        lines += letters.drawn(word, scale)
    return lines


def _centred(text: SafeText, width: int) -> SafeText:
    return SafeText(" " * max(1, (width - columns_of(text)) // 2) + text)
