"""However the screen ends, the terminal is as it was before and the status tells why; where there can be no screen it
says so (F-84, F-85, F-90). In a real pseudo-terminal, every byte looked at."""

from __future__ import annotations

import re
import signal
import sys
import termios
from collections.abc import Iterator, Mapping

import pytest

from tests.support.office import Office
from tests.support.terminal import Terminal

DEMO = ("--demo",)
READY = r"\d+ sites?"
MODE = re.compile(rb"\x1b\[\?([\d;]+)([hl])")
KITTY = re.compile(rb"\x1b\[([<>])\d*u")


@pytest.fixture
def here(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Office]:
    made = Office(tmp_path_factory.mktemp("o"))
    yield made
    made.close()


def modes_left_on(raw: bytes) -> set[bytes]:
    """Private modes that were switched on and not off again; the cursor and wrapping are on at the start."""
    state: dict[bytes, bool] = {}
    for numbers, way in MODE.findall(raw):
        for number in numbers.split(b";"):
            state[number] = way == b"h"
    lasting = {b"25", b"7"}
    left = {number for number, on in state.items() if on and number not in lasting}
    return left | {number for number in lasting if not state.get(number, True)}


def keyboard_left(raw: bytes) -> int:
    """Keyboard protocols that were pushed and not popped."""
    return sum(1 if way == b">" else -1 for way in KITTY.findall(raw))


def settings_of(terminal: Terminal) -> list[object]:
    return list(termios.tcgetattr(terminal._master))[:4]


def test_the_oracle_sees_what_is_left_on() -> None:
    """The control."""
    assert modes_left_on(b"\x1b[?1049h\x1b[?1000;1006h\x1b[?25l\x1b[?1000l") == {b"1049", b"1006", b"25"}


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP, signal.SIGQUIT])
def test_a_signal_ends_the_screen_in_order(here: Office, number: signal.Signals) -> None:
    """F-84."""
    with here.screen(*DEMO) as terminal:
        before = settings_of(terminal)
        terminal.until(READY)
        assert modes_left_on(bytes(terminal.raw))  # it did switch something on
        terminal.signal(number)
        status = terminal.until_ended()
        after = settings_of(terminal)

    assert status == 128 + number
    assert modes_left_on(bytes(terminal.raw)) == set()
    assert keyboard_left(bytes(terminal.raw)) <= 0
    assert before[3] == after[3] or _cooked(after)


def _cooked(settings: list[object]) -> bool:
    """Echo and line editing, as a shell expects them."""
    flags = settings[3]
    assert isinstance(flags, int)
    return bool(flags & termios.ECHO) and bool(flags & termios.ICANON)


BREAK = """
import sys
import tui.screens.fleet as fleet
def broken(self, *args, **words):
    canary = "s3cr3t-" + "canary"
    raise ZeroDivisionError(canary)
setattr(fleet.FleetScreen, {place!r}, broken)
from tui.cli.main import run
sys.exit(run(["--demo"]))
"""


@pytest.mark.parametrize("place", ["show", "on_mount", "compose"])
def test_an_error_of_our_own_leaves_a_clean_terminal_and_a_status(here: Office, place: str) -> None:
    """F-85, F-43: in a handler, while it begins, while it is put together; nothing of any variable is shown."""
    program = [sys.executable, "-c", BREAK.format(place=place)]
    with Terminal(program, here.environment, (120, 40), str(here.home)) as terminal:
        status = terminal.until_ended()
        after = settings_of(terminal)

    assert status == 70
    assert b"s3cr3t-canary" not in terminal.raw
    assert not [path for path in here.home.rglob("*") if path.is_file() and b"s3cr3t-canary" in path.read_bytes()]
    assert modes_left_on(bytes(terminal.raw)) == set()
    assert _cooked(after)
    assert "because of an error of its own" in terminal.text


ENVIRONMENTS: Mapping[str, Mapping[str, str]] = {
    "C locale": {"LC_ALL": "C", "LANG": "C"},
    "linux console": {"TERM": "linux"},
    "vt100": {"TERM": "vt100"},
    "16 colours": {"TERM": "xterm", "COLORTERM": ""},
    "no colour": {"NO_COLOR": "1"},
    "no TERM": {"TERM": ""},
}


@pytest.mark.parametrize("more", ENVIRONMENTS.values(), ids=ENVIRONMENTS)
def test_severity_can_be_read_in_any_terminal(here: Office, more: Mapping[str, str]) -> None:
    """F-90: by word, whatever the terminal can do."""
    with here.screen(*DEMO, **more) as terminal:
        text = terminal.until("critical|high|warning")
        terminal.type("q")
        status = terminal.until_ended()

    assert re.search(r"critical|high|warning", text)
    assert status == 0
    assert modes_left_on(bytes(terminal.raw)) == set()


def test_a_terminal_that_can_show_nothing_is_told_apart(here: Office) -> None:
    """F-90: not one escape sequence goes to it."""
    with here.screen(*DEMO, TERM="dumb") as terminal:
        status = terminal.until_ended()

    assert status == 64
    assert "TERM=dumb" in terminal.text
    assert b"\x1b" not in terminal.raw


def test_what_is_no_terminal_is_told_apart(here: Office) -> None:
    """F-90."""
    said = here.rounds(*DEMO, check=False)

    assert (said.returncode, said.stdout) == (64, "")
    assert "needs a terminal" in said.stderr
    assert "\x1b" not in said.stderr
