"""Opens the palette, and hands on what is chosen there together with what was seen when it was opened."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import TYPE_CHECKING

from textual.app import App

from backends.fleet.model import SafeText, safe
from tui.commands.command import Here
from tui.screens.known import Choice
from tui.screens.palette import Entry, PaletteScreen, behind, entries

if TYPE_CHECKING:
    from tui.screens.host import Host


class Finder:
    """`obey` is given the `:` line that was chosen."""

    def __init__(self, host: Host, obey: Callable[[str, Here], None]) -> None:
        self._host, self._obey = host, obey

    def open(self, app: App[int], seen: Here, choices: Iterable[Choice]) -> None:
        """On all that applies here."""
        self._push(app, safe(f"What to do{_on_what(seen)}"), entries(self._host, seen, choices), seen)

    def browse(self, app: App[int], seen: Here, choice: Choice) -> None:
        """On the names behind a word."""
        offered = behind(choice)
        if offered:
            self._push(app, safe(f"Choose a {choice.noun}"), offered, seen)
            return
        how = " `:save NAME` keeps the filter of a list." if choice.word == "view" else ""
        self._host.say(safe(f"There is no {choice.noun} yet.{how}"))

    def _push(self, app: App[int], heading: SafeText, offered: Sequence[Entry], seen: Here) -> None:
        def chosen(line: str | None) -> None:
            if line is not None:
                self._obey(line, seen)

        app.push_screen(PaletteScreen(self._host, heading, offered), chosen)


def _on_what(seen: Here) -> str:
    """Whose it is comes first: devices of two clients may have one name."""
    if seen.marked:
        return f" · on {seen.marked} marked"
    aim = seen.aim
    if aim is None or not aim.name:
        return ""
    issue = aim.issue
    where = f"{issue.client_name}/{issue.site_name} " if issue is not None and issue.client_name else ""
    return f" · on {where}{aim.name}"
