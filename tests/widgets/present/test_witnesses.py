"""Several sources of one issue: the card says which of them says what, and what was decided there."""

from __future__ import annotations

from collections.abc import Sequence

from msgspec.structs import replace

from backends.fleet.model import Handling, IssueState, SourceName, issue_id, safe
from tests.support import pictures
from widgets.present.age import zone_of
from widgets.present.card import Card, Times
from widgets.present.issue_card import issue_card
from widgets.present.row import Line

DISK = pictures.ISSUES[issue_id("acme-hq:files01", "disk//srv")]
TIMES = Times(pictures.NOW, zone_of("UTC"))


def lines_of(lines: Sequence[Line], label: str) -> list[str]:
    """The text under a label."""
    out: list[str] = []
    inside = False
    for line in lines:
        inside = line.label == label or (inside and not line.label)
        if inside:
            out.append("".join(span.text for span in line.spans))
    return out


def card_with(*summaries: str) -> Card:
    """The card of the issue, with a witness for each summary."""
    assert DISK.device is not None
    known = pictures.card(DISK.device)
    own = next(check for check in known.checks if check.key == DISK.key)
    witnesses = tuple(
        replace(own, source=SourceName(f"source-{number}"), summary=safe(summary))
        for number, summary in enumerate(summaries, 1)
    )
    return issue_card(DISK, replace(known, checks=witnesses), (), TIMES)


def test_each_of_several_witnesses_has_a_line() -> None:
    assert lines_of(card_with("it has stopped", "not running").lines, "Evidence") == [
        "source-1: it has stopped, critical, seen ",
        "source-2: not running, critical, seen ",
    ]


def test_one_witness_alone_is_not_repeated() -> None:
    assert lines_of(card_with("it has stopped").lines, "Evidence") == []


def test_what_was_decided_in_the_sources_is_told_with_who_when_and_why() -> None:
    acked = Handling(acked=True, acked_by=safe("Admin"), acked_at=pictures.NOW, text=safe("ordered"))
    quiet = Handling(quiet=True, quiet_until=pictures.NOW, quiet_by=safe("ops"))
    issue = replace(DISK, handled=((SourceName("icinga"), acked), (SourceName("zabbix"), quiet)))

    assert lines_of(issue_card(issue, None, (), TIMES).lines, "There") == [
        "icinga: acknowledged by Admin at 2026-11-21 12:04:31: ordered",
        "zabbix: quiet until 2026-11-21 12:04:31 by ops",
    ]


def test_the_card_says_why_one_issue_explains_another() -> None:
    issue = replace(DISK, reason=safe("files01 is behind sw-2, which does not answer."))

    assert "files01 is behind sw-2, which does not answer." in lines_of(issue_card(issue, None, (), TIMES).lines, "Why")


def test_quiet_without_an_end_is_said_without_one() -> None:
    issue = replace(DISK, state=IssueState.SNOOZED, snoozed_by="zabbix")

    assert lines_of(issue_card(issue, None, (), TIMES).lines, "Snoozed") == ["by zabbix"]
