"""What can be done with a list itself: mark rows, sort, widen, read a row in full, copy."""

from __future__ import annotations

from tui.commands.command import Always, Command, Here, Surface

SIDEWAYS = 12
"""Columns that a wide list is moved by at once."""


class OnRow(Command):
    """Wants a row under the cursor."""

    group, where = "List", "on any row"

    @classmethod
    def applies(cls, here: Here) -> bool:
        return here.aim is not None


class Mark(OnRow):
    """Mark the row, or take its mark away; `a c z n f` then act on all that are marked."""

    id, keys, word, moves = "mark", ("space",), "mark", True

    @classmethod
    def run(cls, on: Surface) -> None:
        on.table.toggle_mark()


class MarkRange(OnRow):
    """Mark every row from the one that was marked last to this one."""

    id, keys, moves = "mark-range", ("v",), True

    @classmethod
    def run(cls, on: Surface) -> None:
        on.table.mark_to_cursor()


class MarkAll(OnRow):
    """Mark all rows of the list; once more takes all marks away."""

    id, keys, moves = "mark-all", ("ctrl+a",), True

    @classmethod
    def run(cls, on: Surface) -> None:
        on.table.mark_all()


class Unmark(Command):
    """Take all marks away."""

    id, keys, group, moves = "unmark", ("u",), "List", True
    where = "where rows are marked"

    @classmethod
    def applies(cls, here: Here) -> bool:
        return here.marked > 0

    @classmethod
    def run(cls, on: Surface) -> None:
        on.table.clear_marks()


class SortList(Always):
    """Sort by a column; choosing the same one turns it round."""

    id, keys, group = "sort", ("s",), "List"

    @classmethod
    def run(cls, on: Surface) -> None:
        on.choose_order()


class Wide(Always):
    """Show every column in full; the arrows left and right move along."""

    id, keys, group, moves = "wide", ("w",), "List", True

    @classmethod
    def run(cls, on: Surface) -> None:
        on.table.set_wide(not on.table.wide)


class ScrollLeft(Always):
    """A wide list: further left."""

    id, keys, group, moves = "scroll-left", ("left",), "List", True

    @classmethod
    def run(cls, on: Surface) -> None:
        on.table.scroll_sideways(-SIDEWAYS)


class ScrollRight(Always):
    """A wide list: further right."""

    id, keys, group, moves = "scroll-right", ("right",), "List", True

    @classmethod
    def run(cls, on: Surface) -> None:
        on.table.scroll_sideways(SIDEWAYS)


class WholeRow(OnRow):
    """Read the row with nothing cut off."""

    id, keys = "whole-row", ("x",)

    @classmethod
    def run(cls, on: Surface) -> None:
        on.show_row()


class Copy(OnRow):
    """Copy the row, or all marked rows, to the terminal's clipboard."""

    id, keys = "copy", ("y",)

    @classmethod
    def run(cls, on: Surface) -> None:
        on.copy_rows()


LISTS = (Mark, MarkRange, MarkAll, Unmark, SortList, Wide, ScrollLeft, ScrollRight, WholeRow, Copy)
