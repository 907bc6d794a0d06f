"""The other fixes on real hosts, by command and by keys; each proved, and on record in order."""

from __future__ import annotations

import json
import os
import time

import pytest

from tests.support.acting import agree
from tests.support.hosts import Host, Hosts
from tests.support.office import Office, one_site

pytestmark = pytest.mark.real


@pytest.fixture
def host(hosts: Hosts, office: Office) -> Host:
    """The one host of Acme's headquarters."""
    made: Host = hosts.add("web01")
    one_site(office, hosts, made)
    return made


def assert_fixed_and_on_record(office: Office) -> None:
    (run,) = office.items("runs")
    assert (run["state"], run["outcome"], run["exit"]) == ("succeeded", "fixed", 0)
    assert office.recorded(run["id"]) == ["run-approved", "run-sent", "run-ended", "run-verified"]
    assert office.rounds("audit", "verify").returncode == 0
    assert office.items("issues") == []


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
    assert office.recorded(run["id"]) == ["run-approved", "run-sent", "run-ended", "run-verified"]


def test_a_lease_is_not_renewed_where_no_client_has_one(host: Host, office: Office) -> None:
    words = ("fix", "run", "renew-lease", host.name, "--param", "interface=lo", "--yes", "--json")
    result = office.rounds(*words, check=False)
    (run,) = json.loads(result.stdout)["items"]
    assert (result.returncode, run["state"], run["exit"]) == (1, "failed", 69)
    assert "No DHCP client was found on that interface" in run["sentence"]
