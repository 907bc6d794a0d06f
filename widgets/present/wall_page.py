"""A page of the wall, line by line: tiles, the strip of calm clients at its foot, and what lies over them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from msgspec import Struct

from backends.fleet.changes import Picture
from widgets.present.calm import calm_lines
from widgets.present.poster import Poster, poster_lines
from widgets.present.shelves import Page, laid_out
from widgets.present.tiles import Tile, lines_of
from widgets.present.wall_line import WallLine

_CALM_SHARE: Final = 6
"""The strip takes at most one line in so many."""


class Shown(Struct, frozen=True, kw_only=True):
    """What the wall is to show, whatever room it has."""

    picture: Picture
    tiles: tuple[Tile, ...] = ()
    poster: Poster | None = None
    old: bool = False
    """Nobody vouches for any of it."""


class Slot(Struct, frozen=True):
    """A part of one line of the screen."""

    x: int
    width: int
    line: WallLine


Line = tuple[Slot, ...]


class Plan(Struct, frozen=True):
    """The pages of a wall in a room of given width and height."""

    pages: tuple[Page, ...]
    calm: tuple[WallLine, ...]
    over: tuple[WallLine, ...]
    width: int
    height: int

    def lines(self, page: int) -> list[Line]:
        """One page, a line for each line of the room; slots from left to right."""
        rows: list[list[Slot]] = [[] for _ in range(self.height)]
        for placed in self.pages[page]:
            for number, line in enumerate(lines_of(placed.tile, placed.width, placed.height, big=placed.big)):
                if placed.y + number < self.height:
                    rows[placed.y + number].append(Slot(placed.x, placed.width, line))
        for number, line in enumerate(self.calm):
            rows[self.height - len(self.calm) + number] = [Slot(0, self.width, line)]
        top = max(0, (self.height - len(self.over)) // 2)
        for number, line in enumerate(self.over[: self.height]):
            rows[top + number] = [Slot(0, self.width, line)]
        return [tuple(row) for row in rows]


def planned(shown: Shown, width: int, height: int) -> Plan:
    """How `shown` stands in that room."""
    calm = calm_lines(shown.picture, width, max(1, height // _CALM_SHARE))[: height // 2]
    room = height - len(calm) - bool(calm)
    over: Sequence[WallLine] = poster_lines(shown.poster, width, height) if shown.poster else ()
    return Plan(laid_out(shown.tiles, width, room), tuple(calm), tuple(over), width, height)
