"""`rounds probe` on devices of another source, in a network with addresses that are not this machine's loopback."""

from __future__ import annotations

import json
import re
from subprocess import CompletedProcess

import pytest

from tests.support.closed_net import DEAF, EVERYBODY, closed_net_or_skip, in_closed_net
from tests.support.office import ROUNDS, Office

pytestmark = pytest.mark.real

HERE, GONE = "10.0.0.4", "10.0.0.5"


@pytest.fixture(autouse=True)
def _ssh_hosts(office: Office) -> None:
    """Three hosts on which no SSH server runs: the source says that they are down."""
    closed_net_or_skip()
    office.configure(
        f'[sources.acme-hq]\nkind = "ssh"\nclient = "acme"\nagent = false\nhosts = ["{HERE}", "{GONE}", "127.0.0.9"]\n'
    )


def probe(office: Office, *argv: str, deaf: bool = False) -> CompletedProcess[str]:
    sysctls = [EVERYBODY, DEAF] if deaf else [EVERYBODY]
    return in_closed_net([*ROUNDS, "probe", *argv], office.environment, sysctls=sysctls, addresses=[f"{HERE}/32"])


def test_what_the_source_cannot_reach_may_answer_from_here(office: Office) -> None:
    done = probe(office, HERE)
    first = done.stdout.splitlines()[0]
    assert re.fullmatch(
        rf"{HERE}: acme-hq says that it is down; from here {HERE} answers in [a-z0-9. ]+ ms\.", first
    ), done.stderr
    assert "is a private address" in done.stdout
    assert done.returncode == 0


def test_what_is_gone_is_silent_from_here_as_well(office: Office) -> None:
    done = probe(office, GONE, "--json")
    said = json.loads(done.stdout)
    assert (said["verdict"], done.returncode) == ("silent", 2)
    assert said["sentence"].startswith(f"acme-hq says that it is down; nothing answers from here either, at {GONE}: ")


def test_what_answers_no_pings_and_refuses_is_told_apart(office: Office) -> None:
    said = probe(office, HERE, deaf=True)
    assert f"from here something at {HERE} refuses tcp 22, 443, 3389, 445: the device, or a firewall" in said.stdout
    assert "3 pings lost" in said.stdout
    assert said.returncode == 1


def test_loopback_is_not_taken_for_a_device(office: Office) -> None:
    said = probe(office, "127.0.0.9")
    assert (said.stdout, said.returncode) == ("", 77)
    assert (
        "127.0.0.9 is this machine itself, seen from here, and not the device: nothing was sent there." in said.stderr
    )
