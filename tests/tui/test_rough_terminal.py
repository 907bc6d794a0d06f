"""A terminal that goes away, reads nothing, sends noise or changes its size, and a part of ours that breaks: the
program ends in order, or goes on (F-81, F-85 to F-89). On real pseudo-terminals."""

from __future__ import annotations

import fcntl
import os
import resource
import signal
import struct
import sys
import termios
from collections.abc import Iterator
from pathlib import Path

import pytest
from msgspec.structs import replace

from backends.fleet.changes import Changes, Delta
from backends.fleet.model import IssueId
from tests.support import pictures
from tests.support.acting import press_until
from tests.support.desk import MemoryDesk
from tests.support.grammar import Grammar, obeys
from tests.support.office import Office
from tests.support.screen import opened
from tests.support.terminal import Terminal
from tui.intake import LARGEST
from widgets.row_painter import RowPainter

DEMO = ("--demo",)
READY = r"Issues \d+"
CANARY = b"s3cr3t-canary"
MANY = 50_000
RESIZES = 600

BROKEN = """
import inspect, sys
import {module} as module
def broken(self, *args, **words):
    canary = "s3cr3t-" + "canary"
    raise ZeroDivisionError(canary)
async def broken_later(self, *args, **words):
    broken(self)
was = getattr(module.{owner}, {name!r})
setattr(module.{owner}, {name!r}, broken_later if inspect.iscoroutinefunction(was) else broken)
from tui.cli.main import run
sys.exit(run(["--demo"]))
"""

PLACES = {
    "handler": ("tui.screens.fleet", "FleetScreen", "on_key"),
    "worker": ("tui.screens.looking", "Looking", "_fetch_card"),
    "thread": ("tui.driver", "Reader", "feed"),
    "message hook": ("tui.intake", "Intake", "_admit_key"),
    "render": ("widgets.row_painter", "RowPainter", "row"),
}


@pytest.fixture
def here(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Office]:
    made = Office(tmp_path_factory.mktemp("o"))
    yield made
    made.close()


@pytest.mark.parametrize("place", PLACES)
def test_wherever_a_part_of_ours_breaks_the_terminal_is_clean_and_nothing_is_told(here: Office, place: str) -> None:
    """F-85, F-43: all of a session's bytes, from the first to the last."""
    module, owner, name = PLACES[place]
    program = [sys.executable, "-c", BROKEN.format(module=module, owner=owner, name=name)]
    with Terminal(program, here.environment, (120, 40), str(here.home)) as terminal:
        if place in {"handler", "thread", "message hook"}:
            terminal.until(READY)
            terminal.type("j")
        status = terminal.until_ended()
        settings = termios.tcgetattr(terminal._master)
        raw = bytes(terminal.raw)

    assert status == 70
    assert b"because of an error of its own (ZeroDivisionError)" in b" ".join(raw.split())
    assert CANARY not in raw
    assert not [path for path in here.home.rglob("*") if path.is_file() and CANARY in path.read_bytes()]
    obeys(raw)
    assert settings[3] & termios.ECHO
    assert settings[3] & termios.ICANON


IGNORING = (
    "import os, signal, sys; signal.signal(signal.SIGHUP, signal.SIG_IGN); os.execv(sys.executable, sys.argv[1:])"
)


def gone(terminal: Terminal) -> tuple[int, float]:
    """How it ended, and how much processor time it took in all."""
    _, status, usage = os.wait4(terminal.pid, 0)
    terminal.status = os.waitstatus_to_exitcode(status)
    return terminal.status, usage.ru_utime + usage.ru_stime


def used(pid: int) -> float:
    """Processor time so far."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


@pytest.mark.parametrize("choked", [False, True], ids=["reads", "reads nothing"])
def test_a_hang_up_ends_it_also_where_hang_ups_are_ignored(here: Office, choked: bool) -> None:
    """F-86, F-81: gone by itself, and the processor left alone meanwhile."""
    program = [sys.executable, "-c", IGNORING, sys.executable, "-m", "tui", *DEMO]
    with Terminal(program, here.environment, (120, 40), str(here.home)) as terminal:
        terminal.until(READY)
        if choked:
            terminal.choke()
        before = used(terminal.pid)
        terminal.hang_up()
        status, in_all = gone(terminal)

    assert status in (128 + signal.SIGHUP, 120)  # 120 is Python's: what was still to be written went nowhere
    assert in_all - before < 3.0  # burning it would be all of the seconds that it may take


def test_a_signal_ends_it_while_the_terminal_reads_nothing(here: Office) -> None:
    """F-84, F-81."""
    with here.screen(*DEMO) as terminal:
        terminal.until(READY)
        terminal.choke()
        terminal.signal(signal.SIGTERM)
        status, _ = gone(terminal)

    assert status == 128 + signal.SIGTERM


INPUTS = {
    "no utf-8": b"\xff\xfe\xfd",
    "torn utf-8": b"\xc3\x28\xe2\x82",
    "surrogate": b"\xed\xa0\x80",
    "beyond unicode": b"\xf4\x90\x80\x80",
    "kitty key beyond unicode": b"\x1b[1114112u",
    "kitty key with nothing": b"\x1b[;;u",
    "enormous in-band resize": b"\x1b[48;99999;99999;99999;99999t",
    "mouse far outside": b"\x1b[<0;99999;99999M\x1b[<64;-1;-1M",
    "endless parameters": b"\x1b[" + b"1;" * 5000 + b"m",
    "answers nobody asked for": b"\x1b[?62;c\x1b[0n\x1b]11;rgb:0000/0000/0000\x07\x1bP1$r0m\x1b\\",
    "20 kB of noise": bytes((number * 73 + number // 251) % 256 for number in range(20_000)).replace(b"\x1a", b"")
    .replace(b"\x03", b"").replace(b"\x11", b"").replace(b"q", b""),
    "paste without an end": b"\x1b[200~endless",
}  # fmt: skip


def test_no_input_takes_the_keyboard_away(here: Office) -> None:
    """F-87: twelve inputs in one session; after each of them a key is heard."""
    assert len(INPUTS) == 12
    with here.screen(*DEMO, size=(120, 40)) as terminal:
        terminal.until(READY)
        for raw in INPUTS.values():
            for start in range(0, len(raw), 2000):
                terminal.write(raw[start : start + 2000])
                terminal.rest(0.05)
            press_until(terminal, "escape", READY)
            press_until(terminal, ":", r"^ :")
            press_until(terminal, "escape", READY)
        terminal.signal(signal.SIGTERM)
        assert terminal.until_ended() == 128 + signal.SIGTERM
        obeys(bytes(terminal.raw))


def sized(terminal: Terminal, columns: int, lines: int) -> None:
    """Another size, of which only the program is told."""
    fcntl.ioctl(terminal._master, termios.TIOCSWINSZ, struct.pack("HHHH", lines, columns, 0, 0))


def test_sizes_that_change_without_end_or_make_no_sense_are_survived(here: Office) -> None:
    """F-89: 600 sizes, then 1x1, none at all, and an enormous one."""
    with here.screen(*DEMO, size=(120, 40)) as terminal:
        terminal.until(READY)
        for number in range(RESIZES):
            sized(terminal, 20 + number * 7 % 200, 5 + number * 3 % 60)
            terminal.rest(0.001)
        for columns, lines in ((1, 1), (0, 0), (1000, 1000)):
            sized(terminal, columns, lines)
            terminal.rest(0.5)
        sized(terminal, 50, 12)
        terminal.until("rounds needs 60×15")
        sized(terminal, 120, 40)
        press_until(terminal, ":", r"^ :")
        terminal.type("escape")
        terminal.until(READY)
        terminal.signal(signal.SIGTERM)
        assert terminal.until_ended() == 128 + signal.SIGTERM
        assert Grammar().faults(bytes(terminal.raw)) == []


async def test_fifty_thousand_issues_at_once_are_listed_and_what_is_kept_of_them_is_bounded() -> None:
    """F-88: strips are kept of what was painted, and a moved cursor is painted at once."""
    base = next(iter(pictures.ISSUES.values()))
    many = tuple(replace(base, id=IssueId(f"n{number:06}"), urgency=float(-number), behind=0) for number in range(MANY))
    desk = MemoryDesk()
    async with opened(desk=desk) as screen:
        before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        desk.change(Changes(seq=9, at=pictures.NOW, issues=Delta(many)))
        table = screen.app.fleet.list
        await screen.until(lambda: len(table.order) > MANY)
        await screen.press("G")
        assert table.cursor_key == f"n{MANY - 1:06}"
        await screen.shows(f"Issues {len(table.order)}")
        for _ in range(20):
            await screen.press("ctrl+b")
        painter: RowPainter = table._painter
        assert len(painter._kept) < 3000
        grown = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before
    assert grown < 600_000  # kB: about ten for each issue, facts, rows and orders together
    assert LARGEST.area < 10 * MANY


async def test_a_small_terminal_is_told_so_and_a_claim_of_an_enormous_one_is_not_believed() -> None:
    """F-89."""
    async with opened((40, 10)) as screen:
        await screen.shows("rounds needs 60×15")
        await screen.pilot.resize_terminal(1000, 1000)
        await screen.until(lambda: screen.app.size == LARGEST)
        await screen.pilot.resize_terminal(120, 40)
        await screen.shows("Issues 5")


STUCK = """
import time, tui.screens.fleet as fleet
fleet.FleetScreen.tick = lambda self: time.sleep(600)
import sys; sys.argv = ["rounds", "--demo"]
from tui.__main__ import main
main()
"""


def test_a_program_that_is_stuck_gives_the_terminal_back_all_the_same(here: Office) -> None:
    """F-84: nobody on the loop hears the signal any more."""
    with Terminal([sys.executable, "-c", STUCK], here.environment, (120, 40), str(here.home)) as terminal:
        terminal.until_true(lambda: b"\x1b[?1004h" in terminal.raw, "that the driver has the terminal")
        terminal.signal(signal.SIGTERM)
        assert terminal.until_ended() == 128 + signal.SIGTERM
        settings = termios.tcgetattr(terminal._master)
        obeys(bytes(terminal.raw))
    assert settings[3] & termios.ECHO
    assert settings[3] & termios.ICANON
