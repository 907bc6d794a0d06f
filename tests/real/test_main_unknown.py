"""A run that is cut in the middle: unknown, on the command line and on the screen; never repeated; freed by a check."""

from __future__ import annotations

import pytest

from tests.support.acting import agree
from tests.support.eventually import wait_for
from tests.support.hosts import Host, Hosts
from tests.support.office import Office, one_site

pytestmark = pytest.mark.real


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
        screen.type("v")
        screen.until("Restart service may have run on web01; the service is running again")
        screen.until_gone("no answer came|look whether it ran")
        screen.type("escape")
        screen.until("Everything is fine")
    assert len(host.service_log) == starts + 1
