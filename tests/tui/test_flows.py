"""Marks and the fix loop, from the key to the desk."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, nullcontext

import pytest
from msgspec.structs import replace
from textual.widgets import Button, Input

from backends.desk.protocol import Approval, DeskError, DeskErrorKind
from backends.fleet.model import Can, IssueState, issue_id, safe
from backends.fleet.run import Consent, RunState, Verified
from tests.support import pictures
from tests.support.desk import MemoryDesk
from tests.support.screen import NO_PACE, Opened, opened
from tui.bridge import Link, Updated
from tui.commands.verbs import CheckNow, CloseProblem
from tui.screens.run import RunScreen
from widgets.dialogs.dialog import Dialog
from widgets.dialogs.plan import PlanDialog

SQL = issue_id("baker:sql01", "service/mssql-server")
DISK = issue_id("acme-hq:files01", "disk//srv")


async def asked(screen: Opened) -> None:
    """Wait for a question to be there."""
    await screen.until(lambda: isinstance(screen.app.screen, Dialog))
    await screen.pilot.pause()


async def done(screen: Opened) -> None:
    """Wait until the dialogue has ended."""
    await screen.until(lambda: not screen.app.fleet.busy)
    await screen.pilot.pause()


async def with_fix(screen: Opened) -> None:
    """The cursor on an issue with offered fixes."""
    await screen.press("j")
    await screen.shows("1 Restart service mssql-server")


# -- marks -----------------------------------------------------------------------------------------------------


async def test_a_acknowledges_and_a_second_time_takes_it_back() -> None:
    async with opened() as screen:
        await screen.press("j", "a")
        await screen.until(lambda: screen.desk.picture_now.issues[SQL].state is IssueState.ACKED)
        await screen.shows("Acknowledged: sql01.", "acked")
        await done(screen)
        await screen.press("a")
        await screen.until(lambda: screen.desk.picture_now.issues[SQL].state is IssueState.OPEN)


async def test_c_claims_for_the_technician_and_lets_go_of_what_is_theirs() -> None:
    async with opened() as screen:
        await screen.press("j", "c")
        await screen.shows("Claimed: sql01.", "@tech1")
        await done(screen)
        await screen.press("j", "c")
        await screen.shows("Let go: files01.")


async def test_what_the_desk_refuses_is_said_as_it_is() -> None:
    async with opened() as screen:
        screen.desk.refuse = DeskError(DeskErrorKind.REFUSED, "Claimed by tech2 since 11:40.")
        await screen.press("j", "c")
        await screen.shows("Claimed by tech2 since 11:40.")


async def test_a_snooze_needs_an_end_and_a_reason() -> None:
    async with opened() as screen:
        await screen.press("j", "z")
        await asked(screen)
        await screen.press("enter", "enter")
        await screen.shows("A snooze needs a reason.")
        await screen.press(*"Migration", "enter")
        await done(screen)
        verb, issue, until, reason = screen.desk.calls[-1]
        assert (verb, issue, reason) == ("snooze", SQL, "Migration")
        assert until == "2026-11-21T16:04:31+00:00"


async def test_an_unreadable_length_of_time_is_told_beside_the_question() -> None:
    async with opened() as screen:
        await screen.press("j", "z")
        await asked(screen)
        screen.app.screen.query_one("#field-0", Input).value = "soon"
        screen.app.screen.query_one("#field-1", Input).value = "because"
        await screen.press("enter", "enter")
        await screen.shows("Say how long as 30m, 4h, 2d or 1w.")
        assert screen.desk.calls == []


async def test_a_snooze_says_first_what_it_does_in_the_sources() -> None:
    async with opened() as screen:
        screen.desk.says = safe("zabbix-eu: A suppression of the problem.")
        await screen.press("j", "z")
        await asked(screen)
        await screen.shows("It wakes earlier when it gets worse.", "zabbix-eu: A suppression of the problem.")
        await screen.press("escape")
        await done(screen)
        assert screen.desk.calls == []


def with_able_sources() -> MemoryDesk:
    """A desk whose sources can close problems and check again now."""
    able = {name: replace(one, capabilities=(Can.CLOSE, Can.RECHECK)) for name, one in pictures.SOURCES.items()}
    return MemoryDesk(replace(pictures.PICTURE, sources=able))


async def test_a_problem_is_closed_with_a_reason_and_not_by_its_key_alone() -> None:
    async with opened(desk=with_able_sources()) as screen:
        await screen.press("j", "C")
        await asked(screen)
        await screen.press("enter")
        await screen.shows("Closing needs a reason.")
        assert screen.desk.calls == []
        await screen.press(*"replaced", "enter")
        await done(screen)
        assert screen.desk.calls == [("close_issue", SQL, "replaced")]
        await screen.shows("Closed: sql01.")


async def test_a_check_is_asked_for_now() -> None:
    async with opened(desk=with_able_sources()) as screen:
        await screen.press("j", "R")
        await screen.shows("Asked to check again now: sql01.")
        assert screen.desk.calls == [("recheck", SQL, "tech1")]


async def test_what_no_source_of_the_issue_can_do_is_not_offered() -> None:
    async with opened() as screen:
        await screen.press("j", "C", "R")
        await screen.shows("`R` does not apply here.")
        assert screen.desk.calls == []
        assert "R check" not in screen.text
    async with opened(desk=with_able_sources()) as screen:
        await screen.press("j")
        await screen.shows("C close", "R check")
        here = screen.app.fleet.here()
        assert here.aim is not None
        assert CloseProblem.applies(here)
        one_cannot = replace(here, aims=(here.aim, replace(here.aim, can=(Can.RECHECK,))))
        assert not CloseProblem.applies(one_cannot)
        assert CheckNow.applies(one_cannot)


async def test_what_a_source_did_not_take_is_said_as_it_is() -> None:
    async with opened() as screen:
        sentence = "Acknowledged here; zabbix-eu did not take it: It may not."
        screen.desk.refuse = DeskError(DeskErrorKind.PARTLY, sentence)
        await screen.press("j", "a")
        await screen.shows(sentence)


async def test_of_many_what_one_source_did_not_take_counts_all_the_same() -> None:
    async with opened() as screen:
        screen.desk.refuse = DeskError(
            DeskErrorKind.PARTLY, "Acknowledged here; zabbix-eu did not take it: It may not."
        )
        await screen.press("g", "space", "space", "a")
        await screen.shows("Acknowledged: 2 issues of 2. Acknowledged here; zabbix-eu did not take it")


async def test_a_note_is_written_and_shown_on_the_card() -> None:
    async with opened() as screen:
        await screen.press("j", "n")
        await asked(screen)
        await screen.press(*"called", "enter")
        await done(screen)
        assert screen.desk.calls == [("note", SQL, "called")]


async def test_escape_leaves_a_question_and_nothing_is_done() -> None:
    async with opened() as screen:
        for key in ("z", "n", "1", "f"):
            await screen.press("g", "j")
            await screen.shows("1 Restart service mssql-server")
            await screen.press(key)
            await asked(screen)
            await screen.press("escape")
            await done(screen)
        assert set(screen.desk.verbs()) <= {"plan"}


# -- the fix loop ----------------------------------------------------------------------------------------------


async def test_a_number_opens_the_plan_and_cancel_has_the_focus() -> None:
    """F-04."""
    async with opened() as screen:
        await with_fix(screen)
        await screen.press("1")
        await asked(screen)
        assert isinstance(screen.app.screen, PlanDialog)
        assert screen.app.focused is screen.app.screen.query_one("#cancel", Button)
        await screen.shows("Baker Law/Main", "sql01", "service = mssql-server", "Connections to the service are cut")
        await screen.press("enter")
        await done(screen)
        assert screen.desk.approved == []


async def test_an_agreed_plan_runs_and_the_verified_result_is_shown() -> None:
    async with opened() as screen:
        await with_fix(screen)
        await screen.press("1")
        await asked(screen)
        await screen.press("tab", "enter")
        await screen.shows("Restarting", "● fixed", "The service is active again.")
        assert screen.desk.approved == ["plan-1"]


async def test_leaving_the_output_leaves_the_run_alone_and_its_end_is_told() -> None:
    async with opened() as screen:
        screen.desk.hold_runs = True
        await with_fix(screen)
        await screen.press("1")
        await asked(screen)
        await screen.press("tab", "enter")
        await screen.shows("▶ running", "Esc leaves, the run goes on")
        await screen.press("escape")
        await done(screen)
        run = next(iter(screen.desk.picture_now.runs.values()))
        ended = replace(run, state=RunState.SUCCEEDED, verified=Verified.FIXED, sentence=pictures.safe("Active again."))
        screen.desk.put_run(ended)
        await screen.shows("restart-service on sql01 on sql01: ● fixed. Active again.")


async def test_f_offers_a_menu_whose_choice_opens_the_plan() -> None:
    async with opened() as screen:
        await with_fix(screen)
        await screen.press("f")
        await screen.shows("Fixes for sql01", "2  Reboot")
        await screen.press("j", "enter")
        await screen.until(lambda: isinstance(screen.app.screen, PlanDialog))
        assert screen.desk.calls == [("plan", "reboot", "baker:sql01")]


async def test_a_refused_plan_can_only_be_left() -> None:
    async with opened() as screen:
        screen.desk.consent = Consent.REFUSE
        await with_fix(screen)
        await screen.press("1")
        await asked(screen)
        await screen.shows("Refused", "No fixes on Sundays.")
        assert not screen.app.screen.query("#accept")


async def test_a_plan_with_a_name_to_type_takes_no_other() -> None:
    """F-04."""
    async with opened() as screen:
        screen.desk.consent, screen.desk.type_name = Consent.TYPE_NAME, "sql01"
        await with_fix(screen)
        await screen.press("1")
        await asked(screen)
        await screen.press("shift+tab", "shift+tab")
        screen.app.screen.query_one("#typed", Input).focus()
        await screen.press(*"sql02", "enter")
        await screen.shows("That is not sql01.")
        assert screen.desk.approved == []
        screen.app.screen.query_one("#typed", Input).value = "sql01"
        await screen.press("enter")
        await screen.until(lambda: screen.desk.approved == ["plan-1"])
        assert screen.desk.calls[-1] == ("approve", "plan-1", "sql01")


async def test_a_plan_that_changed_is_shown_again_with_what_changed() -> None:
    """F-03."""
    async with opened() as screen:
        await with_fix(screen)
        await screen.press("1")
        await asked(screen)
        screen.desk.refuse = DeskError(DeskErrorKind.CHANGED, "tech2 claimed it meanwhile.")
        await screen.press("tab", "enter")
        await screen.until(lambda: len(screen.desk.plans) == 2)
        await screen.shows("Changed", "tech2 claimed it meanwhile.")
        assert screen.desk.approved == []
        await screen.press("tab", "enter")
        await screen.until(lambda: screen.desk.approved == ["plan-2"])


async def test_enter_held_on_the_button_starts_one_run() -> None:
    """F-07."""
    async with opened() as screen:
        await with_fix(screen)
        await screen.press("1")
        await asked(screen)
        await screen.pilot.press("tab", *["enter"] * 20)
        await screen.until(lambda: isinstance(screen.app.screen, RunScreen))
        assert screen.desk.verbs().count("approve") == 1


async def test_a_run_is_shown_whenever_the_next_picture_comes() -> None:
    """Also before the screen that follows it is composed, and when it has just been left."""
    async with opened() as screen:
        await with_fix(screen)
        await screen.press("1")
        await asked(screen)
        (started,) = await screen.desk.approve(next(iter(screen.desk.plans)), Approval(confirmed=True))
        following = RunScreen(screen.app, [started])
        picture = screen.desk.picture_now
        screen.app.push_screen(following)
        following.show(Updated(picture, Link.LIVE))
        await screen.shows("fixed", "The service is active again.", "Restarting")
        await screen.press("escape")
        following.show(Updated(picture, Link.LIVE))
        await screen.until(lambda: not following.is_running)
        following.show(Updated(picture, Link.LIVE))


async def test_the_key_of_a_fix_held_down_makes_one_plan() -> None:
    """F-05."""
    async with opened() as screen:
        await with_fix(screen)
        await screen.pilot.press(*["1"] * 90)
        await asked(screen)
        assert screen.desk.verbs() == ["plan"]


async def test_a_question_takes_no_answer_in_its_first_half_second() -> None:
    """F-04."""
    async with opened(pace=replace(NO_PACE, dead_s=0.5)) as screen:
        await with_fix(screen)
        await screen.press("1")
        await asked(screen)
        await screen.press("tab", "enter")
        assert screen.desk.approved == []
        assert isinstance(screen.app.screen, PlanDialog)
        screen.clock.seconds += 0.6
        await screen.press("enter")
        await screen.until(lambda: screen.desk.approved == ["plan-1"])


async def test_action_and_enter_in_one_read_run_nothing() -> None:
    """F-04."""
    async with opened(pace=replace(NO_PACE, dead_s=0.5)) as screen:
        await with_fix(screen)
        await screen.pilot.press("1", "enter", *["enter"] * 50)
        await done(screen)
        assert screen.desk.approved == []


async def test_p_looks_at_the_device_from_here_and_the_card_tells() -> None:
    async with opened() as screen:
        await screen.press("j", "p")
        await screen.shows("though not to pings.", " Here ", "3 pings silent · tcp 22 answered in 12 ms")
        assert screen.desk.calls == [("second_opinion", "baker:sql01")]


async def test_a_device_that_is_not_looked_at_says_why() -> None:
    async with opened() as screen:
        screen.desk.refuse = DeskError(DeskErrorKind.REFUSED, "127.0.0.1 is this machine itself.")
        await screen.press("j", "p")
        await screen.shows("127.0.0.1 is this machine itself.")
        assert screen.desk.opinion is None


async def test_the_shell_gets_the_terminal_and_the_screen_comes_back(monkeypatch: pytest.MonkeyPatch) -> None:
    async with opened() as screen:
        ran: list[tuple[str, ...]] = []
        monkeypatch.setattr(screen.app, "suspended", nullcontext)
        monkeypatch.setattr(screen.app, "run_program", lambda argv: ran.append(tuple(argv)) or 0)
        await with_fix(screen)
        await screen.press("o")
        await done(screen)
        assert ran == [("true",)]
        await screen.shows("Back from the shell on baker:sql01")


async def test_a_shell_that_cannot_be_started_gives_the_terminal_back(monkeypatch: pytest.MonkeyPatch) -> None:
    async with opened() as screen:
        given_back: list[bool] = []

        @contextmanager
        def lent() -> Iterator[None]:
            yield
            given_back.append(True)  # as Textual does it: not when an error comes through

        def missing(argv: Sequence[str]) -> int:
            raise FileNotFoundError(2, "No such file or directory")

        monkeypatch.setattr(screen.app, "suspended", lent)
        monkeypatch.setattr(screen.app, "run_program", missing)
        await with_fix(screen)
        await screen.press("o")
        await screen.shows("'true' could not be started: No such file or directory.")
        assert given_back == [True]


async def test_without_an_engine_a_verb_says_so() -> None:
    async with opened(live=False) as screen:
        await screen.press("j", "a")
        await screen.shows("The engine cannot be reached; nothing was done.")


async def test_while_sources_are_asked_again_a_verb_is_carried_out(monkeypatch: pytest.MonkeyPatch) -> None:
    """A source may take its time to answer, and nobody waits for it."""
    asked_again = asyncio.Event()

    async def for_ever(_source: object = None) -> None:
        asked_again.set()
        await asyncio.Event().wait()

    async with opened() as screen:
        monkeypatch.setattr(screen.desk, "refresh", for_ever)
        await screen.press("r")
        await screen.until(asked_again.is_set)
        await screen.press("j", "a")
        await screen.until(lambda: screen.desk.picture_now.issues[SQL].state is IssueState.ACKED)


async def test_what_cannot_be_begun_is_said() -> None:
    async with opened() as screen:
        screen.app.fleet.start(_for_ever())
        await screen.press("j", "a")
        await screen.shows("Not begun: what was begun before has not ended yet.")
        assert "acknowledge" not in screen.desk.verbs()


async def _for_ever() -> None:
    await asyncio.Event().wait()
