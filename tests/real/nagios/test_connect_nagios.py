"""`rounds connect nagios` with keys in a terminal, from an empty HOME, against a real Nagios."""

from __future__ import annotations

import pytest

from tests.support.bad_ssh import free_port
from tests.support.dialogue import Dialogue
from tests.support.office import Office
from tests.support.servers.nagios import Nagios
from tests.support.servers.nagios_config import HOSTS, USERS

pytestmark = pytest.mark.real


def test_past_every_mistake_to_a_source_that_answers(office: Office, nagios: Nagios) -> None:
    office.environment = {**office.environment, "RIGHT": USERS["nagiosadmin"], "WRONG": "wrong"}
    nowhere = f"http://127.0.0.1:{free_port('127.0.0.1')}/cgi-bin"
    with office.screen("connect", "nagios", size=(160, 70)) as terminal:
        dialogue = Dialogue(terminal)

        def three(url: str, user: str = "") -> None:
            dialogue.answer("Address of the CGIs", url)
            dialogue.answer("Name of the web user", user)
            dialogue.answer("File of the authority")

        three(nowhere, "nagiosadmin")
        dialogue.answer("Where password of the web user is kept", "env:WRONG")
        dialogue.sees("Nothing listens at ")
        three(nagios.url)
        dialogue.sees("does not accept")
        dialogue.answer("Name of the web user")
        dialogue.answer("Where password of the web user is kept", "env:RIGHT")
        dialogue.sees("answers; we are known there as nagiosadmin.")
        dialogue.placed_and_written("nagios")
    assert len(office.items("devices")) == len(HOSTS)
    assert [one["state"] for one in office.items("sources")] == ["fresh"]
