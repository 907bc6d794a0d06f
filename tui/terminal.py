"""What the terminal can show, by the environment alone: how many colours, which characters, or no screen at all.

Pure, and free of Textual: Textual obeys part of the environment when it is imported, so that this comes first.
"""

from __future__ import annotations

import codecs
import contextlib
import os
import sys
import termios
from collections.abc import Mapping
from enum import StrEnum
from pathlib import Path
from typing import Any, Final

from msgspec import Struct

LEAVE: Final = (
    b"\x1b[?2004l\x1b[?7h\x1b[?2048l\x1b[?1000l\x1b[?1003l\x1b[?1015l\x1b[?1006l\x1b[<u\x1b[?1049l\x1b[?25h\x1b[?1004l"
)
"""What Textual's driver writes when it leaves: paste, wrapping, sizes, mouse, keyboard, other screen, cursor, focus."""

NO_TERMINAL: Final = "the screen needs a terminal; `rounds status` and `rounds issues --json` do not."
DUMB: Final = "this terminal (TERM=dumb) can show no screen; `rounds status` and the lists work."


def leave_at_once(out: int, sequence: bytes, keys: int = 0, settings: list[Any] | None = None) -> None:
    """The last that is written to the file `out` by this process, which is about to end: whatever another thread still
    writes to it goes nowhere, and nobody waits for a terminal that takes nothing. `settings` are what the terminal that
    `keys` are read from had before, if that was changed."""
    with contextlib.suppress(OSError):
        terminal, nowhere = os.dup(out), os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, out)
        os.set_blocking(terminal, False)
        try:
            os.write(terminal, sequence)
        finally:
            os.set_blocking(terminal, True)  # the shell has the same file
    if settings is not None:
        with contextlib.suppress(OSError, termios.error):
            termios.tcsetattr(keys, termios.TCSANOW, settings)


class Colours(StrEnum):
    """How many; the value is what Textual calls it."""

    NONE = "none"
    SIXTEEN = "standard"
    MANY = "256"
    ALL = "truecolor"


class Signs(StrEnum):
    """Which of our glyphs and lines can be drawn."""

    ALL = "all"
    ASCII = "ascii"


class Sight(Struct, frozen=True, kw_only=True):
    """What a terminal shows."""

    refused: str = ""
    """Why there can be no screen, as a sentence; empty when there can."""
    colours: Colours = Colours.ALL
    signs: Signs = Signs.ALL
    charset: str = "utf-8"
    """Characters beyond our own signs that it can be sent; a name that Python knows."""
    low_bandwidth: bool = False

    @property
    def plainest(self) -> bool:
        """Text cannot be sent as it is: it has to be put into other signs first."""
        return self.signs is Signs.ASCII

    @property
    def simple(self) -> bool:
        """It may print what it does not know of newer escape sequences."""
        return self.signs is Signs.ASCII and self.colours is not Colours.ALL


CONSOLE: Final = "console"
"""Letters of Europe: what the font of a Linux console has, of which nobody can ask for more."""

_MONOCHROME: Final = ("vt52", "vt100", "vt102", "vt125", "vt131", "vt132", "vt200", "vt220", "vt320", "vt420", "vt510")


def sight(environ: Mapping[str, str], *, tty: bool = True, low_bandwidth: bool = False) -> Sight:
    """What the terminal that `environ` tells of can show."""
    term = environ.get("TERM", "").strip().lower()
    if not tty:
        return Sight(refused=NO_TERMINAL)
    if term == "dumb":
        return Sight(refused=DUMB)
    charset = _charset(environ)
    old = not term or _family(term) in _MONOCHROME
    if old:
        charset = "ascii"
    elif _family(term) == "linux" and charset == "utf-8":
        charset = CONSOLE
    return Sight(
        colours=Colours.NONE if environ.get("NO_COLOR") or old else _colours(environ, term, low_bandwidth),
        signs=Signs.ALL if charset == "utf-8" else Signs.ASCII,
        charset=charset,
        low_bandwidth=low_bandwidth,
    )


def here(*, low_bandwidth: bool = False) -> Sight:
    """What the terminal that we are in can show."""
    tty = sys.stdin.isatty() and sys.stderr.isatty() and sys.stdout.isatty()
    return sight(as_declared(os.environ), tty=tty, low_bandwidth=low_bandwidth)


def as_declared(environ: Mapping[str, str], started: Path = Path("/proc/self/environ")) -> dict[str, str]:
    """The environment as it was given to us: where the locale is C, Python sets LC_CTYPE to UTF-8 for its own needs,
    which says nothing about the terminal."""
    declared = dict(environ)
    try:
        names = {entry.partition(b"=")[0] for entry in started.read_bytes().split(b"\0")}
    except OSError:
        return declared
    if b"LC_CTYPE" not in names:
        declared.pop("LC_CTYPE", None)
    return declared


def _colours(environ: Mapping[str, str], term: str, low_bandwidth: bool) -> Colours:
    if low_bandwidth:
        return Colours.SIXTEEN
    if environ.get("COLORTERM", "").strip().lower() in ("truecolor", "24bit") or term.endswith("-direct"):
        return Colours.ALL
    return Colours.MANY if "256color" in term or _family(term) in ("kitty", "alacritty") else Colours.SIXTEEN


def _family(term: str) -> str:
    """`vt100` of `vt100-am`."""
    return term.partition("-")[0]


def _charset(environ: Mapping[str, str]) -> str:
    """Of the locale. Where none is set at all, UTF-8 is the likelier case by far: a container, a bare ssh."""
    locale = next((value for name in ("LC_ALL", "LC_CTYPE", "LANG") if (value := environ.get(name, ""))), "")
    if not locale:
        return "utf-8"
    name, _, charset = locale.partition("@")[0].partition(".")
    if not charset:
        # On macOS a locale may be called UTF-8 and nothing else; elsewhere a name without a charset is an old one.
        charset = name if name.casefold().startswith("utf") else "ascii" if name in ("C", "POSIX") else "iso8859-1"
    try:
        known = codecs.lookup(charset).name
    except LookupError:
        return "ascii"
    return known
