"""The picture of a demo fleet of a given size, as its engine has it after every source has answered."""

from __future__ import annotations

import tempfile
from datetime import datetime
from pathlib import Path

from backends.bootstrap.assembly import assembled
from backends.config.schema import Config, DemoOptions, Profile, Technician
from backends.fleet.changes import Picture
from backends.testing import FakeClock
from tests.support.bench import places_in

AT = datetime.fromisoformat("2026-03-02T09:04:31Z")
"""Four and a half minutes into the story."""


def options(devices: int, changes: float = 0.0) -> DemoOptions:
    """So many devices, twenty a client; without this machine, whose facts are everybody's own."""
    return DemoOptions(devices=devices, clients=min(2_000, max(12, devices // 20)), here=False, changes=changes)


def words(devices: int, changes: float = 0.0) -> tuple[str, ...]:
    """The same on the command line."""
    chosen = options(devices, changes)
    more = ("--changes", str(changes)) if changes else ()
    return ("--devices", str(chosen.devices), "--clients", str(chosen.clients), "--no-here", *more)


async def demo_picture(devices: int) -> Picture:
    with tempfile.TemporaryDirectory() as folder:
        clock = FakeClock(AT)
        config = Config(technician=Technician(name="tech1", zone="UTC"), clients={}, sources=())
        profile = Profile(demo=options(devices))
        desk = await assembled(profile, config, places_in(Path(folder)), lambda: None, clock)
        try:
            picture = await desk.picture()
            while not all(source.seen or source.fault for source in picture.sources.values()):
                await clock.advance(0.1)
                picture = await desk.picture()
            return picture
        finally:
            await desk.close()
