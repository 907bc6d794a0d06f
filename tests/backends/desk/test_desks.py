"""The contract of the desk, for the one in-process and the one over the wire."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

import backends
from backends.desk.inprocess import InProcessDesk
from backends.desk.protocol import Desk
from backends.engine.clock import SystemClock
from backends.fleet.model import Can
from backends.wire.client import WireDesk, connect
from backends.wire.server import Server
from tests.backends.deciding_contract import DecidingContract
from tests.backends.desk_contract import DeskContract
from tests.support.bench import DECIDES, RUNS_FIXES, Kept, bench


@pytest.fixture
def source() -> Kept:
    return Kept("probe", SystemClock())


@pytest.fixture
def can() -> tuple[Can, ...]:
    """What the source can do beside being read."""
    return RUNS_FIXES


@pytest.fixture
async def inprocess(source: Kept, tmp_path: Path, can: tuple[Can, ...]) -> AsyncIterator[InProcessDesk]:
    async with bench(tmp_path, [source], can=can) as desk:
        yield desk


class InProcess:
    @pytest.fixture
    def desk(self, inprocess: InProcessDesk) -> Desk:
        return inprocess


class OverTheWire:
    @pytest.fixture
    async def desk(self, inprocess: InProcessDesk, tmp_path: Path) -> AsyncIterator[WireDesk]:
        server = Server(inprocess, tmp_path / "engine.sock", backends.__version__, SystemClock().now)
        await server.open()
        wire = await connect(tmp_path / "engine.sock")
        yield wire
        await wire.close()
        await server.close()


class Deciding:
    @pytest.fixture
    def can(self) -> tuple[Can, ...]:
        return DECIDES


class TestInProcess(InProcess, DeskContract):
    pass


class TestOverTheWire(OverTheWire, DeskContract):
    pass


class TestDecidingInProcess(InProcess, Deciding, DecidingContract):
    pass


class TestDecidingOverTheWire(OverTheWire, Deciding, DecidingContract):
    pass
