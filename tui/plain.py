"""For terminals that can show less: the last thing before the terminal turns signs into ASCII, and colours into none.

No widget needs to know: every replacement has the width of what it stands for.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Final

from rich.cells import cell_len
from rich.segment import Segment
from rich.style import Style
from textual.color import Color
from textual.filter import LineFilter

from tui.terminal import CONSOLE, Colours, Sight, Signs

UNKNOWN: Final = "?"
"""Stands for a column of what cannot be shown."""

_CONSOLE_LAST: Final = "\u04ff"
"""Latin, Greek and Cyrillic end here."""

SIGNS: Final = {
    # severity, health and freshness: as different from each other as ASCII allows
    "■": "#", "▲": "!", "△": "^", "○": "o", "●": "*", "◇": "%", "◆": "%", "◌": ".", "▶": ">", "◀": "<", "▼": "v",
    "▽": "v", "□": "#", "▪": "#", "•": "*", "★": "*", "☆": "*",
    # punctuation and arrows
    "·": ".", "…": "~", "›": ">", "‹": "<", "»": ">", "«": "<", "—": "-", "–": "-", "‐": "-", "‑": "-", "−": "-",
    "“": '"', "”": '"', "„": '"', "‘": "'", "’": "'", "‚": ",", "×": "x", "↓": "v", "↑": "^", "→": ">", "←": "<",
    "↔": "-", "↵": "<", "⏎": "<", "✓": "+", "✔": "+", "✗": "x", "✘": "x", "≥": ">", "≤": "<", "≈": "~", "°": "o",
    "µ": "u", "¼": "1", "½": "2", "␊": "|", "⁄": "/", "\xa0": " ",
    # sparklines: eight heights
    "▁": "_", "▂": "_", "▃": ".", "▄": "-", "▅": "=", "▆": "+", "▇": "*", "█": "#",
    # scrollbars and borders of Textual's
    "▏": "|", "▎": "|", "▍": "|", "▌": "|", "▋": "|", "▊": "#", "▉": "#", "▐": "|", "▀": "-", "▔": "-", "▕": "|",
    "░": ".", "▒": ":", "▓": "#",
}  # fmt: skip
"""Ours, and those that Textual's own widgets draw with."""

_ENDS: Final = frozenset("▁▂▃▄▅▆▇▏▎▍▌▋▊▉")
"""Parts of a cell: the ends of a scrollbar's handle, which is drawn in whole cells instead."""

_HORIZONTAL: Final = "─━┄┅┈┉╌╍═╴╶╸╺╼╾"
_VERTICAL: Final = "│┃┆┇┊┋╎╏║╵╷╹╻╽╿"


def _box(char: str) -> str:
    if char in _HORIZONTAL:
        return "-"
    return "|" if char in _VERTICAL else "+"


TABLE: Final = str.maketrans(
    {chr(code): _box(chr(code)) for code in range(0x2500, 0x2580)}
    | {chr(code): "#" for code in range(0x2596, 0x25A0)}
    | SIGNS
)


class AsciiSigns(LineFilter):
    """Our signs and all lines in ASCII; of other text what `charset` has stays, and the rest becomes question marks."""

    def __init__(self, charset: str) -> None:
        super().__init__()
        self._charset = charset
        self._shown = lru_cache(4096)(self.text)

    def text(self, text: str) -> str:
        """The same in the same width."""
        plain = text.translate(TABLE)
        if plain.isascii():
            return plain
        shown = "".join(char if self._carries(char) else UNKNOWN * cell_len(char) for char in plain)
        wide = cell_len(plain)  # of characters that are drawn as one it is not the sum
        return shown if cell_len(shown) == wide else shown[:wide].ljust(wide, UNKNOWN)

    def apply(self, segments: list[Segment], background: Color) -> list[Segment]:  # noqa: ARG002 - the filter's shape
        if all(segment.text.isascii() for segment in segments):
            return segments
        return [Segment(self._of(text, style), style, control) for text, style, control in segments]

    def _of(self, text: str, style: Style | None) -> str:
        if text[:1] in _ENDS and style is not None and "@mouse.down" in style.meta:
            return " " * cell_len(text)
        return self._shown(text)

    def _carries(self, char: str) -> bool:
        if char.isascii():
            return True
        if self._charset == CONSOLE:
            return char <= _CONSOLE_LAST and cell_len(char) == 1
        if self._charset == "utf-8":
            return True
        try:
            return len(char.encode(self._charset)) >= 1
        except UnicodeEncodeError:
            return False


class NoColours(LineFilter):
    """Weight, underlining and reverse stay; everything else of a style goes."""

    def apply(self, segments: list[Segment], background: Color) -> list[Segment]:  # noqa: ARG002 - the filter's shape
        return [Segment(text, style and _without_colours(style), control) for text, style, control in segments]


@lru_cache(4096)
def _without_colours(style: Style) -> Style:
    return Style(
        bold=style.bold, dim=style.dim, underline=style.underline, reverse=style.reverse, meta=style.meta or None
    )


def filters_for(sight: Sight) -> tuple[LineFilter, ...]:
    """What has to lie between the widgets and such a terminal, from the widgets down."""
    signs = (AsciiSigns(sight.charset),) if sight.signs is Signs.ASCII else ()
    colours = (NoColours(),) if sight.colours is Colours.NONE else ()
    return (*signs, *colours)
