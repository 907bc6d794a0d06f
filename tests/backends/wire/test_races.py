"""Two front ends on one engine: one lease for a device, and a flood of output that costs bounded memory."""

from __future__ import annotations

import asyncio
import tracemalloc
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import backends
from backends.api import Emit, Executed, Script
from backends.desk.protocol import Approval, DeskError, DeskErrorKind
from backends.engine.clock import SystemClock
from backends.fleet.model import RunId, device_id
from backends.fleet.run import Run, RunState
from backends.testing import settle
from backends.wire.client import WireDesk, connect
from backends.wire.server import Server
from tests.support.bench import Kept, bench
from tests.support.doomed import RESTART

ROUNDS = 100
MIB = 1024 * 1024


@asynccontextmanager
async def two(tmp_path: Path, source: Kept) -> AsyncIterator[tuple[WireDesk, WireDesk]]:
    async with bench(tmp_path, [source]) as desk:
        server = Server(desk, tmp_path / "engine.sock", backends.__version__, SystemClock().now)
        await server.open()
        one, other = await connect(tmp_path / "engine.sock"), await connect(tmp_path / "engine.sock")
        yield one, other
        await one.close()
        await other.close()
        await server.close()


async def test_of_two_technicians_at_once_one_has_the_device_and_the_other_is_told_who(tmp_path: Path) -> None:
    """F-18: each round both have a plan, and both agree to it in one moment."""
    source = Kept("probe", SystemClock())
    device = device_id(source.name, "web01")
    async with two(tmp_path, source) as desks:
        for number in range(ROUNDS):
            names = (f"tech{number}a", f"tech{number}b")
            plans = [
                await desk.plan(RESTART, [device], name, None, {"service": "nginx"})
                for desk, name in zip(desks, names, strict=True)
            ]
            answers = await asyncio.gather(
                *(desk.approve(plan.id, Approval(confirmed=True)) for desk, plan in zip(desks, plans, strict=True)),
                return_exceptions=True,
            )
            (runs,) = [answer for answer in answers if isinstance(answer, list)]
            (refusal,) = [answer for answer in answers if isinstance(answer, DeskError)]
            assert refusal.kind is DeskErrorKind.REFUSED
            assert f"{runs[0].by} is running “Restart service” on web01, started" in refusal.sentence
            assert len(source.executed) <= number + 1
            await ended(desks[0], runs[0])
            await settle()
    assert len(source.executed) == ROUNDS


async def ended(desk: WireDesk, run: Run) -> Run:
    async for _ in desk.output(run.id):
        pass
    return await desk.run(run.id)


class Flood(Kept):
    """A step that prints without end, as fast as it can, until it is told to stop."""

    def __init__(self, mebibytes: int) -> None:
        super().__init__("probe", SystemClock())
        self.mebibytes = mebibytes

    async def execute(self, native: str, script: Script, run: RunId, emit: Emit) -> Executed:
        piece = (b"\x1b[2J" + b"x" * 60 + b"\n") * 1024
        for _ in range(self.mebibytes * MIB // len(piece)):
            emit(piece)
            await asyncio.sleep(0)
        return await super().execute(native, script, run, emit)


async def test_a_flood_of_output_costs_bounded_memory_and_reaches_every_follower(tmp_path: Path) -> None:
    """F-41: one follower reads, one never does; what is kept is the end of it, and every byte is counted."""
    source = Flood(256)
    device = device_id(source.name, "web01")
    async with two(tmp_path, source) as (reads, idles):
        plan = await reads.plan(RESTART, [device], "tech1", None, {"service": "nginx"})
        (run,) = await reads.approve(plan.id, Approval(confirmed=True))
        asleep = aiter(idles.output(run.id))
        tracemalloc.start()
        try:
            await anext(asleep)
            done = await asyncio.wait_for(ended(reads, run), 60)
            _, peak = tracemalloc.get_traced_memory()
        finally:
            tracemalloc.stop()

    assert done.state is RunState.SUCCEEDED
    assert done.output_bytes >= 250 * MIB
    assert len(done.output.encode()) < MIB
    assert "\x1b" not in done.output
    assert peak < 32 * MIB
