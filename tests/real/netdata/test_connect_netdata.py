"""`rounds connect netdata` with keys in a terminal, from an empty HOME, against a real Netdata.

An agent asks nobody who he is: a password, TLS and rights are those of a web server in front of it, which is ours here.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support import faulty
from tests.support.aside import aside
from tests.support.bad_ssh import free_port
from tests.support.dialogue import Dialogue
from tests.support.office import Office
from tests.support.replayed.netdata import PLAYED
from tests.support.servers.netdata import Netdata
from tests.support.tls_front import fronted

pytestmark = pytest.mark.real
SIZE = (160, 70)


def asked(dialogue: Dialogue, url: str) -> None:
    dialogue.answer("Address of the agent", url)
    dialogue.answer("User of the web server in front")


def test_past_a_wrong_address_and_an_unknown_certificate(office: Office, netdata: Netdata, tmp_path: Path) -> None:
    nowhere = f"http://127.0.0.1:{free_port('127.0.0.1')}"
    with fronted(netdata.url, tmp_path) as (url, shown), office.screen("connect", "netdata", size=SIZE) as terminal:
        dialogue = Dialogue(terminal)
        asked(dialogue, nowhere)
        dialogue.answer("Where password is kept")
        dialogue.sees(f"Nothing listens at {nowhere}; start it, or check the port.")
        asked(dialogue, url)
        dialogue.sees("Nobody who is known here vouches for this server")
        dialogue.sees(shown.in_pairs)
        dialogue.answer("told you?", "y")
        dialogue.sees("Netdata 1.37.1 answers")
        dialogue.left_and_written("netdata")
        assert [one["name"] for one in office.items("devices")] == [netdata.host]
        assert [one["state"] for one in office.items("sources")] == ["fresh"]


@pytest.mark.parametrize(
    ("status", "sentence"),
    [
        (401, "does not accept our credentials; give the right one, or make a new one there."),
        (403, "does not permit this to our user; give it the right to read."),
    ],
)
def test_past_a_web_server_in_front_that_lets_us_not_in(office: Office, status: int, sentence: str) -> None:
    office.environment = {**office.environment, "OTHER": "canary-of-the-front"}
    with (
        aside(lambda: faulty.serving(PLAYED)) as front,
        office.screen("connect", "netdata", size=SIZE) as terminal,
    ):
        front.fault = faulty.status(status)
        dialogue = Dialogue(terminal)
        dialogue.answer("Address of the agent", front.url)
        dialogue.answer("User of the web server in front", "rounds")
        dialogue.answer("Where password is kept", "env:OTHER")
        dialogue.sees(sentence)
        front.fault = None
        if status == 403:
            dialogue.answer("What now [1]")
        else:
            dialogue.answer("User of the web server in front")
            dialogue.answer("Where password is kept", "env:OTHER")
        dialogue.sees("answers; we are known there as rounds.")
        dialogue.left_and_written("netdata")
        assert [one["state"] for one in office.items("sources")] == ["fresh"]
