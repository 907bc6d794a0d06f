"""`rounds ack · claim · snooze · note · close · recheck`: the verbs of the screen, in the technician's name."""

from __future__ import annotations

import pytest

from backends.desk.protocol import DeskError, DeskErrorKind
from backends.fleet.model import issue_id, safe
from tests.support.commands import Commands

SQL = issue_id("baker:sql01", "service/mssql-server")


@pytest.mark.parametrize(
    ("argv", "call", "sentence"),
    [
        (("ack", SQL), ("acknowledge", SQL, "tech1"), "Acknowledged: sql01"),
        (("ack", SQL, "on", "it"), ("acknowledge", SQL, "tech1"), "Acknowledged: sql01"),
        (("ack", SQL, "--undo"), ("unacknowledge", SQL, "tech1"), "No longer acknowledged: sql01"),
        (("claim", SQL[:5]), ("claim", SQL, "tech1"), "Yours: sql01"),
        (("note", SQL, "disk", "ordered"), ("note", SQL, "disk ordered"), "Noted on sql01"),
        (("snooze", SQL, "--wake"), ("wake", SQL, "tech1"), "Awake: sql01"),
        (("close", SQL, "replaced", "it"), ("close_issue", SQL, "replaced it"), "Closed: sql01"),
        (("recheck", SQL), ("recheck", SQL, "tech1"), "Asked to check again now: sql01"),
    ],
)
def test_a_verb_reaches_its_issue_and_says_so(
    rounds: Commands, argv: tuple[str, ...], call: tuple[str, ...], sentence: str
) -> None:
    said = rounds(*argv)
    assert (said.status, said.out) == (0, "")
    assert said.err.startswith(sentence)
    assert rounds.desk.calls == [call]


def test_a_snooze_has_an_end_and_a_reason(rounds: Commands) -> None:
    said = rounds("snooze", SQL, "2099-01-01T06:00:00Z", "waiting", "for", "a", "disk")
    assert rounds.desk.calls == [("snooze", SQL, "2099-01-01T06:00:00+00:00", "waiting for a disk")]
    assert said.err.startswith("Snoozed until 2099-01-01 06:00 UTC: sql01")


def test_what_a_snooze_does_in_the_sources_is_said_before_it_is_done(rounds: Commands) -> None:
    rounds.desk.says = safe("zabbix-eu: A suppression of the problem.")
    said = rounds("snooze", SQL, "2099-01-01T06:00:00Z", "waiting")
    assert said.err.splitlines()[0] == "zabbix-eu: A suppression of the problem."
    assert said.err.splitlines()[1].startswith("Snoozed until")


@pytest.mark.parametrize(
    ("argv", "sentence"),
    [
        (("ack",), "Missing argument 'ISSUE'"),
        (("ack", "zzzzzz"), "No open issue begins with 'zzzzzz'"),
        (("ack", SQL[:1]), "An issue's id may be shortened to 3 characters"),
        (("note", SQL), "Missing argument 'TEXT...'"),
        (("close", SQL), "Missing argument 'TEXT...'"),
        (("snooze", SQL, "4h"), "A snooze needs an end and a reason"),
        (("snooze", SQL, "soon", "why"), "'soon' is no time"),
        (("snooze", SQL, "2001-01-01", "why"), "'2001-01-01' is in the past"),
    ],
)
def test_wrong_use_is_told_and_changes_nothing(rounds: Commands, argv: tuple[str, ...], sentence: str) -> None:
    said = rounds(*argv)
    assert (said.status, said.out, rounds.desk.calls) == (64, "", [])
    assert said.err.startswith(f"rounds: {sentence}")


@pytest.mark.parametrize(
    ("kind", "status"),
    [
        (DeskErrorKind.REFUSED, 77),
        (DeskErrorKind.UNAVAILABLE, 69),
        (DeskErrorKind.NOT_FOUND, 64),
        (DeskErrorKind.CHANGED, 75),
        (DeskErrorKind.PARTLY, 1),
    ],
)
def test_what_the_desk_refuses_has_its_own_status(rounds: Commands, kind: DeskErrorKind, status: int) -> None:
    rounds.desk.refuse = DeskError(kind, "It cannot be done.")
    said = rounds("ack", SQL)
    assert (said.status, said.err) == (status, "rounds: It cannot be done.\n")
