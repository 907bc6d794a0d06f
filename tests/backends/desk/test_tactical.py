"""Fixes of Tactical RMM through the whole desk: planned, agreed to, run once by its agent, and verified by a look."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest
import pytest_asyncio

from backends.bootstrap.assembly import desk_over
from backends.desk.inprocess import InProcessDesk
from backends.desk.protocol import Approval, DeskError
from backends.engine.clock import SystemClock
from backends.engine.polling import Polled
from backends.fleet.model import Can, DeviceId, FixId, Freshness, Issue, IssueState, Source, SourceName, device_id
from backends.fleet.run import Consent, Plan, Run, RunState, Verified
from tests.support.bench import CONFIG, places_in
from tests.support.eventually import until
from tests.support.tactical import FakeRmm
from tests.support.tactical_rows import agent_id
from tests.support.tactical_source import connected

TRMM = SourceName("trmm")
FS01, PC01, DC01 = (device_id(TRMM, agent_id(name)) for name in ("fs01", "pc01", "dc01"))
SPOOLER, RESTART, REBOOT = FixId("trmm/script-1"), FixId("trmm/service-restart"), FixId("trmm/reboot")
WAKE = FixId("trmm/wake-on-lan")
CAN = (Can.RUN_OWN, Can.SNOOZE, Can.CLOSE, Can.RECHECK)
ALLOWED = Approval(confirmed=True)


@pytest.fixture
def rmm() -> FakeRmm:
    return FakeRmm()


@pytest_asyncio.fixture
async def desk(rmm: FakeRmm, tmp_path: Path) -> AsyncIterator[InProcessDesk]:
    known = Source(name=TRMM, kind="tactical-rmm", state=Freshness.STALE, every_s=30.0, capabilities=CAN)
    async with connected(rmm, tmp_path, SystemClock()) as (source, _):
        desk = await desk_over([(Polled(source, 30.0), known)], CONFIG, places_in(tmp_path), SystemClock())
        try:
            await desk.first_round()
            yield desk
        finally:
            await desk.close()


async def issue(desk: InProcessDesk, device: DeviceId, key: str) -> Issue:
    (found,) = [one for one in (await desk.picture()).issues.values() if (one.device, one.key) == (device, key)]
    return found


async def to_its_end(desk: InProcessDesk, plan: Plan) -> Run:
    (run,) = await desk.approve(plan.id, ALLOWED)
    async for _ in desk.output(run.id):
        pass
    await until(lambda: not desk.busy)
    return await desk.run(run.id)


async def test_a_service_that_stopped_is_offered_its_restart_which_is_verified(
    desk: InProcessDesk, rmm: FakeRmm
) -> None:
    stopped = await issue(desk, FS01, "service/Spooler")
    assert stopped.next_fix == RESTART
    plan = await desk.plan(RESTART, [FS01], "tech1", stopped.id)
    assert plan.consent is Consent.CONFIRM
    assert rmm.told == []
    run = await to_its_end(desk, plan)
    assert (run.state, run.verified, run.exit) == (RunState.SUCCEEDED, Verified.FIXED, 0)
    assert "The service Spooler was restarted" in run.output
    assert rmm.told == [("POST", f"services/{agent_id('fs01')}/Spooler", {"sv_action": "restart"})]
    assert stopped.id not in (await desk.picture()).issues
    events = [record.event for record in reversed(await desk.audit())]
    assert events[-4:] == ["run-approved", "run-sent", "run-ended", "run-verified"]


@pytest.mark.parametrize(
    ("repairs", "code", "state", "verified"),
    [({1: 2}, 0, RunState.SUCCEEDED, Verified.FIXED), ({1: 2}, 5, RunState.FAILED, Verified.FIXED)],
)
async def test_a_script_of_the_server_runs_and_is_judged_by_its_exit_and_by_a_look(  # noqa: PLR0917 - columns
    desk: InProcessDesk, rmm: FakeRmm, repairs: dict[int, int], code: int, state: RunState, verified: Verified
) -> None:
    rmm.repairs, rmm.exit = repairs, code
    stopped = await issue(desk, FS01, "service/Spooler")
    plan = await desk.plan(SPOOLER, [FS01], "tech1", stopped.id)
    assert "Clear print spooler" in plan.does[0]
    run = await to_its_end(desk, plan)
    assert (run.state, run.exit, run.verified) == (state, code, verified)
    assert len(rmm.told) == 1


async def test_an_unknown_outcome_holds_the_device_until_somebody_has_checked_it(
    desk: InProcessDesk, rmm: FakeRmm
) -> None:
    stopped = await issue(desk, FS01, "service/Spooler")
    plan = await desk.plan(SPOOLER, [FS01], "tech1", stopped.id)
    rmm.nats = "slow"
    rmm.repairs = {1: 2}
    run = await to_its_end(desk, plan)
    assert run.state is RunState.UNKNOWN
    assert "may have done it" in run.sentence
    held = await desk.plan(REBOOT, [FS01], "tech2")
    assert held.consent is Consent.REFUSE
    assert run.id in held.reason
    with pytest.raises(DeskError):
        await desk.approve(held.id, ALLOWED)
    rmm.nats = "up"
    assert (await desk.check_run(run.id)).checked
    assert (await desk.plan(REBOOT, [FS01], "tech2")).consent is Consent.CONFIRM
    assert len(rmm.told) == 1


async def test_an_agent_that_was_lost_meanwhile_gets_nothing_and_holds_nothing(
    desk: InProcessDesk, rmm: FakeRmm
) -> None:
    plan = await desk.plan(REBOOT, [FS01], "tech1")
    rmm.unconnected = {agent_id("fs01")}
    run = await to_its_end(desk, plan)
    assert run.state is RunState.FAILED
    assert "not connected to Tactical RMM now" in run.sentence
    assert (await desk.plan(REBOOT, [FS01], "tech1")).consent is Consent.CONFIRM
    assert rmm.told == []


async def test_another_machine_under_the_same_agent_gets_nothing(desk: InProcessDesk, rmm: FakeRmm) -> None:
    """F-16"""
    plan = await desk.plan(REBOOT, [FS01], "tech1")
    rmm.row(agent_id("fs01"))["serial_number"] = "SN-of-another"
    run = await to_its_end(desk, plan)
    assert run.state is RunState.FAILED
    assert "Another machine answers there" in run.sentence
    assert rmm.told == []


async def test_what_is_off_can_be_woken_and_not_be_rebooted(desk: InProcessDesk, rmm: FakeRmm) -> None:
    assert (await desk.plan(REBOOT, [PC01], "tech1")).consent is Consent.REFUSE
    run = await to_its_end(desk, await desk.plan(WAKE, [PC01], "tech1"))
    assert run.state is RunState.SUCCEEDED
    assert rmm.told == [("POST", f"agents/{agent_id('pc01')}/wol", {})]


async def test_a_server_that_is_away_is_offered_to_be_woken(desk: InProcessDesk) -> None:
    assert (await issue(desk, DC01, "reachable")).next_fix == WAKE


async def test_a_snooze_is_told_where_there_is_an_alert_and_kept_here_where_there_is_none(
    desk: InProcessDesk, rmm: FakeRmm
) -> None:
    disk, reboot = await issue(desk, FS01, "disk/C:"), await issue(desk, FS01, "reboot")
    until = SystemClock().now() + timedelta(hours=30)
    assert await desk.snooze_says(disk.id) == "trmm: Snoozes alert 11 in Tactical RMM, rounded up to whole days."
    assert await desk.snooze_says(reboot.id) == ""
    await desk.snooze(reboot.id, "tech1", until, "tonight")
    assert rmm.told == []
    await desk.snooze(disk.id, "tech1", until, "a disk is ordered")
    assert rmm.told == [("PUT", "alerts/11", {"type": "snooze", "snooze_days": 2})]
    assert (await issue(desk, FS01, "disk/C:")).state is IssueState.SNOOZED
    await desk.wake(disk.id, "tech1")
    assert rmm.told[-1] == ("PUT", "alerts/11", {"type": "unsnooze"})
    await desk.wake(reboot.id, "tech1")
    assert len(rmm.told) == 2


async def test_what_was_closed_there_is_over_here(desk: InProcessDesk, rmm: FakeRmm) -> None:
    job = await issue(desk, FS01, "job/task 5")
    await desk.close_issue(job.id, "tech1", "done by hand")
    assert rmm.told == [("PUT", "alerts/13", {"type": "resolve"})]
    assert job.id not in (await desk.picture()).issues
