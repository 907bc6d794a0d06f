"""Keys as people write them, as Textual names them, and whether a terminal can send them at all."""

from __future__ import annotations

import unicodedata
from typing import Final

from backends.fleet.model import SafeText, safe

NAMES: Final = {
    "slash": "/", "colon": ":", "question_mark": "?", "escape": "Esc", "enter": "Enter", "pagedown": "PgDn",
    "pageup": "PgUp", "f1": "F1", "home": "Home", "end": "End", "down": "↓", "up": "↑", "left": "←", "right": "→",
    "tab": "Tab", "space": "Space", "comma": ",", "full_stop": ".", "less_than_sign": "<", "greater_than_sign": ">",
    "plus": "+", "minus": "-", "equals_sign": "=", "semicolon": ";", "exclamation_mark": "!",
}  # fmt: skip
"""By the name that Textual gives."""

_SIGNS: Final = {name: key for key, name in NAMES.items() if len(name) == 1}
_OTHER: Final = {
    " ": "space",
    "esc": "escape",
    "pgdn": "pagedown",
    "pgup": "pageup",
    "return": "enter",
    "del": "delete",
}

_MODIFIERS: Final = ("ctrl", "shift", "alt", "super", "hyper", "meta")
_NAMED: Final = frozenset({*NAMES, "backspace", "delete", "insert", *(f"f{number}" for number in range(1, 25))})
_SAME: Final = {"ctrl+i": "tab", "ctrl+m": "enter", "ctrl+h": "backspace"}
"""What terminals send the same for."""


def key_name(key: str) -> SafeText:
    """As people write it."""
    return safe(NAMES.get(key, key))


def key_of(written: str) -> str:
    """As Textual names it: `/` is `slash`."""
    if len(written) == 1:
        return _SIGNS.get(written, _OTHER.get(written, written))
    *modifiers, base = written.split("+") if not written.endswith("+") else [written]
    low = base.lower() if len(base) > 1 else base
    return "+".join([*(one.lower() for one in modifiers), _OTHER.get(low, low)])


def trouble_with(key: str) -> str:
    """Why no key press is ever `key`, with what would be; empty when one can be."""
    *modifiers, base = key.split("+")
    if key in _SAME:
        return f"terminals send {_SAME[key]} for {key}"
    if any(one not in _MODIFIERS for one in modifiers) or not _is_base(base):
        return f"there is no key {key[:40]!a}; write it as x, X, /, f5, ctrl+x, space or pagedown"
    if modifiers == ["shift"] and len(base) == 1:
        return f"write {base.upper()} for {key}" if base.isalpha() else f"write the sign itself for {key}"
    return ""


def _is_base(base: str) -> bool:
    if len(base) == 1:
        return base.isprintable() and base != " "
    if base in _NAMED:
        return True
    try:
        unicodedata.lookup(base.replace("_", " "))
    except KeyError:
        return False
    return True
