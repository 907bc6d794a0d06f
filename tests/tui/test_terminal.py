"""Which environment means what for the screen (F-90)."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pytest

from tui.terminal import CONSOLE, Colours, Sight, Signs, as_declared, sight

UTF8 = {"LANG": "en_US.UTF-8"}

ALL, MANY, SIXTEEN, NONE = Colours.ALL, Colours.MANY, Colours.SIXTEEN, Colours.NONE

ENVIRONMENTS: list[tuple[str, Mapping[str, str], Colours, str]] = [
    ("a new terminal", UTF8 | {"TERM": "xterm-256color", "COLORTERM": "truecolor"}, ALL, "utf-8"),
    ("over ssh", UTF8 | {"TERM": "xterm-256color"}, MANY, "utf-8"),
    ("in tmux", UTF8 | {"TERM": "tmux-256color"}, MANY, "utf-8"),
    ("16 colours", UTF8 | {"TERM": "xterm"}, SIXTEEN, "utf-8"),
    ("screen", UTF8 | {"TERM": "screen"}, SIXTEEN, "utf-8"),
    ("no colour", UTF8 | {"TERM": "xterm-256color", "NO_COLOR": "1"}, NONE, "utf-8"),
    ("an empty NO_COLOR", UTF8 | {"TERM": "xterm-256color", "NO_COLOR": ""}, MANY, "utf-8"),
    ("the linux console", UTF8 | {"TERM": "linux"}, SIXTEEN, CONSOLE),
    ("the linux console in latin 1", {"LANG": "de_DE", "TERM": "linux"}, SIXTEEN, "iso8859-1"),
    ("vt100", UTF8 | {"TERM": "vt100"}, NONE, "ascii"),
    ("vt220 of a kind", UTF8 | {"TERM": "vt220-am"}, NONE, "ascii"),
    ("no TERM", UTF8, NONE, "ascii"),
    ("an empty TERM", UTF8 | {"TERM": ""}, NONE, "ascii"),
    ("LC_ALL=C over all", UTF8 | {"LC_ALL": "C", "TERM": "xterm-256color"}, MANY, "ascii"),
    ("LANG=POSIX", {"LANG": "POSIX", "TERM": "xterm-256color"}, MANY, "ascii"),
    ("LC_CTYPE before LANG", {"LANG": "C", "LC_CTYPE": "C.UTF-8", "TERM": "xterm-256color"}, MANY, "utf-8"),
    ("C.utf8", {"LC_ALL": "C.utf8", "TERM": "xterm-256color"}, MANY, "utf-8"),
    ("as macOS names it", {"LC_CTYPE": "UTF-8", "TERM": "xterm-256color"}, MANY, "utf-8"),
    ("latin 9 with euro", {"LANG": "fr_FR.ISO-8859-15@euro", "TERM": "xterm-256color"}, MANY, "iso8859-15"),
    ("a charset that nobody knows", {"LANG": "xx_XX.KLINGON-1", "TERM": "xterm-256color"}, MANY, "ascii"),
    ("no locale at all", {"TERM": "xterm-256color"}, MANY, "utf-8"),
]


@pytest.mark.parametrize(
    ("environ", "colours", "charset"), [row[1:] for row in ENVIRONMENTS], ids=[r[0] for r in ENVIRONMENTS]
)
def test_the_environment_tells_colours_and_characters(
    environ: Mapping[str, str], colours: Colours, charset: str
) -> None:
    """F-90."""
    seen = sight(environ)
    assert (seen.refused, seen.colours, seen.charset) == ("", colours, charset)
    assert seen.signs is (Signs.ALL if charset == "utf-8" else Signs.ASCII)


def test_what_can_show_nothing_is_refused_with_a_reason() -> None:
    """F-90."""
    assert "needs a terminal" in sight(UTF8 | {"TERM": "xterm"}, tty=False).refused
    assert "TERM=dumb" in sight(UTF8 | {"TERM": "dumb"}).refused


def test_a_slow_link_is_sent_sixteen_colours() -> None:
    seen = sight(UTF8 | {"TERM": "xterm-256color", "COLORTERM": "truecolor"}, low_bandwidth=True)
    assert (seen.colours, seen.low_bandwidth) == (SIXTEEN, True)


def test_only_old_terminals_are_spared_newer_questions() -> None:
    assert sight(UTF8 | {"TERM": "linux"}).simple
    assert sight(UTF8 | {"TERM": "vt100"}).simple
    assert not Sight().simple


def test_a_locale_that_python_set_for_itself_is_not_the_terminals(tmp_path: Path) -> None:
    started = tmp_path / "environ"
    started.write_bytes(b"LANG=C\0TERM=xterm\0")
    assert as_declared({"LANG": "C", "LC_CTYPE": "C.UTF-8"}, started) == {"LANG": "C"}


def test_a_locale_that_the_technician_set_counts(tmp_path: Path) -> None:
    started = tmp_path / "environ"
    started.write_bytes(b"LC_CTYPE=C.UTF-8\0LANG=C\0")
    given = {"LANG": "C", "LC_CTYPE": "C.UTF-8"}
    assert as_declared(given, started) == given
    assert as_declared(given, tmp_path / "missing") == given
