"""What is decided here about a condition is told to its alerts there, and read back from there."""

from __future__ import annotations

from datetime import timedelta

import pytest

from backends.adapters.tactical_rmm.source import TacticalRmm
from backends.api import Check, Closes, NotSent, OutcomeUnknown, Rechecks, Snoozes, SourceError, safe
from backends.fleet.model import Can
from tests.support import faulty
from tests.support.tactical import NOW, FakeRmm
from tests.support.tactical_rows import agent_id, an_alert
from tests.support.tactical_source import QuickClock

FS01, DC01 = agent_id("fs01"), agent_id("dc01")


async def check(source: TacticalRmm, native: str, key: str) -> Check | None:
    """As the next poll tells it."""
    found = (await source.poll()).checks
    return next((one for one in found if (one.native, one.key) == (native, key)), None)


def test_it_can_snooze_close_and_check_again(source: TacticalRmm) -> None:
    assert isinstance(source, Snoozes)
    assert isinstance(source, Closes)
    assert isinstance(source, Rechecks)


@pytest.mark.parametrize(("hours", "days"), [(0.5, 1), (24, 1), (24.5, 2), (24 * 30, 30), (-3, 1)])
async def test_a_snooze_is_of_whole_days_rounded_up(source: TacticalRmm, rmm: FakeRmm, hours: float, days: int) -> None:
    await source.poll()
    await source.snooze(FS01, "disk/C:", "tech1", NOW + timedelta(hours=hours), safe("ordered a disk"))
    assert rmm.told == [("PUT", "alerts/11", {"type": "snooze", "snooze_days": days})]
    told = await check(source, FS01, "disk/C:")
    assert told is not None
    assert told.handling is not None
    assert (told.handling.quiet, told.handling.quiet_until) == (True, NOW + timedelta(days=days))


async def test_what_a_snooze_does_is_said_before(source: TacticalRmm) -> None:
    await source.poll()
    assert source.snooze_says(FS01, "disk/C:") == "Snoozes alert 11 in Tactical RMM, rounded up to whole days"


@pytest.mark.parametrize(("native", "key"), [(FS01, "reboot"), (FS01, "nothing"), ("nobody", "disk/C:")])
async def test_where_there_is_no_alert_nothing_is_done_there_and_nothing_said(
    source: TacticalRmm, rmm: FakeRmm, native: str, key: str
) -> None:
    await source.poll()
    assert source.snooze_says(native, key) == ""
    with pytest.raises(NotSent, match="has no alert of this"):
        await source.snooze(native, key, "tech1", NOW + timedelta(days=1), safe("no"))
    with pytest.raises(NotSent, match="has no alert of this"):
        await source.close_problem(native, key, "tech1", safe("no"))
    assert rmm.told == []


async def test_what_was_snoozed_can_be_woken(source: TacticalRmm, rmm: FakeRmm) -> None:
    before = await check(source, FS01, "service/Spooler")
    assert before is not None
    assert before.handling is not None
    await source.wake(FS01, "service/Spooler", "tech1")
    assert rmm.told == [("PUT", "alerts/12", {"type": "unsnooze"})]
    after = await check(source, FS01, "service/Spooler")
    assert after is not None
    assert after.handling is None


async def test_a_snooze_can_be_woken_before_the_next_poll(source: TacticalRmm, rmm: FakeRmm) -> None:
    await source.poll()
    await source.snooze(FS01, "disk/C:", "tech1", NOW + timedelta(days=1), safe("no"))
    await source.wake(FS01, "disk/C:", "tech1")
    assert not next(alert for alert in rmm.alerts if alert["id"] == 11)["snoozed"]


async def test_what_is_quiet_by_maintenance_is_woken_by_ending_that(source: TacticalRmm, rmm: FakeRmm) -> None:
    rmm.row(FS01)["maintenance_mode"] = True
    await source.poll()
    with pytest.raises(NotSent, match="Maintenance off"):
        await source.wake(FS01, "reboot", "tech1")
    assert rmm.told == []


async def test_a_problem_is_closed_by_resolving_its_alert(source: TacticalRmm, rmm: FakeRmm) -> None:
    await source.poll()
    await source.close_problem(FS01, "job/task 5", "tech1", safe("done by hand"))
    assert rmm.told == [("PUT", "alerts/13", {"type": "resolve"})]
    assert await check(source, FS01, "job/task 5") is None


async def test_several_alerts_of_one_condition_are_told_at_once(source: TacticalRmm, rmm: FakeRmm) -> None:
    rmm.alerts.append(an_alert(21, "fs01", "task", assigned_task=5))
    await source.poll()
    assert "alerts 13, 21" in source.snooze_says(FS01, "job/task 5")
    await source.snooze(FS01, "job/task 5", "tech1", NOW + timedelta(days=2), safe("no"))
    assert rmm.told == [("POST", "alerts/bulk", {"bulk_action": "snooze", "alerts": [13, 21], "snooze_days": 2})]
    told = await check(source, FS01, "job/task 5")
    assert told is not None
    assert told.handling is not None
    await source.close_problem(FS01, "job/task 5", "tech1", safe("done by hand"))
    assert rmm.told[-1] == ("POST", "alerts/bulk", {"bulk_action": "resolve", "alerts": [13, 21]})
    assert await check(source, FS01, "job/task 5") is None


async def test_of_several_that_are_woken_one_after_the_other_some_may_be_left(
    source: TacticalRmm, rmm: FakeRmm
) -> None:
    rmm.alerts.append(an_alert(21, "fs01", "task", assigned_task=5))
    await source.poll()
    rmm.alerts.pop()
    with pytest.raises(OutcomeUnknown, match="1 of its 2 alerts are awake again, then"):
        await source.wake(FS01, "job/task 5", "tech1")


async def test_an_agents_checks_are_run_again_and_looked_at_in_every_poll_for_a_while(
    source: TacticalRmm, rmm: FakeRmm, clock: QuickClock
) -> None:
    await source.poll()
    await source.recheck(FS01, "disk/C:")
    assert rmm.told == [("POST", f"checks/{FS01}/run", {})]
    for passed, looked in ((0, True), (60, True), (59, True), (1, False)):
        clock.passed += passed
        rmm.asked.clear()
        await source.poll()
        assert (f"GET /agents/{FS01}/checks/" in rmm.asked) is looked


async def test_an_agent_that_is_busy_with_its_checks_refuses(source: TacticalRmm, rmm: FakeRmm) -> None:
    await source.poll()
    rmm.busy = True
    with pytest.raises(NotSent, match="refuses: Checks are already running"):
        await source.recheck(FS01, "disk/C:")


async def test_an_agent_that_is_not_connected_is_not_told_to_check(source: TacticalRmm, rmm: FakeRmm) -> None:
    await source.poll()
    rmm.unconnected = {DC01}
    with pytest.raises(NotSent, match="not connected to Tactical RMM now"):
        await source.recheck(DC01, "reachable")
    assert rmm.told == []


@pytest.mark.parametrize(
    ("right", "can"),
    [("can_manage_alerts", Can.SNOOZE), ("can_manage_alerts", Can.CLOSE), ("can_run_checks", Can.RECHECK)],
)
async def test_a_right_that_turns_out_to_be_missing_is_named_and_told(
    source: TacticalRmm, rmm: FakeRmm, right: str, can: Can
) -> None:
    await source.poll()
    rmm.lacking = {right}
    acts = {
        Can.SNOOZE: lambda: source.snooze(FS01, "disk/C:", "tech1", NOW, safe("no")),
        Can.CLOSE: lambda: source.close_problem(FS01, "disk/C:", "tech1", safe("no")),
        Can.RECHECK: lambda: source.recheck(FS01, "disk/C:"),
    }
    with pytest.raises(NotSent, match=f"Give its user a role with the right {right}"):
        await acts[can]()
    assert (await source.poll()).lacks == (can,)


async def test_an_alert_that_is_gone_is_not_decided_about(source: TacticalRmm, rmm: FakeRmm) -> None:
    await source.poll()
    rmm.alerts = []
    with pytest.raises(NotSent, match="does not know it any more"):
        await source.close_problem(FS01, "disk/C:", "tech1", safe("no"))


@pytest.mark.parametrize(
    "fault",
    [faulty.status(500), faulty.status(504), faulty.cut_off, faulty.body(b"<html>log in</html>"), faulty.body(b"")],
    ids=["500", "504", "cut off", "a web page", "nothing"],
)
async def test_what_may_have_been_decided_is_not_said_to_be_nor_not_to_be(
    source: TacticalRmm, rmm: FakeRmm, server: faulty.Server, fault: faulty.Fault
) -> None:
    await source.poll()
    server.fault = fault
    with pytest.raises(OutcomeUnknown):
        await source.close_problem(FS01, "disk/C:", "tech1", safe("no"))
    assert len(rmm.told) == 1


async def test_what_did_not_reach_the_server_was_not_sent(source: TacticalRmm, server: faulty.Server) -> None:
    await source.poll()
    await server.stop()
    with pytest.raises(SourceError):
        await source.poll()  # on a connection that was open, nobody could know
    with pytest.raises(NotSent, match="Nothing listens"):
        await source.close_problem(FS01, "disk/C:", "tech1", safe("no"))
