"""A second opinion in the demo: of the story, and without a packet."""

from __future__ import annotations

import socket
from pathlib import Path

import pytest

from backends.bootstrap.assembly import assembled
from backends.config.schema import Config, DemoOptions, Profile, Technician
from backends.fleet.model import Health
from backends.fleet.opinion import Verdict
from backends.testing import FakeClock
from tests.support.bench import places_in


async def test_what_is_down_in_the_story_is_silent_and_nothing_is_sent(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    profile = Profile(demo=DemoOptions(seed=7, here=False))
    config = Config(technician=Technician(name="tech1"), clients={}, sources=())
    desk = await assembled(profile, config, places_in(tmp_path), lambda: None, FakeClock())
    monkeypatch.setattr(socket, "socket", lambda *_, **__: pytest.fail("a socket was opened"))
    try:
        await desk.first_round()
        devices = await desk.devices()
        down = next(one for one in devices if one.health is Health.DOWN)
        well = next(one for one in devices if one.health is Health.OK)
        named = next(one for one in devices if one.address.endswith(".example"))
        assert (await desk.second_opinion(down.id)).verdict is Verdict.SILENT
        opinion = await desk.second_opinion(well.id)
        assert opinion.verdict is Verdict.ANSWERS
        assert (await desk.second_opinion(well.id)).looks == opinion.looks
        assert f"{named.address} is 192.0.2." in (await desk.second_opinion(named.id)).sentence
    finally:
        monkeypatch.undo()
        await desk.close()
