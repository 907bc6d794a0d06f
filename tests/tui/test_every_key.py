"""Every key of the help, pressed in a real terminal at three sizes on the demo fleet, and what it shows read off the
screen. A command that is not pressed here fails the last test."""

from __future__ import annotations

import re
import signal
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.support.office import Office
from tests.support.terminal import Terminal
from tui.commands.all import COMMANDS
from widgets.dialogs.dialog import DEAD_S

SIZES = [(80, 24), (160, 50), (300, 80)]
HEADER = "Severity"
TOP = "sql01"
"""The device of the most urgent issue when the story begins."""


@pytest.fixture
def here(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Office]:
    made = Office(tmp_path_factory.mktemp("o"))
    made.configure('[technician]\nname = "tech1"\n')
    yield made
    made.close()


class Walk:
    """Presses keys, and notes which commands were seen to work."""

    def __init__(self, terminal: Terminal) -> None:
        self.terminal = terminal
        self.seen: set[str] = set()

    def press(self, command: str, *keys: str, shows: str = "", gone: str = "") -> None:
        """What `command` shows after these keys, or takes off the screen."""
        for key in keys:
            self.terminal.type(key)
        if shows:
            self.terminal.until(shows)
        if gone:
            self.terminal.until_gone(gone)
        self.seen.add(command)

    def moves(self, command: str, key: str, holds: Callable[[str, str], bool]) -> None:
        """The cursor's row after the key, compared with the one before."""
        before = self.terminal.highlighted(HEADER)
        self.terminal.type(key)
        self.terminal.until_true(lambda: holds(before, self.terminal.highlighted(HEADER)), f"{command} move the cursor")
        self.seen.add(command)

    def say(self, text: str) -> None:
        """Type `text` into a line, and see it there: a program that is stalled would read it together with the Enter
        that follows, and take both for a paste."""
        self.terminal.type(text)
        self.terminal.until(rf"[:/ │]{re.escape(text)} *(│|\n)")

    def back(self) -> None:
        """Out of a question, a line or a list below."""
        self.terminal.type("escape")


def moving(walk: Walk) -> None:
    terminal = walk.terminal
    first = terminal.highlighted(HEADER)
    assert TOP in first
    there_and_back = (("j", "k"), ("ctrl+d", "ctrl+u"), ("pagedown", "pageup"), ("G", "g"))
    commands = (("down", "up"), ("half-down", "half-up"), ("page-down", "page-up"), ("last", "first"))
    for (away, back), (there, again) in zip(there_and_back, commands, strict=True):
        walk.moves(there, away, lambda before, after: after not in ("", before))
        walk.moves(again, back, lambda before, after: after not in ("", before))
    terminal.until_true(lambda: TOP in terminal.highlighted(HEADER), "the first row again")
    walk.press("other-list", "tab", shows=r"Issues \d+")
    terminal.type("tab")


def list_keys(walk: Walk) -> None:
    terminal = walk.terminal
    walk.press("mark", "space", shows=r"· 1 marked")
    terminal.type("j")
    walk.press("mark-range", "v", shows=r"· 3 marked")
    walk.press("unmark", "u", gone=r"· \d+ marked")
    walk.press("mark-all", "ctrl+a", shows=r"· \d\d marked")
    walk.press("back", "escape", gone=r"· \d+ marked")
    walk.press("sort", "s", shows="Sort by")
    walk.press("sort", "6", shows=r"· by Device")
    walk.press("sort", "s", shows="Sort by")
    walk.press("sort", "0", shows=r"· by urgency")
    wide = terminal.columns < 200  # on a very wide screen there is nothing to scroll to
    walk.press("wide", "w", shows="Clínica Santa Águeda/Head Office")
    walk.press("scroll-right", "right", "right", gone=HEADER if wide else "", shows="Issues")
    walk.press("scroll-left", "left", "left", shows=HEADER)
    terminal.type("w")
    terminal.type("g")
    walk.press("whole-row", "x", shows="The whole row")
    terminal.until(r"Client/Sit")
    walk.back()
    terminal.until_gone("The whole row")
    walk.press("copy", "y", shows="Copied 1 row")
    assert b"\x1b]52;c;" in bytes(terminal.raw)


def looking(walk: Walk) -> None:
    terminal = walk.terminal
    walk.press("times", "t", shows="Times in your zone")
    walk.moves("down", "j", lambda before, after: after not in ("", before))
    walk.press("times", "t", shows="Times in the zone of each row")
    walk.moves("up", "k", lambda before, after: after not in ("", before))
    walk.press("times", "t", shows="Ages instead of times")
    walk.press("next-theme", "T", shows="Theme light|16 colours")
    walk.press("help", "?", shows="Choose a fix and see its plan")
    walk.back()
    terminal.until_gone("Choose a fix and see its plan")
    walk.press("refresh", "r", shows="Asked every source again")
    walk.press("palette", "ctrl+p", shows="What to do")
    walk.back()
    terminal.until_gone("What to do")
    walk.press("suspend", "ctrl+z")
    terminal.until_true(lambda: _stopped(terminal.pid), "the program stopped")
    terminal.signal(signal.SIGCONT)
    terminal.until(r"Issues \d+")


def _stopped(pid: int) -> bool:
    return "\nState:\tT" in Path(f"/proc/{pid}/status").read_text()


def going(walk: Walk) -> None:
    terminal = walk.terminal
    walk.press("filter", "/", shows="Esc leave")
    walk.say("behind>3")
    walk.press("filter", "enter", gone="Esc leave")
    terminal.until(r"Issues \d+ .*/behind>3")
    walk.press("save-view", ":", shows="Esc leave")
    walk.say("save wide-spread")
    walk.press("save-view", "enter", gone="Esc leave")
    terminal.until("View wide-spread is kept")
    terminal.until_true(lambda: "fw-airport" in terminal.highlighted(HEADER), "the cursor on the incident")
    walk.press("behind", "b", shows=r"Behind fw-airport › Issues 5")
    walk.back()
    terminal.until(r"/behind>3")
    walk.press("back", "escape", gone=r"/behind>3")
    walk.press("connect", ":", shows="Esc leave")
    walk.say("connect")
    walk.press("connect", "enter", shows="`connect` does not apply here")  # the demo is made up
    walk.back()
    terminal.until_gone("Esc leave")
    walk.press("goto", ":", shows="Esc leave")
    walk.say("sources")
    walk.press("goto", "enter", shows=r"Sources 5")
    walk.back()
    terminal.until(r"Issues \d+")
    terminal.type("g")
    terminal.until_true(lambda: TOP in terminal.highlighted(HEADER), "the first row")
    walk.press("open", "enter", shows=r"sql01 › Checks \d+")
    walk.back()
    terminal.until(r"Issues \d+")


def doing(walk: Walk) -> None:
    terminal = walk.terminal
    terminal.until("1 Restart service")
    for number in range(2, 10):
        walk.press(f"fix-{number}", str(number), shows=f"`{number}` does not apply here")
    walk.press("fix", "f", shows="Fixes for sql01")
    walk.back()
    terminal.until_gone("Fixes for sql01")
    walk.press("snooze", "z", shows="Snooze sql01")
    walk.back()
    terminal.until_gone("Snooze sql01")
    walk.press("note", "n", shows="Note on sql01")
    walk.say("rang them up")
    terminal.rest(2 * DEAD_S)  # a question takes no answer in its first half second
    walk.press("note", "enter", shows="Noted on sql01")
    walk.press("claim", "c", shows=r"Claimed: sql01")
    walk.press("acknowledge", "a", shows=r"Acknowledged: sql01")
    walk.press("close", "C", shows="`C` does not apply here")  # no tool of the imaginary MSP can
    walk.press("recheck", "R", shows="`R` does not apply here")
    walk.press("probe", "p", shows=" Here ")
    walk.press("shell", "o", shows="can open a shell there")
    walk.press("fix-1", "1", shows=r"Restart service")
    terminal.until("Tab chooses")
    walk.back()
    terminal.until_gone("Tab chooses")


@pytest.mark.parametrize("size", SIZES, ids=[f"{width}x{height}" for width, height in SIZES])
def test_every_key_of_the_help_does_what_it_says(here: Office, size: tuple[int, int]) -> None:
    with here.screen("demo", "--seed", "7", size=size) as terminal:
        terminal.until(r"1 Restart service")
        walk = Walk(terminal)
        for part in (moving, list_keys, looking, going, doing):
            part(walk)
        walk.press("quit", "q")
        assert terminal.until_ended() == 0
    assert {command.id for command in COMMANDS} == walk.seen


def test_every_command_has_a_key_or_a_name_to_type() -> None:
    for command in COMMANDS:
        assert command.keys or re.fullmatch(r"[a-z-]+", command.id)
