"""A program that does a technician's work on one device and is killed at its n-th durable step.

    python -m tests.support.doomed FOLDER N

Says on standard output what was promised to the technician, one word a line; exits 0 when nothing killed it. The device
is two files in FOLDER: what reached it (`device`, one line an execution) and whether it is well (`healed`).
"""

from __future__ import annotations

import asyncio
import functools
import os
import signal
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

from backends.api import Emit, Executed, Reading, RunId, Script
from backends.desk.protocol import Approval
from backends.engine.clock import Clock, SystemClock
from backends.fleet.model import FixId, SourceName, device_id
from backends.store import audit
from backends.store.db import Database
from tests.support.bench import Kept, bench, well

Result = TypeVar("Result")

RESTART = FixId("restart-service")
WEB01 = device_id(SourceName("probe"), "web01")


class FileDevice(Kept):
    """A device that outlives whoever talks to it."""

    def __init__(self, folder: Path, clock: Clock, step: Callable[[], None] = lambda: None) -> None:
        super().__init__("probe", clock)
        self.folder = folder
        self.step = step

    @property
    def executions(self) -> list[str]:
        """The runs that reached it."""
        log = self.folder / "device"
        return log.read_text().split() if log.exists() else []

    async def execute(self, native: str, script: Script, run: RunId, emit: Emit) -> Executed:
        self.step()
        with (self.folder / "device").open("a") as log:
            log.write(f"{run}\n")
        self.step()
        (self.folder / "healed").touch()
        emit(b"restarted\n")
        self.step()
        return await super().execute(native, script, run, emit)

    def _renew(self) -> None:
        super()._renew()
        if (self.folder / "healed").exists():
            self.script[-1] = well(self.name, self._clock.now())


class Fuse:
    """Kills this process at the n-th step."""

    def __init__(self, last: int) -> None:
        self._left = last

    def step(self) -> None:
        self._left -= 1
        if self._left == 0:
            os.kill(os.getpid(), signal.SIGKILL)

    def around(self, work: Callable[..., Result]) -> Callable[..., Result]:
        """`work` with a step before and one after it."""

        @functools.wraps(work)
        def watched(*args: object, **kwargs: object) -> Result:
            self.step()
            result = work(*args, **kwargs)
            self.step()
            return result

        return watched

    def arm(self) -> None:
        """Put steps around, and in the middle of, everything that is written for good."""
        plain_write, plain_line = Database._write, audit._write_durably

        def write(database: Database, work: object) -> object:
            if database.path.name != "journal.db":
                return plain_write(database, work)  # type: ignore[arg-type]
            return self.around(plain_write)(database, work)

        def line(descriptor: int, data: bytes) -> None:
            self.step()
            if self._left == 1:  # the next step is the last: half a line is all that comes of it
                os.write(descriptor, data[: len(data) // 2])
            self.step()
            plain_line(descriptor, data)
            self.step()

        Database._write = write  # type: ignore[method-assign, assignment]
        audit._write_durably = line  # type: ignore[assignment]


async def work(folder: Path, fuse: Fuse) -> None:
    """What a technician does; each word is said only when the desk has promised it."""
    clock = SystemClock()
    device = FileDevice(folder, clock, fuse.step)
    async with bench(folder, [device], clock=clock) as desk:
        (issue,) = (await desk.picture()).issues.values()
        fuse.arm()
        await desk.note(issue.id, "tech1", "looked at it")
        say("noted")
        await desk.claim(issue.id, "tech1")
        say("claimed")
        plan = await desk.plan(RESTART, [WEB01], "tech1", issue.id)
        (run,) = await desk.approve(plan.id, Approval(confirmed=True))
        say(f"approved {run.id}")
        async for _ in desk.output(run.id):
            pass
        done = await desk.run(run.id)
        say(f"ended {run.id} {done.state} {done.verified}")


def say(words: str) -> None:
    sys.stdout.write(words + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    asyncio.run(work(Path(sys.argv[1]), Fuse(int(sys.argv[2]))))


__all__ = ["RESTART", "WEB01", "FileDevice", "Reading"]
