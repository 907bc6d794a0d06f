"""`rounds connect nagios` with keys in a terminal, from an empty HOME, against a real Nagios."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.certificates import issued
from tests.support.dialogue import Dialogue
from tests.support.office import Office
from tests.support.ports import free_port
from tests.support.servers.nagios import Nagios
from tests.support.servers.nagios_config import HOSTS, USERS
from tests.support.tls_front import fronted

pytestmark = pytest.mark.real
SIZE = (160, 70)


def test_past_every_mistake_to_a_source_that_answers(office: Office, nagios: Nagios) -> None:
    office.environment = {**office.environment, "RIGHT": USERS["nagiosadmin"], "WRONG": "wrong"}
    nowhere = f"http://127.0.0.1:{free_port('127.0.0.1')}/cgi-bin"
    with office.screen("connect", "nagios", size=SIZE) as terminal:
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


def test_past_a_certificate_that_nobody_vouches_for(office: Office, nagios: Nagios, tmp_path: Path) -> None:
    """F-50: nothing is sent before somebody vouches for the server."""
    office.environment = {**office.environment, "RIGHT": USERS["nagiosadmin"]}
    shown = issued(tmp_path, "front", None)
    with fronted(nagios.url, shown) as url, office.screen("connect", "nagios", size=SIZE) as terminal:
        dialogue = Dialogue(terminal)
        dialogue.answer("Address of the CGIs", url)
        dialogue.answer("Name of the web user", "nagiosadmin")
        dialogue.answer("File of the authority")
        dialogue.answer("Where password of the web user is kept", "env:RIGHT")
        dialogue.vouches_for(shown.fingerprint)
        dialogue.sees("answers; we are known there as nagiosadmin.")
        dialogue.placed_and_written("nagios")
        assert [one["state"] for one in office.items("sources")] == ["fresh"]
    assert f'fingerprint = "{shown.fingerprint}"' in office.config.read_text()


def test_too_few_rights_are_named_with_their_remedies(office: Office, nagios: Nagios) -> None:
    """First one who is known to the web server alone and sees nothing, then a contact who may only look."""
    office.environment = {**office.environment, **{user.upper(): password for user, password in USERS.items()}}
    with office.screen("connect", "nagios", size=SIZE) as terminal:
        dialogue = Dialogue(terminal)
        dialogue.answer("Address of the CGIs", nagios.url)
        dialogue.answer("Name of the web user", "stranger")
        dialogue.answer("File of the authority")
        dialogue.answer("Where password of the web user is kept", "env:STRANGER")
        dialogue.sees("shows no host to stranger: make it a contact of hosts, or add it to authorized_for_all_hosts")
        dialogue.answer("What now [1]", "2")
        dialogue.answer("Name of the web user", "readonly")
        dialogue.answer("Where password of the web user is kept", "env:READONLY")
        dialogue.sees("answers; we are known there as readonly.")
        dialogue.sees("It may not acknowledge hosts, give them a downtime, check them now; acknowledge services")
        dialogue.sees("Add readonly to authorized_for_all_host_commands in cgi.cfg, or make it a contact")
        dialogue.placed_and_written("nagios")
    assert {one["client"] for one in office.items("devices")} == {"acme"}
    assert [one["state"] for one in office.items("sources")] == ["fresh"]
