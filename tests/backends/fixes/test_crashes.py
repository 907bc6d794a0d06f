"""The engine is killed at every step of a run; what is on the disk and on the device has to agree afterwards."""

from __future__ import annotations

import asyncio
import contextlib

import pytest

from backends.fixes.errors import FixError
from backends.fleet.run import RunState
from backends.testing import settle
from tests.support.fix_world import Agreed, Killed, World

STEPS = 14
"""More than a run has; a kill that never comes is an ordinary run."""


async def flown(kill_at: int | None, kill_after: bool, devices: int = 1) -> tuple[World, bool]:
    """A world whose engine is killed at that step, and whether the consent had been answered by then."""
    world = World()
    for number in range(devices):
        world.add(f"web{number:02}")
    plan = world.plan()
    world.kill_at, world.kill_after = kill_at, kill_after
    answered = False
    with contextlib.suppress(Killed, FixError):
        await world.runner.approve(plan.id, Agreed())
        answered = True
    await world.finish(400)
    await settle()
    # What is left of the engine goes with its process.
    for task in asyncio.all_tasks() - {asyncio.current_task()}:
        task.cancel()
    await settle()
    return world, answered


@pytest.mark.parametrize("kill_after", [False, True], ids=["before", "after"])
@pytest.mark.parametrize("kill_at", range(1, STEPS))
async def test_a_run_survives_a_kill_at_any_step(kill_at: int, kill_after: bool) -> None:
    """F-10."""
    killed, answered = await flown(kill_at, kill_after)
    next_life = killed.reborn()
    await next_life.runner.recover()
    await next_life.clock.advance(600)
    runs = list(next_life.disk.runs.values())
    assert len(killed.machine.executed) <= 1, "never twice"
    assert not answered or len(runs) == 1, "what was acknowledged is there"
    assert not killed.machine.executed or len(runs) == 1, "what was sent is there"
    assert all(run.state.ended for run in runs), "nothing runs for ever"
    if killed.machine.executed:
        assert runs[0].state in (RunState.SUCCEEDED, RunState.UNKNOWN), "what was sent is never called not sent"
    if killed.machine.executed:
        assert "run-sent" in killed.events(), "on record before it was sent"


async def test_the_kills_reach_every_step_of_a_run() -> None:
    world, _ = await flown(None, kill_after=False)
    assert 8 <= world.steps < STEPS


@pytest.mark.parametrize("kill_at", range(1, 60, 3))
async def test_many_runs_survive_a_kill_at_any_step(kill_at: int) -> None:
    """F-10."""
    killed, _ = await flown(kill_at, kill_after=True, devices=5)
    next_life = killed.reborn()
    await next_life.runner.recover()
    executed = [native for native, _ in killed.machine.executed]
    assert len(executed) == len(set(executed))
    for native in executed:
        (run,) = [run for run in next_life.disk.runs.values() if run.native == native]
        assert run.state in (RunState.SUCCEEDED, RunState.UNKNOWN)
    assert all(run.state.ended for run in next_life.disk.runs.values())


async def test_a_run_that_may_have_run_still_holds_its_device_after_a_restart() -> None:
    """F-10."""
    killed, _ = await flown(5, kill_after=True)
    (run,) = killed.disk.runs.values()
    assert run.state is RunState.RUNNING
    next_life = killed.reborn()
    (recovered,) = await next_life.runner.recover()
    assert recovered.sentence == (
        "Restart service may have run on web00: the engine ended while it ran. "
        "It is not repeated; check before anything else."
    )
    assert "check that run first" in next_life.plan().reason
    third_life = next_life.reborn()
    await third_life.runner.recover()
    assert "check that run first" in third_life.plan().reason


async def test_a_run_that_was_never_sent_is_said_to_have_failed() -> None:
    killed, _ = await flown(2, kill_after=True)
    (recovered,) = await killed.reborn().runner.recover()
    assert recovered.state is RunState.FAILED
    assert recovered.sentence == "Restart service: nothing was sent to web00. The engine ended before."


async def test_recovering_twice_changes_nothing_more() -> None:
    killed, _ = await flown(5, kill_after=True)
    await killed.reborn().runner.recover()
    assert await killed.reborn().runner.recover() == []
