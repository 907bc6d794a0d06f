"""What Zabbix is told, by version; and what is said when it refuses or does not answer."""

from __future__ import annotations

import asyncio
import json
from datetime import datetime, timedelta
from typing import Any

import pytest

from backends.adapters.zabbix.source import ZabbixSource
from backends.api import Acknowledges, Closes, DoneInPart, NotSent, OutcomeUnknown, Rechecks, Snoozes, safe
from tests.support.replayed import Said
from tests.support.replayed.zabbix import FakeZabbix, RefusedError
from tests.support.zabbix_source import reading_from

DC, NAS, FW = "1", "2", "4"
DISK, SPOOLER, RAID = "disk//var", "service/spooler", "check/RAID: … broken disks"
NEW = "7.0.19"


def willing(version: str) -> FakeZabbix:
    """A server that does what it is told, and keeps it."""
    fake = FakeZabbix(version)

    def mark(params: dict[str, Any]) -> Any:
        action = params["action"]
        if action & 32 and fake.number < (6, 2):
            raise RefusedError('Incorrect value for field "action": unexpected value "32".')
        for problem in fake.tables["problem.get"]:
            if problem["eventid"] in params["eventids"]:
                if action & (2 | 16):
                    problem["acknowledged"] = "1" if action & 2 else "0"
                if action & 32:
                    problem["suppression_data"] = [
                        {"maintenanceid": "0", "userid": "3", "suppress_until": str(params["suppress_until"])}
                    ]
                act = {"userid": "3", "clock": "1", "message": params.get("message", ""), "action": str(action)}
                problem["acknowledges"] = [*problem["acknowledges"], act]
        return {"eventids": params["eventids"]}

    fake.special["event.acknowledge"] = mark
    fake.special["maintenance.create"] = lambda _: {"maintenanceids": ["5"]}
    fake.special["maintenance.delete"] = lambda ids: {"maintenanceids": ids}
    fake.special["task.create"] = lambda _: {"taskids": ["1"]}
    return fake


def event(fake: FakeZabbix, name: str) -> str:
    return next(str(one["eventid"]) for one in fake.tables["problem.get"] if name in one["name"])


def in_an_hour(source: ZabbixSource) -> datetime:
    return source._timing.now() + timedelta(hours=1)


async def test_it_can_do_all_that_the_product_can() -> None:
    async with reading_from(willing(NEW)) as source:
        for capability in (Acknowledges, Snoozes, Closes, Rechecks):
            assert isinstance(source, capability)


@pytest.mark.parametrize("version", ["6.0.14", NEW, "7.2.4"])
async def test_an_acknowledgement_carries_who_and_why(version: str) -> None:
    fake = willing(version)
    async with reading_from(fake) as source:
        await source.poll()
        await source.acknowledge(DC, DISK, "tech1", safe("cleaning up"))
        handled = {check.key: check.handling for check in (await source.look(DC)).checks}
    (params,) = fake.asked("event.acknowledge")
    assert params == {"eventids": [event(fake, "/var")], "action": 6, "message": "tech1 (rounds): cleaning up"}
    handling = handled[DISK]
    assert handling is not None
    assert (handling.acked, handling.acked_by) == (True, "user 3")


async def test_what_is_acknowledged_already_is_left_alone() -> None:
    fake = willing(NEW)
    async with reading_from(fake) as source:
        await source.poll()
        await source.acknowledge(NAS, RAID, "tech1", safe(""))
    assert fake.asked("event.acknowledge") == []


async def test_a_condition_keeps_its_key_while_others_of_its_name_come_and_go() -> None:
    """F-03: what is decided about one problem must not reach another that took its place in the list."""
    fake = willing(NEW)
    problem = next(one for one in fake.tables["problem.get"] if one["eventid"] == event(fake, "broken disks"))
    trigger = next(one for one in fake.tables["trigger.get"] if one["triggerid"] == problem["objectid"])

    def another(number: str, severity: str) -> None:
        fake.tables["trigger.get"].append({**trigger, "triggerid": number})
        more = {"eventid": number, "objectid": number, "severity": severity, "acknowledged": "0", "acknowledges": []}
        fake.tables["problem.get"].append({**problem, **more})

    def over(number: str) -> None:
        fake.tables["problem.get"] = [one for one in fake.tables["problem.get"] if one["objectid"] != number]

    async def acknowledged(source: ZabbixSource, key: str) -> list[str]:
        fake.calls.clear()
        await source.poll()
        await source.acknowledge(NAS, key, "tech1", safe("known"))
        return [one for params in fake.asked("event.acknowledge") for one in params["eventids"]]

    async with reading_from(fake) as source:
        await source.poll()
        another("900001", "2")
        assert await acknowledged(source, f"{RAID} (2)") == ["900001"]
        another("70", "5")  # worse, and with a smaller number
        assert await acknowledged(source, f"{RAID} (3)") == ["70"]
        over(problem["objectid"])
        over("900001")
        another("900002", "5")
        assert await acknowledged(source, f"{RAID} (4)") == ["900002"]


async def test_an_acknowledgement_can_be_taken_back() -> None:
    fake = willing(NEW)
    async with reading_from(fake) as source:
        await source.poll()
        await source.unacknowledge(NAS, RAID, "tech1")
        await source.unacknowledge(DC, DISK, "tech1")
    (params,) = fake.asked("event.acknowledge")
    assert (params["eventids"], params["action"]) == ([event(fake, "RAID")], 16 | 4)


async def test_without_the_right_to_comment_no_comment_is_sent() -> None:
    fake = willing(NEW)
    fake.tables["role.get"][0]["rules"] = {"actions": [{"name": "add_problem_comments", "status": "0"}]}
    async with reading_from(fake) as source:
        await source.poll()
        await source.acknowledge(DC, DISK, "tech1", safe("cleaning up"))
    (params,) = fake.asked("event.acknowledge")
    assert params["action"] == 2
    assert "message" not in params


async def test_a_problem_that_is_over_by_now_is_not_touched() -> None:
    fake = willing(NEW)
    async with reading_from(fake) as source:
        await source.poll()
        fake.tables["problem.get"] = []
        with pytest.raises(NotSent, match="over in Zabbix"):
            await source.acknowledge(DC, DISK, "tech1", safe(""))
    assert fake.asked("event.acknowledge") == []


@pytest.mark.parametrize("key", ["disk//nowhere", "reachable"])
async def test_what_is_no_problem_there_cannot_be_acknowledged(key: str) -> None:
    fake = willing(NEW)
    async with reading_from(fake) as source:
        await source.poll()
        with pytest.raises(NotSent):
            await source.acknowledge(DC, key, "tech1", safe(""))


async def test_closing_is_sent_where_the_trigger_permits_it() -> None:
    fake = willing(NEW)
    async with reading_from(fake) as source:
        await source.poll()
        await source.close_problem(DC, SPOOLER, "tech1", safe("it prints"))
        with pytest.raises(NotSent, match="Allow manual close"):
            await source.close_problem(DC, DISK, "tech1", safe(""))
    (params,) = fake.asked("event.acknowledge")
    assert params["action"] == 5


@pytest.mark.parametrize("version", [NEW, "7.2.4"])
async def test_newer_versions_suppress_the_problem_alone_and_let_it_go_again(version: str) -> None:
    fake = willing(version)
    async with reading_from(fake) as source:
        await source.poll()
        assert source.snooze_says(DC, DISK) == "A suppression of this problem of dc 01 at acme in Zabbix"
        until = in_an_hour(source)
        await source.snooze(DC, DISK, "tech1", until, safe("disk is ordered"))
        await source.wake(DC, DISK, "tech1")
    asleep, awake = fake.asked("event.acknowledge")
    assert asleep["action"] == 32 | 4
    assert abs(asleep["suppress_until"] - until.timestamp()) <= 1
    assert awake["action"] == 64 | 4


async def test_what_others_suppressed_is_not_woken() -> None:
    fake = willing(NEW)
    problem = next(one for one in fake.tables["problem.get"] if one["name"] == "Disk space on /var")
    problem["suppression_data"] = [{"maintenanceid": "0", "suppress_until": "0", "userid": "1"}]
    problem["acknowledges"] = [{"userid": "1", "clock": "1", "message": "leave it", "action": "36"}]
    async with reading_from(fake) as source:
        await source.poll()
        with pytest.raises(NotSent, match="somebody else"):
            await source.wake(DC, DISK, "tech1")
    assert fake.asked("event.acknowledge") == []


async def test_the_oldest_version_puts_the_whole_host_into_a_maintenance_and_says_so() -> None:
    fake = willing("6.0.14")
    async with reading_from(fake) as source:
        await source.poll()
        assert "maintenance of the whole host dc 01 at acme" in source.snooze_says(DC, DISK)
        until = in_an_hour(source)
        await source.snooze(DC, DISK, "tech1", until, safe("disk is ordered"))
    (made,) = fake.asked("maintenance.create")
    assert made["hosts"] == [{"hostid": DC}]
    assert made["description"] == "tech1 (rounds): disk is ordered"
    (period,) = made["timeperiods"]
    assert period["start_date"] % 60 == 0
    assert 0 <= period["start_date"] + period["period"] - until.timestamp() + 1 < 62
    assert len(made["name"]) <= 128


async def test_the_oldest_version_ends_its_own_maintenance_and_no_other() -> None:
    fake = willing("6.0.14")
    async with reading_from(fake) as source:
        await source.poll()
        await source.snooze(DC, DISK, "tech1", in_an_hour(source), safe(""))
        (made,) = fake.asked("maintenance.create")
        own = {"maintenanceid": "5", "name": made["name"], "hosts": [{"hostid": DC}]}
        fake.tables["maintenance.get"] = [
            own,
            {"maintenanceid": "6", "name": "patch night", "hosts": [{"hostid": DC}]},
            {**own, "maintenanceid": "7", "name": made["name"].replace("rounds 1/", "rounds 12/")},
            {**own, "maintenanceid": "8", "hosts": [{"hostid": DC}, {"hostid": NAS}]},
        ]
        fake.tables["problem.get"] = []  # it is over: its maintenance is not
        await source.poll()
        await source.wake(DC, DISK, "tech1")
    assert fake.asked("maintenance.delete") == [["5"]]


async def test_waking_one_of_two_snoozes_of_a_host_says_that_the_other_keeps_it_quiet() -> None:
    fake = willing("6.0.14")
    async with reading_from(fake) as source:
        await source.poll()
        until = in_an_hour(source)
        await source.snooze(DC, DISK, "tech1", until, safe("disk is ordered"))
        await source.snooze(DC, SPOOLER, "tech2", until, safe("printer is away"))
        fake.tables["maintenance.get"] = [
            {
                "maintenanceid": str(number),
                **{name: made[name] for name in ("name", "description", "hosts")},
                **{name: str(made[name]) for name in ("active_since", "active_till")},
            }
            for number, made in enumerate(fake.asked("maintenance.create"), 5)
        ]
        with pytest.raises(DoneInPart) as left:
            await source.wake(DC, DISK, "tech1")
        del fake.tables["maintenance.get"][0]
        await source.wake(DC, SPOOLER, "tech1")
    assert str(left.value).startswith("dc 01 at acme stays in the maintenance of another snooze of it (tech2) until ")
    assert fake.asked("maintenance.delete") == [["5"], ["6"]]


async def test_one_that_the_server_has_not_begun_yet_is_told_by_whoever_asks_next() -> None:
    fake = willing("6.0.14")
    async with reading_from(fake) as source:
        await source.poll()
        until = in_an_hour(source)
        await source.snooze(DC, DISK, "tech1", until, safe("disk is ordered"))
    (made,) = fake.asked("maintenance.create")
    times = {"active_since": str(made["active_since"]), "active_till": str(made["active_till"])}
    own = {"maintenanceid": "5", "name": made["name"], "description": made["description"], **times}
    fake.tables["maintenance.get"] = [{**own, "hosts": made["hosts"]}]
    async with reading_from(fake) as source:  # another engine, which remembers nothing
        handled = {(one.native, one.key): one.handling for one in (await source.poll()).checks}
        looked = {one.key: one.handling for one in (await source.look(DC)).checks}
        fake.tables["maintenance.get"] = [{**own, "hosts": [*made["hosts"], {"hostid": NAS}]}]
        theirs = {one.key: one.handling for one in (await source.look(DC)).checks}
    handling = handled[DC, DISK]
    assert handling is not None
    assert (handling.quiet, handling.quiet_by, handling.text) == (True, "tech1", "disk is ordered")
    assert handling.quiet_until is not None
    assert timedelta() <= handling.quiet_until - until < timedelta(seconds=61)
    assert looked[DISK] == handling
    assert handled[DC, SPOOLER] is None
    assert theirs[DISK] is None


async def test_a_check_now_asks_for_the_item_that_the_server_asks_for_itself() -> None:
    fake = willing(NEW)
    fake.special["item.get"] = lambda params: [
        one
        for one in (
            {"itemid": "7", "type": "18", "master_itemid": "70"},
            {"itemid": "70", "type": "20", "master_itemid": "0"},
        )
        if one["itemid"] in params.get("itemids", ())
    ]
    async with reading_from(fake) as source:
        await source.poll()
        await source.recheck(DC, DISK)
    assert fake.asked("task.create") == [[{"type": 6, "request": {"itemid": "70"}}]]


async def test_what_is_sent_to_zabbix_cannot_be_asked_for() -> None:
    fake = willing(NEW)
    fake.special["item.get"] = lambda params: [{"itemid": one, "type": "2"} for one in params.get("itemids", ())]
    async with reading_from(fake) as source:
        await source.poll()
        with pytest.raises(NotSent, match="sent to Zabbix by the device itself"):
            await source.recheck(DC, DISK)


async def test_a_refusal_is_in_its_own_words() -> None:
    fake = willing(NEW)

    def refuse(_: Any) -> Any:
        raise RefusedError("Cannot close problem: trigger does not allow manual closing.", -32500)

    fake.special["event.acknowledge"] = refuse
    async with reading_from(fake) as source:
        await source.poll()
        with pytest.raises(NotSent, match="does not allow manual closing"):
            await source.close_problem(DC, SPOOLER, "tech1", safe(""))


@pytest.mark.parametrize("body", [b"", b"<html>", b'{"jsonrpc": "2.0"'])
async def test_without_an_answer_it_may_have_been_done(body: bytes) -> None:
    fake = willing(NEW)
    fake.special["event.acknowledge"] = lambda _: Said(body=body)
    async with reading_from(fake) as source:
        await source.poll()
        with pytest.raises(OutcomeUnknown, match="may have been done"):
            await source.acknowledge(DC, DISK, "tech1", safe(""))
    assert len(fake.asked("event.acknowledge")) == 1


@pytest.mark.parametrize("status", [500, 502])
async def test_a_fault_of_the_server_leaves_it_open_and_is_not_tried_twice(status: int) -> None:
    fake = willing(NEW)
    fake.special["event.acknowledge"] = lambda _: Said(body=b"", status=status)
    async with reading_from(fake) as source:
        await source.poll()
        with pytest.raises(OutcomeUnknown):
            await source.acknowledge(DC, DISK, "tech1", safe(""))
    assert len(fake.asked("event.acknowledge")) == 1


@pytest.mark.parametrize("status", [401, 403, 429])
async def test_what_is_turned_away_at_the_door_was_not_done(status: int) -> None:
    fake = willing(NEW)
    fake.special["event.acknowledge"] = lambda _: Said(body=b"", status=status)
    async with reading_from(fake) as source:
        await source.poll()
        with pytest.raises(NotSent):
            await source.acknowledge(DC, DISK, "tech1", safe(""))


async def test_a_host_that_is_not_there_is_not_identified() -> None:
    async with reading_from(willing(NEW)) as source:
        with pytest.raises(NotSent):
            await source.identify("4711")
        identity, _ = await source.identify(DC)
    assert identity.serial == "SN-ACME-1"


@pytest.mark.parametrize("host", ["1", "2", "4", "5", "6", "7", "8"])
async def test_a_look_at_one_host_tells_of_it_what_a_poll_tells(host: str) -> None:
    fake = willing(NEW)
    async with reading_from(fake) as source:
        poll = await source.poll()
        look = await source.look(host)
    assert (look.covers, look.complete) == ((host,), False)
    assert json.loads(json.dumps(fake.asked("host.get")[-1]))["hostids"] == [host]
    assert {check.key: (check.state, check.summary) for check in look.checks} == {
        check.key: (check.state, check.summary) for check in poll.checks if check.native == host
    }
    assert [one.behind for one in look.sightings] == [one.behind for one in poll.sightings if one.native == host]


async def test_two_who_come_at_once_share_one_session() -> None:
    fake = willing(NEW)
    async with reading_from(fake, user="tech01") as source:
        await asyncio.gather(source.poll(), source.introduce())
    assert len(fake.asked("user.login")) == 1
