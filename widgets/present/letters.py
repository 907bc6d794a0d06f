"""Words in letters that can be read across a room: five by five blocks a letter, drawn of full cells and blanks."""

from __future__ import annotations

import unicodedata
from typing import Final

from backends.fleet.model import SafeText, safe

HEIGHT: Final = 5
_GAP: Final = 1
_INK: Final = "█"

_LETTERS: Final = {
    " ": ".../.../.../.../...",
    ":": "./#/./#/.",
    "A": ".###./#...#/#####/#...#/#...#",
    "B": "####./#...#/####./#...#/####.",
    "C": ".####/#..../#..../#..../.####",
    "D": "####./#...#/#...#/#...#/####.",
    "E": "#####/#..../####./#..../#####",
    "F": "#####/#..../####./#..../#....",
    "G": ".####/#..../#..##/#...#/.####",
    "H": "#...#/#...#/#####/#...#/#...#",
    "I": "###/.#./.#./.#./###",
    "J": "..###/...#./...#./#..#./.##..",
    "K": "#...#/#..#./###../#..#./#...#",
    "L": "#..../#..../#..../#..../#####",
    "M": "#...#/##.##/#.#.#/#...#/#...#",
    "N": "#...#/##..#/#.#.#/#..##/#...#",
    "O": ".###./#...#/#...#/#...#/.###.",
    "P": "####./#...#/####./#..../#....",
    "Q": ".###./#...#/#.#.#/#..#./.##.#",
    "R": "####./#...#/####./#..#./#...#",
    "S": ".####/#..../.###./....#/####.",
    "T": "#####/..#../..#../..#../..#..",
    "U": "#...#/#...#/#...#/#...#/.###.",
    "V": "#...#/#...#/#...#/.#.#./..#..",
    "W": "#...#/#...#/#.#.#/##.##/#...#",
    "X": "#...#/.#.#./..#../.#.#./#...#",
    "Y": "#...#/.#.#./..#../..#../..#..",
    "Z": "#####/...#./..#../.#.../#####",
    "0": ".###./#..##/#.#.#/##..#/.###.",
    "1": ".#./##./.#./.#./###",
    "2": "####./....#/.###./#..../#####",
    "3": "####./....#/.###./....#/####.",
    "4": "#...#/#...#/#####/....#/....#",
    "5": "#####/#..../####./....#/####.",
    "6": ".###./#..../####./#...#/.###.",
    "7": "#####/....#/...#./..#../..#..",
    "8": ".###./#...#/.###./#...#/.###.",
    "9": ".###./#...#/.####/....#/.###.",
}


def drawable(name: str) -> str:
    """`name` in letters that can be drawn: capitals without their accents, other signs as blanks; empty when it is
    of another script."""
    plain = "".join(char for char in unicodedata.normalize("NFKD", name) if not unicodedata.combining(char)).upper()
    drawn_from = "".join(char if char in _LETTERS else " " if not char.isalnum() else "?" for char in plain)
    return "" if "?" in drawn_from else " ".join(drawn_from.split())


def columns(text: str, scale: int = 1) -> int:
    """How wide `text` becomes; 0 when it has a letter that cannot be drawn."""
    widths = [len(_LETTERS[letter].partition("/")[0]) for letter in text if letter in _LETTERS]
    return (sum(widths) + _GAP * (len(text) - 1)) * scale if text and len(widths) == len(text) else 0


def rows(scale: int = 1) -> int:
    """How high every text becomes: a cell is twice as high as it is wide."""
    return HEIGHT * ((scale + 1) // 2)


def drawn(text: str, scale: int = 1) -> tuple[SafeText, ...]:
    """`text`, of capitals, digits, colons and blanks, as lines of equal length."""
    shapes = [_LETTERS[letter].split("/") for letter in text]
    lines = ((" " * _GAP).join(shape[row] for shape in shapes) for row in range(HEIGHT))
    inked = (line.replace(".", " ").replace("#", _INK) for line in lines)
    wide = ["".join(char * scale for char in line) for line in inked]
    return tuple(safe(line, 4096) for line in wide for _ in range((scale + 1) // 2))
