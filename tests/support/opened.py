"""Sources of any kind, opened as the engine opens them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from backends import registry
from backends.api import Adapter, SourceName, SourceSettings, Timing
from backends.testing import FakeClock

SECRET = "s3cret-canary-77"


class EagerClock(FakeClock):
    """Who sleeps wakes at once, and the time has passed."""

    async def sleep(self, seconds: float) -> None:
        self._elapsed += max(seconds, 0.0)


def opened(kind: str, folder: Path, clock: Timing | None = None, *, secret: str = SECRET, **options: Any) -> Adapter:
    """A source called `one` with these options."""

    async def told() -> str:
        return secret

    return registry.load(kind)(
        SourceSettings(
            name=SourceName("one"),
            kind=kind,
            options=options,
            clients={},
            every_s=30.0,
            secret=told,
            timing=clock or EagerClock(),
            state_dir=folder,
        )
    )
