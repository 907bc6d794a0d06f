"""How the screen looks."""

from __future__ import annotations

from tui.commands.command import Always, Surface


class NextTheme(Always):
    """The next theme, until the screen is left; `theme` in the configuration keeps one."""

    id, keys, group = "next-theme", ("T",), "Look"

    @classmethod
    def run(cls, on: Surface) -> None:
        on.next_theme()


LOOKS = (NextTheme,)
