"""What is taken back in the real Zabbix by somebody else is taken back here."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from backends.fleet.model import IssueState
from tests.support.elsewhere import LaterClock, elsewhere
from tests.support.servers.zabbix_api import Api
from tests.support.servers.zabbix_asking import by_token, problem_of
from tests.support.servers.zabbix_seed import Seed

pytestmark = pytest.mark.real

DC01, DISK = "dc 01 at acme", "disk//var"


async def test_an_acknowledgement_that_somebody_takes_back_there_is_over_here(zabbix: Seed, tmp_path: Path) -> None:
    clock = LaterClock()
    async with by_token(zabbix, clock=clock) as adapter, elsewhere(adapter, "zabbix", clock, tmp_path) as here:
        issue = await here.issue(DC01, DISK)
        await here.desk.acknowledge(issue, "tech1", "cleaning up")
        acked = await here.told(issue)
        other = Api(zabbix.server.url, zabbix.tokens["other01"])
        eventid = problem_of(zabbix, "acme-dc01/disk.used")["eventid"]
        other("event.acknowledge", {"eventids": [eventid], "action": 16})
        at_once = await here.told(issue)
        here.settle()
        later = await here.told(issue)
    assert (acked.state, acked.acked_by) == (IssueState.ACKED, "tech1")
    assert at_once.state is IssueState.ACKED
    assert (later.state, later.acked_by) == (IssueState.OPEN, "")


async def test_a_snooze_holds_until_its_maintenance_is_gone_there_however_late_that_begins(
    zabbix: Seed, tmp_path: Path
) -> None:
    """Zabbix puts hosts into a maintenance at the next full minute, of a list that is a minute old; here, never."""
    clock = LaterClock()
    async with by_token(zabbix, clock=clock) as adapter, elsewhere(adapter, "zabbix", clock, tmp_path) as here:
        zabbix.server.stop("server")
        try:
            issue = await here.issue(DC01, DISK)
            await here.desk.snooze(issue, "tech1", clock.now() + timedelta(hours=2), "disk is ordered")
            here.settle()
            snoozed = await here.told(issue)
            (made,) = zabbix.api("maintenance.get", {"search": {"name": "rounds "}, "startSearch": True})
            zabbix.api("maintenance.delete", [made["maintenanceid"]])
            later = await here.told(issue)
        finally:
            zabbix.server.start_server()
    assert (snoozed.state, snoozed.snoozed_by) == (IssueState.SNOOZED, "tech1")
    assert later.state is IssueState.OPEN
