"""The keys that work here, made from the commands themselves."""

from __future__ import annotations

from typing import ClassVar, Final

from textual import events
from textual.app import ComposeResult
from textual.containers import Horizontal, VerticalScroll
from textual.content import Content
from textual.widgets import Static

from backends.fleet.model import SafeText, safe
from tui.commands.command import Here
from tui.intake import QUESTION_MOVES
from tui.keymap import Keymap
from tui.keynames import key_name
from widgets.overlay import Overlay

_CLOSES: Final = ("escape", "q", "question_mark", "enter", "ctrl+c")


class HelpScreen(Overlay[None]):
    CSS_PATH = "../styles/help.tcss"
    AUTO_FOCUS = "#help"
    MOVES: ClassVar = QUESTION_MOVES | {"j", "k", "g", "G", "home", "end", "space", "ctrl+d", "ctrl+u"}
    """Keys that may be held down."""

    def __init__(self, keymap: Keymap, here: Here) -> None:
        super().__init__()
        self._keymap, self._here = keymap, here

    def compose(self) -> ComposeResult:
        with VerticalScroll(id="help"):
            yield Static(Content("Keys"), id="help-title", markup=False)
            for group in self._keymap.groups:
                yield Static(Content(safe(group)), classes="help-group", markup=False)
                for keys, about in self.lines(group):
                    with Horizontal(classes="help-line"):
                        yield Static(Content(keys), classes="help-keys", markup=False)
                        yield Static(Content(about), classes="help-about", markup=False)
        yield Static(Content("j k PgUp PgDn move · Esc closes this."), id="help-foot", markup=False)

    def on_key(self, event: events.Key) -> None:
        box = self.query_one("#help", VerticalScroll)
        half = max(1, box.size.height // 2)
        match event.key:
            case key if key in _CLOSES:
                self.dismiss()
            case "j" | "down":
                box.scroll_relative(y=1, animate=False)
            case "k" | "up":
                box.scroll_relative(y=-1, animate=False)
            case "ctrl+d" | "ctrl+u":
                box.scroll_relative(y=half if event.key == "ctrl+d" else -half, animate=False)
            case "pagedown" | "space" | "pageup":
                page = max(1, box.size.height - 1)
                box.scroll_relative(y=-page if event.key == "pageup" else page, animate=False)
            case "g" | "home":
                box.scroll_home(animate=False)
            case "G" | "end":
                box.scroll_end(animate=False)
            case _:
                return
        event.stop()
        event.prevent_default()

    def lines(self, group: str) -> list[tuple[SafeText, SafeText]]:
        """Keys and what they do, one pair a command; those that do not apply here say so."""
        out = []
        for command in self._keymap.commands:
            keys = SafeText(" ".join(key_name(key) for key in self._keymap.keys(command)))
            if command.group == group and keys and not (command.id.startswith("fix-") and command.id != "fix-1"):
                keys = SafeText("1 … 9") if command.id == "fix-1" else keys
                mark = "" if command.applies(self._here) else "  (not here)"
                out.append((keys, safe(command.about().splitlines()[0] + mark)))
        return out
