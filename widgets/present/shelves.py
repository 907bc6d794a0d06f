"""Tiles on shelves, shelves on pages: which tile stands where, the worst at the top left of the first page."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final

from msgspec import Struct
from msgspec.structs import replace

from widgets.present.tiles import Size, Tile, has_sign, wanted_height


class Manner(Struct, frozen=True):
    """How much room each size of tile takes, in the order of `Size`."""

    narrowest: tuple[int, int, int]
    """Tiles stand side by side where each has so many columns."""
    highest: tuple[int, int, int]
    big: tuple[bool, bool, bool] = (False, False, False)
    """With the client's name in large letters."""


MANNERS: Final = (
    Manner((150, 100, 76), (30, 22, 8), (True, True, False)),
    Manner((110, 76, 60), (30, 18, 8), (True, True, False)),
    Manner((110, 50, 50), (26, 12, 8), (True, False, False)),
    Manner((76, 39, 39), (20, 12, 8), (True, False, False)),
    Manner((76, 39, 39), (15, 6, 2), (True, False, False)),
    Manner((76, 39, 39), (14, 8, 4)),
    Manner((76, 39, 39), (10, 6, 2)),
    Manner((76, 39, 39), (8, 5, 2)),
    Manner((76, 39, 39), (7, 4, 2)),
)
"""From lavish to thrifty: the first with which everything is on one page. With the last one there are several pages."""

_BETWEEN: Final = 2
"""Blank columns between two tiles."""


class Placed(Struct, frozen=True):
    """A tile where it stands on its page."""

    tile: Tile
    x: int
    y: int
    width: int
    height: int
    big: bool = False


Page = tuple[Placed, ...]


def laid_out(tiles: Sequence[Tile], width: int, height: int) -> tuple[Page, ...]:
    """All tiles in their order on as few pages as it takes; at least one page, which may be empty."""
    for manner in MANNERS:
        shelves = list(_shelves(tiles, width, manner))
        pages = _paged(shelves, height)
        if len(pages) == 1 and all(shelf[0].height <= height for shelf in shelves):
            return pages
    return _paged([_lowered(shelf, height) for shelf in shelves], height)


def _shelves(tiles: Sequence[Tile], width: int, manner: Manner) -> Iterable[Page]:
    """Rows of tiles of one size; fewer than there is room for become wider, up to twice."""
    for size in Size:
        group = [tile for tile in tiles if tile.size is size]
        most = max(1, (width + _BETWEEN) // (manner.narrowest[size] + _BETWEEN))
        abreast = max(min(len(group), most), (most + 1) // 2)
        # All or none: a name in larger letters than one before it would look worse than that.
        big = manner.big[size] and all(has_sign(tile, width // abreast - 1) for tile in group)
        for start in range(0, len(group), abreast):
            yield _shelf(group[start : start + abreast], abreast, width, manner.highest[size], big=big)


def _lowered(shelf: Page, height: int) -> Page:
    """The shelf, no higher than a page: on a very low one the worst of each tile is shown."""
    return tuple(replace(one, height=min(one.height, height)) for one in shelf)


def _shelf(tiles: Sequence[Tile], abreast: int, width: int, highest: int, *, big: bool) -> Page:
    each, rest = divmod(width - _BETWEEN * (abreast - 1), abreast)
    wide = [each + (place < rest) for place in range(abreast)]
    places = [sum(wide[:place]) + _BETWEEN * place for place in range(abreast)]
    wanted = max(wanted_height(tile, one, big=big) for tile, one in zip(tiles, wide, strict=False))
    height = max(2, min(highest, wanted))
    return tuple(Placed(tile, x, 0, one, height, big) for tile, x, one in zip(tiles, places, wide, strict=False))


def _paged(shelves: Iterable[Page], height: int) -> tuple[Page, ...]:
    pages: list[list[Placed]] = [[]]
    y = 0
    for shelf in shelves:
        tall = shelf[0].height
        if pages[-1] and y + tall > height:
            pages.append([])
            y = 0
        pages[-1] += [Placed(one.tile, one.x, y, one.width, one.height, one.big) for one in shelf]
        y += tall + _below(shelf[0].tile.size)
    return tuple(tuple(page) for page in pages)


def _below(size: Size) -> int:
    """Blank lines under a shelf."""
    return 0 if size is Size.SMALL else 1
