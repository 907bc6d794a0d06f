"""Steps of fixes that really run here: harmless ones."""

from __future__ import annotations

import asyncio
import os
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from backends.adapters.local.steps import environment_of, run_step
from backends.api import Executed, NotSent, OutcomeUnknown, Script


async def ran(code: str, *arguments: str, deadline_s: float = 60.0, disconnects: bool = False) -> tuple[int, bytes]:
    said: list[bytes] = []
    script = Script(code=code, arguments=arguments, deadline_s=deadline_s, disconnects=disconnects)
    done = await run_step(script, said.append)
    return done.exit, b"".join(said)


async def test_the_exit_code_and_all_words_come_back() -> None:
    assert await ran("echo out; echo err >&2; exit 3") == (3, b"out\nerr\n")


async def test_an_empty_step_is_fine() -> None:
    assert await ran("") == (0, b"")


async def test_a_command_that_reads_its_input_does_not_eat_the_rest_of_the_step() -> None:
    assert await ran("cat; echo still here") == (0, b"still here\n")


@pytest.mark.parametrize(
    "value",
    ["", "-n", "--", "a b", "'", '"', "$(touch /tmp/x)", "`id`", "a\nb", "*", "\\", "é\u202e", "%s", "{{x}}", ";&|"],
)
async def test_an_argument_arrives_as_it_is(value: str) -> None:
    assert await ran('printf %s "$1"', value) == (0, value.encode())


@settings(max_examples=25)
@given(st.lists(st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), max_size=12), max_size=4))
def test_any_arguments_arrive_as_they_are(values: list[str]) -> None:
    code = 'for one in "$@"; do printf "<%s>" "$one"; done'
    assert asyncio.run(ran(code, *values))[1] == "".join(f"<{value}>" for value in values).encode()


async def test_an_argument_that_no_process_can_take_is_not_sent() -> None:
    with pytest.raises(NotSent):
        await ran("true", "a\0b")


async def test_arguments_beyond_all_measure_are_not_sent() -> None:
    with pytest.raises(NotSent):
        await ran("true", "x" * 10_000_000)


async def test_a_step_knows_nothing_of_our_secrets(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ROUNDS_TEST_TOKEN", "canary")
    monkeypatch.setenv("LC_MESSAGES", "C")
    _, said = await ran("env")
    assert b"canary" not in said
    assert b"LC_MESSAGES=C" in said


def test_a_path_is_there_even_when_we_have_none() -> None:
    assert environment_of({})["PATH"]


async def test_a_step_past_its_deadline_is_unknown_and_all_of_it_is_ended(tmp_path: Path) -> None:
    left = tmp_path / "pids"
    with pytest.raises(OutcomeUnknown, match="part of it may have run"):
        await ran('echo $$ >"$1"; sleep 60 & echo $! >>"$1"; wait', str(left), deadline_s=0.5)
    for pid in left.read_text().split():
        await _gone(int(pid))


async def test_a_step_that_will_not_end_is_made_to() -> None:
    with pytest.raises(OutcomeUnknown):
        await ran("trap '' TERM; while :; do sleep 0.1; done", deadline_s=0.2)


async def test_a_cancelled_step_is_ended(tmp_path: Path) -> None:
    begun = tmp_path / "begun"
    os.mkfifo(begun)
    task = asyncio.ensure_future(ran('echo $$ >"$1"; exec sleep 60', str(begun)))
    pid = int(await asyncio.to_thread(begun.read_text))
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    await _gone(pid)


async def test_a_daemon_that_keeps_the_output_open_does_not_keep_us(tmp_path: Path) -> None:
    started = tmp_path / "pid"
    assert await ran('sleep 60 & echo $! >"$1"; echo started', str(started)) == (0, b"started\n")
    pid = int(started.read_text())
    os.kill(pid, 9)  # it was left running, as a restarted service is; raises if it was not


async def test_a_step_that_ends_by_a_signal_has_the_shells_code() -> None:
    assert (await ran("kill -s KILL $$"))[0] == 137


async def test_a_step_that_is_expected_to_end_the_connection_may_be_killed() -> None:
    assert (await ran("echo going; kill -s TERM $$", disconnects=True)) == (0, b"going\n")


async def test_much_output_is_passed_on_in_pieces_while_others_have_their_turn() -> None:
    sizes: list[int] = []
    turns = 0

    async def other() -> None:
        nonlocal turns
        while True:
            turns += 1
            await asyncio.sleep(0)

    beside = asyncio.ensure_future(other())
    script = Script(code="head -c 8000000 /dev/zero")
    assert await run_step(script, lambda piece: sizes.append(len(piece))) == Executed(exit=0)
    beside.cancel()
    assert sum(sizes) == 8_000_000
    assert max(sizes) <= 256 * 1024
    assert turns >= len(sizes)


@pytest.fixture
def no_root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """As an account with a sudo of our own making, which refuses when `LC_SUDO` says so."""
    sudo = tmp_path / "sudo"
    sudo.write_text(
        '#!/bin/sh\n[ "$1 $2" = "-n --" ] && [ "$LC_SUDO" != no ] || exit 9\nshift 2\nBY_SUDO=yes exec "$@"\n'
    )
    sudo.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:{os.environ['PATH']}")
    monkeypatch.setattr(os, "geteuid", lambda: 1000)


@pytest.mark.parametrize(("sudo", "said"), [(True, b"yes x y"), (False, b"no x y")])
async def test_a_step_runs_by_sudo_when_it_is_wanted(no_root: None, sudo: bool, said: bytes) -> None:
    out: list[bytes] = []
    script = Script(code='printf %s "${BY_SUDO:-no} $1"', arguments=("x y",))
    assert (await run_step(script, out.append, sudo=sudo)).exit == 0
    assert b"".join(out) == said


async def test_without_the_right_to_use_sudo_the_step_fails_in_its_own_words(
    no_root: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LC_SUDO", "no")
    out: list[bytes] = []
    assert (await run_step(Script(code="echo not permitted; exit 77"), out.append, sudo=True)).exit == 77
    assert out == [b"not permitted\n"]


async def _gone(pid: int) -> None:
    """Wait until there is no such process, or only its remains."""
    for _ in range(10_000):
        if _state_of(pid) in ("", "Z"):
            return
        await asyncio.sleep(0)
    raise AssertionError(f"{pid} is still there")


def _state_of(pid: int) -> str:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except OSError:
        return ""
