"""A shell on a real host from the screen: the system's ssh takes the terminal, and the screen comes back."""

from __future__ import annotations

import pytest

from tests.support.hosts import Hosts
from tests.support.office import Office, ssh_source

pytestmark = pytest.mark.real


def test_a_shell_opens_on_the_device_under_the_cursor_and_the_screen_comes_back(hosts: Hosts, office: Office) -> None:
    web = hosts.add("web01")
    office.trust(hosts)
    office.configure(ssh_source("acme-hq", "acme", "HQ", hosts.key, [web.at], more='services = ["webshop"]'))
    web.stop_service("webshop")
    with office.screen() as screen:
        screen.until(r"Fixes +1 Restart service")
        screen.type("o")
        # The screen leaves the alternate buffer, which the test's terminal does not have: look at what was written.
        screen.until_true(lambda: screen.raw.endswith(b"# "), "a prompt")
        screen.type("echo on-$(hostname)\n")
        screen.until_true(lambda: b"\non-web01\r" in screen.raw, "the answer of the host")
        left = len(screen.raw)
        screen.type("exit\n")
        screen.until_true(lambda: b"\x1b[?1049h" in screen.raw[left:], "the alternate buffer again")
        screen.until(r"Fixes +1 Restart service")
        screen.type("q")
        assert screen.until_ended() == 0
    events = [record["event"] for record in office.items("audit", "show")]
    assert "shell-opened" in events
