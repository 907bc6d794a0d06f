"""What a thousand pings cost."""

from __future__ import annotations

import asyncio
import ipaddress
import time

import pytest

from backends.adapters.probe.pinger import Pinger
from tests.bench.programs import Say
from tests.support.probing import pinging_or_skip

pytestmark = [pytest.mark.bench, pytest.mark.xdist_group("bench")]

ADDRESSES = [ipaddress.ip_address(f"127.0.{number // 250 + 1}.{number % 250 + 1}") for number in range(1000)]


async def test_a_thousand_pings_are_cheap_and_leave_the_loop_free(say: Say) -> None:
    await pinging_or_skip()
    pinger = Pinger()
    turns: list[float] = []

    async def others() -> None:
        while True:
            before = time.perf_counter()
            await asyncio.sleep(0)
            turns.append(time.perf_counter() - before)

    costs, stalls, between = [], [], []
    for _ in range(5):
        turns.clear()
        watching = asyncio.ensure_future(others())
        before = time.process_time()
        found = await asyncio.gather(*(pinger.ping(one, 20.0) for one in ADDRESSES))
        costs.append(1000 * (time.process_time() - before))
        watching.cancel()
        stalls.append(1000 * max(turns))
        between.append(len(turns))
        assert None not in found
    pinger.close()
    say(f"1,000 pings: {min(costs):.0f} ms of processor time, longest stall {min(stalls):.1f} ms, by {_how(between)}")
    assert min(between) >= 1000 // 48  # whoever else waits has a turn between two batches


def _how(between: list[int]) -> str:
    return f"{min(between)} turns of others"
