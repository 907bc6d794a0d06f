"""The names of the screen's themes, for whoever reads or writes one; how each looks is in `tui/themes.py`."""

from __future__ import annotations

from typing import Final

from backends.config.fields import nearest
from backends.text import safe

THEMES: Final = {
    "dark": "Light letters on a dark ground; the default.",
    "light": "Dark letters on a light ground, for bright rooms.",
    "contrast": "High contrast: every letter has at least 7 to 1 against its ground.",
    "colorblind-red-green": "For eyes that tell red from green badly (protan, deutan): orange and blue instead.",
    "colorblind-blue-yellow": "For eyes that tell blue from green and yellow from pink badly (tritan): red and cyan.",
    "ansi16": "The 16 colours that every colour terminal has, as the terminal is set to show them.",
}
"""Name: what it is for, in the order in which one goes through them."""

DEFAULT: Final = "dark"

_ALSO: Final = {
    "default": "dark",
    "high-contrast": "contrast",
    "protanopia": "colorblind-red-green",
    "deuteranopia": "colorblind-red-green",
    "tritanopia": "colorblind-blue-yellow",
    "ansi": "ansi16",
    "16": "ansi16",
}
"""What people may type for one."""


def unknown_theme(name: str) -> str:
    """One sentence that names the nearest theme and those that there are; empty when there is a theme of that name."""
    if name in THEMES:
        return ""
    hint = nearest(name, [*THEMES, *_ALSO])
    for other, meant in _ALSO.items():
        hint = hint.replace(f'"{other}"', f'"{meant}"')
    if not hint.startswith("; did you mean"):
        hint = ""
    return f'There is no theme "{safe(name, 64)}"{hint}; possible are {", ".join(THEMES)}.'
