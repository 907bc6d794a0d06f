"""The demo's sources on a fake clock, for tests of anything that wants a fleet to look at."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from backends.adapters.demo import open_source
from backends.adapters.demo.source import DemoSource
from backends.api import SourceName, SourceSettings
from backends.testing import FakeClock


async def no_secret() -> str:
    return ""


def demo_settings(
    folder: Path, clock: FakeClock, name: str = "demo", every_s: float = 5.0, **options: Any
) -> SourceSettings:
    return SourceSettings(
        name=SourceName(name),
        kind="demo",
        options=options,
        clients={},
        every_s=every_s,
        secret=no_secret,
        timing=clock,
        state_dir=folder,
    )


def open_demo(folder: Path, clock: FakeClock, name: str = "demo", every_s: float = 5.0, **options: Any) -> DemoSource:
    """One source that knows the whole fleet, unless `only` says otherwise."""
    source = open_source(demo_settings(folder, clock, name, every_s, **options))
    assert isinstance(source, DemoSource)
    return source
