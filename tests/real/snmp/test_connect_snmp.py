"""`rounds connect snmp` with keys in a terminal, from an empty HOME, against real agents.

SNMP has no certificates: what stands for them, the passphrases of version 3, is here.
"""

from __future__ import annotations

import pytest

from tests.real.snmp.conftest import Agents
from tests.support.dialogue import Dialogue
from tests.support.office import Office
from tests.support.servers.snmp import AUTH, COMMUNITY, NARROW, PRIVACY, USER, free_udp_port

pytestmark = pytest.mark.real
SIZE = (160, 70)
OTHER = "canary-of-another-device"


@pytest.fixture
def at_work(office: Office) -> Office:
    known = {"COMMUNITY": COMMUNITY, "OTHER": OTHER, "BOTH": f"{AUTH}:{PRIVACY}", "SIGNS": f"{OTHER}:{PRIVACY}"}
    office.environment = {**office.environment, **known, "HIDES": f"{AUTH}:{OTHER}", "NARROW": NARROW, "AUTH": AUTH}
    return office


class Answers(Dialogue):
    """Five questions, two of them for version 2c; empty is what was answered before."""

    version = "2c"

    def five(self, hosts: str = "", version: str = "", user: str = "", privacy: str = "") -> None:
        self.answer("Address of a device", hosts)
        self.answer("Version of SNMP", version)
        self.version = version or self.version
        self.who(user, privacy)

    def who(self, user: str = "", privacy: str = "") -> None:
        if self.version != "3":
            return
        self.answer("User", user)
        self.answer("How the user proves himself")
        self.answer("How it is encrypted", privacy)

    def secret(self, where: str) -> None:
        self.answer("Where community, or passphrases of the user is kept", where)


def test_version_2c_past_a_wrong_address_and_a_wrong_community(at_work: Office, agents: Agents) -> None:
    nowhere = f"127.0.0.1:{free_udp_port()}"
    with at_work.screen("connect", "snmp", size=SIZE) as terminal:
        dialogue = Answers(terminal)
        dialogue.five(nowhere)
        dialogue.secret("env:OTHER")
        dialogue.sees("refuses: the host is there and no SNMP agent listens. Start it there.")
        dialogue.five(agents.switch.at)
        dialogue.sees("or the community is wrong, to which agents say nothing. Compare the community, and what")
        dialogue.answer("What now [1]", "2")
        dialogue.who()
        dialogue.secret("env:COMMUNITY")
        dialogue.sees("answers; we are known there as the community.")
        dialogue.left_and_written("snmp")
    assert len(at_work.items("devices")) == 1
    assert [one["state"] for one in at_work.items("sources")] == ["fresh"]
    assert COMMUNITY not in at_work.config.read_text()
    assert OTHER.encode() not in terminal.raw


def test_a_community_with_too_few_rights_is_named_with_its_remedy(at_work: Office, agents: Agents) -> None:
    with at_work.screen("connect", "snmp", size=SIZE) as terminal:
        dialogue = Answers(terminal)
        dialogue.five(agents.switch.at)
        dialogue.secret("env:NARROW")
        dialogue.sees("It may not read more than the system group.")
        dialogue.sees("Give the community or user a view of all of 1.3.6.1.2.1 there.")
        dialogue.left_and_written("snmp")
    assert [one["state"] for one in at_work.items("sources")] == ["fresh"]
    assert "warn" in at_work.rounds("doctor", check=False).stdout


def test_version_3_past_a_wrong_user_and_wrong_passphrases(at_work: Office, agents: Agents) -> None:
    with at_work.screen("connect", "snmp", size=SIZE) as terminal:
        dialogue = Answers(terminal)
        dialogue.five(agents.switch.at, "3", "nobody")
        dialogue.secret("env:BOTH")
        dialogue.sees("knows no user nobody: check user, and that the user was made on that device.")
        dialogue.who(USER)
        dialogue.secret("env:SIGNS")
        dialogue.sees(f"refuses the authentication passphrase of {USER}: it is wrong, or auth = ")
        dialogue.sees("give the right one, or make a new one there.")
        dialogue.who()
        dialogue.secret("env:HIDES")
        dialogue.sees("the privacy passphrase is wrong, or privacy = ")
        dialogue.who()
        dialogue.secret("env:BOTH")
        dialogue.sees(f"answers; we are known there as {USER}.")
        dialogue.left_and_written("snmp")
    assert [one["state"] for one in at_work.items("sources")] == ["fresh"]
    assert all(word.encode() not in terminal.raw for word in (AUTH, PRIVACY, OTHER))


def test_a_user_that_wants_more_security_than_was_said(at_work: Office, agents: Agents) -> None:
    with at_work.screen("connect", "snmp", size=SIZE) as terminal:
        dialogue = Answers(terminal)
        dialogue.five(agents.switch.at, "3", USER, "none")
        dialogue.secret("env:AUTH")
        dialogue.sees("does not let us read the system group: give the community or user a view of 1.3.6.1.2.1, or say")
        dialogue.sees("privacy, if that user has to encrypt.")
        dialogue.answer("What now [1]", "2")
        dialogue.who(privacy="aes")
        dialogue.secret("env:BOTH")
        dialogue.sees(f"answers; we are known there as {USER}.")
        dialogue.left_and_written("snmp")
    assert [one["state"] for one in at_work.items("sources")] == ["fresh"]
