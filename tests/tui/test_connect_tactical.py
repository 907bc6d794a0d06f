"""`rounds connect tactical-rmm` with keys in a terminal, from an empty HOME, against the stand-in for its server."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support import faulty
from tests.support.aside import aside
from tests.support.certificates import issued
from tests.support.dialogue import Dialogue
from tests.support.office import Office
from tests.support.tactical import KEY, FakeRmm
from tests.support.tactical_source import played

SIZE = (160, 70)


@pytest.fixture
def office(tmp_path: Path) -> Iterator[Office]:
    made = Office(tmp_path)
    made.environment = {**made.environment, "RIGHT": KEY, "WRONG": "wrong"}
    yield made
    made.close()


def test_past_every_mistake_to_a_source_that_answers(office: Office, tmp_path: Path) -> None:
    rmm = FakeRmm()
    rmm.lacking = {"can_list_agents"}
    certificate = issued(tmp_path, "server", None)
    with (
        aside(lambda: faulty.serving(played(rmm), certificate.context())) as server,
        office.screen("connect", "tactical-rmm", size=SIZE) as terminal,
    ):
        dialogue = Dialogue(terminal)
        dialogue.answer("Address of its API", "https://127.0.0.1:1")
        dialogue.answer("Where API key is kept", "env:WRONG")
        dialogue.sees("Nothing listens at https://127.0.0.1:1; start it, or check the port.")
        dialogue.answer("Address of its API", server.url)
        dialogue.sees("Nobody who is known here vouches for this server")
        assert server.asked == []
        dialogue.answer("told you?", "y")
        dialogue.sees("the right one, or make a new one there")
        dialogue.answer("Where API key is kept", "env:RIGHT")
        dialogue.sees("To see agents: ")
        dialogue.sees("can_list_agents")
        rmm.lacking = {"can_list_scripts"}
        dialogue.answer("What now [1]")
        dialogue.sees("Tactical RMM 1.5.1 answers")
        dialogue.sees("It may not see scripts.")
        dialogue.sees("2 clients, 3 sites, 5 devices")
        dialogue.placed_and_written("tactical-rmm")
        assert len(office.items("devices")) == 5
        assert [one["state"] for one in office.items("sources")] == ["fresh"]
    assert KEY not in office.config.read_text()
