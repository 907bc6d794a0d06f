"""`rounds connect ssh` with keys in a terminal, from an empty HOME, against real hosts.

A host key that nobody knows is what a certificate signed by itself is elsewhere.
"""

from __future__ import annotations

import shutil

import pytest

from tests.support.dialogue import Dialogue
from tests.support.hosts import Host, Hosts
from tests.support.office import Office
from tests.support.ports import free_port
from tests.support.terminal import Terminal

pytestmark = pytest.mark.real
SIZE = (160, 70)


def test_past_a_wrong_port_an_unknown_host_key_and_a_wrong_key(office: Office, hosts: Hosts) -> None:
    host = hosts.add()
    with office.screen("connect", "ssh", size=SIZE) as terminal:
        dialogue = Dialogue(terminal)
        begun(dialogue)
        dialogue.answer("Hosts, separated by spaces", "no host/here")
        dialogue.sees("is no host name or IP address.")
        nowhere = f"{host.address}:{free_port(host.address)}"
        dialogue.answer("Hosts, separated by spaces", nowhere)
        dialogue.sees(f"{nowhere}: left out.")
        dialogue.sees("refuses connections: check that sshd runs there and that the port is right.")
        dialogue.answer("Hosts, separated by spaces", host.native)
        dialogue.sees(f"{host.native} shows a ssh-ed25519 host key, {host.fingerprint}")
        dialogue.answer("told you?", "n")
        dialogue.sees("its key was not accepted. Ask `ssh-keygen -l -f`")
        assert host.tries == 0
        dialogue.answer(f"Hosts, separated by spaces [{host.native}]")
        dialogue.sees(host.fingerprint)
        dialogue.answer("told you?", "y")
        dialogue.answer("User to log in as [root]")
        dialogue.answer("Log in by", "key")
        dialogue.answer("Private key", str(hosts.other_key))
        dialogue.answer("Name of the source [acme-hq]")
        dialogue.sees("refuses the log-in of root by the key")
        dialogue.sees("check the user, and that the host accepts it.")
        dialogue.answer("What now [2]")
        dialogue.answer(f"Hosts, separated by spaces [{host.native}]")
        dialogue.sees("the host key is known")
        dialogue.answer("User to log in as [root]")
        dialogue.answer("Log in by", "key")
        dialogue.answer("Private key", str(hosts.key))
        written(dialogue, terminal, host)
    assert str(hosts.other_key) not in office.config.read_text()
    watched(office, host)


def test_past_a_wrong_password_and_a_user_without_sudo(office: Office, hosts: Hosts) -> None:
    if shutil.which("sudo") is None:
        pytest.skip("needs sudo (Debian package sudo)")
    host = hosts.add()
    office.environment = {**office.environment, "RIGHT": hosts.password, "WRONG": "wrong"}
    with office.screen("connect", "ssh", size=SIZE) as terminal:
        dialogue = Dialogue(terminal)
        begun(dialogue)
        dialogue.answer("Hosts, separated by spaces", host.native)
        dialogue.answer("told you?", "y")
        by_password(dialogue, "User to log in as [root]", "env:WRONG")
        dialogue.answer("Name of the source [acme-hq]")
        dialogue.sees("refuses the log-in of tech by password: check the user, and that the host accepts it.")
        dialogue.answer("What now [2]")
        dialogue.answer("Hosts, separated by spaces [")
        by_password(dialogue, "User to log in as [tech]", "env:RIGHT")
        dialogue.sees("does not let tech use sudo without a password")
        dialogue.sees("allow it there, or set sudo = false.")
        rule = "tech ALL=(root) NOPASSWD: /usr/bin/sh -s"
        host.run(f"echo '{rule}' >/etc/sudoers.d/tech && chmod 440 /etc/sudoers.d/tech")
        dialogue.answer("What now [2]", "1")
        written(dialogue, terminal, host)
    assert "sudo = true" in office.config.read_text()
    assert hosts.password not in office.config.read_text()
    watched(office, host)


def begun(dialogue: Dialogue) -> None:
    dialogue.answer("Client", "Acme")
    dialogue.answer("Contract")
    dialogue.answer("Site [HQ]")


def by_password(dialogue: Dialogue, question: str, where: str) -> None:
    dialogue.answer(question, "tech")
    dialogue.answer("through sudo", "y")
    dialogue.answer("Log in by", "password")
    dialogue.answer("Where the password is kept", where)


def written(dialogue: Dialogue, terminal: Terminal, host: Host) -> None:
    dialogue.sees(f"({host.address}), ")
    dialogue.answer("Add source acme-hq to", "y")
    assert terminal.until_ended() == 0, terminal.text
    dialogue.sees("Added source acme-hq")


def watched(office: Office, host: Host) -> None:
    assert [one["id"].partition(":")[2] for one in office.items("devices")] == [host.native]
    assert [one["state"] for one in office.items("sources")] == ["fresh"]
