"""A run that is cut in the middle: unknown, on the command line and on the screen; never repeated; freed by a check."""

from __future__ import annotations

import json
import subprocess

import pytest

from tests.support.acting import agree, press_until
from tests.support.eventually import wait_for
from tests.support.hosts import Host, Hosts
from tests.support.office import Office, one_site

pytestmark = pytest.mark.real

HOPELESS_S = 60.0


@pytest.fixture
def host(hosts: Hosts, office: Office) -> Host:
    """The one host of Acme's headquarters, on a wire that can be cut, with its web shop stopped."""
    made: Host = hosts.add("web01", wired=True)
    made.stop_service("webshop")
    made.hold_service("webshop")
    one_site(office, hosts, made)
    return made


def test_a_run_that_is_cut_says_so_on_the_screen_and_is_checked_by_a_key(host: Host, office: Office) -> None:
    starts = len(host.service_log)
    with office.screen() as screen:
        screen.until(r"Fixes +1 Restart service")
        screen.type("1")
        screen.until("Run it")
        agree(screen)
        wait_for(lambda: len(host.service_log) > starts, "the script at work")
        host.cut()
        screen.until(r"Outcome +\? may have run")
        screen.until("It is not repeated by itself")
        host.release_service("webshop")
        wait_for(lambda: host.running("webshop"), "the service running")
        press_until(screen, "v", "Restart service may have run on web01; the service is running again")
        screen.until_gone("no answer came|look whether it ran")
        screen.type("escape")
        screen.until("Everything is fine")
    assert len(host.service_log) == starts + 1


class Cut:
    """A restart whose connection was cut while it ran: it started the service once, and nobody was told."""

    def __init__(self, host: Host, office: Office) -> None:
        self.host, self.office = host, office
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
    assert cut.office.recorded(cut.run["id"]) == ["run-approved", "run-sent", "run-ended"]
    assert cut.office.rounds("audit", "verify").returncode == 0


def test_a_run_that_was_cut_is_never_repeated(cut: Cut) -> None:
    with cut.office.follow("devices") as devices:
        devices.until_seen_again([cut.host.name], 2)
    for pid in cut.office.engine_pids():
        cut.office.end(pid)
    with cut.office.follow("devices") as devices:
        devices.until_seen_again([cut.host.name], 2)
    assert cut.times_started == 1
    assert [run["state"] for run in cut.office.items("runs")] == ["unknown"]


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
