"""The contract of the desk, for the one in-process and the one over the wire."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

import backends
from backends.desk.inprocess import InProcessDesk
from backends.desk.protocol import Desk
from backends.engine.clock import SystemClock
from backends.wire.client import WireDesk, connect
from backends.wire.server import Server
from tests.backends.desk_contract import DeskContract
from tests.support.bench import Kept, bench


@pytest.fixture
def source() -> Kept:
    return Kept("probe", SystemClock())


@pytest.fixture
async def inprocess(source: Kept, tmp_path: Path) -> AsyncIterator[InProcessDesk]:
    async with bench(tmp_path, [source]) as desk:
        yield desk


class TestInProcess(DeskContract):
    @pytest.fixture
    def desk(self, inprocess: InProcessDesk) -> Desk:
        return inprocess


class TestOverTheWire(DeskContract):
    @pytest.fixture
    async def desk(self, inprocess: InProcessDesk, tmp_path: Path) -> AsyncIterator[WireDesk]:
        server = Server(inprocess, tmp_path / "engine.sock", backends.__version__, SystemClock().now)
        await server.open()
        wire = await connect(tmp_path / "engine.sock")
        yield wire
        await wire.close()
        await server.close()
