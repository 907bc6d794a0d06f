"""A Tactical RMM for each test, and a source on it."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
import pytest_asyncio

from backends.adapters.tactical_rmm.source import TacticalRmm
from tests.support import faulty
from tests.support.tactical import FakeRmm
from tests.support.tactical_source import QuickClock, connected


@pytest.fixture
def rmm() -> Iterator[FakeRmm]:
    made = FakeRmm()
    yield made
    assert made.mistakes == []


@pytest.fixture
def clock() -> QuickClock:
    return QuickClock()


@pytest_asyncio.fixture
async def connection(
    rmm: FakeRmm, clock: QuickClock, tmp_path: Path
) -> AsyncIterator[tuple[TacticalRmm, faulty.Server]]:
    async with connected(rmm, tmp_path, clock) as both:
        yield both


@pytest.fixture
def source(connection: tuple[TacticalRmm, faulty.Server]) -> TacticalRmm:
    return connection[0]


@pytest.fixture
def server(connection: tuple[TacticalRmm, faulty.Server]) -> faulty.Server:
    return connection[1]
