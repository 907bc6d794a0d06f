"""`rounds connect monit` with keys in a terminal, from an empty HOME, against a real Monit."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.bad_ssh import free_port
from tests.support.dialogue import Dialogue
from tests.support.office import Office
from tests.support.servers.monit import USERS, Monit
from tests.support.tls_front import fronted

pytestmark = pytest.mark.real


def test_past_every_mistake_to_a_source_that_answers(office: Office, monit: Monit, tmp_path: Path) -> None:
    """Monit's own TLS wants a certificate that others have signed; a web server in front shows any."""
    known = {"WRONG": "canary-of-nobody", "VIEWER": USERS["viewer"], "ADMIN": USERS["admin"]}
    office.environment = {**office.environment, **known}
    nowhere = f"http://127.0.0.1:{free_port('127.0.0.1')}"
    with fronted(monit.url, tmp_path) as (url, shown), office.screen("connect", "monit", size=(160, 70)) as terminal:
        dialogue = Dialogue(terminal)
        dialogue.answer("Address of Monit's web server", nowhere)
        dialogue.answer("User, as `allow`")
        dialogue.answer("Where password of the user is kept", "env:WRONG")
        dialogue.sees(f"Nothing listens at {nowhere}; start it, or check the port.")
        dialogue.answer("Address of Monit's web server", url)
        dialogue.answer("User, as `allow`")
        dialogue.sees("Nobody who is known here vouches for this server")
        dialogue.sees(shown.in_pairs)
        dialogue.answer("told you?", "y")
        dialogue.sees("does not accept our credentials; give the right one, or make a new one there.")
        dialogue.answer("User, as `allow`", "viewer")
        dialogue.answer("Where password of the user is kept", "env:VIEWER")
        dialogue.sees("answers; we are known there as viewer.")
        dialogue.sees("It may not start, stop and restart services, check now.")
        dialogue.sees("To start, stop and restart services, check now: ")
        dialogue.left_and_written("monit")
        assert [one["name"] for one in office.items("devices")] == [monit.host]
        assert [one["state"] for one in office.items("sources")] == ["fresh"]
    assert f'fingerprint = "{shown.fingerprint}"' in office.config.read_text()
    assert b"canary-of-nobody" not in terminal.raw
