"""Opens the palette, and has what is chosen there done to the row that was under the cursor when it was opened."""

from __future__ import annotations

from collections.abc import Sequence

from textual.app import App

from backends.fleet.model import SafeText, safe
from tui.aim import Aim
from tui.screens.palette import Entry, PaletteScreen, behind, entries
from tui.screens.prompt import Prompt, Room


class Finder:
    def __init__(self, room: Room) -> None:
        self._room = room

    def open(self, app: App[int], prompt: Prompt) -> None:
        """On all that applies here."""
        aim = self._room.aim()
        offered = entries(self._room.host, self._room.here(), prompt.choices())
        self._push(app, prompt, safe(f"What to do{_on_what(aim)}"), offered, aim)

    def browse(self, app: App[int], prompt: Prompt, word: str) -> None:
        """On the names behind a word."""
        choices = [choice for choice in prompt.choices() if choice.word == word]
        offered = [entry for choice in choices for entry in behind(choice)]
        if not offered:
            how = " `:save NAME` keeps the filter of a list." if word == "view" else ""
            self._room.host.say(safe(f"There is no {word} yet.{how}"))
            return
        self._push(app, prompt, safe(f"Choose a {word}"), offered, self._room.aim())

    def _push(
        self, app: App[int], prompt: Prompt, heading: SafeText, offered: Sequence[Entry], aim: Aim | None
    ) -> None:
        def chosen(line: str | None) -> None:
            if line is not None:
                prompt.obey(line, aim)

        app.push_screen(PaletteScreen(self._room.host, heading, offered), chosen)


def _on_what(aim: Aim | None) -> str:
    """Whose it is comes first: devices of two clients may have one name."""
    if aim is None or not aim.name:
        return ""
    issue = aim.issue
    where = f"{issue.client_name}/{issue.site_name} " if issue is not None and issue.client_name else ""
    return f" · on {where}{aim.name}"
