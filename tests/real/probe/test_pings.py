"""Pings by each kind of socket, where they are forbidden, and where nobody answers them: in networks of their own."""

from __future__ import annotations

import json
import sys
from typing import Any

import pytest

from tests.support.closed_net import DEAF, EVERYBODY, NOBODY, closed_net_or_skip, in_closed_net
from tests.support.office import ROUNDS, Office

pytestmark = pytest.mark.real

PINGS = """
import asyncio, ipaddress, json
from backends.adapters.probe.pinger import Pinger
async def main():
    pinger = Pinger()
    found = [await pinger.ping(ipaddress.ip_address(one), 5.0) for one in ("127.0.0.3", "::1")]
    print(json.dumps([pinger.how(), found]))
    pinger.close()
asyncio.run(main())
"""


@pytest.fixture(autouse=True)
def _closed() -> None:
    closed_net_or_skip()


def asked(office: Office, *argv: str, **net: Any) -> Any:
    """What `rounds ARGV --json` prints in such a network."""
    done = in_closed_net([*ROUNDS, *argv, "--json"], office.environment, **net)
    assert done.stdout, done.stderr
    return json.loads(done.stdout)


@pytest.mark.parametrize(
    ("sysctl", "raw", "how"),
    [(EVERYBODY, False, "a datagram socket"), (EVERYBODY, True, "a datagram socket"), (NOBODY, True, "a raw socket")],
    ids=["unprivileged", "both", "raw"],
)
def test_both_versions_answer_by_each_kind_of_socket(office: Office, sysctl: str, raw: bool, how: str) -> None:
    done = in_closed_net([sys.executable, "-c", PINGS], office.environment, sysctls=[sysctl], raw=raw)
    told, found = json.loads(done.stdout)
    assert (told, [ms is not None for ms in found]) == (how, [True, True]), done.stderr


def test_where_neither_is_permitted_it_says_so_once_and_is_never_green(office: Office) -> None:
    """F-69: nothing is known of a host that was not pinged and takes no connection; there is no way to the second."""
    office.configure('[sources.eyes]\nkind = "probe"\nclient = "acme"\ntargets = ["127.0.0.2", "10.0.0.2"]\n')
    devices = asked(office, "devices", sysctls=[NOBODY], raw=False)["items"]
    assert {one["name"]: one["health"] for one in devices} == {"127.0.0.2": "ok", "10.0.0.2": "unknown"}
    (source,) = asked(office, "sources", sysctls=[NOBODY], raw=False)["items"]
    assert "net.ipv4.ping_group_range" in source["note"]


def test_who_answers_no_pings_is_down_unless_a_port_answers(office: Office) -> None:
    both = (
        '[sources.eyes]\nkind = "probe"\nclient = "acme"\ntimeout = "200ms"\ntargets = ["a=127.0.0.2", "b=127.0.0.3"]\n'
    )
    office.configure(both + '[[sources.eyes.check]]\ndevice = "b"\ntcp = "127.0.0.3:9"\n')
    devices = asked(office, "devices", sysctls=[DEAF])["items"]
    assert {one["name"]: one["health"] for one in devices} == {"a": "down", "b": "degraded"}
    issues = asked(office, "issues", sysctls=[DEAF])["items"]
    assert {one["device_name"]: one["condition"] for one in issues} == {"a": "reachable", "b": "tcp/127.0.0.3:9"}
    assert next(one["title"] for one in issues if one["device_name"] == "a").startswith("127.0.0.2 does not answer: 3")
