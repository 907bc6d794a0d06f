"""A Tactical RMM on loopback and a source that is connected to it, by a clock that tests move."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from backends.adapters.tactical_rmm.source import TacticalRmm
from backends.api import SourceName, SourceSettings, Timing
from backends.testing import FakeClock
from tests.support import faulty
from tests.support.replayed import Replayed
from tests.support.tactical import KEY, NOW, FakeRmm


class QuickClock(FakeClock):
    """Who sleeps wakes at once, and the time has passed."""

    def __init__(self, start: datetime = NOW) -> None:
        super().__init__(start)
        self.passed = 0.0

    def now(self) -> datetime:
        return super().now() + timedelta(seconds=self.passed)

    def boot_s(self) -> float:
        return super().boot_s() + self.passed

    async def sleep(self, seconds: float) -> None:
        self.passed += max(seconds, 0.0)


def played(rmm: FakeRmm) -> Replayed:
    return Replayed(kind="tactical-rmm", answer=rmm.answer, options=lambda url: {"url": url}, devices=5, secret=KEY)


def settings(url: str, folder: Path, clock: Timing, **options: Any) -> SourceSettings:
    async def secret() -> str:
        return KEY

    return SourceSettings(
        name=SourceName("trmm"),
        kind="tactical-rmm",
        options={"url": url, "requests_per_minute": 60_000, **options},
        clients={},
        every_s=30.0,
        secret=secret,
        timing=clock,
        state_dir=folder,
    )


@contextlib.asynccontextmanager
async def connected(
    rmm: FakeRmm, folder: Path, clock: Timing | None = None, **options: Any
) -> AsyncIterator[tuple[TacticalRmm, faulty.Server]]:
    """The source, and the server that it asks."""
    async with faulty.serving(played(rmm)) as server:
        source = TacticalRmm(settings(server.url, folder, clock or QuickClock(), **options))
        try:
            yield source, server
        finally:
            await source.close()
