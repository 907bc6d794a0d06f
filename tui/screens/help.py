"""The keys that work here, made from the commands themselves."""

from __future__ import annotations

from typing import ClassVar

from textual import events
from textual.app import ComposeResult
from textual.containers import VerticalScroll
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Static

from tui.commands.command import Here
from tui.keymap import Keymap, key_name

GROUPS = ("Do", "Go", "Look", "Move")


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
                yield Static(Content(self._text(group)), markup=False)

    def on_key(self, event: events.Key) -> None:
        if event.key in ("escape", "q", "question_mark", "enter", "ctrl+c"):
            event.stop()
            self.dismiss()

    def _text(self, group: str) -> str:
        return f"\n{group}\n" + "\n".join(self.lines(group))

    def lines(self, group: str) -> list[str]:
        """One line a command; those that do not apply here say so."""
        out = []
        for command in self._keymap.commands:
            keys = " ".join(key_name(key) for key in self._keymap.keys(command))
            if command.group == group and keys and not (command.id.startswith("fix-") and command.id != "fix-1"):
                keys = "1 … 9" if command.id == "fix-1" else keys
                mark = "" if command.applies(self._here) else "  (not here)"
                out.append(f"  {keys:<16} {command.about().splitlines()[0]}{mark}")
        return out
