"""Programs that are lent the terminal. What one that is not ours may know of our environment: no secret that a source
is given there.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Sequence
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


def run_ours(argv: Sequence[str], stopped: int) -> int:
    """Run a program of our own in this terminal, with all of our environment, until it ends; its exit status. What it
    says of a failure can be read before the screen comes back, but for `stopped`, which whoever stopped it knows."""
    before = signal.signal(signal.SIGINT, _not_ours)
    try:
        status = subprocess.run(argv, check=False).returncode  # noqa: S603 - no shell, and nothing from outside
        if status not in (0, stopped):
            sys.stderr.write("\nPress Enter to go back to the screen.")
            sys.stderr.flush()
            sys.stdin.readline()
    finally:
        signal.signal(signal.SIGINT, before)
    return status


def _not_ours(*_: object) -> None:
    """ctrl+c is meant for the program that has the terminal; ignored, it would be so for that one too."""
