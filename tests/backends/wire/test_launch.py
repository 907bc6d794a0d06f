"""The engine as a process of its own: one a profile, there when it is needed, gone when it is not."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from backends import bootstrap
from backends.config.schema import DemoOptions, Profile
from backends.desk.protocol import Approval, DeskError, DeskErrorKind
from backends.fleet.model import FixId
from backends.fleet.run import RunState
from backends.wire import launch
from backends.wire.client import WireDesk
from backends.wire.launch import ANOTHER_ENGINE, holder_of, take_lock
from tests.support.eventually import until
from tests.support.home import short_home

SMALL = DemoOptions(clients=2, devices=20, here=False)


@pytest.fixture(autouse=True)
def home(monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    with short_home(monkeypatch) as folder:
        yield folder
        for child in launch._children:  # engines that a test left behind
            child.kill()
            child.wait()
            if child.stdout is not None:
                child.stdout.close()
        launch._children.clear()


@pytest.fixture
def profile() -> Profile:
    return Profile(demo=SMALL)


@contextlib.asynccontextmanager
async def attached(profile: Profile, *, views_only: bool = False) -> AsyncIterator[WireDesk]:
    desk = await bootstrap.attach(profile, views_only=views_only)
    assert isinstance(desk, WireDesk)
    try:
        yield desk
    finally:
        await desk.close()


def alive(pid: int) -> bool:
    """A zombie of ours is as dead as can be."""
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except OSError:
        return False
    return state != "Z"


async def test_a_lock_is_held_by_one(tmp_path: Path) -> None:
    lock = take_lock(tmp_path / "engine.lock")
    assert lock is not None
    assert take_lock(tmp_path / "engine.lock") is None
    assert holder_of(tmp_path / "engine.lock") == os.getpid()
    lock.release()
    again = take_lock(tmp_path / "engine.lock")
    assert again is not None
    again.release()


async def test_a_lock_on_a_file_that_was_removed_is_no_lock(tmp_path: Path) -> None:
    path = tmp_path / "folder" / "engine.lock"
    first = take_lock(path)
    assert first is not None
    path.unlink()
    path.parent.rmdir()
    second = take_lock(path)
    assert second is not None
    assert path.exists()
    first.release()
    second.release()


async def test_nobody_answers_where_no_engine_runs(profile: Profile) -> None:
    assert await bootstrap.connect(profile) is None


async def test_the_first_front_end_starts_the_engine_and_the_others_share_it(profile: Profile) -> None:
    async with attached(profile) as screen, attached(profile, views_only=True) as wall:
        assert screen.engine_pid == wall.engine_pid != os.getpid()
        command = await bootstrap.one_shot(profile)
        assert isinstance(command, WireDesk)
        assert command.engine_pid == screen.engine_pid
        await command.close()


async def test_of_many_who_start_it_at_once_one_engine_remains(profile: Profile) -> None:
    desks = await asyncio.gather(*(bootstrap.attach(profile) for _ in range(4)))
    assert len({desk.engine_pid for desk in desks if isinstance(desk, WireDesk)}) == 1
    await until(lambda: sum(child.poll() is None for child in launch._children) == 1)
    await asyncio.gather(*(desk.close() for desk in desks))


async def test_the_engine_ends_when_the_last_front_end_has_left_and_a_demo_leaves_nothing(profile: Profile) -> None:
    async with attached(profile) as desk:
        assert bootstrap.state_folder(profile).exists()
    await until(lambda: not alive(desk.engine_pid))
    assert not bootstrap.state_folder(profile).exists()


async def test_the_engine_outlives_a_screen_while_another_looks(profile: Profile) -> None:
    async with attached(profile) as stays:
        async with attached(profile) as leaves:
            assert leaves.engine_pid == stays.engine_pid
        async with asyncio.timeout(30):
            async for _ in stays.changes():  # whatever changes, it is told by a living engine
                break
        assert alive(stays.engine_pid)


async def test_after_a_kill_the_next_front_end_starts_another_engine_in_the_same_folder(profile: Profile) -> None:
    async with attached(profile) as desk:
        picture = await bootstrap.first_round(desk)
        issue = min(picture.issues)
        await desk.note(issue, "tech1", "before the crash")
        os.kill(desk.engine_pid, signal.SIGKILL)
        with pytest.raises(DeskError) as error:
            async for _ in desk.changes():
                pass
        assert error.value.kind is DeskErrorKind.UNAVAILABLE
        async with attached(profile) as again:
            assert again.engine_pid != desk.engine_pid
            assert [note.text for note in await again.notes(issue)] == ["before the crash"]


async def test_a_signal_ends_it_in_order(profile: Profile) -> None:
    async with attached(profile) as desk:
        os.kill(desk.engine_pid, signal.SIGTERM)
        codes = [await asyncio.to_thread(child.wait, 20) for child in launch._children]
    assert codes == [0]


async def test_a_run_outlives_the_screen_that_started_it(profile: Profile) -> None:
    async with attached(profile) as desk:
        await bootstrap.first_round(desk)
        (device, *_) = [one for one in await desk.devices("-health:down platform:linux") if one.freshness == "fresh"]
        plan = await desk.plan(FixId("reboot"), [device.id], "tech1")
        (run,) = await desk.approve(plan.id, Approval(confirmed=True, typed=plan.type_name))
    again = await bootstrap.connect(profile)
    assert isinstance(again, WireDesk)
    assert again.engine_pid == desk.engine_pid
    assert (await again.run(run.id)).state in (RunState.APPROVED, RunState.RUNNING, RunState.SUCCEEDED)
    await again.close()


async def test_an_engine_beside_another_gives_way(profile: Profile) -> None:
    async with attached(profile) as desk:
        argv = bootstrap.engine_argv(profile)
        second = await asyncio.to_thread(
            subprocess.run, argv, cwd="/", capture_output=True, env={**os.environ, **launch._search_path()}, check=False
        )
        assert second.returncode == ANOTHER_ENGINE
        assert alive(desk.engine_pid)


async def test_an_engine_that_cannot_come_up_says_why(home: Path) -> None:
    config = home / "rounds.toml"
    config.write_text('[sources.a]\nkind = "nothing"\n')
    config.chmod(0o600)
    with pytest.raises(DeskError) as error:
        await bootstrap.attach(Profile(config=str(config)))
    assert error.value.kind is DeskErrorKind.UNAVAILABLE
    assert "rounds.toml" in error.value.sentence


async def test_a_one_shot_polls_for_itself_where_no_engine_runs(profile: Profile) -> None:
    desk = await bootstrap.one_shot(profile)
    picture = await desk.picture()
    assert all(source.polls for source in picture.sources.values())
    assert await bootstrap.connect(profile) is None
    await desk.close()


async def test_a_one_shot_waits_for_another_and_then_has_its_turn(profile: Profile) -> None:
    first = await bootstrap.one_shot(profile)
    second = asyncio.create_task(bootstrap.one_shot(profile))
    await asyncio.sleep(0)
    await first.close()
    await (await second).close()


async def test_a_lock_whose_holder_does_not_answer_is_named(profile: Profile, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bootstrap, "LOCK_S", 0.1)
    folder = bootstrap.state_folder(profile)
    folder.mkdir(parents=True, mode=0o700)
    lock = take_lock(folder / "engine.lock")
    assert lock is not None
    with pytest.raises(DeskError, match=f"process {os.getpid()}"):
        await bootstrap.one_shot(profile)
    lock.release()


async def test_a_frozen_engine_is_lost_and_not_waited_for(profile: Profile, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("backends.wire.line.BEAT_S", 0.05)
    monkeypatch.setattr("backends.wire.line.PULSE_S", 3.0)
    async with attached(profile) as desk:
        os.kill(desk.engine_pid, signal.SIGSTOP)
        with pytest.raises(DeskError, match="has gone"):
            async with asyncio.timeout(30):
                await desk.fixes()


async def test_two_screens_and_a_command_poll_each_source_once(profile: Profile) -> None:
    async with attached(profile) as one, attached(profile) as other:
        await bootstrap.first_round(one)
        command = await bootstrap.one_shot(profile)
        pictures = [await desk.picture() for desk in (one, other, command)]
        await command.close()
    first = pictures[0].sources
    assert all(source.polls <= 2 for source in first.values())
    assert [sorted(picture.sources) for picture in pictures] == [sorted(first)] * 3


def test_the_engine_can_be_started_from_anywhere(profile: Profile) -> None:
    argv = bootstrap.engine_argv(profile)
    assert argv[0] == sys.executable
    assert "-P" in argv  # nothing in the folder it is started from can stand in for our own modules


async def test_where_nothing_can_be_kept_the_engine_works_from_memory_and_says_so(home: Path, profile: Profile) -> None:
    """F-83."""
    (home / ".local").mkdir(mode=0o700)
    (home / ".local" / "state").write_text("a file where the folder should be")
    async with attached(profile) as desk:
        picture = await bootstrap.first_round(desk)
        assert len(picture.sites) > 1
        async with asyncio.timeout(30):
            async for changes in desk.changes():
                if any(source.name == "rounds-store" for source in changes.sources.put):
                    break
    await until(lambda: not alive(desk.engine_pid))
