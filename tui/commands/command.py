"""A verb: its name, its key, when it applies, and what it does. Footer, help and key map are derived from these."""

from __future__ import annotations

from collections.abc import Coroutine
from typing import Any, ClassVar, Protocol

from msgspec import Struct

from tui.aim import Aim
from tui.flows.stage import Stage
from tui.place import Place
from widgets.live_table import LiveTable


class Here(Struct, frozen=True, kw_only=True):
    """What a command looks at to know whether it applies."""

    place: Place
    aim: Aim | None
    """The row under the cursor."""
    aims: tuple[Aim, ...] = ()
    """The marked rows; without marks the one under the cursor."""
    marked: int = 0
    views_only: bool
    depth: int
    """How many lists Escape can go back through."""
    connects: bool = False
    """Sources can be added from here."""


class Surface(Protocol):
    """The screen, as far as commands may use it."""

    @property
    def table(self) -> LiveTable:
        """The list that keys move in."""
        ...

    @property
    def stage(self) -> Stage: ...

    def aim(self) -> Aim | None: ...

    def aims(self) -> tuple[Aim, ...]:
        """The marked rows in the order of the list; without marks the one under the cursor."""
        ...

    def start(self, work: Coroutine[Any, Any, None]) -> None:
        """Begin a dialogue; while one is going on, another is not begun, and that is said."""
        ...

    def aside(self, work: Coroutine[Any, Any, None]) -> None:
        """Do something that asks nothing, beside whatever goes on: however long it takes, no dialogue waits for it."""
        ...

    def descend(self, aim: Aim) -> None: ...

    def look_behind(self, aim: Aim) -> None: ...

    def ascend(self) -> None: ...

    def other_list(self) -> None: ...

    def open_filter(self) -> None: ...

    def open_goto(self, text: str = "") -> None:
        """`text` stands in the line already."""
        ...

    def open_palette(self) -> None: ...

    def open_help(self) -> None: ...

    def next_times(self) -> None:
        """Ages, times in the technician's zone, times in the site's."""
        ...

    def choose_order(self) -> None: ...

    def show_row(self) -> None:
        """The row under the cursor with nothing cut off."""
        ...

    def copy_rows(self) -> None: ...

    def next_theme(self) -> None: ...

    def refresh_facts(self) -> None: ...

    def look_again(self) -> None:
        """The card of the row under the cursor, asked for anew."""
        ...

    def suspend(self) -> None:
        """Stop, until the shell continues it."""
        ...

    def leave(self) -> None: ...


class Command:
    """The docstring of a subclass is its help."""

    id: ClassVar[str]
    keys: ClassVar[tuple[str, ...]]
    """Default keys, the one to be shown first."""
    word: ClassVar[str] = ""
    """In the footer; empty keeps it out of there."""
    group: ClassVar[str] = "Move"
    last: ClassVar[bool] = False
    """Stands at the right end of the footer, where it is never cut off."""
    moves: ClassVar[bool] = False
    """It only moves or looks, so that its key may be held down."""
    where: ClassVar[str] = ""
    """When it applies, for the documentation of the keys: `on an issue`."""

    @classmethod
    def about(cls) -> str:
        return (cls.__doc__ or "").strip()

    @classmethod
    def about_here(cls, here: Here) -> str:  # noqa: ARG003 - those that act on something named say its name
        """What it would do now."""
        return cls.about()

    @classmethod
    def applies(cls, here: Here) -> bool:
        raise NotImplementedError

    @classmethod
    def run(cls, on: Surface) -> None:
        raise NotImplementedError


class Always(Command):
    """A command that works wherever one is."""

    where = "everywhere"

    @classmethod
    def applies(cls, here: Here) -> bool:  # noqa: ARG003 - the answer is the same everywhere
        return True
