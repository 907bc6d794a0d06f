"""One engine for whoever looks: each source is polled once, and a terminal that reads nothing holds up nobody."""

from __future__ import annotations

import time

import pytest

from tests.support.acting import agree
from tests.support.following import Following
from tests.support.hosts import Host, Hosts
from tests.support.office import Office, one_site

pytestmark = pytest.mark.real

BLOCKED_S = 60.0
"""How long the terminal reads nothing."""


@pytest.fixture
def members(hosts: Hosts, office: Office) -> list[Host]:
    """Three hosts of one site."""
    made: list[Host] = hosts.add_many(3)
    one_site(office, hosts, *made)
    return made


def assert_polled_once(members: list[Host], devices: Following) -> None:
    """As many scripts are begun on each host as looks at it are told, with one more or less under way."""
    names = [host.name for host in members]
    devices.until_seen_again(names, 1)
    before = {host.name: host.sessions - len(devices.seen[host.name]) for host in members}
    devices.until_seen_again(names, 2)
    for host in members:
        assert abs(host.sessions - len(devices.seen[host.name]) - before[host.name]) <= 1


@pytest.mark.long
def test_every_host_is_polled_once_however_many_look(members: list[Host], office: Office) -> None:
    with office.follow("devices") as devices:
        assert_polled_once(members, devices)
        with office.screen() as one, office.screen(size=(100, 30)) as other:
            one.until("Everything is fine")
            other.until("Everything is fine")
            office.items("sources")
            assert_polled_once(members, devices)
            assert len(office.engine_pids()) == 1
    assert [host.logins for host in members] == [1, 1, 1]


@pytest.mark.long
def test_a_terminal_that_reads_nothing_for_a_minute_holds_up_nobody(members: list[Host], office: Office) -> None:
    by_keys, by_command, quiet = members
    names = [host.name for host in members]
    by_keys.stop_service("webshop")
    by_keys.hold_service("webshop")
    with office.follow("devices") as devices, office.screen() as screen:
        screen.until(r"Fixes +1 Restart service")
        screen.type("1")
        screen.until("Run it")
        agree(screen)
        screen.choke()
        began, turns = time.monotonic(), screen.turns
        devices.until_seen_again(names, 1)
        by_keys.release_service("webshop")
        assert ended(office, by_keys) == ("succeeded", "fixed")

        by_command.stop_service("webshop")
        devices.until(lambda: devices.facts[by_command.name]["health"] == "degraded", "the stopped service")
        office.rounds("fix", "run", "restart-service", by_command.name, "--yes")
        assert ended(office, by_command) == ("succeeded", "fixed")
        assert office.rounds("audit", "verify").returncode == 0

        quiet.stop_service("webshop")
        while time.monotonic() - began < BLOCKED_S:
            devices.until_seen_again(names, 1)
            assert {devices.facts[name]["freshness"] for name in names} == {"fresh"}
        assert screen.turns == turns, "the screen was not blocked all the time"

        screen.until(r"Outcome +● fixed")
        screen.type("escape")
        screen.until(rf"{quiet.name} .*webshop")
        quiet.start_service("webshop")
        screen.until("Everything is fine")
    assert [host.logins for host in members] == [1, 1, 1]


def ended(office: Office, host: Host) -> tuple[str, str]:
    """State and outcome of the one run on a host, once it has come to its end."""
    with office.follow("runs") as runs:

        def of_host() -> list[dict[str, str]]:
            return [run for run in runs.facts.values() if run["target_name"] == host.name]

        runs.until(lambda: bool(of_host()) and of_host()[0]["outcome"] != "pending", f"the run on {host.name} ended")
        (run,) = of_host()
        return run["state"], run["outcome"]
