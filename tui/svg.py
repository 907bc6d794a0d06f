"""A frame as an SVG picture in the colours of its theme; it fetches no font and nothing else from elsewhere."""

from __future__ import annotations

import re
from typing import Final

from rich.console import Console
from rich.terminal_theme import TerminalTheme
from textual.color import Color

from tui.themes import PAINTS

CELL: Final = 12.2
"""The width of a character in the picture."""

_TEXT: Final = re.compile(
    r'x="(?P<x>[\d.]+)" y="(?P<y>[\d.]+)" textLength="(?P<length>[\d.]+)"(?P<rest>[^>]*)>(?P<text>[^<]+)<'
)

SIXTEEN: Final = (
    (0, 0, 0), (205, 49, 49), (13, 188, 121), (229, 229, 16), (36, 71, 170), (188, 63, 188), (17, 168, 205),
    (204, 204, 204), (102, 102, 102), (255, 98, 98), (35, 219, 139), (245, 245, 67), (90, 150, 255), (230, 130, 230),
    (60, 220, 240), (255, 255, 255),
)  # fmt: skip
"""The sixteen as a terminal may be set to show them."""


def svg_of(console: Console, theme: str, title: str) -> str:
    """What was recorded, as SVG; the recording stays."""
    return _plain(console.export_svg(title=title, theme=_frame_of(theme), clear=False))


def _frame_of(theme: str) -> TerminalTheme:
    """The window around the picture."""
    paints = PAINTS[theme]
    ground, text = (_rgb(colour, place) for colour, place in ((paints.ground, 0), (paints.text, 7)))
    return TerminalTheme(ground, text, [*SIXTEEN[:8]], [*SIXTEEN[8:]])


def _rgb(colour: str, place: int) -> tuple[int, int, int]:
    return SIXTEEN[place] if colour.startswith("ansi_") else Color.parse(colour).rgb


def _plain(svg: str) -> str:
    """Without fonts from elsewhere: a picture fetches nothing."""
    svg = svg.replace("&#160;", "\xa0")
    without = re.sub(r"@font-face \{.*?\}\s*", "", svg, flags=re.DOTALL).replace("Fira Code,", "")
    return _TEXT.sub(_trimmed, without)


def _trimmed(found: re.Match[str]) -> str:
    """A piece of text without blanks at its ends, which some viewers drop, in the place where it was."""
    text = found["text"]
    before = len(text) - len(text.lstrip("\xa0"))
    blanks = len(text) - len(text.strip("\xa0"))
    left, length = float(found["x"]) + before * CELL, float(found["length"]) - blanks * CELL
    return f'x="{left:g}" y="{found["y"]}" textLength="{length:g}"{found["rest"]}>{text.strip(chr(160))}<'
