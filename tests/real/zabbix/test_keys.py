"""A snooze and an acknowledgement by keys are so in the real Zabbix."""

from __future__ import annotations

import pytest

from tests.support.acting import press_until
from tests.support.office import Office
from tests.support.servers.zabbix_asking import at_work, maintenances, problem_of
from tests.support.servers.zabbix_seed import Seed
from tests.support.terminal import Terminal

pytestmark = pytest.mark.real


def find(screen: Terminal, text: str) -> None:
    """Put the cursor on the spooler's row in the list that is filtered by that."""
    screen.type("escape", "/", text)
    screen.until(r"Issues 1\b")
    screen.type("enter")
    press_until(screen, "j", r"Why +Service spooler")


def test_by_keys_the_question_says_what_a_snooze_does_there_and_all_of_it_is_done(office: Office, zabbix: Seed) -> None:
    at_work(office, zabbix)
    with office.screen() as screen:
        screen.until(r"Issues \d+")
        find(screen, "spooler")
        screen.type("a")
        screen.until("Acknowledged: dc 01 at acme")
        assert problem_of(zabbix, "acme-dc01/spooler")["acknowledged"] == "1"
        screen.until("There +zabbix-eu: acknowledged by tech01")
        screen.type("z")
        screen.until("A maintenance of the whole host dc 01 at acme in Zabbix, which quiets all its")
        screen.type("tab", "printer is away")
        press_until(screen, "enter", "Snoozed until")
        (made,) = maintenances(zabbix)
        find(screen, "is:snoozed spooler")
        screen.type("z")
        screen.until("Awake again")
        find(screen, "spooler")
        screen.type("a")
        screen.until("No longer acknowledged")
    assert made["description"] == "tech1 (rounds): printer is away"
    assert maintenances(zabbix) == []
    assert problem_of(zabbix, "acme-dc01/spooler")["acknowledged"] == "0"
