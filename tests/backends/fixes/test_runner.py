"""Running fixes: once, on the device that was meant, on record before anything is sent, checked afterwards."""

from __future__ import annotations

import asyncio
import itertools
from datetime import timedelta
from typing import Any

import pytest
from msgspec.structs import replace

from backends.api import FaultKind, NotSent, OutcomeUnknown, SourceError
from backends.fixes.errors import Changed, Missing, Refused, Unrecorded
from backends.fixes.model import Proof
from backends.fleet.model import CheckState, Identity, RunId, safe
from backends.fleet.run import Risk, Run, RunState, Verified
from tests.support.fix_world import Agreed, World
from tests.support.fixes import NOW, a_device, a_fix


async def one(world: World) -> Run:
    world.add()
    (run,) = await world.fly()
    return run


async def test_a_run_that_works_is_verified_and_says_so() -> None:
    run = await one(World())
    assert (run.state, run.verified, run.exit) == (RunState.SUCCEEDED, Verified.FIXED, 0)
    assert run.sentence == "Restarted nginx on web01; the service is running again."


async def test_parameters_reach_the_device_as_arguments_and_never_in_the_code() -> None:
    """F-55."""
    world = World()
    await one(world)
    (script,) = world.machine.scripts
    assert (script.arguments, "nginx" in script.code, script.action) == (("nginx",), False, "restart-service")


async def test_everything_is_on_record_in_order() -> None:
    world = World()
    await one(world)
    assert world.events() == ["run-approved", "run-sent", "run-ended", "run-verified"]


async def test_every_state_is_published() -> None:
    world = World()
    await one(world)
    states = [(run.state.value, run.verified.value) for run in world.published]
    assert states == [("approved", "pending"), ("running", "pending"), ("succeeded", "pending"), ("succeeded", "fixed")]


async def test_the_output_is_kept_and_shown_live() -> None:
    world = World()
    run = await one(world)
    assert (run.output, run.output_bytes) == ("Restarting nginx\n", 17)
    assert "".join(piece.text for piece in world.pieces) == "Restarting nginx\n"


async def test_what_is_not_fixed_is_told() -> None:
    world = World()
    world.machine.state_after = CheckState.CRITICAL
    run = await one(world)
    assert (run.state, run.verified) == (RunState.SUCCEEDED, Verified.NOT_FIXED)
    assert run.sentence == "Restarted nginx on web01, but the service is still not running."


async def test_a_source_that_cannot_look_leaves_the_run_unverified() -> None:
    world = World()
    world.machine.fails["look"] = SourceError(FaultKind.UNREACHABLE, "web01 is unreachable.")
    run = await one(world)
    assert run.verified is Verified.NOT_VERIFIED
    assert run.sentence == "Restarted nginx on web01; whether it helped is not known. web01 is unreachable."


async def test_an_exit_code_is_told_in_the_fixs_own_words() -> None:
    world = World()
    world.machine.exit = 70
    world.machine.state_after = CheckState.CRITICAL
    run = await one(world)
    assert (run.state, run.exit, run.verified) == (RunState.FAILED, 70, Verified.NOT_FIXED)
    assert run.sentence == "Restart service failed on web01: It did not stay up."


@pytest.mark.parametrize(
    ("where", "error", "state", "words", "executed"),
    [
        ("identify", NotSent("web01 is away."), RunState.FAILED, "nothing was sent to web01. web01 is away.", 0),
        ("identify", RuntimeError("bug"), RunState.FAILED, "nothing was sent", 0),
        ("execute", NotSent("The channel was refused."), RunState.FAILED, "The channel was refused.", 1),
        ("execute", OutcomeUnknown("The connection was lost."), RunState.UNKNOWN, "may have run on web01", 1),
        ("execute", RuntimeError("bug"), RunState.UNKNOWN, "may have run on web01", 1),
    ],
)
async def test_an_error_ends_the_run_as_what_is_known(
    where: str, error: Exception, state: RunState, words: str, executed: int
) -> None:
    """F-08, F-11."""
    world = World()
    world.machine.fails[where] = error
    run = await one(world)
    assert (run.state, len(world.machine.executed)) == (state, executed)
    assert words in run.sentence


@pytest.mark.parametrize(
    ("where", "state", "executed"), [("identify", RunState.FAILED, 0), ("execute", RunState.UNKNOWN, 1)]
)
async def test_a_device_that_hangs_ends_the_run_at_its_deadline(where: str, state: RunState, executed: int) -> None:
    """F-09."""
    world = World()
    world.machine.hangs.add(where)
    run = await one(world)
    assert (run.state, len(world.machine.executed)) == (state, executed)


async def test_another_machine_under_the_same_name_gets_nothing() -> None:
    """F-16."""
    world = World()
    world.machine.identity["web01"] = Identity(machine="other", host_key="SHA256:abc")
    run = await one(world)
    assert (run.state, world.machine.executed) == (RunState.FAILED, [])
    assert "Another machine answers there: its machine id is other" in run.sentence


async def test_a_machine_that_was_rebooted_in_between_gets_nothing() -> None:
    """F-16."""
    world = World()
    world.machine.boot_ids = itertools.repeat("boot-2")
    run = await one(world)
    assert (run.state, world.machine.executed) == (RunState.FAILED, [])


async def test_a_plan_starts_once_however_often_it_is_agreed_to() -> None:
    """F-07."""
    world = World()
    world.add()
    plan = world.plan()
    answers = await asyncio.gather(
        *(world.runner.approve(plan.id, Agreed()) for _ in range(50)), return_exceptions=True
    )
    await world.finish()
    assert [len(answer) for answer in answers if isinstance(answer, list)] == [1]
    assert len([answer for answer in answers if isinstance(answer, Changed)]) == 49
    assert len(world.machine.executed) == 1


async def test_two_technicians_at_once_give_one_run_and_the_other_is_told_who() -> None:
    """F-18."""
    world = World()
    world.add()
    plans = [world.plan(by="tech1"), world.plan(by="tech2")]
    answers = await asyncio.gather(*(world.runner.approve(plan.id, Agreed()) for plan in plans), return_exceptions=True)
    await world.finish()
    (refused,) = [answer for answer in answers if isinstance(answer, Refused)]
    assert "tech1 is running “Restart service” on web01" in refused.sentence
    assert len(world.machine.executed) == 1


async def test_a_run_goes_on_when_the_one_who_asked_goes_away() -> None:
    world = World()
    world.add()
    asking = asyncio.ensure_future(world.runner.approve(world.plan().id, Agreed()))
    await asyncio.sleep(0)
    asking.cancel()
    for _ in range(10):
        await world.clock.advance(1)
    assert [run.state for run in world.disk.runs.values()] == [RunState.SUCCEEDED]


@pytest.mark.parametrize(
    ("risk", "agreed", "allowed"),
    [
        (Risk.DISRUPTIVE, Agreed(confirmed=False), False),
        (Risk.DISRUPTIVE, Agreed(confirmed=False, typed="web01"), False),
        (Risk.DISRUPTIVE, Agreed(), True),
        (Risk.DESTRUCTIVE, Agreed(), False),
        (Risk.DESTRUCTIVE, Agreed(typed="web02"), False),
        (Risk.DESTRUCTIVE, Agreed(typed="web01"), True),
    ],
)
async def test_consent_is_asked_for_in_the_core(risk: Risk, agreed: Agreed, allowed: bool) -> None:
    """F-19, without a second approver: the consent that a plan asks for."""
    world = World(fix=a_fix(risk=risk))
    world.add()
    plan = world.plan()
    if allowed:
        await world.runner.approve(plan.id, agreed)
        await world.finish()
    else:
        with pytest.raises(Refused):
            await world.runner.approve(plan.id, agreed)
    assert len(world.machine.executed) == int(allowed)
    assert ("plan-refused" in world.events()) is not allowed


@pytest.mark.parametrize(
    "changes",
    [
        {"name": safe("web09")},
        {"client": "other", "client_name": safe("Baker Law")},
        {"address": safe("10.9.9.9")},
        {"boot_id": "boot-2"},
        {"identity": Identity(machine="x")},
    ],
)
async def test_a_target_that_is_no_longer_the_same_asks_again(changes: dict[str, Any]) -> None:
    """F-03, F-16."""
    world = World()
    aim = world.add()
    plan = world.plan()
    world.aims[aim.device.id] = replace(aim, device=replace(aim.device, **changes))
    with pytest.raises(Changed):
        await world.runner.approve(plan.id, Agreed())
    assert (world.machine.executed, world.disk.runs) == ([], {})


async def test_the_plan_that_is_looked_at_next_says_what_changed() -> None:
    world = World()
    aim = world.add()
    plan = world.plan()
    world.aims[aim.device.id] = replace(aim, device=replace(aim.device, name=safe("web09")))
    with pytest.raises(Changed):
        await world.runner.approve(plan.id, Agreed())
    again = world.plan()
    assert again.changed == ("web01 is called web09 now.",)
    await world.runner.approve(again.id, Agreed())
    await world.finish()
    assert len(world.machine.executed) == 1
    assert world.plan().changed == ()


async def test_a_target_that_is_gone_asks_again() -> None:
    """F-03."""
    world = World()
    world.add()
    plan = world.plan()
    world.aims.clear()
    with pytest.raises(Changed, match="web01 is gone"):
        await world.runner.approve(plan.id, Agreed())


async def test_facts_that_have_become_old_are_refused() -> None:
    """F-17."""
    world = World()
    aim = world.add()
    plan = world.plan()
    old = replace(aim.device, seen=NOW - timedelta(minutes=5))
    world.aims[aim.device.id] = replace(aim, device=old)
    with pytest.raises(Refused, match="too old to act on"):
        await world.runner.approve(plan.id, Agreed())


async def test_a_plan_expires() -> None:
    world = World()
    world.add()
    plan = world.plan()
    await world.clock.advance(121)
    with pytest.raises(Changed, match="has expired"):
        await world.runner.approve(plan.id, Agreed())


async def test_a_plan_that_nobody_made_cannot_be_started() -> None:
    with pytest.raises(Missing):
        await World().runner.approve("p-99", Agreed())


@pytest.mark.parametrize("full", ["journal", "audit"])
async def test_without_a_record_nothing_is_sent(full: str) -> None:
    """F-62."""
    world = World()
    world.add()
    plan = world.plan()
    world.full = full
    with pytest.raises(Unrecorded, match="The disk is full"):
        await world.runner.approve(plan.id, Agreed())
    await world.finish()
    assert world.machine.executed == []


@pytest.mark.parametrize("full", ["journal", "audit"])
async def test_when_the_disk_fills_up_between_consent_and_sending_nothing_is_sent(full: str) -> None:
    """F-62."""
    world = World()
    world.add()
    (run,) = await world.runner.approve(world.plan().id, Agreed())
    world.full = full
    await world.finish()
    assert world.machine.executed == []
    assert world.published[-1].state is RunState.FAILED
    assert world.published[-1].id == run.id


async def test_an_unknown_run_holds_its_device_until_it_was_checked() -> None:
    """F-08."""
    world = World()
    world.machine.fails["execute"] = OutcomeUnknown("The connection was lost.")
    run = await one(world)
    assert "check that run first" in world.plan().reason
    checked = await world.runner.check_run(run.id)
    assert (checked.state, checked.verified, checked.checked) == (RunState.UNKNOWN, Verified.FIXED, True)
    assert "check that run first" not in world.plan().reason


async def test_an_unknown_run_that_cannot_be_asked_about_still_holds_its_device() -> None:
    world = World()
    world.machine.fails["execute"] = OutcomeUnknown("The connection was lost.")
    run = await one(world)
    world.machine.fails["look"] = SourceError(FaultKind.UNREACHABLE, "web01 is unreachable.")
    with pytest.raises(Refused, match="still holds it"):
        await world.runner.check_run(run.id)
    assert world.runner.busy(a_device().id) is not None


async def test_only_unknown_runs_are_checked_again() -> None:
    world = World()
    run = await one(world)
    with pytest.raises(Refused):
        await world.runner.check_run(run.id)
    with pytest.raises(Missing):
        await world.runner.check_run(RunId("r-99"))


async def test_an_unknown_run_is_never_repeated() -> None:
    """F-08."""
    world = World()
    world.machine.fails["execute"] = OutcomeUnknown("The connection was lost.")
    await one(world)
    await world.clock.advance(600)
    assert len(world.machine.executed) == 1


async def test_the_first_of_many_runs_alone_and_its_failure_stops_the_rest() -> None:
    """F-22."""
    world = World()
    world.machine.broken.add("web00")
    aims = [world.add(f"web{number:02}") for number in range(4)]
    runs = await world.fly(*aims)
    assert [native for native, _ in world.machine.executed] == ["web00"]
    assert [run.state for run in runs] == [RunState.FAILED] * 4
    assert runs[3].sentence.endswith("nothing was sent to web03. The run on web00 did not go well.")


async def test_a_failure_among_the_rest_stops_those_that_were_not_sent_yet() -> None:
    """F-22."""
    world = World()
    world.machine.broken.add("web01")
    aims = [world.add(f"web{number:02}") for number in range(20)]
    plan = world.plan(*aims)
    await world.runner.approve(plan.id, Agreed(typed="20 devices"))
    await world.finish()
    assert len(world.machine.executed) < 20
    assert all(run.state.ended for run in world.disk.runs.values())


async def test_twenty_devices_run_once_each() -> None:
    world = World()
    aims = [world.add(f"web{number:02}") for number in range(20)]
    plan = world.plan(*aims)
    await world.runner.approve(plan.id, Agreed(typed="20 devices"))
    await world.finish()
    assert sorted(native for native, _ in world.machine.executed) == [f"web{number:02}" for number in range(20)]


async def test_a_run_that_is_broken_off_before_it_is_sent_has_failed() -> None:
    world = World()
    world.machine.hangs.add("identify")
    world.add()
    (run,) = await world.runner.approve(world.plan().id, Agreed())
    await world.clock.advance(1)
    await world.runner.cancel(run.id)
    ended = world.disk.runs[run.id]
    assert (ended.state, world.machine.executed) == (RunState.FAILED, [])
    assert "nothing was sent" in ended.sentence


async def test_a_run_that_is_broken_off_after_it_was_sent_is_unknown() -> None:
    world = World()
    world.machine.hangs.add("execute")
    world.add()
    (run,) = await world.runner.approve(world.plan().id, Agreed())
    await world.clock.advance(1)
    await world.runner.cancel(run.id)
    assert (world.disk.runs[run.id].state, len(world.machine.executed)) == (RunState.UNKNOWN, 1)


@pytest.mark.parametrize("seconds", [0, 1])
async def test_closing_brings_every_run_to_an_end(seconds: float) -> None:
    world = World()
    world.machine.hangs.add("execute")
    for number in range(3):
        world.add(f"web{number:02}")
    await world.runner.approve(world.plan().id, Agreed())
    if seconds:
        await world.clock.advance(seconds)
    await world.runner.close()
    assert all(run.state.ended for run in world.disk.runs.values())
    assert world.runner.under_way == 0


async def test_a_reboot_is_proved_by_another_boot_id() -> None:
    world = World(fix=a_fix(proof=Proof.NEW_BOOT, verify_within_s=600))
    world.machine.boot_ids = itertools.chain(["boot-1", "boot-1", "boot-1"], itertools.repeat("boot-2"))
    run = await one(world)
    assert (run.verified, run.boot_id) == (Verified.FIXED, "boot-1")


async def test_a_device_that_does_not_come_back_is_not_fixed() -> None:
    world = World(fix=a_fix(proof=Proof.NEW_BOOT, verify_within_s=60))
    world.add()
    await world.runner.approve(world.plan().id, Agreed())
    await world.clock.advance(1)
    assert len(world.machine.executed) == 1
    world.machine.fails["identify"] = NotSent("no route to it.")
    await world.finish()
    (run,) = world.disk.runs.values()
    assert run.verified is Verified.NOT_FIXED
    assert "web01 has not answered within 1 min" in run.sentence
