"""What is decided in `rounds` is read back from the real server."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from backends.api import DoneInPart, NotSent, OutcomeUnknown, safe
from tests.support.servers.zabbix import ADMIN
from tests.support.servers.zabbix_asking import by_password, by_token, problem_of
from tests.support.servers.zabbix_seed import VIEWER, Seed

pytestmark = pytest.mark.real

DISK, SPOOLER = "disk//var", "service/spooler"


async def test_an_acknowledgement_arrives_and_is_taken_back(zabbix: Seed) -> None:
    host = zabbix.hosts["acme-dc01"]
    async with by_token(zabbix) as source:
        await source.poll()
        await source.acknowledge(host, DISK, "tech1", safe("cleaning up"))
        there = problem_of(zabbix, "acme-dc01/disk.used")
        told = {check.key: check.handling for check in (await source.look(host)).checks}[DISK]
        await source.acknowledge(host, DISK, "tech1", safe("cleaning up"))
        again = problem_of(zabbix, "acme-dc01/disk.used")
        await source.unacknowledge(host, DISK, "tech1")
        after = problem_of(zabbix, "acme-dc01/disk.used")
    assert there["acknowledged"] == "1"
    assert there["acknowledges"][0]["message"] == "tech1 (rounds): cleaning up"
    assert told is not None
    assert (told.acked, told.acked_by) == (True, "tech01")
    assert len(again["acknowledges"]) == len(there["acknowledges"])
    assert after["acknowledged"] == "0"


async def test_hostile_words_arrive_as_they_are(zabbix: Seed) -> None:
    async with by_token(zabbix) as source:
        await source.poll()
        text = safe("\x1b[2J; DROP TABLE problem; --'\"")
        await source.acknowledge(zabbix.hosts["lost01"], "disk//srv", "tech1", text)
        there = problem_of(zabbix, "lost01/disk.used")
        await source.unacknowledge(zabbix.hosts["lost01"], "disk//srv", "tech1")
    assert there["acknowledges"][0]["message"] == f"tech1 (rounds): {text}"


async def test_who_may_not_is_told_so_and_nothing_is_changed(zabbix: Seed) -> None:
    async with by_token(zabbix, VIEWER) as source:
        await source.poll()
        with pytest.raises(NotSent, match="no permissions to acknowledge"):
            await source.acknowledge(zabbix.hosts["lost01"], "disk//srv", "tech1", safe(""))
    assert problem_of(zabbix, "lost01/disk.used")["acknowledged"] == "0"


async def test_a_snooze_is_a_maintenance_of_the_host_and_its_end_takes_that_away(zabbix: Seed) -> None:
    host = zabbix.hosts["acme-dc01"]
    until = datetime.now(UTC) + timedelta(hours=2)
    before = {one["maintenanceid"] for one in zabbix.api("maintenance.get", {"output": ["maintenanceid"]})}
    async with by_token(zabbix) as source:
        await source.poll()
        assert "whole host dc 01 at acme" in source.snooze_says(host, DISK)
        await source.snooze(host, DISK, "tech1", until, safe("disk is ordered"))
        await source.snooze(host, SPOOLER, "tech1", until, safe("printer is away"))
        made = zabbix.api(
            "maintenance.get", {"output": "extend", "selectHosts": ["hostid"], "selectTimeperiods": "extend"}
        )
        with pytest.raises(DoneInPart, match="stays in the maintenance of another snooze"):
            await source.wake(host, DISK, "tech1")
        left = zabbix.api("maintenance.get", {"output": "extend"})
        await source.wake(host, SPOOLER, "tech1")
        gone = zabbix.api("maintenance.get", {"output": ["maintenanceid"]})
    new = [one for one in made if one["maintenanceid"] not in before]
    assert sorted(one["description"] for one in new) == [
        "tech1 (rounds): disk is ordered",
        "tech1 (rounds): printer is away",
    ]
    assert all(one["hosts"] == [{"hostid": host}] for one in new)
    assert all(-2 < int(one["active_till"]) - until.timestamp() < 61 for one in new)
    assert [one["description"] for one in left if one["maintenanceid"] not in before] == [
        "tech1 (rounds): printer is away"
    ]
    assert {one["maintenanceid"] for one in gone} == before


async def test_a_problem_is_closed_where_its_trigger_permits_it(zabbix: Seed) -> None:
    async with by_token(zabbix) as source:
        await source.poll()
        with pytest.raises(NotSent, match="does not permit"):
            await source.close_problem(zabbix.hosts["acme-nas01"], "check/RAID: … broken disks", "tech1", safe(""))
        there = problem_of(zabbix, "acme-dc01/spooler")
        await source.close_problem(zabbix.hosts["acme-dc01"], SPOOLER, "tech1", safe("it prints"))
        (event,) = zabbix.api(
            "event.get", {"eventids": [there["eventid"]], "output": "extend", "select_acknowledges": "extend"}
        )
        zabbix.reopen("acme-dc01", "spooler", 0, 1)
    (act,) = event["acknowledges"]
    assert (act["message"], int(act["action"])) == ("tech1 (rounds): it prints", 5)


async def test_checking_now_is_for_super_admins_in_this_version(zabbix: Seed) -> None:
    host = zabbix.hosts["acme-dc01"]
    async with by_token(zabbix) as source, by_password(zabbix, *ADMIN) as admin:
        await source.poll()
        await admin.poll()
        with pytest.raises(NotSent, match=r"does not permit task\.create"):
            await source.recheck(host, "reachable")
        with pytest.raises(NotSent, match="sent to Zabbix by the device itself"):
            await admin.recheck(host, DISK)
        await admin.recheck(host, "reachable")
    (task,) = zabbix.tasks(zabbix.items["acme-dc01/agent.ping"])
    assert task == "6"


async def test_with_the_web_page_gone_nothing_was_sent(zabbix: Seed) -> None:
    async with by_token(zabbix) as source:
        await source.poll()
        zabbix.server.stop("web")
        try:
            with pytest.raises((NotSent, OutcomeUnknown)):
                await source.acknowledge(zabbix.hosts["acme-dc01"], DISK, "tech1", safe(""))
        finally:
            zabbix.server.start_web()
    assert problem_of(zabbix, "acme-dc01/disk.used")["acknowledged"] == "0"
