"""`rounds connect prometheus` with keys in a terminal, from an empty HOME, against a real installation."""

from __future__ import annotations

import pytest

from tests.support.bad_ssh import free_port
from tests.support.dialogue import Dialogue
from tests.support.office import Office
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
            dialogue.answer("User, for basic")
            dialogue.answer("Name of the alert that always fires")

        five(nowhere)
        dialogue.answer("Where password or token is kept")
        dialogue.sees(f"Nothing listens at {nowhere}; start it, or check the port.")
        five(installation.alertmanagers[0], installation.url)
        dialogue.sees("answers.")
        dialogue.sees("The account may read alerts")
        dialogue.placed_and_written("prometheus")
    assert set(CLIENTS) <= {one["client"] for one in office.items("devices")}
    assert [one["state"] for one in office.items("sources")] == ["fresh"]
