"""The wall in a real pseudo-terminal on a real engine: no signal and back, how it ends, and how it does not."""

from __future__ import annotations

import os
import select
import signal
import time
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

from tests.support.office import Office
from tests.support.terminal import Terminal
from tests.tui.test_terminal_end import modes_left_on

DEMO = ("--demo", "wall")
LIVE = r"[1-9]/\d sources"
GONE_S = 5.0
"""After a hang-up the process may live so long, by the requirement; the test waits a little longer and compares."""

NOHUP = ("/bin/sh", "-c", "trap '' HUP; exec \"$@\"", "sh")


@pytest.fixture
def here(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Office]:
    made = Office(tmp_path_factory.mktemp("o"))
    yield made
    made.close()


def tick(wall: Terminal) -> None:
    """Wait until its clock has gone on."""

    def clock() -> str:
        return wall.text.splitlines()[0].split()[-1]

    before = clock()
    wall.until_true(lambda: clock() != before, "another second on its clock")


def group_of(terminal: Terminal) -> int:
    """The process group that has the terminal."""
    return os.tcgetpgrp(terminal._master)


def seconds_until_gone(pid: int, most: float) -> float:
    """How long the process still lived; fails when it outlives `most`."""
    watched = os.pidfd_open(pid)
    began = time.monotonic()
    try:
        assert select.select([watched], [], [], most)[0], f"{pid} lives on after {most:.0f} s"
    finally:
        os.close(watched)
    return time.monotonic() - began


def test_a_killed_engine_is_no_signal_and_it_comes_back_by_itself(here: Office) -> None:
    """F-69; and F-24: no key of a wall gives anything but the wall."""
    with here.wall(*DEMO) as wall:
        wall.until(LIVE)
        wall.until_gone("NO SIGNAL")
        (engine,) = here.engine_pids()
        here.end(engine, signal.SIGKILL)
        wall.until("NO SIGNAL since")
        wall.until_gone("NO SIGNAL")
        assert here.engine_pids() != [engine]

        group = group_of(wall)
        for key in ("ctrl+z", "ctrl+q", "ctrl+d", "ctrl+p", "ctrl+s", "ctrl+x", "escape", ":", "!", "o", "e", "v", "|"):
            wall.type(key)
        wall.write(b"\x1c\x1b[1114112u\xff\x1b[200~sh\r\x1b[201~")  # ctrl+\, a key that cannot be, a paste
        wall.signal(signal.SIGTSTP)
        tick(wall)
        tick(wall)  # keys that follow sooner on so many count as pasted with them
        assert group_of(wall) == group
        assert set(children_of(wall.pid)) <= set(here.engine_pids())

        wall.type("q")
        assert wall.until_ended() == 0
    assert modes_left_on(bytes(wall.raw)) == set()


def children_of(pid: int) -> list[int]:
    words = Path(f"/proc/{pid}/task/{pid}/children").read_text(encoding="ascii").split()
    return [int(word) for word in words]


@pytest.mark.parametrize("before", [(), NOHUP], ids=["as it is", "with SIGHUP ignored"])
def test_a_closed_terminal_ends_the_wall(here: Office, before: tuple[str, ...]) -> None:
    """F-86."""
    with here.wall(*DEMO, before=before) as wall:
        wall.until(LIVE)
        wall.hang_up()
        lived = seconds_until_gone(wall.pid, 60.0)
    assert lived <= GONE_S


HOSTILE: Mapping[str, Mapping[str, str]] = {
    "PYTHONINSPECT": {"PYTHONINSPECT": "1"},
    "PYTHONPATH": {"PYTHONPATH": "/tmp"},
    "LD_PRELOAD": {"LD_PRELOAD": "/nowhere/evil.so"},
    "PYTHON_KEYRING_BACKEND": {"PYTHON_KEYRING_BACKEND": "evil.Backend"},
}


@pytest.mark.parametrize("more", HOSTILE.values(), ids=HOSTILE)
def test_it_does_not_start_where_other_code_could_have_been_put_into_it(here: Office, more: Mapping[str, str]) -> None:
    """F-25; with PYTHONINSPECT the interpreter would be a shell when the wall has ended (F-24)."""
    before = ("/usr/bin/env", *(f"{name}={value}" for name, value in more.items()))
    with here.wall(*DEMO, before=before) as wall:
        status = wall.until_ended()
    assert status == 77
    assert f"The wall does not start with {next(iter(more))} in its environment" in " ".join(wall.text.split())
    assert here.engine_pids() == []


def test_variables_that_press_keys_or_name_programs_do_nothing(here: Office) -> None:
    """F-25."""
    marker = here.home / "marker"
    script = here.home / "evil"
    script.write_text(f"#!/bin/sh\ntouch {marker}\n")
    script.chmod(0o755)
    more = dict.fromkeys(("PAGER", "EDITOR", "VISUAL", "BROWSER", "SSH_ASKPASS"), str(script))
    textual = {
        "TEXTUAL_PRESS": "q,enter",
        "TEXTUAL_DRIVER": "evil:Driver",
        "TEXTUAL_SCREENSHOT": "1",
        "TEXTUAL_SCREENSHOT_LOCATION": str(here.home),
    }
    with here.wall(*DEMO, **more, **textual) as wall:
        wall.until(LIVE)
        tick(wall)
        wall.type("ctrl+c")
        assert wall.until_ended() == 0
    assert not marker.exists()
    assert not list(here.home.glob("*.svg"))


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (("sev>=hgih",), "hgih"),
        (("clinet:acme",), "client"),
        (("risk:safe",), "A wall cannot be filtered by risk"),
    ],
)
def test_a_wrong_filter_is_told_before_the_screen_opens(here: Office, words: tuple[str, ...], sentence: str) -> None:
    with here.wall(*DEMO, *words) as wall:
        assert wall.until_ended() == 64
    assert sentence in wall.text
    assert b"\x1b" not in wall.raw


def test_on_a_machine_where_nothing_is_configured_it_shows_this_machine(here: Office) -> None:
    with here.wall("wall", size=(100, 30)) as wall:
        wall.until(r"1/1 source")
        wall.type("q")
        assert wall.until_ended() == 0
