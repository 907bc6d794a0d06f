"""Text from outside, made safe to show: the only maker of `SafeText`.

Nothing is dropped in silence. A control character becomes its control picture (ESC is shown as ␛), any other character
that hides, re-orders or restyles its neighbours becomes its code point in guillemets (‹U+202E›), runs of combining
marks are cut, and long text ends in an ellipsis. The result contains no control, bidi, zero-width or surrogate
character, so that it can neither operate a terminal nor forge a row.
"""

from __future__ import annotations

import re
import unicodedata
from typing import Final, NewType

SafeText = NewType("SafeText", str)
"""Text that a terminal may print as it is. Made by `safe` and `safe_lines` only."""

LINE_COLUMNS: Final = 256
"""Longest one-line text, in terminal columns."""

BLOCK_CHARACTERS: Final = 16 * 1024
"""Longest text of many lines, in characters."""

_COMBINING: Final = 8
_ELLIPSIS: Final = "…"
_HIDING_CATEGORIES: Final = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})
_INVISIBLE: Final = frozenset(
    map(chr, (0x034F, 0x115F, 0x1160, 0x17B4, 0x17B5, 0x2800, 0x3164, 0xFFA0, *range(0x180B, 0x1810)))
)
"""Characters of harmless category that are drawn as nothing: joiners, fillers and selectors."""
_SELECTORS: Final = (("\ufe00", "\ufe0f"), ("\U000e0100", "\U000e01ef"), ("\U00016fe4", "\U00016fe4"))
"""Ranges of the same; two hundred and forty of them can carry a text that nobody sees."""


def safe(text: str, columns: int = LINE_COLUMNS) -> SafeText:
    """One line of at most `columns` terminal columns; line breaks and tabs are shown as ␊, ␍ and ␉."""
    if len(text) <= columns and text.isascii() and text.isprintable():
        return SafeText(text)
    # A character is at most four code points after normalisation; what lies beyond cannot be reached any more.
    return SafeText(_fit(_visible(text[: columns * (_COMBINING + 1) + 1]), columns, more=len(text) > columns * 9 + 1))


def safe_lines(text: str, characters: int = BLOCK_CHARACTERS) -> SafeText:
    """Many lines: LF, CRLF and TAB keep their meaning (a tab is four spaces); everything else is as in `safe`."""
    cut = text[:characters].replace("\r\n", "\n").replace("\t", "    ")
    body = "\n".join(_visible(line) for line in cut.split("\n"))
    return SafeText(body + ("\n" + _ELLIPSIS if len(text) > characters else ""))


def decoded(raw: bytes, characters: int = BLOCK_CHARACTERS) -> SafeText:
    """Bytes of unknown encoding as many safe lines; what is no UTF-8 shows as U+FFFD."""
    return safe_lines(raw.decode("utf-8", "replace"), characters)


def is_safe(text: str) -> bool:
    """Whether `text` could have been made by `safe` or `safe_lines`."""
    return all(char == "\n" or not _hides(char) for char in text)


def columns_of(text: str) -> int:
    """Terminal columns that `text` takes: two for wide East Asian characters, none for combining marks."""
    return sum(_width(char) for char in text)


def skeleton(name: str) -> str:
    """What a tired eye sees in `name`: compatibility forms folded, case folded, marks, hidden characters and blanks at
    the ends removed, runs of blanks one blank.

    Two different names with one skeleton are look-alikes. Covers the Cyrillic and Greek letters that look Latin
    (a subset of Unicode UTS 39, confusables.txt).
    """
    folded = unicodedata.normalize("NFKD", name).translate(_LOOK_ALIKES).casefold().translate(_LOOK_ALIKES)
    # Hiding characters are marked when text comes in, before it is compared here: the marks are taken off again.
    bare = _MARKED.sub("", "".join(char for char in folded if not unicodedata.combining(char) and not _hides(char)))
    return " ".join(bare.split())


_MARKED: Final = re.compile("‹u\\+[0-9a-fio]{4,6}›|[␀-␡]")
"""A mark as it is after folding: digits that look like letters have become letters."""

_LOOK_ALIKES: Final = str.maketrans(
    "АВЕЅІЈКМНОРСТХУЗаеорсухіјѕԁһԛԝΑΒΕΖΗΙΚΜΝΟΡΤΥΧοναιρ01l|",
    "ABESIJKMHOPCTXY3aeopcyxijsdhqwABEZHIKMNOPTYXovaipoiii",
)


def _visible(text: str) -> str:
    """`text` in NFC with every hiding character replaced by a mark, and combining runs cut."""
    if text.isascii() and text.isprintable():
        return text
    out: list[str] = []
    run = 0
    for char in unicodedata.normalize("NFC", text):
        if unicodedata.combining(char) or unicodedata.category(char) in ("Mn", "Me"):
            run += 1
            if run > _COMBINING:
                continue
        else:
            run = 0
        out.append(_mark(char) if _hides(char) else char)
    return "".join(out)


def _hides(char: str) -> bool:
    if " " <= char <= "~":
        return False
    if unicodedata.category(char) in _HIDING_CATEGORIES or char in _INVISIBLE:
        return True
    return any(first <= char <= last for first, last in _SELECTORS)


def _mark(char: str) -> str:
    code = ord(char)
    if code < 0x20:
        return chr(0x2400 + code)
    if code == 0x7F:
        return "␡"
    return f"‹U+{code:04X}›"


def _width(char: str) -> int:
    if char.isascii():
        return 1
    if unicodedata.category(char) in ("Mn", "Me"):
        return 0
    return 2 if unicodedata.east_asian_width(char) in ("W", "F") else 1


def _fit(text: str, columns: int, *, more: bool) -> str:
    if not more and len(text) * 2 <= columns:
        return text
    used = 0
    for index, char in enumerate(text):
        used += _width(char)
        if used > columns:
            return _shorten(text[:index], columns)
    return _shorten(text, columns) if more else text


def _shorten(text: str, columns: int) -> str:
    while text and columns_of(text) > columns - 1:
        text = text[:-1]
    return text + _ELLIPSIS
