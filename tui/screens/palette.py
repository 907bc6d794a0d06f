"""Everything that can be done from here, found by a few letters. What is chosen is run as a `:` line."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import UTC
from typing import TYPE_CHECKING, ClassVar, Final

from msgspec import Struct
from textual import events, on
from textual.app import ComposeResult
from textual.containers import Vertical
from textual.content import Content
from textual.widgets import Input, Static

from backends.fleet.model import SafeText, safe
from tui.commands.command import Here
from tui.commands.prompts import Palette
from tui.match import best
from tui.screens.completion import NOUN_ABOUT
from tui.screens.goto import NOUNS
from tui.screens.known import Choice, quoted
from widgets.live_table import LiveTable
from widgets.overlay import Overlay
from widgets.present.row import Column, Row, Tone, plain
from widgets.typed_line import TypedLine

if TYPE_CHECKING:
    from tui.screens.host import Host

COLUMNS: Final = (
    Column(name=SafeText("What"), width=16, grow=1, most=34),
    Column(name=SafeText("Key"), width=7),
    Column(name=SafeText("About"), width=20, grow=3),
)

MOVES: Final = {"up": -1, "down": 1, "ctrl+k": -1, "ctrl+j": 1, "tab": 1, "shift+tab": -1}


class Entry(Struct, frozen=True, kw_only=True):
    line: str
    """What one would type after `:`; one entry each."""
    what: SafeText
    key: SafeText = SafeText("")
    about: SafeText = SafeText("")


def entries(host: Host, here: Here, choices: Iterable[Choice]) -> list[Entry]:
    """Commands that apply here, then lists, then the names behind words."""
    keymap = host.keymap
    commands = [
        Entry(
            line=command.id,
            what=safe(command.id),
            key=keymap.shown(command),
            about=safe(command.about_here(here)),
        )
        for command in keymap.commands
        if command.group != "Move" and command is not Palette and command.applies(here)
    ]
    lists = [
        Entry(line=noun, what=safe(noun), key=SafeText(":"), about=safe(NOUN_ABOUT.get(noun, ""))) for noun in NOUNS
    ]
    return [*commands, *lists, *(entry for choice in choices for entry in behind(choice))]


def behind(choice: Choice) -> list[Entry]:
    """The names behind a word."""
    return [
        Entry(line=f"{choice.word} {quoted(name)}", what=safe(f"{choice.word} {name}", 80), about=safe(about))
        for name, about in choice.names().items()
    ]


class PaletteScreen(Overlay[str | None]):
    """Dismisses with the `:` line that was chosen, or with None."""

    CSS_PATH = "../styles/palette.tcss"
    AUTO_FOCUS = "#find"
    BINDINGS: ClassVar = []

    def __init__(self, host: Host, heading: SafeText, offered: Sequence[Entry]) -> None:
        super().__init__()
        self._host, self._heading = host, heading
        self._entries = {entry.line: entry for entry in offered}

    def compose(self) -> ComposeResult:
        with Vertical(id="palette"):
            yield Static(Content(self._heading), id="palette-heading", markup=False)
            yield TypedLine(id="find")
            yield LiveTable(COLUMNS, self._host.now, UTC, boot_s=self._host.boot_s, quiet_s=0.0, id="found")
            yield Static(
                Content("Type a few letters · ↑ ↓ choose · Enter runs · Esc leaves"), id="palette-foot", markup=False
            )

    def on_mount(self) -> None:
        self._show("")

    @property
    def found(self) -> LiveTable:
        return self.query_one(LiveTable)

    @on(Input.Changed)
    def _on_changed(self, event: Input.Changed) -> None:
        event.stop()
        self._show(event.value)

    @on(Input.Submitted)
    def _on_submitted(self, event: Input.Submitted) -> None:
        event.stop()
        self._choose(self.found.cursor_key)

    @on(LiveTable.Chosen)
    def _on_chosen(self, message: LiveTable.Chosen) -> None:
        message.stop()
        self._choose(message.key)

    def on_key(self, event: events.Key) -> None:
        table = self.found
        own = self._host.keymap.command(event.key)
        if event.key in ("escape", "ctrl+c") or (own is Palette and not event.is_printable):
            self.dismiss(None)
        elif event.key in MOVES:
            table.move(MOVES[event.key])
        elif event.key in ("pageup", "pagedown"):
            table.move(table.page if event.key == "pagedown" else -table.page)
        else:
            return
        event.stop()
        event.prevent_default()

    def on_click(self) -> None:
        self.query_one(TypedLine).focus()

    def _show(self, typed: str) -> None:
        fits = best(typed, self._entries.values(), lambda entry: (entry.what, entry.about, entry.key))
        rows = [
            Row(
                key=entry.line,
                cells=(plain(entry.what, Tone.STRONG), plain(entry.key, Tone.ACCENT), plain(entry.about, Tone.DIM)),
            )
            for entry in fits
        ]
        self.found.show(COLUMNS, rows, None, SafeText("Nothing has these letters in this order."))

    def _choose(self, line: str | None) -> None:
        if line is not None:
            self.dismiss(line)
