"""What is shipped for tests holds by itself: the scripted source passes the contract that it is shipped with."""

from __future__ import annotations

import asyncio

import pytest

from backends.api import Adapter, Executed, FaultKind, RunId, Script, SourceError
from backends.testing import HANG, AdapterContract, FakeClock, ScriptedAdapter, settle
from tests.support.bench import sick, well


class TestScriptedAdapter(AdapterContract):
    def open_adapter(self) -> Adapter:
        return ScriptedAdapter("probe", sick("probe", FakeClock().now()))


async def test_answers_come_in_order_and_the_last_for_ever() -> None:
    now = FakeClock().now()
    adapter = ScriptedAdapter("probe", sick("probe", now), SourceError(FaultKind.REFUSED, "No."), well("probe", now))
    assert await adapter.poll() == sick("probe", now)
    with pytest.raises(SourceError):
        await adapter.poll()
    assert [await adapter.poll(), await adapter.poll()] == [well("probe", now)] * 2


async def test_a_hang_lasts_until_it_is_cancelled() -> None:
    adapter = ScriptedAdapter("probe", HANG)
    task = asyncio.create_task(adapter.poll())
    await settle()
    assert (task.done(), adapter.under_way) == (False, 1)
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    assert adapter.under_way == 0


async def test_executions_are_counted_as_the_device_sees_them() -> None:
    adapter = ScriptedAdapter("probe", sick("probe", FakeClock().now()))
    adapter.repaired = well("probe", FakeClock().now())
    pieces: list[bytes] = []
    adapter.output = b"done\n"
    assert await adapter.execute("web01", Script(code="true"), RunId("r-1"), pieces.append) == Executed(exit=0)
    assert ([run for _, _, run in adapter.executed], pieces) == (["r-1"], [b"done\n"])
    assert (await adapter.look("web01")).checks[0].state == "ok"


async def test_sleepers_of_the_clock_wake_in_order() -> None:
    clock, woken = FakeClock(), []

    async def sleep(seconds: float) -> None:
        await clock.sleep(seconds)
        woken.append((seconds, clock.boot_s()))

    tasks = [asyncio.create_task(sleep(seconds)) for seconds in (3, 1, 2)]
    await clock.advance(2.5)
    assert woken == [(1, 1), (2, 2)]
    await clock.advance(1)
    assert woken[-1] == (3, 3)
    await asyncio.gather(*tasks)
