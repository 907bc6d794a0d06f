"""What a source runs by its own means takes the same way as every fix: plan, guard, run, verify, audit."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import msgspec
import pytest

from backends.api import Executed, FaultKind, NotSent, OutcomeUnknown, SourceError
from backends.bootstrap.assembly import desk_over
from backends.desk.inprocess import InProcessDesk
from backends.desk.protocol import Approval, DeskError, DeskErrorKind
from backends.engine.clock import SystemClock
from backends.engine.polling import Polled
from backends.fleet.model import Can, DeviceId, FixId, Freshness, Source, SourceName, device_id
from backends.fleet.run import Consent, Run, RunState, Verified
from backends.text import safe
from tests.support.bench import CONFIG, Kept, places_in
from tests.support.console import FLUSH, Console

CONSOLE = SourceName("console")
WEB01 = device_id(CONSOLE, "web01")
WEB02 = device_id(CONSOLE, "web02")
FLUSH_IT = FixId("console/12")
RESTART_IT = FixId("console/restart {service}")
YES = Approval(confirmed=True)


@pytest.fixture
def console() -> Console:
    return Console("console", SystemClock())


@pytest.fixture
async def desk(console: Console, tmp_path: Path) -> AsyncIterator[InProcessDesk]:
    source = Source(name=CONSOLE, kind="console", state=Freshness.STALE, every_s=30.0, capabilities=(Can.RUN_OWN,))
    desk = await desk_over([(Polled(console, 30.0), source)], CONFIG, places_in(tmp_path), SystemClock())
    try:
        await desk.first_round()
        yield desk
    finally:
        await desk.close()


async def run_to_its_end(desk: InProcessDesk, fix: FixId, device: DeviceId, **given: str) -> Run:
    plan = await desk.plan(fix, [device], "tech1", None, given)
    (run,) = await desk.approve(plan.id, YES)
    async for _ in desk.output(run.id):
        pass
    return await desk.run(run.id)


async def test_they_are_listed_with_the_bundled_ones(desk: InProcessDesk) -> None:
    cards = {card.id: card for card in await desk.fixes()}
    assert cards[FLUSH_IT].source == CONSOLE
    assert cards[FixId("restart-service")].source is None


async def test_one_that_answers_the_finding_is_the_next_fix_of_its_row(desk: InProcessDesk) -> None:
    (issue,) = (await desk.picture()).issues.values()
    assert issue.next_fix == RESTART_IT
    (offer,) = await desk.offers(issue.id)
    assert (offer.fix, offer.parameters) == (RESTART_IT, {"service": "nginx"})


async def test_one_for_a_device_is_offered_on_the_devices_it_is_for(desk: InProcessDesk) -> None:
    assert [offer.fix for offer in (await desk.device(WEB01)).fixes] == [FLUSH_IT]
    assert (await desk.device(WEB02)).fixes == ()


async def test_the_plan_says_what_the_source_asks_and_that_it_runs_there(desk: InProcessDesk) -> None:
    plan = await desk.plan(FLUSH_IT, [WEB01], "tech1")
    assert plan.consent is Consent.CONFIRM
    assert "Really flush it?" in plan.affects
    assert plan.does == ("Have console run “Flush the spooler” on web01",)
    assert "flush-spooler.sh" in plan.script


async def test_it_runs_once_there_and_the_evidence_is_asked_for_again(desk: InProcessDesk, console: Console) -> None:
    run = await run_to_its_end(desk, RESTART_IT, WEB01)
    assert (run.state, run.verified) == (RunState.SUCCEEDED, Verified.FIXED)
    assert "said by the console" in run.output
    assert [(native, fix.id, given) for native, fix, given, _ in console.performed] == [
        ("web01", "restart {service}", {"service": "nginx"})
    ]
    events = [record.event for record in reversed(await desk.audit())]
    assert events[-4:] == ["run-approved", "run-sent", "run-ended", "run-verified"]


async def test_a_look_at_the_evidence_does_not_mend_a_source_whose_polls_fail(
    desk: InProcessDesk, console: Console
) -> None:
    """F-69: one device answers, and of the others nothing new is known."""
    before: list[Source] = []

    async def breaks() -> None:
        console.fault = SourceError(FaultKind.SERVER, "It answers with an error.")
        await desk.refresh(CONSOLE)
        before.append((await desk.picture()).sources[CONSOLE])

    console.during = breaks
    assert (await run_to_its_end(desk, RESTART_IT, WEB01)).verified is Verified.FIXED
    assert before[0].state is Freshness.STALE
    assert (await desk.picture()).sources[CONSOLE] == before[0]
    assert (await desk.picture()).issues == {}


async def test_names_of_the_source_are_no_templates(desk: InProcessDesk) -> None:
    plan = await desk.plan(RESTART_IT, [WEB01], "tech1")
    assert plan.does == ("Have console run “Restart (service) of the console” on web01",)


@pytest.mark.parametrize(
    ("outcome", "state"),
    [(NotSent("The console refuses."), RunState.FAILED), (OutcomeUnknown("No answer came."), RunState.UNKNOWN)],
)
async def test_what_is_not_known_to_have_ended_is_unknown(
    desk: InProcessDesk, console: Console, outcome: Exception, state: RunState
) -> None:
    console.outcome = outcome
    assert (await run_to_its_end(desk, RESTART_IT, WEB01)).state is state
    assert len(console.performed) == 1


@pytest.mark.parametrize("code", [10**30, -(10**30), 2**63])
async def test_an_exit_code_that_is_no_such_number_is_a_failure_and_is_kept(
    desk: InProcessDesk, console: Console, code: int
) -> None:
    """F-72: what cannot be written down must not leave the run without an end."""
    console.outcome = Executed(exit=code)
    run = await run_to_its_end(desk, RESTART_IT, WEB01)
    assert (run.state, run.exit) == (RunState.FAILED, 1)
    assert [one.state for one in await desk.runs()] == [RunState.FAILED]


async def test_on_a_device_that_it_is_not_for_it_is_refused(desk: InProcessDesk, console: Console) -> None:
    plan = await desk.plan(FLUSH_IT, [WEB02], "tech1")
    assert plan.consent is Consent.REFUSE
    with pytest.raises(DeskError):
        await desk.approve(plan.id, YES)
    assert console.performed == []


async def test_a_script_that_was_changed_at_the_source_has_to_be_looked_at_again(
    desk: InProcessDesk, console: Console
) -> None:
    plan = await desk.plan(FLUSH_IT, [WEB01], "tech1")
    console.fixes = (msgspec.structs.replace(FLUSH, about=safe("format-disk.sh")),)
    await desk.refresh()
    with pytest.raises(DeskError) as caught:
        await desk.approve(plan.id, YES)
    assert caught.value.kind is DeskErrorKind.CHANGED
    assert console.performed == []


async def test_one_that_is_gone_is_not_run(desk: InProcessDesk, console: Console) -> None:
    plan = await desk.plan(FLUSH_IT, [WEB01], "tech1")
    console.fixes = ()
    await desk.refresh()
    with pytest.raises(DeskError, match="not offered any more"):
        await desk.approve(plan.id, YES)
    with pytest.raises(DeskError, match="There is no fix"):
        await desk.plan(FLUSH_IT, [WEB01], "tech1")
    assert console.performed == []


async def test_a_bundled_fix_does_not_go_through_a_source_without_a_shell(desk: InProcessDesk) -> None:
    (issue,) = (await desk.picture()).issues.values()
    with pytest.raises(DeskError) as caught:
        await desk.plan(FixId("restart-service"), [WEB01], "tech1", issue.id)
    assert caught.value.kind is DeskErrorKind.REFUSED


async def test_a_source_runs_nothing_of_its_own_on_what_it_does_not_know(console: Console, tmp_path: Path) -> None:
    probe = Kept("probe", SystemClock())
    sources = [
        (Polled(adapter, 30.0), Source(name=adapter.name, kind="x", state=Freshness.STALE))
        for adapter in (console, probe)
    ]
    desk = await desk_over(sources, CONFIG, places_in(tmp_path), SystemClock())
    try:
        await desk.first_round()
        (merged,) = [one for one in await desk.devices() if one.name == "web01"]
        assert merged.sources == ("console", "probe")
        run = await run_to_its_end(desk, FLUSH_IT, merged.id)
        assert run.source == CONSOLE
        assert probe.executed == []
    finally:
        await desk.close()
