"""Going somewhere else, and changing how it looks."""

from __future__ import annotations

from tui.commands.command import Always, Command, Here, Surface
from tui.place import Noun


class Open(Command):
    """One level down: client, site, device, check."""

    id, keys, word, group, moves = "open", ("enter", "l"), "open", "Go", True
    where = "on everything that has something below it"

    @classmethod
    def applies(cls, here: Here) -> bool:
        if here.aim is None or here.aim.noun in (Noun.CHECKS, Noun.AUDIT):
            return False
        return here.aim.noun is not Noun.ISSUES or here.aim.device is not None

    @classmethod
    def run(cls, on: Surface) -> None:
        aim = on.aim()
        if aim is not None:
            on.descend(aim)


class Behind(Command):
    """The issues behind this one: what it explains."""

    id, keys, word, group = "behind", ("b",), "behind", "Go"
    where = "on an issue that explains others"

    @classmethod
    def applies(cls, here: Here) -> bool:
        return here.aim is not None and here.aim.issue is not None and here.aim.issue.behind > 0

    @classmethod
    def run(cls, on: Surface) -> None:
        aim = on.aim()
        if aim is not None:
            on.look_behind(aim)


class Back(Command):
    """One level up; takes the marks away first, then the filter."""

    id, keys, word, group, moves = "back", ("escape", "h"), "back", "Go", True
    where = "below the first list, or where a filter is set"

    @classmethod
    def applies(cls, here: Here) -> bool:
        return here.depth > 0 or bool(here.place.query) or here.marked > 0

    @classmethod
    def run(cls, on: Surface) -> None:
        on.ascend()


class FilterList(Always):
    """Show only what matches: `sev>=high client:acme -acked "disk full"`; Tab completes."""

    id, keys, word, group = "filter", ("slash",), "filter", "Go"

    @classmethod
    def run(cls, on: Surface) -> None:
        on.open_filter()


class GoTo(Always):
    """Go anywhere, or run any command: `:devices`, `:issues acme`, `:client acme`, `:view mine`; Tab completes."""

    id, keys, word, group = "goto", ("colon",), "go to", "Go"

    @classmethod
    def run(cls, on: Surface) -> None:
        on.open_goto()


class Refresh(Command):
    """Ask the sources again, now."""

    id, keys, word, group = "refresh", ("r",), "refresh", "Look"
    where = "everywhere but on a wall"

    @classmethod
    def applies(cls, here: Here) -> bool:
        return not here.views_only

    @classmethod
    def run(cls, on: Surface) -> None:
        on.refresh_facts()


class Times(Always):
    """Times instead of ages, then times where the site is, and back."""

    id, keys, group = "times", ("t",), "Look"

    @classmethod
    def run(cls, on: Surface) -> None:
        on.next_times()


class Help(Always):
    """The keys that work here."""

    id, keys, word, group, last = "help", ("question_mark", "f1"), "keys", "Look", True

    @classmethod
    def run(cls, on: Surface) -> None:
        on.open_help()


class Suspend(Command):
    """Back to the shell for a while; `fg` brings the screen back."""

    id, keys, group = "suspend", ("ctrl+z",), "Look"
    where = "everywhere but on a wall"

    @classmethod
    def applies(cls, here: Here) -> bool:
        return not here.views_only

    @classmethod
    def run(cls, on: Surface) -> None:
        on.suspend()


class Quit(Always):
    """Leave; the engine goes on with what is running."""

    id, keys, word, group, last = "quit", ("q", "ctrl+q", "ctrl+c"), "quit", "Look", True

    @classmethod
    def run(cls, on: Surface) -> None:
        on.leave()


PLACES = (Open, Behind, Back, FilterList, GoTo, Refresh, Times, Help, Suspend, Quit)
