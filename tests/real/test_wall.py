"""The wall as a forced command of a real sshd: whoever has the key has a wall, and never a shell."""

from __future__ import annotations

import os
import select
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.forced import ForcedCommand
from tests.support.hosts import missing
from tests.support.office import Office
from tests.support.terminal import Terminal

pytestmark = pytest.mark.real

LIVE = r"[1-9]/\d sources"


@pytest.fixture
def door(office: Office, tmp_path: Path) -> Iterator[ForcedCommand]:
    _only_where_it_can_be()
    with ForcedCommand(office, tmp_path / "sshd", ["--demo", "wall"]) as opened:
        yield opened


def _only_where_it_can_be() -> None:
    why = missing()
    if why and os.environ.get("CI") == "true":
        pytest.fail(f"sshd: {why}")
    if why:
        pytest.skip(f"sshd: {why}")


def tick(session: Terminal) -> None:
    """Wait until its clock has gone on: it is the wall, and it lives."""

    def clock() -> str:
        return session.text.splitlines()[0].split()[-1]

    before = clock()
    session.until_true(lambda: clock() != before, "another second on its clock")


def test_a_shell_behind_the_key_would_be_noticed(office: Office, tmp_path: Path) -> None:
    """The control."""
    _only_where_it_can_be()
    marker = office.home / "marker"
    with (
        ForcedCommand(office, tmp_path / "sshd", ["-i"], program=["/bin/sh"]) as door,
        door.session("bash", "-i") as session,
    ):
        session.until(r"^[#$]")
        session.type(f"touch {marker}\r")
        session.until_true(marker.exists, "what was typed being done")


def test_no_key_and_no_command_of_a_forced_wall_gives_a_shell(door: ForcedCommand, office: Office) -> None:
    """F-24."""
    marker = office.home / "marker"
    order = f"touch {marker}\r"
    with door.session("bash", "-i") as session:
        session.type("ctrl+z", order)  # before it has begun to look after its keys
        session.until(LIVE)
        for key in ("ctrl+z", "ctrl+p", "ctrl+d", "ctrl+s", "ctrl+o", "escape", "!", ":", "v"):
            session.type(key, order)
        session.write(b"\x1c" + order.encode())  # ctrl+\
        session.type("ctrl+q", order)
        tick(session)
        (wall,) = door.walls()
        os.kill(wall, signal.SIGTSTP)
        tick(session)
        session.type("q")
        assert session.until_ended() == 0
    assert door.walls() == []
    assert not marker.exists()


def test_ctrl_c_ends_the_session(door: ForcedCommand) -> None:
    """F-24."""
    with door.session() as session:
        session.until(LIVE)
        session.type("ctrl+c")
        assert session.until_ended() == 0


def test_without_a_terminal_there_is_one_sentence_and_nothing_is_run(door: ForcedCommand, office: Office) -> None:
    """F-24."""
    marker = office.home / "marker"
    said = door.without_terminal("sh", "-s", stdin=f"touch {marker}\n")
    assert said.returncode == 64
    assert said.stdout == ""
    assert "the screen needs a terminal" in said.stderr
    assert not marker.exists()


def test_a_wall_goes_with_its_connection(door: ForcedCommand) -> None:
    """F-86."""
    with door.session() as session:
        session.until(LIVE)
        (wall,) = door.walls()
        watched = os.pidfd_open(wall)
        try:
            session.signal(signal.SIGKILL)
            assert select.select([watched], [], [], 60)[0], "the wall lives on without its connection"
        finally:
            os.close(watched)
