"""Moving in the list."""

from __future__ import annotations

from tui.commands.command import Always, Surface


class Down(Always):
    """One row down."""

    id, keys, moves = "down", ("j", "down"), True

    @classmethod
    def run(cls, on: Surface) -> None:
        on.table.move(1)


class Up(Always):
    """One row up."""

    id, keys, moves = "up", ("k", "up"), True

    @classmethod
    def run(cls, on: Surface) -> None:
        on.table.move(-1)


class First(Always):
    """To the first row."""

    id, keys, moves = "first", ("g", "home"), True

    @classmethod
    def run(cls, on: Surface) -> None:
        on.table.move_to_place(0)


class Last(Always):
    """To the last row."""

    id, keys, moves = "last", ("G", "end"), True

    @classmethod
    def run(cls, on: Surface) -> None:
        on.table.move_to_place(len(on.table.order) - 1)


class HalfDown(Always):
    """Half a page down."""

    id, keys, moves = "half-down", ("ctrl+d",), True

    @classmethod
    def run(cls, on: Surface) -> None:
        on.table.move(max(1, on.table.page // 2))


class HalfUp(Always):
    """Half a page up."""

    id, keys, moves = "half-up", ("ctrl+u",), True

    @classmethod
    def run(cls, on: Surface) -> None:
        on.table.move(-max(1, on.table.page // 2))


class PageDown(Always):
    """A page down."""

    id, keys, moves = "page-down", ("pagedown", "ctrl+f"), True

    @classmethod
    def run(cls, on: Surface) -> None:
        on.table.move(on.table.page)


class PageUp(Always):
    """A page up."""

    id, keys, moves = "page-up", ("pageup", "ctrl+b"), True

    @classmethod
    def run(cls, on: Surface) -> None:
        on.table.move(-on.table.page)


class OtherList(Always):
    """To the clients and back to the list."""

    id, keys, moves = "other-list", ("tab", "shift+tab"), True

    @classmethod
    def run(cls, on: Surface) -> None:
        on.other_list()


MOVES = (Down, Up, First, Last, HalfDown, HalfUp, PageDown, PageUp, OtherList)
