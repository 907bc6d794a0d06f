"""What a wall is painted of: lines of pieces, some of which grow older by themselves."""

from __future__ import annotations

from datetime import datetime

from msgspec import Struct

from backends.fleet.model import SafeText, columns_of, safe
from widgets.present.age import age_text, left_text
from widgets.present.row import EMPTY, Tone
from widgets.present.tone import due_tone


class Piece(Struct, frozen=True):
    """A piece of text with its meaning; after it stands the age since `since`, or what is left until `until`."""

    text: SafeText = EMPTY
    tone: Tone = Tone.PLAIN
    since: datetime | None = None
    until: datetime | None = None
    width: int = 0
    """At least so many columns, filled from the left."""

    def tone_at(self, now: datetime) -> Tone:
        """How it looks now: a deadline that is near, or has passed, is told apart."""
        return due_tone(self.until, now) or self.tone

    def at(self, now: datetime) -> SafeText:
        """How it reads now."""
        text: str = self.text
        if self.since is not None:
            text += age_text(self.since, now)
        if self.until is not None:
            text += left_text(self.until, now)
        return SafeText(text.rjust(self.width))


class WallLine(Struct, frozen=True, kw_only=True):
    """One line of a tile: what stands at its left, and what stands at its right and is never cut off."""

    left: tuple[Piece, ...] = ()
    right: tuple[Piece, ...] = ()
    fill: Tone | None = None
    """The whole line is a band of that tone."""


def said(text: str, tone: Tone = Tone.PLAIN) -> Piece:
    """A piece of our own words and of text that is safe already."""
    return Piece(SafeText(text), tone)


def wrapped(text: SafeText, width: int, lines: int) -> list[SafeText]:
    """`text` broken at blanks into at most `lines` lines; what is left over stays on the last one, to be cut there."""
    rows: list[str] = []
    words = text.split(" ")
    while words and len(rows) < lines - 1:
        row = words.pop(0)
        while words and columns_of(f"{row} {words[0]}") <= width:
            row += " " + words.pop(0)
        rows.append(row)
    if words:
        rows.append(" ".join(words))
    return [safe(row) for row in rows]
