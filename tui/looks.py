"""What an application looks like in the terminal it has: one of our themes, as far as that terminal can show it."""

from __future__ import annotations

from collections.abc import Sequence

from textual.app import App
from textual.filter import LineFilter

from backends.config.themes import DEFAULT, THEMES, unknown_theme
from backends.fleet.model import SafeText, safe
from tui.plain import filters_for
from tui.terminal import Colours, Sight
from tui.themes import after, dress


class Looks(App[int]):
    """Mixed into an application, which calls `look` at the end of its `__init__`."""

    sight: Sight = Sight()
    _plain: tuple[LineFilter, ...] = ()

    def look(self, theme: str, sight: Sight) -> None:
        """Wear this theme (empty is the default), or what the terminal can show of any."""
        self.sight = sight
        self._plain = filters_for(sight)
        dress(self, self._possible(DEFAULT if unknown_theme(theme) else theme))

    def get_line_filters(self) -> Sequence[LineFilter]:
        textuals = () if self.sight.colours is Colours.NONE else super().get_line_filters()
        return (*textuals, *self._plain)

    def change_theme(self, name: str) -> SafeText:
        """Wear another theme until the screen is left; what came of it, in a sentence."""
        if wrong := unknown_theme(name):
            return safe(wrong, 512)
        if self.sight.colours is Colours.NONE:
            return SafeText("No colours are shown here, so that all themes look the same.")
        if self._possible(name) != name:
            why = "A slow link is spared" if self.sight.low_bandwidth else "This terminal does not have"
            return safe(f"{why} more than 16 colours: the theme stays {self._possible(name)}.")
        self.theme = name
        return safe(f"Theme {name}. {THEMES[name]}")

    def next_theme(self) -> SafeText:
        return self.change_theme(after(self.theme))

    def _possible(self, theme: str) -> str:
        return "ansi16" if self.sight.colours is Colours.SIXTEEN else theme
