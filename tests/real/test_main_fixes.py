"""The other fixes on real hosts, by command and by keys; on record in order; and cut in the middle, never repeated."""

from __future__ import annotations

import json
import os
import subprocess
import time
from collections.abc import Callable
from typing import Any

import pytest

from tests.support.acting import agree
from tests.support.hosts import Host, Hosts
from tests.support.office import Office, one_site

pytestmark = pytest.mark.real

HOPELESS_S = 60.0


@pytest.fixture
def host(hosts: Hosts, office: Office) -> Host:
    """The one host of Acme's headquarters."""
    made: Host = hosts.add("web01", wired=True)
    one_site(office, hosts, made)
    return made


def on_record(office: Office, run: str) -> list[str]:
    """What was recorded of a run, oldest first."""
    records = json.loads(office.rounds("audit", "show", "--json").stdout)["items"]
    return [record["event"] for record in reversed(records) if record["subject"] == run]


def the_run(office: Office) -> dict[str, Any]:
    (run,) = office.items("runs")
    return run


def assert_fixed_and_on_record(office: Office) -> None:
    run = the_run(office)
    assert (run["state"], run["outcome"], run["exit"]) == ("succeeded", "fixed", 0)
    assert on_record(office, run["id"]) == ["run-approved", "run-sent", "run-ended", "run-verified"]
    assert office.rounds("audit", "verify").returncode == 0
    assert office.items("issues") == []


def wait_for(holds: Callable[[], bool], what: str) -> None:
    """For a sign on the device itself."""
    end = time.monotonic() + HOPELESS_S
    while not holds():
        assert time.monotonic() < end, f"never saw {what}"
        time.sleep(0.02)


def test_a_full_disk_is_cleared_from_the_command_line(host: Host, office: Office) -> None:
    host.fill("/var/tmp", 97)
    yesterday = host.path("/var/tmp/yesterday.tmp")
    yesterday.write_text("still of use\n")
    os.utime(yesterday, (time.time() - 86_400,) * 2)
    (issue,) = office.items("issues")
    result = office.rounds("fix", "run", "free-disk", issue["id"], "--yes", "--json")
    (run,) = json.loads(result.stdout)["items"]
    assert run["parameters"]["mount"] == "/var/tmp"
    assert host.used_percent("/var/tmp") < 5
    assert yesterday.exists()
    assert_fixed_and_on_record(office)


def test_a_full_disk_is_cleared_by_keys(host: Host, office: Office) -> None:
    host.fill("/var/tmp", 97)
    with office.screen() as screen:
        screen.until(r"Fixes +1 Free disk space")
        screen.type("1")
        screen.until("Run it")
        agree(screen)
        screen.until(r"Outcome +● fixed")
        screen.type("escape")
        screen.until(r"Everything is fine")
    assert host.used_percent("/var/tmp") < 5
    assert_fixed_and_on_record(office)


def test_a_runaway_is_ended_by_keys(host: Host, office: Office) -> None:
    pid = host.runaway("report-gen")
    with office.screen() as screen:
        screen.until(r"Fixes +1 End process")
        screen.type("1")
        screen.until("Run it")
        agree(screen)
        screen.until(r"Outcome +● fixed")
        screen.type("escape")
        screen.until(r"Everything is fine")
    assert not host.alive(pid)
    assert_fixed_and_on_record(office)


def test_a_reboot_is_proved_by_another_boot_id(host: Host, office: Office) -> None:
    before = host.boot_id
    result = office.rounds("fix", "run", "reboot", host.name, "--yes", "--json")
    (run,) = json.loads(result.stdout)["items"]
    assert (run["state"], run["outcome"]) == ("succeeded", "fixed")
    assert host.boot_id != before
    assert len((host.state / "reboots").read_text().splitlines()) == 1
    assert on_record(office, run["id"]) == ["run-approved", "run-sent", "run-ended", "run-verified"]


def test_a_lease_is_not_renewed_where_no_client_has_one(host: Host, office: Office) -> None:
    words = ("fix", "run", "renew-lease", host.name, "--param", "interface=lo", "--yes", "--json")
    result = office.rounds(*words, check=False)
    (run,) = json.loads(result.stdout)["items"]
    assert (result.returncode, run["state"], run["exit"]) == (1, "failed", 69)
    assert "No DHCP client was found on that interface" in run["sentence"]


class Cut:
    """A restart whose connection was cut while it ran: it started the service once, and nobody was told."""

    def __init__(self, host: Host, office: Office) -> None:
        self.host, self.office = host, office
        host.stop_service("webshop")
        host.hold_service("webshop")
        self.starts = len(host.service_log)
        with office.started("fix", "run", "restart-service", host.name, "--yes", "--json") as command:
            self._cut_while_it_runs(command)
            said, self.told = command.communicate(timeout=HOPELESS_S)
            self.status = command.returncode
        (self.run,) = json.loads(said)["items"]

    def _cut_while_it_runs(self, command: subprocess.Popen[str]) -> None:
        wait_for(lambda: len(self.host.service_log) > self.starts or command.poll() is not None, "the script at work")
        assert command.poll() is None, command.communicate()
        assert self.host.cut() > 0

    @property
    def times_started(self) -> int:
        """By count on the device."""
        return len(self.host.service_log) - self.starts

    def again(self) -> subprocess.CompletedProcess[str]:
        words = ("fix", "run", "restart-service", self.host.name, "--param", "service=webshop", "--yes")
        return self.office.rounds(*words, check=False)


@pytest.fixture
def cut(host: Host, office: Office) -> Cut:
    return Cut(host, office)


def test_a_run_that_is_cut_in_the_middle_is_unknown(cut: Cut) -> None:
    assert (cut.status, cut.run["state"], cut.run["outcome"]) == (3, "unknown", "not verified")
    assert "may have run" in cut.run["sentence"]
    assert on_record(cut.office, cut.run["id"]) == ["run-approved", "run-sent", "run-ended"]
    assert cut.office.rounds("audit", "verify").returncode == 0


def test_a_run_that_was_cut_is_never_repeated(cut: Cut) -> None:
    with cut.office.follow("devices") as devices:
        devices.until_seen_again([cut.host.name], 2)
    for pid in cut.office.engine_pids():
        cut.office.end(pid)
    with cut.office.follow("devices") as devices:
        devices.until_seen_again([cut.host.name], 2)
    assert cut.times_started == 1
    assert the_run(cut.office)["state"] == "unknown"


def test_a_run_that_was_cut_keeps_others_off_until_it_is_checked(cut: Cut) -> None:
    refused = cut.again()
    assert refused.returncode == 77
    assert "tech1 ran “Restart service” on web01" in refused.stderr
    assert "ago, and nobody knows whether it worked" in refused.stderr
    assert cut.run["id"] in refused.stderr
    cut.host.release_service("webshop")
    wait_for(lambda: cut.host.running("webshop"), "the service running")
    checked = cut.office.rounds("fix", "check", cut.run["id"])
    assert "fixed" in checked.stderr
    assert cut.times_started == 1
    assert "succeeded" in cut.again().stderr
    assert cut.times_started == 2
