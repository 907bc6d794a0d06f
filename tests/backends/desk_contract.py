"""What every desk holds, in-process or over the wire: one suite, run for both by `desk/test_desks.py`."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta

import pytest

from backends.desk.protocol import Approval, Desk, DeskError, DeskErrorKind, Interest
from backends.fleet.changes import Changes, Picture, apply
from backends.fleet.model import DeviceId, FixId, Freshness, Issue, IssueId, IssueState, RunId, SourceName, device_id
from backends.fleet.run import Consent, Plan, Run, RunState, Verified
from backends.testing import HANG
from tests.support.bench import Kept

WEB01 = device_id(SourceName("probe"), "web01")
WEB02 = device_id(SourceName("probe"), "web02")
RESTART = FixId("restart-service")
YES = Approval(confirmed=True)


async def the_issue(desk: Desk) -> Issue:
    (issue,) = (await desk.picture()).issues.values()
    return issue


async def a_plan(desk: Desk, by: str = "tech1") -> Plan:
    return await desk.plan(RESTART, [WEB01], by, (await the_issue(desk)).id)


async def ended(desk: Desk, run: Run) -> Run:
    async for _ in desk.output(run.id):
        pass
    return await desk.run(run.id)


async def whole_output(desk: Desk, run: Run) -> str:
    return "".join([piece.text async for piece in desk.output(run.id)])


async def events(desk: Desk) -> list[str]:
    return [record.event for record in reversed(await desk.audit())]


async def refused(kind: DeskErrorKind, asking: object) -> str:
    assert asyncio.iscoroutine(asking)
    with pytest.raises(DeskError) as error:
        await asking
    assert error.value.kind is kind
    return error.value.sentence


class DeskContract:
    """Fixtures `desk` and `source` come from the subclass: a desk over one scripted source `probe`."""

    # What is seen.

    async def test_the_picture_has_sites_issues_and_sources(self, desk: Desk) -> None:
        picture = await desk.picture()
        assert [site.name for site in picture.sites.values()] == ["HQ"]
        assert [issue.title for issue in picture.issues.values()] == ["nginx has stopped"]
        assert [(source.name, source.state) for source in picture.sources.values()] == [("probe", Freshness.FRESH)]

    async def test_devices_are_part_of_the_picture_only_for_those_who_ask(self, desk: Desk) -> None:
        assert (await desk.picture()).devices == {}
        assert set((await desk.picture(Interest(devices=True))).devices) == {WEB01, WEB02}

    async def test_changes_begin_with_the_whole_picture(self, desk: Desk) -> None:
        stream = aiter(desk.changes(Interest(devices=True)))
        first = await anext(stream)
        empty = Picture(seq=0, at=first.at)
        picture = await desk.picture(Interest(devices=True))
        assert apply(empty, first).issues == picture.issues
        assert apply(empty, first).devices.keys() == picture.devices.keys()

    async def test_changes_go_on_with_what_differs(self, desk: Desk) -> None:
        stream = aiter(desk.changes())
        await anext(stream)
        issue = await the_issue(desk)
        await desk.claim(issue.id, "tech1")
        owners = [one.owner for one in await self._issues_of_next(stream)]
        assert owners == ["tech1"]

    async def _issues_of_next(self, stream: object) -> tuple[Issue, ...]:
        assert hasattr(stream, "__anext__")
        while True:
            changes: Changes = await stream.__anext__()
            if changes.issues.put:
                return changes.issues.put

    async def test_devices_come_worst_first_and_no_more_than_asked_for(self, desk: Desk) -> None:
        assert [device.id for device in await desk.devices()] == [WEB01, WEB02]
        assert [device.id for device in await desk.devices(limit=1)] == [WEB01]

    async def test_devices_are_filtered(self, desk: Desk) -> None:
        assert [device.id for device in await desk.devices("name:web02")] == [WEB02]

    async def test_a_filter_with_an_error_is_wrong_use(self, desk: Desk) -> None:
        assert "did you mean" in await refused(DeskErrorKind.WRONG_USE, desk.devices("clint:acme"))

    async def test_a_card_has_checks_voices_and_offers(self, desk: Desk) -> None:
        card = await desk.device(WEB01)
        issue = await the_issue(desk)
        assert [check.key for check in card.checks] == ["service/nginx"]
        assert [voice.source.name for voice in card.voices] == ["probe"]
        assert [offer.parameters for offer in card.offers[issue.id] if offer.fix == RESTART] == [{"service": "nginx"}]
        assert FixId("reboot") in [offer.fix for offer in card.fixes]

    async def test_a_device_that_is_not_there_is_not_found(self, desk: Desk) -> None:
        await refused(DeskErrorKind.NOT_FOUND, desk.device(DeviceId("probe:nobody")))

    async def test_fixes_are_listed(self, desk: Desk) -> None:
        assert RESTART in [card.id for card in await desk.fixes()]

    async def test_offers_of_an_issue_name_the_restart(self, desk: Desk) -> None:
        assert RESTART in [offer.fix for offer in await desk.offers((await the_issue(desk)).id)]

    async def test_a_refresh_asks_the_source(self, desk: Desk, source: Kept) -> None:
        before = source.polls
        await desk.refresh(SourceName("probe"))
        await desk.refresh()
        assert source.polls == before + 2

    async def test_a_refresh_of_no_source_is_not_found(self, desk: Desk) -> None:
        await refused(DeskErrorKind.NOT_FOUND, desk.refresh(SourceName("nobody")))

    # What is decided about issues.

    async def test_acknowledging_says_who_and_when_and_is_on_record(self, desk: Desk) -> None:
        issue = await the_issue(desk)
        await desk.acknowledge(issue.id, "tech1", "known since the move")
        acked = await the_issue(desk)
        assert (acked.state, acked.acked_by, acked.notes) == (IssueState.ACKED, "tech1", 1)
        assert [note.text for note in await desk.notes(issue.id)] == ["known since the move"]
        assert await events(desk) == ["acknowledged"]

    async def test_an_acknowledgement_can_be_taken_back(self, desk: Desk) -> None:
        issue = await the_issue(desk)
        await desk.acknowledge(issue.id, "tech1")
        await desk.unacknowledge(issue.id, "tech2")
        assert (await the_issue(desk)).state is IssueState.OPEN

    async def test_what_nobody_acknowledged_cannot_be_taken_back(self, desk: Desk) -> None:
        await refused(DeskErrorKind.WRONG_USE, desk.unacknowledge((await the_issue(desk)).id, "tech1"))

    async def test_claiming_twice_lets_go(self, desk: Desk) -> None:
        issue = await the_issue(desk)
        await desk.claim(issue.id, "tech1")
        assert (await the_issue(desk)).owner == "tech1"
        await desk.claim(issue.id, "tech1")
        assert (await the_issue(desk)).owner == ""

    async def test_what_is_anothers_is_refused_with_their_name(self, desk: Desk) -> None:
        issue = await the_issue(desk)
        await desk.claim(issue.id, "tech1")
        assert "tech1" in await refused(DeskErrorKind.REFUSED, desk.claim(issue.id, "tech2"))

    async def test_of_two_who_claim_at_once_one_has_it(self, desk: Desk) -> None:
        issue = await the_issue(desk)
        both = [desk.claim(issue.id, "tech1"), desk.claim(issue.id, "tech2")]
        said = await asyncio.gather(*both, return_exceptions=True)
        assert sum(isinstance(one, DeskError) for one in said) == 1

    async def test_a_snooze_has_a_reason_and_an_end(self, desk: Desk) -> None:
        issue = await the_issue(desk)
        until = datetime.now(UTC) + timedelta(hours=2)
        await desk.snooze(issue.id, "tech1", until, "the part is ordered")
        snoozed = await the_issue(desk)
        assert snoozed.state is IssueState.SNOOZED
        assert (snoozed.snoozed_until, snoozed.snooze_reason) == (until, "the part is ordered")
        await desk.wake(issue.id, "tech1")
        assert (await the_issue(desk)).state is IssueState.OPEN
        assert await events(desk) == ["snoozed", "woken"]

    @pytest.mark.parametrize(
        ("hours", "reason"),
        [(2, "  "), (-1, "why"), (24 * 365, "why")],
        ids=["without a reason", "that is over", "for a year"],
    )
    async def test_no_snooze(self, desk: Desk, hours: int, reason: str) -> None:
        until = datetime.now(UTC) + timedelta(hours=hours)
        issue = await the_issue(desk)
        await refused(DeskErrorKind.WRONG_USE, desk.snooze(issue.id, "tech1", until, reason))
        assert (await the_issue(desk)).state is IssueState.OPEN

    async def test_only_what_is_snoozed_can_be_woken(self, desk: Desk) -> None:
        await refused(DeskErrorKind.WRONG_USE, desk.wake((await the_issue(desk)).id, "tech1"))

    async def test_what_no_source_can_do_is_refused_and_not_asked_for(self, desk: Desk, source: Kept) -> None:
        issue = await the_issue(desk)
        assert "close problems" in await refused(DeskErrorKind.REFUSED, desk.close_issue(issue.id, "tech1", "moved"))
        assert "check now" in await refused(DeskErrorKind.REFUSED, desk.recheck(issue.id, "tech1"))
        assert await desk.snooze_says(issue.id) == ""
        assert (source.told, await events(desk)) == ([], [])

    async def test_notes_are_kept_in_order_and_made_safe(self, desk: Desk) -> None:
        issue = await the_issue(desk)
        await desk.note(issue.id, "tech1", "first")
        await desk.note(issue.id, "tech2", "second \x1b[2J")
        assert [(note.by, note.text) for note in await desk.notes(issue.id)] == [
            ("tech1", "first"),
            ("tech2", "second ␛[2J"),
        ]
        assert (await the_issue(desk)).notes == 2

    async def test_an_empty_note_is_wrong_use(self, desk: Desk) -> None:
        await refused(DeskErrorKind.WRONG_USE, desk.note((await the_issue(desk)).id, "tech1", " \n "))

    async def test_nobody_decides_anything(self, desk: Desk) -> None:
        await refused(DeskErrorKind.WRONG_USE, desk.claim((await the_issue(desk)).id, "  "))

    async def test_an_issue_that_is_over_is_not_found(self, desk: Desk) -> None:
        await refused(DeskErrorKind.NOT_FOUND, desk.claim(IssueId("nothing"), "tech1"))

    # What is run.

    async def test_a_plan_names_its_target_and_takes_its_parameters_from_the_evidence(self, desk: Desk) -> None:
        plan = await a_plan(desk)
        (target,) = plan.targets
        assert (target.device, target.source, target.native, target.parameters) == (
            WEB01,
            "probe",
            "web01",
            {"service": "nginx"},
        )
        assert plan.consent is Consent.CONFIRM

    async def test_a_plan_without_an_issue_finds_the_one_that_the_fix_answers(self, desk: Desk) -> None:
        plan = await desk.plan(RESTART, [WEB01], "tech1")
        assert plan.targets[0].issue == (await the_issue(desk)).id

    async def test_a_plan_for_what_no_issue_speaks_of_needs_its_parameters(self, desk: Desk) -> None:
        await refused(DeskErrorKind.WRONG_USE, desk.plan(RESTART, [WEB02], "tech1"))
        plan = await desk.plan(RESTART, [WEB02], "tech1", None, {"service": "cron"})
        assert plan.targets[0].parameters == {"service": "cron"}

    async def test_there_is_no_plan_of_no_fix(self, desk: Desk) -> None:
        await refused(DeskErrorKind.NOT_FOUND, desk.plan(FixId("nothing"), [WEB01], "tech1"))

    async def test_an_approved_run_is_carried_out_once_verified_and_on_record(self, desk: Desk, source: Kept) -> None:
        source.output = b"nginx restarted\n"
        plan = await a_plan(desk)
        (run,) = await desk.approve(plan.id, YES)
        done = await ended(desk, run)
        assert (done.state, done.verified) == (RunState.SUCCEEDED, Verified.FIXED)
        assert done.output == "nginx restarted\n"
        assert len(source.executed) == 1
        assert await events(desk) == ["run-approved", "run-sent", "run-ended", "run-verified"]
        assert (await desk.audit_verify()).ok

    async def test_a_fixed_issue_goes(self, desk: Desk) -> None:
        (run,) = await desk.approve((await a_plan(desk)).id, YES)
        await ended(desk, run)
        assert (await desk.picture()).issues == {}

    async def test_a_run_can_be_followed_while_it_goes(self, desk: Desk, source: Kept) -> None:
        source.output = b"one moment\n"
        source.outcome = HANG
        (run,) = await desk.approve((await a_plan(desk)).id, YES)
        stream = aiter(desk.output(run.id))
        assert (await anext(stream)).text == "one moment\n"
        assert [one.id for one in await desk.runs("state:running")] == [run.id]

    async def test_a_run_can_be_followed_from_the_moment_it_is_on_record(self, desk: Desk) -> None:
        approving = asyncio.create_task(desk.approve((await a_plan(desk)).id, YES))
        while not (runs := await desk.runs()):
            pass
        assert (await ended(desk, runs[0])).verified is Verified.FIXED
        await approving

    async def test_a_run_can_be_followed_to_its_end_from_any_moment_around_it(self, desk: Desk, source: Kept) -> None:
        source.output = b"nginx restarted\n"
        (run,) = await desk.approve((await a_plan(desk)).id, YES)
        while not (await desk.run(run.id)).settled:  # noqa: ASYNC110 - every turn of the loop is looked at
            await asyncio.sleep(0)
        followers = []
        for _ in range(20):
            followers.append(asyncio.create_task(whole_output(desk, run)))
            await asyncio.sleep(0)
        told = await asyncio.wait_for(asyncio.gather(*followers), 30)  # ends a hopeless wait only
        assert set(told) == {"nginx restarted\n"}

    async def test_a_plan_runs_at_most_once(self, desk: Desk, source: Kept) -> None:
        plan = await a_plan(desk)
        said = await asyncio.gather(*(desk.approve(plan.id, YES) for _ in range(5)), return_exceptions=True)
        runs = [run for one in said if isinstance(one, list) for run in one]
        assert len(runs) == 1
        await ended(desk, runs[0])
        assert len(source.executed) == 1
        await refused(DeskErrorKind.CHANGED, desk.approve(plan.id, YES))

    async def test_no_run_without_consent(self, desk: Desk, source: Kept) -> None:
        await refused(DeskErrorKind.REFUSED, desk.approve((await a_plan(desk)).id, Approval()))
        assert source.executed == []

    async def test_a_plan_whose_target_has_changed_is_refused(self, desk: Desk, source: Kept) -> None:
        plan = await a_plan(desk)
        source.hurt = False
        await desk.refresh()
        await refused(DeskErrorKind.CHANGED, desk.approve(plan.id, YES))
        assert source.executed == []

    async def test_a_claim_by_another_in_between_is_said(self, desk: Desk, source: Kept) -> None:
        plan = await a_plan(desk)
        await desk.claim((await the_issue(desk)).id, "tech2")
        assert "tech2" in await refused(DeskErrorKind.CHANGED, desk.approve(plan.id, YES))

    async def test_runs_are_listed_latest_first(self, desk: Desk, source: Kept) -> None:
        first = (await desk.approve((await desk.plan(FixId("reboot"), [WEB02], "tech1")).id, YES))[0]
        second = (await desk.approve((await a_plan(desk)).id, YES))[0]
        assert [run.id for run in await desk.runs()][:2] == [second.id, first.id]
        assert [run.id for run in await desk.runs(limit=1)] == [second.id]

    async def test_a_run_that_is_not_there_is_not_found(self, desk: Desk) -> None:
        await refused(DeskErrorKind.NOT_FOUND, desk.run(RunId("r-nothing")))
        await refused(DeskErrorKind.NOT_FOUND, desk.check_run(RunId("r-nothing")))

    async def test_a_source_that_opens_no_shell_says_so(self, desk: Desk) -> None:
        await refused(DeskErrorKind.REFUSED, desk.shell(WEB01, "tech1"))
