"""`kill -9` of the engine at every durable step of a technician's work: nothing promised is lost, none runs twice."""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path

import pytest

from backends.desk.protocol import Approval, DeskError, DeskErrorKind
from backends.engine.clock import SystemClock
from backends.fleet.run import RunState, Verified
from tests.support.bench import bench
from tests.support.doomed import RESTART, WEB01, FileDevice

ROOT = Path(__file__).parents[3]
POINTS = range(1, 45)
"""Durable steps at which the program is killed; it takes fewer to come to its end."""


async def killed_at(folder: Path, point: int) -> tuple[int, list[str]]:
    """The exit code and what was promised before the end."""
    program = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "tests.support.doomed", str(folder), str(point),
        cwd=ROOT, stdout=asyncio.subprocess.PIPE,
    )  # fmt: skip
    said, _ = await program.communicate()
    assert program.returncode is not None
    return program.returncode, said.decode().splitlines()


@pytest.mark.parametrize("point", POINTS)
async def test_the_next_start_loses_nothing_and_repeats_nothing(tmp_path: Path, point: int) -> None:
    """F-10."""
    code, promised = await killed_at(tmp_path, point)
    if code == 0:
        pytest.skip("it came to its end before this step")
    assert code == -9
    device = FileDevice(tmp_path, SystemClock())
    before = device.executions
    assert len(before) <= 1

    async with bench(tmp_path, [device]) as desk:
        runs = {run.id: run for run in await desk.runs()}
        assert (await desk.audit_verify()).ok
        for issue in (await desk.picture()).issues.values():
            if "noted" in promised:
                assert [note.text for note in await desk.notes(issue.id)] == ["looked at it"]
            if "claimed" in promised:
                assert issue.owner == "tech1"
        for words in promised:
            match words.split():
                case ["approved", run]:
                    assert run in runs
                case ["ended", run, state, verified]:
                    assert (runs[run].state, runs[run].verified) == (state, verified)
        assert all(run.state.ended for run in runs.values())
        assert set(before) <= set(runs)
        for run in runs.values():
            if run.id not in before:
                # It may be called unknown although it did not reach the device, never the other way round.
                assert run.state in (RunState.FAILED, RunState.UNKNOWN)
            else:
                assert run.state in (RunState.UNKNOWN, RunState.SUCCEEDED)
        unknown = [run for run in runs.values() if run.state is RunState.UNKNOWN]
        for run in unknown:
            plan = await desk.plan(RESTART, [WEB01], "tech1", None, {"service": "nginx"})
            with pytest.raises(DeskError) as error:
                await desk.approve(plan.id, Approval(confirmed=True))
            assert error.value.kind is DeskErrorKind.REFUSED
            checked = await desk.check_run(run.id)
            assert checked.verified in (Verified.FIXED, Verified.NOT_FIXED)
            again = await desk.plan(RESTART, [WEB01], "tech1", None, {"service": "nginx"})
            assert "may have" not in again.reason
    assert device.executions == before
