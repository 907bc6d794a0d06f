"""`rounds connect prometheus` with keys in a terminal, from an empty HOME, against a real installation."""

from __future__ import annotations

import pytest

from tests.support import faulty
from tests.support.aside import aside
from tests.support.certificates import Issued
from tests.support.dialogue import Dialogue
from tests.support.office import Office
from tests.support.ports import free_port
from tests.support.prometheus_site import SECRET
from tests.support.replayed.prometheus import PLAYED
from tests.support.servers.prometheus import CLIENTS, LOOPBACK, Prometheus

pytestmark = pytest.mark.real


def test_past_a_wrong_address_to_a_source_that_answers(office: Office, installation: Prometheus) -> None:
    nowhere = f"http://{LOOPBACK}:{free_port(LOOPBACK)}"
    with office.screen("connect", "prometheus", size=(160, 60)) as terminal:
        dialogue = Dialogue(terminal)

        def five(alertmanager: str, prometheus: str = "") -> None:
            dialogue.answer("Address of Alertmanager", alertmanager)
            dialogue.answer("Address of Prometheus", prometheus)
            dialogue.answer("How to say who asks")
            dialogue.answer("Name of the alert that always fires")

        five(nowhere)
        dialogue.sees(f"Nothing listens at {nowhere}; start it, or check the port.")
        five(installation.alertmanagers[0], nowhere)
        dialogue.sees(f"Nothing listens at {nowhere}; start it, or check the port.")
        five("", installation.url)
        dialogue.sees("answers.")
        dialogue.sees("The account may read alerts")
        dialogue.placed_and_written("prometheus")
    assert set(CLIENTS) <= {one["client"] for one in office.items("devices")}
    assert [one["state"] for one in office.items("sources")] == ["fresh"]


def test_past_an_unknown_certificate_and_a_wrong_password_to_a_source_that_answers(
    office: Office, guarded: tuple[str, Issued]
) -> None:
    """F-50: nobody vouches for the certificate until the technician does, and nothing is sent before."""
    url, shown = guarded
    office.environment = {**office.environment, "RIGHT": SECRET, "WRONG": "wrong"}
    with office.screen("connect", "prometheus", size=(160, 60)) as terminal:
        dialogue = Dialogue(terminal)
        dialogue.answer("Address of Alertmanager", url)
        dialogue.answer("Address of Prometheus")
        dialogue.answer("How to say who asks", "basic")
        dialogue.answer("User, for basic", "rounds")
        dialogue.answer("Name of the alert that always fires")
        dialogue.answer("Where password or token is kept", "env:WRONG")
        dialogue.vouches_for(shown.fingerprint)
        dialogue.sees("does not accept our credentials; give the right one, or make a new one there.")
        dialogue.answer("How to say who asks")
        dialogue.answer("User, for basic")
        dialogue.answer("Where password or token is kept", "env:RIGHT")
        dialogue.sees("answers.")
        dialogue.sees("To read targets, rules and values: Say url, the address of Prometheus")
        dialogue.answer("Place them [", "3")
        dialogue.answer("Place them so?")
        dialogue.answer("Name of the source [prometheus]")
        dialogue.answer("Write it?", "y")
        assert terminal.until_ended() == 0, terminal.text
    written = office.config.read_text()
    assert f'fingerprint = "{shown.fingerprint}"' in written
    assert 'secret = "env:RIGHT"' in written
    assert SECRET.encode() not in terminal.raw
    assert SECRET not in written
    assert [one["state"] for one in office.items("sources")] == ["fresh"]


def test_past_a_front_that_does_not_let_us_in(office: Office, installation: Prometheus) -> None:
    """Neither of the two has rights of its own: too few are those of a web server in front, which is ours here."""
    with (
        aside(lambda: faulty.serving(PLAYED)) as front,
        office.screen("connect", "prometheus", size=(160, 60)) as terminal,
    ):
        front.fault = faulty.status(403)
        dialogue = Dialogue(terminal)
        dialogue.answer("Address of Alertmanager", "htp:/nowhere")
        dialogue.sees("This is not an address; write it as https://host/path.")
        dialogue.answer("Address of Alertmanager", front.url)
        dialogue.answer("Address of Prometheus")
        dialogue.answer("How to say who asks")
        dialogue.answer("Name of the alert that always fires")
        dialogue.sees("does not permit this to our user; give it the right to read.")
        dialogue.answer("What now [1]", "3")
        dialogue.answer("Address of Alertmanager", installation.alertmanagers[0])
        dialogue.answer("Address of Prometheus", installation.url)
        dialogue.answer("How to say who asks")
        dialogue.answer("Name of the alert that always fires")
        dialogue.sees("answers.")
        dialogue.placed_and_written("prometheus")
    assert [one["state"] for one in office.items("sources")] == ["fresh"]
