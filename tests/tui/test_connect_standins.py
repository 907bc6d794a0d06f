"""`rounds connect` with keys in a terminal, from an empty HOME, for products that no package of Debian has: against
stand-ins that answer by what is known of them.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support import faulty
from tests.support.aside import aside
from tests.support.certificates import issued
from tests.support.dialogue import Dialogue
from tests.support.office import Office
from tests.support.replayed import checkmk, uptime_kuma

SIZE = (160, 70)


@pytest.fixture
def office(tmp_path: Path) -> Iterator[Office]:
    made = Office(tmp_path)
    made.environment = {**made.environment, "RIGHT": "canary-that-is-right", "WRONG": "canary-that-is-wrong"}
    yield made
    made.close()


def test_uptime_kuma_past_every_mistake(office: Office, tmp_path: Path) -> None:
    """It has no rights: a key reads everything, or nothing; 403 is what a web server in front says."""
    shown = issued(tmp_path, "server", None)
    with (
        aside(lambda: faulty.serving(uptime_kuma.PLAYED, shown.context())) as server,
        office.screen("connect", "uptime-kuma", size=SIZE) as terminal,
    ):
        server.fault = faulty.status(401)
        dialogue = Dialogue(terminal)
        dialogue.answer("Address of Uptime Kuma", "https://127.0.0.1:1")
        dialogue.answer("User, where there are no API keys")
        dialogue.answer("Where API key is kept", "env:WRONG")
        dialogue.sees("Nothing listens at https://127.0.0.1:1; start it, or check the port.")
        dialogue.answer("Address of Uptime Kuma", server.url)
        dialogue.answer("User, where there are no API keys")
        dialogue.sees("Nobody who is known here vouches for this server")
        dialogue.sees(shown.in_pairs)
        assert server.asked == []
        dialogue.answer("told you?", "y")
        dialogue.sees("give the right one, or make a new one there.")
        server.fault = faulty.status(403)
        dialogue.answer("User, where there are no API keys")
        dialogue.answer("Where API key is kept", "env:RIGHT")
        dialogue.sees("does not permit this to our user; give it the right to read.")
        server.fault = None
        dialogue.answer("What now [1]")
        dialogue.sees("Uptime Kuma 2.5.3 answers")
        dialogue.placed_and_written("uptime-kuma")
        assert len(office.items("devices")) == uptime_kuma.PLAYED.devices
        assert [one["state"] for one in office.items("sources")] == ["fresh"]
    assert f'fingerprint = "{shown.fingerprint}"' in office.config.read_text()


def test_checkmk_past_every_mistake(office: Office, tmp_path: Path) -> None:
    shown = issued(tmp_path, "server", None)
    with (
        aside(lambda: faulty.serving(checkmk.PLAYED, shown.context())) as server,
        office.screen("connect", "checkmk", size=SIZE) as terminal,
    ):
        server.fault = faulty.status(401)
        dialogue = Dialogue(terminal)
        dialogue.answer("Address of the site", "https://127.0.0.1:1/acme")
        dialogue.answer("Name of the automation user")
        dialogue.answer("Where automation secret is kept", "env:WRONG")
        dialogue.sees("Nothing listens at https://127.0.0.1:1")
        dialogue.answer("Address of the site", f"{server.url}/acme")
        dialogue.answer("Name of the automation user")
        dialogue.sees("Nobody who is known here vouches for this server")
        dialogue.sees(shown.in_pairs)
        assert server.asked == []
        dialogue.answer("told you?", "y")
        dialogue.sees("give the right one, or make a new one there.")
        server.fault = faulty.status(403)
        dialogue.answer("Name of the automation user")
        dialogue.answer("Where automation secret is kept", "env:RIGHT")
        dialogue.sees("does not permit this to our user; give it the right to read.")
        server.fault = None
        dialogue.answer("What now [1]")
        dialogue.sees("Checkmk 2.3.0p10")
        dialogue.placed_and_written("checkmk")
        assert len(office.items("devices")) == checkmk.PLAYED.devices
        assert [one["state"] for one in office.items("sources")] == ["fresh"]
    assert 'secret = "env:RIGHT"' in office.config.read_text()
