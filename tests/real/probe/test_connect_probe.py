"""`rounds connect probe` with keys in a terminal, from an empty HOME, against this machine.

It has no address of a server and no secret: what can be wrong is a target, a check, and the right to ping. That nobody
vouches for a certificate is what its checks are there to find, and no obstacle.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.certificates import issued
from tests.support.closed_net import NOBODY, closed, closed_net_or_skip, with_tools
from tests.support.dialogue import Dialogue
from tests.support.front import front
from tests.support.office import ROUNDS, Office
from tests.support.replayed import Said
from tests.support.terminal import Terminal

pytestmark = pytest.mark.real

SIZE = (200, 90)
TARGETS = "fw=127.0.0.1 127.0.0.2"
MAY = "The account may ping."


def connected(office: Office, *names: str) -> None:
    assert {one["name"]: one["client"] for one in office.items("devices")} == dict.fromkeys(names, "acme-dental")
    assert [one["state"] for one in office.items("sources")] == ["fresh"]


def test_past_what_is_no_target_to_targets_that_answer(office: Office) -> None:
    with office.screen("connect", "probe", size=SIZE) as terminal:
        dialogue = Dialogue(terminal)
        dialogue.answer("Addresses to ping", "http://127.0.0.1")
        dialogue.sees("“http://127.0.0.1” is no target: write 10.0.0.1, or fw=10.0.0.1.")
        dialogue.answer("Addresses to ping", "fw=127.0.0.1 fw=127.0.0.2")
        dialogue.sees("“fw=127.0.0.2” is there twice; its address and its name are ids.")
        dialogue.answer("Addresses to ping", TARGETS)
        dialogue.sees(MAY)
        dialogue.sees("It shows 2 devices")
        dialogue.given_to("Acme Dental", "probe")
    connected(office, "fw", "127.0.0.2")
    assert {one["health"] for one in office.items("devices")} == {"ok"}


def test_past_a_name_that_does_not_resolve(office: Office) -> None:
    with office.screen("connect", "probe", size=SIZE) as terminal:
        dialogue = Dialogue(terminal)
        dialogue.answer("Addresses to ping", "fw=nowhere.invalid")
        dialogue.sees("The name nowhere.invalid is not known; check it, the DNS or the VPN.")
        dialogue.answer("Addresses to ping", "fw=127.0.0.1")
        dialogue.sees(MAY)
        dialogue.given_to("Acme Dental", "probe")
    connected(office, "fw")


def test_one_name_of_several_that_does_not_resolve_is_named_and_holds_up_no_other(office: Office) -> None:
    with office.screen("connect", "probe", size=SIZE) as terminal:
        dialogue = Dialogue(terminal)
        dialogue.answer("Addresses to ping", "fw=127.0.0.1 nowhere.invalid")
        dialogue.sees("It may not find every target.")
        dialogue.sees("To find every target: The name nowhere.invalid is not known; check it, the DNS or the VPN.")
        dialogue.given_to("Acme Dental", "probe")
    connected(office, "fw", "nowhere.invalid")
    assert {one["name"]: one["health"] for one in office.items("devices")} == {"fw": "ok", "nowhere.invalid": "unknown"}


def test_without_the_right_to_ping_it_is_told_how_to_get_it(office: Office) -> None:
    closed_net_or_skip()
    argv = closed([*ROUNDS, "connect", "probe"], sysctls=[NOBODY], raw=False)
    with Terminal(argv, with_tools(office.environment), SIZE, str(office.home)) as terminal:
        dialogue = Dialogue(terminal)
        dialogue.answer("Addresses to ping", TARGETS)
        dialogue.sees("The account may not ping.")
        dialogue.sees("To ping: This machine does not let rounds ping over IPv4 (")
        dialogue.sees('Permit it with `sysctl -w net.ipv4.ping_group_range="0 2147483647"`, or give the engine ')
        dialogue.given_to("Acme Dental", "probe")
    connected(office, "fw", "127.0.0.2")


def test_past_a_check_of_no_kind(office: Office) -> None:
    with office.screen("connect", "probe", "--set", 'check=[{ftp="127.0.0.1"}]', size=SIZE) as terminal:
        dialogue = Dialogue(terminal)
        dialogue.answer("Addresses to ping", "fw=127.0.0.1")
        dialogue.sees("check[0]: A check says exactly one of tcp, http, tls, dns: what it looks at.")
        dialogue.answer("Addresses to ping")
        dialogue.sees(MAY)
        dialogue.given_to("Acme Dental", "probe")
    connected(office, "fw")


def test_a_certificate_that_nobody_vouches_for_is_found_and_is_no_obstacle(office: Office, tmp_path: Path) -> None:
    with front(lambda _: Said(body=b"all is well", content_type="text/plain"), issued(tmp_path, "web", None)) as url:
        checks = f'check=[{{http="{url}/", device="fw"}}]'
        with office.screen("connect", "probe", "--set", checks, size=SIZE) as terminal:
            dialogue = Dialogue(terminal)
            dialogue.answer("Addresses to ping", "fw=127.0.0.1")
            dialogue.sees(MAY)
            dialogue.given_to("Acme Dental", "probe")
        connected(office, "fw")
        (issue,) = office.items("issues")
    assert "The certificate of 127.0.0.1 is signed by itself; put its fingerprint" in issue["title"]
