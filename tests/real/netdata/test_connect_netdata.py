"""`rounds connect netdata` with keys in a terminal, from an empty HOME, against a real Netdata.

An agent asks nobody who he is, and has no lesser users: passwords, refusals and TLS are of the web server in front.
"""

from __future__ import annotations

import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.certificates import Issued, issued
from tests.support.dialogue import Dialogue
from tests.support.front import basic, front, guarded, passed_on
from tests.support.office import Office
from tests.support.ports import free_port
from tests.support.servers.netdata import Netdata
from tests.support.terminal import Terminal

pytestmark = [pytest.mark.real, pytest.mark.xdist_group("netdata")]

SIZE = (200, 90)
PASSWORD = "t0ken-canary-5e7d"


@pytest.fixture
def fronted(netdata: Netdata, tmp_path: Path) -> Iterator[tuple[str, Issued]]:
    """The address of a web server in front of it, which lets `rounds` read and `guest` do nothing."""
    lets_in = {basic("rounds", PASSWORD): 200, basic("guest", PASSWORD): 403}
    shown = issued(tmp_path, "front", None)
    with front(guarded(passed_on(netdata.url), lets_in), shown) as url:
        yield url, shown


def connecting(office: Office) -> Terminal:
    office.environment = {**office.environment, "RIGHT": PASSWORD, "WRONG": "wrong"}
    return office.screen("connect", "netdata", size=SIZE)


def who(dialogue: Dialogue, user: str = "", secret: str = "") -> None:
    dialogue.answer("User of the web server in front", user)
    dialogue.answer("Where password is kept", secret)


def written(dialogue: Dialogue, office: Office, netdata: Netdata) -> None:
    dialogue.sees("The account may read alarms and charts.")
    dialogue.given_to("Acme Dental", "netdata")
    (device,) = office.items("devices")
    assert (device["name"], device["client"]) == (netdata.host, "acme-dental")
    assert [one["state"] for one in office.items("sources")] == ["fresh"]


def test_past_wrong_addresses_to_an_agent_that_asks_nobody(office: Office, netdata: Netdata) -> None:
    nowhere = f"http://127.0.0.1:{free_port('127.0.0.1')}"
    with connecting(office) as terminal:
        dialogue = Dialogue(terminal)
        dialogue.answer("Address of the agent", nowhere)
        who(dialogue)
        dialogue.sees(f"Nothing listens at {nowhere}; start it, or check the port.")
        dialogue.answer("Address of the agent", f"{netdata.url}/host/nobody")
        dialogue.answer("User of the web server in front")
        dialogue.sees(f"There is nothing at this address of {netdata.url}; correct the address. (HTTP 404)")
        dialogue.answer("Address of the agent", netdata.url.replace("http:", "https:"))
        dialogue.answer("User of the web server in front")
        dialogue.sees("No secure connection to 127.0.0.1 (")
        dialogue.sees("); check that the port speaks TLS.")
        dialogue.answer("Address of the agent", netdata.url)
        dialogue.answer("User of the web server in front")
        dialogue.sees(f"Netdata {netdata.ask('info')['version'].lstrip('v')} answers.")
        written(dialogue, office, netdata)


def test_past_an_address_where_nobody_answers(office: Office, netdata: Netdata) -> None:
    with (
        socket.create_server(("127.0.0.1", 0)) as mute,
        office.screen("connect", "netdata", "--set", "deadline=1s", size=SIZE) as terminal,
    ):
        nobody = f"http://127.0.0.1:{mute.getsockname()[1]}"
        dialogue = Dialogue(terminal)
        dialogue.answer("Address of the agent", nobody)
        who(dialogue)
        dialogue.sees(f"{nobody} did not answer completely within 1 s; check the address, the way there and its load.")
        dialogue.answer("What now", "3")
        dialogue.answer("Address of the agent", netdata.url)
        dialogue.answer("User of the web server in front")
        written(dialogue, office, netdata)


def test_past_an_unknown_certificate_a_wrong_password_and_a_user_without_rights(
    office: Office, netdata: Netdata, fronted: tuple[str, Issued]
) -> None:
    """F-50: nobody vouches for the certificate until the technician does."""
    url, shown = fronted
    with connecting(office) as terminal:
        dialogue = Dialogue(terminal)
        dialogue.answer("Address of the agent", url)
        who(dialogue, "guest", "env:WRONG")
        dialogue.vouches_for(shown.fingerprint)
        dialogue.sees(f"{url} does not accept our credentials; give the right one, or make a new one there. (HTTP 401)")
        who(dialogue, secret="env:RIGHT")
        dialogue.sees(f"{url} does not permit this to our user; give it the right to read. (HTTP 403)")
        dialogue.answer("What now", "2")
        who(dialogue, "rounds", "env:RIGHT")
        dialogue.sees("answers; we are known there as rounds.")
        written(dialogue, office, netdata)
    assert f'fingerprint = "{shown.fingerprint}"' in office.config.read_text()
    assert PASSWORD.encode() not in terminal.raw
