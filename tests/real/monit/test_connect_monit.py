"""`rounds connect monit` with keys in a terminal, from an empty HOME, against real Monits."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.certificates import Issued, issued
from tests.support.dialogue import Dialogue
from tests.support.office import Office
from tests.support.ports import free_port
from tests.support.servers.monit import USERS, Monit
from tests.support.terminal import Terminal

pytestmark = [pytest.mark.real, pytest.mark.xdist_group("monit")]

MAY = "The account may read services; start, stop and restart services, check now."


@pytest.fixture
def guarded(monit: Monit, tmp_path: Path) -> Iterator[tuple[Monit, Issued]]:
    """One that speaks TLS with a certificate signed by itself. The other is asked for since it knows whether there is
    one."""
    shown = issued(tmp_path, "monit", None)
    shown.file.chmod(0o600)  # Monit takes no key that others may read
    made = Monit(host=f"{monit.host}-tls", pem=shown.file)
    try:
        made.start()
        yield made, shown
    finally:
        made.close()


def connecting(office: Office) -> Terminal:
    office.environment = {
        **office.environment,
        "RIGHT": USERS["admin"],
        "READER": USERS["viewer"],
        "WRONG": "wrong",
    }
    return office.screen("connect", "monit", size=(200, 90))


def who(dialogue: Dialogue, secret: str, user: str = "") -> None:
    dialogue.answer("User, as `allow`", user)
    dialogue.answer("Where password of the user is kept", f"env:{secret}")


def written(dialogue: Dialogue, office: Office, monit: Monit) -> None:
    dialogue.given_to("Acme Dental", "monit")
    (device,) = office.items("devices")
    assert (device["name"], device["id"], device["client"]) == (monit.host, f"monit:{monit.native}", "acme-dental")
    assert [one["state"] for one in office.items("sources")] == ["fresh"]


def test_past_wrong_addresses_and_a_wrong_password_to_a_source_that_answers(office: Office, monit: Monit) -> None:
    nowhere = f"http://127.0.0.1:{free_port('127.0.0.1')}"
    with connecting(office) as terminal:
        dialogue = Dialogue(terminal)
        dialogue.answer("Address of Monit's web server", nowhere)
        who(dialogue, "WRONG", "admin")
        dialogue.sees(f"Nothing listens at {nowhere}; start it, or check the port.")
        dialogue.answer("Address of Monit's web server", f"{monit.url}/elsewhere")
        dialogue.answer("User, as `allow`")
        dialogue.sees(f"{monit.url} does not accept our credentials; give the right one, or make a new one there.")
        who(dialogue, "RIGHT")
        dialogue.sees("There is nothing at this address")
        dialogue.answer("Address of Monit's web server", monit.url)
        dialogue.answer("User, as `allow`")
        dialogue.sees("answers; we are known there as admin.")
        dialogue.sees(MAY)
        written(dialogue, office, monit)


def test_a_user_who_may_only_read_is_told_what_to_change(office: Office, monit: Monit) -> None:
    with connecting(office) as terminal:
        dialogue = Dialogue(terminal)
        dialogue.answer("Address of Monit's web server", monit.url)
        who(dialogue, "READER", "viewer")
        dialogue.sees("It may not start, stop and restart services, check now.")
        dialogue.sees("Take `read-only` from our user behind `allow` of `set httpd` in monitrc, and reload Monit.")
        written(dialogue, office, monit)
    found = office.rounds("doctor", check=False).stdout
    assert "If it is wanted: Take `read-only` from our user behind `allow`" in found


def test_past_an_unknown_certificate_and_a_wrong_password(office: Office, guarded: tuple[Monit, Issued]) -> None:
    """F-50: nobody vouches for the certificate until the technician does."""
    monit, shown = guarded
    with connecting(office) as terminal:
        dialogue = Dialogue(terminal)
        dialogue.answer("Address of Monit's web server", monit.url.replace("https://", "http://"))
        who(dialogue, "WRONG", "admin")
        dialogue.sees(
            "does not speak HTTP as expected (Server disconnected without sending a response.); check the port, "
        )
        dialogue.sees("and whether it wants https.")
        dialogue.answer("Address of Monit's web server", monit.url)
        dialogue.answer("User, as `allow`")
        dialogue.vouches_for(shown.fingerprint)
        dialogue.sees(f"{monit.url} does not accept our credentials; give the right one, or make a new one there.")
        who(dialogue, "RIGHT")
        dialogue.sees(MAY)
        written(dialogue, office, monit)
    assert f'fingerprint = "{shown.fingerprint}"' in office.config.read_text()
