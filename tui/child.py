"""What a program that is lent the terminal may know of our environment: no secret that a source is given there."""

from __future__ import annotations

import os
from typing import Final

_PASSED_ON: Final = frozenset(
    {"HOME", "USER", "LOGNAME", "SHELL", "PATH", "LANG", "LANGUAGE", "TZ", "TMPDIR", "TERM", "COLORTERM", "TERMINFO"}
    | {"DISPLAY", "WAYLAND_DISPLAY", "XAUTHORITY", "SSH_AUTH_SOCK", "SSH_ASKPASS", "SSH_ASKPASS_REQUIRE"}
    | {"COLUMNS", "LINES", "NO_COLOR", "TMUX", "STY"}
)
_PREFIXES: Final = ("LC_", "XDG_")


def environment() -> dict[str, str]:
    """The variables that the system's ssh and a terminal need."""
    return {name: value for name, value in os.environ.items() if name in _PASSED_ON or name.startswith(_PREFIXES)}
