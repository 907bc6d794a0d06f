"""How the screen looks: our themes, and the one function that puts them on an application.

Severity is always told by word and glyph as well. `styles/tones.tcss` says which of these colours is drawn where;
`tests/tui/test_themes.py` measures every one of them on every ground.
"""

from __future__ import annotations

from typing import Any, Final

from msgspec import Struct
from textual.app import App
from textual.theme import Theme

from backends.config.themes import DEFAULT, THEMES


class Paints(Struct, frozen=True, kw_only=True):
    """What a theme is made of."""

    ground: str
    raised: str
    """Dialogues, help, headings of lists."""
    panel: str
    """The first and the last line, the head of a card."""
    cursor: str
    """The row that keys act on."""
    rest: str
    """The same in a list that has not the focus."""
    line: str
    """Borders and scrollbars."""
    text: str
    dim: str
    accent: str
    """Keys and prompts."""
    critical: str
    high: str
    warning: str
    info: str
    ok: str
    unknown: str


PAINTS: Final = {
    "dark": Paints(
        ground="#111315", raised="#191c1f", panel="#24282c", cursor="#1d2f5c", rest="#2a2e33", line="#4a5058",
        text="#e6e8ea", dim="#9ea5ad", accent="#6fd7e0", critical="#ff7b72", high="#ffa657", warning="#f2d060",
        info="#7db8ff", ok="#6fd68a", unknown="#d0aaff",
    ),
    "light": Paints(
        ground="#fcfcfb", raised="#f4f4f3", panel="#eaebec", cursor="#d3eeff", rest="#eaebec", line="#a9adb3",
        text="#1b1d20", dim="#545a61", accent="#00596b", critical="#a80d1c", high="#8a4b00", warning="#625000",
        info="#0a4ea8", ok="#0d6128", unknown="#6b2aa0",
    ),
    "contrast": Paints(
        ground="#000000", raised="#000000", panel="#262626", cursor="#000000", rest="#1c1c1c", line="#a8a8a8",
        text="#ffffff", dim="#d0d0d0", accent="#5ff0ff", critical="#ffabab", high="#ffb347", warning="#ffff5f",
        info="#9fd0ff", ok="#5fff87", unknown="#e5b8ff",
    ),
    "colorblind-red-green": Paints(
        ground="#111315", raised="#191c1f", panel="#24282c", cursor="#1d2f5c", rest="#2a2e33", line="#4a5058",
        text="#e6e8ea", dim="#9ea5ad", accent="#9df1ff", critical="#f87938", high="#ffd427", warning="#fff3a0",
        info="#9df1ff", ok="#4fa8ff", unknown="#e094aa",
    ),
    "colorblind-blue-yellow": Paints(
        ground="#111315", raised="#191c1f", panel="#24282c", cursor="#1d2f5c", rest="#2a2e33", line="#4a5058",
        text="#e6e8ea", dim="#9ea5ad", accent="#7cffff", critical="#ff776f", high="#f8b165", warning="#ffe5c9",
        info="#7cffff", ok="#49ac93", unknown="#a5abdc",
    ),
    "ansi16": Paints(
        ground="ansi_black", raised="ansi_black", panel="ansi_black", cursor="ansi_blue", rest="ansi_black",
        line="ansi_white", text="ansi_white", dim="ansi_white", accent="ansi_bright_cyan",
        critical="ansi_bright_red", high="ansi_bright_yellow", warning="ansi_bright_yellow", info="ansi_bright_cyan",
        ok="ansi_bright_green", unknown="ansi_bright_magenta",
    ),
}  # fmt: skip


def dress(app: App[Any], name: str = "") -> None:
    """Put our themes on an application, and one of them at once. To be called at the end of its `__init__`; an empty
    name is the default. Raises `KeyError` for a name that `unknown_theme` has a sentence about."""
    name = name or DEFAULT
    for theme in ALL.values():
        app.register_theme(theme)
    assert name in ALL  # noqa: S101 - `unknown_theme` is asked first
    app.set_reactive(App.theme, name)
    # What Textual does when it sees a theme change, without styling everything a second time when the screen opens.
    dark = ALL[name].dark
    app.update_classes({f"-theme-{name}": True, "-dark-mode": dark, "-light-mode": not dark}, update=False)
    app._refresh_truecolor_filter(app.ansi_theme)
    app.stylesheet.set_variables(app.get_css_variables())


def after(name: str) -> str:
    """The next theme in the order of their table."""
    names = [*THEMES]
    return names[(names.index(name) + 1) % len(names)]


def _theme(name: str, paints: Paints) -> Theme:
    """Every colour that our style sheets name is given: nothing is left to be worked out from others."""
    return Theme(
        name=name,
        primary=paints.info,
        secondary=paints.unknown,
        warning=paints.high,
        error=paints.critical,
        success=paints.ok,
        accent=paints.accent,
        foreground=paints.text,
        background=paints.ground,
        surface=paints.raised,
        panel=paints.panel,
        dark=name != "light",
        ansi=name == "ansi16",
        variables={
            "text": paints.text,
            "text-muted": paints.dim,
            "text-disabled": paints.dim,
            "text-error": paints.critical,
            "text-warning": paints.high,
            "text-accent": paints.warning,
            "text-primary": paints.info,
            "text-success": paints.ok,
            "text-secondary": paints.unknown,
            "surface": paints.raised,
            "panel": paints.panel,
            "primary-muted": paints.cursor,
            "surface-lighten-1": paints.rest,
            "surface-lighten-2": paints.line,
            "border": paints.accent,
            "border-blurred": paints.line,
            "block-cursor-background": paints.cursor,
            "block-cursor-foreground": paints.text,
            "input-cursor-background": paints.text,
            "input-cursor-foreground": paints.ground,
            "input-selection-background": paints.accent,
            "input-selection-foreground": paints.ground,
            "surface-active": paints.raised,
            "button-focus-text-style": "bold",
            "ansi-background": paints.ground,
            "ansi-foreground": paints.text,
            "scrollbar": paints.line,
            "scrollbar-hover": paints.line,
            "scrollbar-active": paints.accent,
            "scrollbar-background": paints.ground,
            "scrollbar-background-hover": paints.ground,
            "scrollbar-background-active": paints.ground,
            "scrollbar-corner-color": paints.ground,
        },
    )


ALL: Final = {name: _theme(name, PAINTS[name]) for name in THEMES}
