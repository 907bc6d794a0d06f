"""`rounds connect icinga2` with keys in a terminal, from an empty HOME, against a real Icinga 2."""

from __future__ import annotations

import hashlib
import ssl

import pytest

from tests.support.certificates import in_pairs
from tests.support.dialogue import Dialogue
from tests.support.office import Office
from tests.support.ports import free_port
from tests.support.servers.icinga2 import Icinga
from tests.support.servers.icinga2_config import NODE

pytestmark = pytest.mark.real
SIZE = (160, 70)


@pytest.fixture
def at_work(office: Office) -> Office:
    known = {"SECRET_ROOT": "icinga", "SECRET_TECH": "tech01", "SECRET_BLIND": "blind", "SECRET_WRONG": "wrong"}
    office.environment = {**office.environment, **known}
    return office


def test_past_every_mistake_to_a_source_that_answers(at_work: Office, icinga: Icinga) -> None:
    nowhere = f"https://127.0.0.1:{free_port('127.0.0.1')}"
    with at_work.screen("connect", "icinga2", size=SIZE) as terminal:
        dialogue = Dialogue(terminal)

        def four(url: str = "", user: str = "") -> None:
            dialogue.answer("Address of the API", url)
            dialogue.answer("Name of the ApiUser", user)
            dialogue.answer("File of Icinga's own authority")
            dialogue.answer("Name in the server's certificate")

        four(nowhere, "root")
        dialogue.answer("Where password of the ApiUser is kept", "env:SECRET_WRONG")
        dialogue.sees(f"Nothing listens at {nowhere}; start it, or check the port.")
        four(icinga.url)
        dialogue.sees("Nobody who is known here vouches for this server")
        dialogue.sees(pairs(icinga))
        dialogue.sees(f"for      {NODE}")
        dialogue.answer("told you?", "y")
        dialogue.sees("does not accept our credentials; give the right one, or make a new one there.")
        dialogue.answer("Name of the ApiUser", "blind")
        dialogue.answer("Where password of the ApiUser is kept", "env:SECRET_BLIND")
        dialogue.sees('shows our user no hosts. Add "objects/query/Host" to the permissions of the ApiUser')
        dialogue.answer("What now [1]", "2")
        dialogue.answer("Name of the ApiUser", "tech01")
        dialogue.answer("Where password of the ApiUser is kept", "env:SECRET_TECH")
        dialogue.sees("answers; we are known there as tech01.")
        dialogue.sees("It may not ")
        dialogue.sees('To snooze: Add "actions/schedule-downtime"')
        dialogue.placed_and_written("icinga2")
    theirs = {
        one["name"] for one in icinga.ask("objects/hosts") if (one["attrs"]["vars"] or {}).get("client") == "acme"
    }
    assert {one["id"].partition(":")[2] for one in at_work.items("devices")} == theirs
    assert [one["state"] for one in at_work.items("sources")] == ["fresh"]


def test_the_authoritys_file_is_as_good_as_a_fingerprint(at_work: Office, icinga: Icinga) -> None:
    words = ["--url", icinga.url, "--set", "user=root", "--secret", "env:SECRET_ROOT", "--yes"]
    refused = at_work.rounds("connect", "icinga2", *words, check=False)
    assert refused.returncode == 69
    assert "is signed by an authority unknown here; name its file as ca_file." in refused.stderr
    assert pairs(icinga) in refused.stderr
    assert not at_work.config.exists()
    at_work.rounds("connect", "icinga2", *words, "--set", f"ca_file={icinga.ca_file}", "--set", f"server_name={NODE}")
    assert [one["state"] for one in at_work.items("sources")] == ["fresh"]


def pairs(icinga: Icinga) -> str:
    """The fingerprint of what the server shows, read by this test."""
    der = ssl.PEM_cert_to_DER_cert(ssl.get_server_certificate(("127.0.0.1", icinga.port)))
    return in_pairs(hashlib.sha256(der).hexdigest())
