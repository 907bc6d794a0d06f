"""What a poll of this machine costs; processes read from small files against psutil."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable

import pytest

from backends.adapters.local.processes import by_proc, by_psutil
from tests.support.here import here

pytestmark = [pytest.mark.bench, pytest.mark.xdist_group("bench")]


async def test_a_poll_is_cheap() -> None:
    source = here()
    costs = []
    for _ in range(10):
        before = time.process_time()
        await source.poll()
        costs.append(1000 * (time.process_time() - before))
    await source.close()
    print(f"poll of this machine: first {costs[0]:.1f} ms, then {min(costs[1:]):.1f} ms of processor time")


@pytest.mark.skipif(sys.platform != "linux", reason="compares with /proc")
def test_small_files_are_faster_than_psutil() -> None:
    fast, slow = _cost(by_proc), _cost(by_psutil)
    print(f"all processes: {1000 * fast:.1f} ms by small files, {1000 * slow:.1f} ms by psutil")
    assert fast < slow


def _cost(look: Callable[[], object]) -> float:
    costs = []
    for _ in range(5):
        before = time.process_time()
        look()
        costs.append(time.process_time() - before)
    return min(costs)
