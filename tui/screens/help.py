"""The keys that work here, made from the commands themselves."""

from __future__ import annotations

from typing import ClassVar

from textual import events
from textual.app import ComposeResult
from textual.containers import Horizontal, VerticalScroll
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Static

from tui.commands.command import Here
from tui.keymap import Keymap, key_name

GROUPS = ("Do", "Go", "List", "Look", "Move")


class HelpScreen(ModalScreen[None]):
    CSS_PATH = "../styles/help.tcss"
    BINDINGS: ClassVar = [("j", "scroll_down"), ("k", "scroll_up")]

    def __init__(self, keymap: Keymap, here: Here) -> None:
        super().__init__()
        self._keymap, self._here = keymap, here

    def compose(self) -> ComposeResult:
        with VerticalScroll(id="help"):
            yield Static(Content("Keys"), id="help-title", markup=False)
            for group in GROUPS:
                yield Static(Content(group), classes="help-group", markup=False)
                for keys, about in self.lines(group):
                    with Horizontal(classes="help-line"):
                        yield Static(Content(keys), classes="help-keys", markup=False)
                        yield Static(Content(about), classes="help-about", markup=False)
            yield Static(Content("Esc closes this."), classes="help-group", markup=False)

    def on_key(self, event: events.Key) -> None:
        if event.key in ("escape", "q", "question_mark", "enter", "ctrl+c"):
            event.stop()
            self.dismiss()

    def lines(self, group: str) -> list[tuple[str, str]]:
        """Keys and what they do, one pair a command; those that do not apply here say so."""
        out = []
        for command in self._keymap.commands:
            keys = " ".join(key_name(key) for key in self._keymap.keys(command))
            if command.group == group and keys and not (command.id.startswith("fix-") and command.id != "fix-1"):
                keys = "1 … 9" if command.id == "fix-1" else keys
                mark = "" if command.applies(self._here) else "  (not here)"
                out.append((keys, command.about().splitlines()[0] + mark))
        return out
