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


SGR = re.compile(rb"\x1b\[([\d;]*)m")


def colours_sent(raw: bytes) -> str:
    """The richest colours that were asked for: none, 16, 256 or all."""
    sent = {number for numbers in SGR.findall(raw) for number in _colour_kinds(numbers.split(b";"))}
    return max(sent, default="none", key=("none", "16", "256", "all").index)


def _colour_kinds(numbers: list[bytes]) -> Iterator[str]:
    rest = iter(int(number or 0) for number in numbers)
    for number in rest:
        if number in (38, 48):
            yield "256" if next(rest) == 5 else "all"
            return  # what follows are its parts; of a pair of colours one kind is enough
        if 30 <= number <= 49 or 90 <= number <= 107:
            yield "16"


def test_the_oracle_sees_colours() -> None:
    """The control."""
    assert colours_sent(b"\x1b[1;7mx\x1b[0m") == "none"
    assert colours_sent(b"\x1b[1;91;40mx") == "16"
    assert colours_sent(b"\x1b[31m\x1b[38;5;9mx") == "256"
    assert colours_sent(b"\x1b[1;48;2;1;2;3mx\x1b[38;5;9m") == "all"


ENVIRONMENTS: Mapping[str, tuple[Mapping[str, str], str, bool]] = {
    "C locale": ({"LC_ALL": "C", "LANG": "C"}, "256", True),
    "linux console": ({"TERM": "linux"}, "16", True),
    "vt100": ({"TERM": "vt100"}, "none", True),
    "16 colours": ({"TERM": "xterm", "COLORTERM": ""}, "16", False),
    "no colour": ({"NO_COLOR": "1", "COLORTERM": "truecolor"}, "none", False),
    "no TERM": ({"TERM": ""}, "none", True),
}
"""What is set, the richest colours that may be sent, and whether our signs have to be ASCII."""

STILL_DEMO = ("demo", "--at", "2026-03-02T09:04:31Z", "--no-here")


@pytest.mark.parametrize(("more", "colours", "ascii_signs"), ENVIRONMENTS.values(), ids=ENVIRONMENTS)
def test_severity_can_be_read_in_any_terminal(
    here: Office, more: Mapping[str, str], colours: str, ascii_signs: bool
) -> None:
    """F-90: by word and sign, in what the terminal can do, and the row that keys act on stands out."""
    worst = "# critical" if ascii_signs else "■ critical"
    with here.screen(*STILL_DEMO, **more) as terminal:
        terminal.until(r"4/4 sources")  # from here on no row moves
        terminal.until(worst)
        terminal.type("g")
        # The last one is the card's, the others are rows: one of them, with the cursor on it, has another look.
        terminal.until_true(lambda: len(set(terminal.looks_of(worst)[:-1])) > 1, "a row that stands out")
        clock = re.findall(r"\d\d:\d\d:\d\d", terminal.text)[0]
        text = terminal.until_gone(clock)  # a key right after another would be taken for a paste
        terminal.type("q")
        status = terminal.until_ended()

    raw = bytes(terminal.raw)
    assert worst in text
    assert ("! high" if ascii_signs else "▲ high") in text
    assert colours_sent(raw) == colours
    if ascii_signs:
        ours = {char for char in raw.decode("utf-8", "replace") if ord(char) > 0x7F}
        assert all(char.isalpha() and more.get("TERM") == "linux" for char in ours), ours
    assert status == 0
    assert modes_left_on(raw) == set()


def test_a_slow_link_is_spared_colours(here: Office) -> None:
    with here.screen("--low-bandwidth", *STILL_DEMO, COLORTERM="truecolor") as terminal:
        terminal.until("■ critical")
        terminal.type("T")
        terminal.until("A slow link is spared more than 16 colours")
        terminal.type("q")
        assert terminal.until_ended() == 0

    assert colours_sent(bytes(terminal.raw)) == "16"


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
