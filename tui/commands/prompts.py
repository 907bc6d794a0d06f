"""What is found by typing: the palette, and filters that are kept under a name."""

from __future__ import annotations

from typing import Final

from tui.commands.command import Always, Command, Here, Surface

CONNECT: Final = "connect"
"""The command, and the word before a kind of source."""


class Palette(Always):
    """Find any command, list or view by a few of its letters."""

    id, keys, word, group = "palette", ("ctrl+p",), "find", "Go"

    @classmethod
    def run(cls, on: Surface) -> None:
        on.open_palette()


class SaveView(Command):
    """Keep the filter of this list under a name: `:save NAME`; `:view NAME` shows it again."""

    id, keys, group = "save-view", (), "Go"
    where = "where a filter is set"

    @classmethod
    def applies(cls, here: Here) -> bool:
        return not here.views_only and bool(here.place.query)

    @classmethod
    def run(cls, on: Surface) -> None:
        on.open_goto("save ")


class Connect(Command):
    """Add a source: `:connect KIND` asks what it needs, tries it, shows what is there, and writes the configuration."""

    id, keys, group = CONNECT, (), "Go"
    where = "everywhere but in the demo"

    @classmethod
    def applies(cls, here: Here) -> bool:
        return not here.views_only and here.connects

    @classmethod
    def run(cls, on: Surface) -> None:
        on.open_goto(f"{CONNECT} ")


PROMPTS: tuple[type[Command], ...] = (Palette, SaveView, Connect)
