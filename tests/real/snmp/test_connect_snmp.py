"""`rounds connect snmp` with keys in a terminal, from an empty HOME, against real agents.

SNMP has no certificates, so that none can be self-signed. A user without authentication is not to be had either: rounds
asks every user of version 3 to prove himself, and the dialogue has no choice for less.
"""

from __future__ import annotations

import pytest

from tests.real.snmp.conftest import Agents
from tests.support.dialogue import Dialogue
from tests.support.office import Office
from tests.support.servers.snmp import AUTH, BLIND, COMMUNITY, LOOPBACK, NARROW, PRIVACY, USER, free_udp_port
from tests.support.terminal import Terminal

pytestmark = pytest.mark.real

SHORT = ("--set", "deadline=1s")
"""Silence is waited for."""
WRONG = "not the right one"


def connecting(office: Office, **secrets: str) -> Terminal:
    office.environment = {**office.environment, **secrets}
    return office.screen("connect", "snmp", *SHORT, size=(200, 90))


def asked(dialogue: Dialogue, address: str, user: str = "") -> None:
    """Of version 3 where there is a user."""
    dialogue.answer("Address of a device", address)
    dialogue.answer("Version of SNMP", "3" if user else "")
    if user:
        dialogue.answer("User", user)
        dialogue.answer("How the user proves himself")
        dialogue.answer("How it is encrypted")


def secret(dialogue: Dialogue, where: str) -> None:
    dialogue.answer("Where community, or passphrases", f"env:{where}")


def who(dialogue: Dialogue, where: str, user: str = "", privacy: str = "") -> None:
    """What is asked again after a user of version 3 was refused."""
    dialogue.answer("User", user)
    dialogue.answer("How the user proves himself")
    dialogue.answer("How it is encrypted", privacy)
    secret(dialogue, where)


def written(dialogue: Dialogue, office: Office, native: str) -> None:
    """The device is the switch, and everything is fresh."""
    dialogue.sees("Testbed switch, 8 ports answers; we are known there as ")
    dialogue.sees("The account may read 1 of 1 hosts, read interfaces.")
    dialogue.given_to("Acme Dental", "snmp")
    (device,) = office.items("devices")
    assert (device["name"], device["kind"], device["client"]) == ("client01-sw1", "switch", "acme-dental")
    assert device["id"] == f"snmp:{native}"
    assert [one["state"] for one in office.items("sources")] == ["fresh"]


def test_version_2c_past_a_wrong_port_and_a_wrong_community(office: Office, agents: Agents) -> None:
    with connecting(office, RIGHT=COMMUNITY, WRONG=WRONG) as terminal:
        dialogue = Dialogue(terminal)
        nobody = free_udp_port()
        asked(dialogue, f"{LOOPBACK}:{nobody}")
        secret(dialogue, "WRONG")
        dialogue.sees(
            f"{LOOPBACK} port {nobody} refuses: the host is there and no SNMP agent listens. Start it there, or check "
            "the port."
        )
        asked(dialogue, agents.switch.at)
        dialogue.sees("gave no answer over SNMP v2c within 1 s: it is down or cut off, or it speaks no SNMP to us, or ")
        dialogue.sees("the community is wrong, to which agents say nothing. Compare the community, and what addresses ")
        dialogue.answer("What now", "2")
        secret(dialogue, "RIGHT")
        written(dialogue, office, agents.switch.at)
    assert COMMUNITY not in office.config.read_text()


def test_an_address_where_nothing_answers_can_be_corrected(office: Office, agents: Agents, mute: str) -> None:
    with connecting(office, RIGHT=COMMUNITY) as terminal:
        dialogue = Dialogue(terminal)
        asked(dialogue, "nowhere.invalid")
        secret(dialogue, "RIGHT")
        dialogue.sees("The name nowhere.invalid could not be resolved: check it, and DNS.")
        asked(dialogue, mute)
        dialogue.sees("gave no answer over SNMP v2c within 1 s: it is down or cut off")
        dialogue.answer("What now", "3")
        asked(dialogue, agents.switch.at)
        written(dialogue, office, agents.switch.at)


def test_version_3_past_a_wrong_user_and_wrong_passphrases(office: Office, agents: Agents) -> None:
    both = {"RIGHT": f"{AUTH}:{PRIVACY}", "AUTH": f"{WRONG}:{PRIVACY}", "PRIVACY": f"{AUTH}:{WRONG}"}
    at = f"{LOOPBACK} port {agents.switch.port}"
    with connecting(office, **both, PLAIN=AUTH, SHORT="short") as terminal:
        dialogue = Dialogue(terminal)
        asked(dialogue, agents.switch.at, "nobody")
        secret(dialogue, "SHORT")
        dialogue.sees("A passphrase of SNMP version 3 has 8 characters at least; this one has fewer.")
        who(dialogue, "RIGHT")
        dialogue.sees(f"{at} knows no user nobody: check user, and that the user was made on that device.")
        who(dialogue, "AUTH", user=USER)
        dialogue.sees(f"{at} refuses the authentication passphrase of {USER}: it is wrong, or ")
        dialogue.sees('auth = "sha256" is not what that user has there; give the right one, or make a new one there.')
        who(dialogue, "PRIVACY")
        dialogue.sees(f"{at} says who it is, and nothing to what {USER} asks: the privacy passphrase is wrong, or ")
        dialogue.sees('privacy = "aes" is not what that user has there. Compare both with the device')
        who(dialogue, "PLAIN", privacy="none")
        dialogue.sees(
            f"{at} does not let us read the system group: give the community or user a view of 1.3.6.1.2.1, or "
        )
        dialogue.sees("say privacy, if that user has to encrypt.")
        dialogue.answer("What now", "2")
        who(dialogue, "RIGHT", privacy="aes")
        written(dialogue, office, agents.switch.at)
    assert AUTH.encode() not in terminal.raw
    assert PRIVACY not in office.config.read_text()


def test_a_view_that_hides_the_mib_is_named_with_its_remedy(office: Office, agents: Agents) -> None:
    with connecting(office, RIGHT=COMMUNITY, BLIND=BLIND) as terminal:
        dialogue = Dialogue(terminal)
        asked(dialogue, agents.switch.at)
        secret(dialogue, "BLIND")
        dialogue.sees("answers and shows nothing: give the community or user a view of 1.3.6.1.2.1 there.")
        dialogue.answer("What now", "2")
        secret(dialogue, "RIGHT")
        written(dialogue, office, agents.switch.at)


def test_a_view_of_a_part_is_connected_and_says_what_is_hidden(office: Office, agents: Agents) -> None:
    with connecting(office, NARROW=NARROW) as terminal:
        dialogue = Dialogue(terminal)
        asked(dialogue, agents.switch.at)
        secret(dialogue, "NARROW")
        dialogue.sees("It may not read more than the system group.")
        dialogue.sees(
            "To read more than the system group: Give the community or user a view of all of 1.3.6.1.2.1 there."
        )
        dialogue.given_to("Acme Dental", "snmp")
    (device,) = office.items("devices")
    assert device["name"] == "client01-sw1"
    assert [one["state"] for one in office.items("sources")] == ["fresh"]
    found = office.rounds("doctor", check=False).stdout
    assert "It may not read more than the system group. Give the community or user a view of all of" in found
