"""What happened before: at most three lines, latest first, of the two hours before."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from msgspec.structs import replace

from backends.fleet.happened import Deed, Happened
from backends.fleet.model import Episode, FixId, IssueId, issue_id, safe
from tests.support import pictures
from widgets.present.age import zone_of
from widgets.present.before import before_lines, clock_text
from widgets.present.card import Card, Times
from widgets.present.issue_card import issue_card

SQL = pictures.ISSUES[issue_id("baker:sql01", "service/mssql-server")]
"""Began at 11:52:31."""
ZONE = zone_of("UTC")
TIMES = Times(pictures.NOW, ZONE)


def happened(minutes: float, deed: Deed, title: str = "", on: str = "sql01", **more: object) -> Happened:
    """So many minutes before the issue began."""
    values: dict[str, object] = {
        "at": pictures.ago(minutes=12 + minutes), "deed": deed, "device_name": safe(on), "title": safe(title)
    }  # fmt: skip
    return Happened(**(values | more))  # type: ignore[arg-type]


def said(*what: Happened) -> list[str]:
    lines = before_lines(SQL, what, pictures.NOW, ZONE)
    assert [line.label for line in lines] == ["Before", "", ""][: len(lines)]
    return ["".join(span.text for span in line.spans) for line in lines]


@pytest.mark.parametrize(
    ("what", "words"),
    [
        (happened(2, Deed.RUN, "Restart service nginx", by="tech2"),
         "11:50 Restart service nginx ended, a fix by tech2"),
        (happened(2, Deed.RUN, "Reboot", on="fw-main", by="tech2"), "11:50 Reboot ended on fw-main, a fix by tech2"),
        (happened(5, Deed.BOOT), "11:47 sql01 started anew"),
        (happened(5, Deed.BOOT, on="fw-main"), "11:47 fw-main started anew"),
        (happened(6, Deed.JOB, "Job firmware ended", on="fw-main"), "11:46 Job firmware ended on fw-main"),
        (happened(9, Deed.CONDITION, "Memory is 97 % used"), "11:43 Memory is 97 % used"),
        (happened(9, Deed.CONDITION, "Link wan", on="fw-main", over=pictures.ago(minutes=13)),
         "11:43 Link wan on fw-main, for 8m until 11:51"),
        (happened(3, Deed.SILENT, "Reachable", on="web02"), "11:49 web02 stopped answering"),
    ],
)  # fmt: skip
def test_what_happened_in_words(what: Happened, words: str) -> None:
    assert said(what) == [words]


def test_the_latest_comes_first_and_three_are_enough() -> None:
    told = said(*(happened(minutes, Deed.JOB, f"Job {minutes}") for minutes in (30, 5, 90, 60)))
    assert told == ["11:47 Job 5", "11:22 Job 30", "10:52 Job 60"]


def test_neighbours_that_stopped_answering_are_one_line() -> None:
    silent = [happened(minutes, Deed.SILENT, on=f"pc{minutes}") for minutes in (4, 3, 5)]
    assert said(*silent, happened(20, Deed.BOOT)) == [
        "11:49 3 others here stopped answering, pc3 last",
        "11:32 sql01 started anew",
    ]


@pytest.mark.parametrize("minutes", [-1.0, 121.0, 5000.0])
def test_what_came_later_or_long_before_is_left_out(minutes: float) -> None:
    assert said(happened(minutes, Deed.BOOT)) == []


def test_the_issue_itself_did_not_happen_before_it() -> None:
    assert said(happened(0, Deed.CONDITION, "Service", issue=SQL.id)) == []


def test_another_day_is_named() -> None:
    assert clock_text(datetime(2026, 11, 20, 23, 50, tzinfo=UTC), pictures.NOW, ZONE) == "20 Nov 23:50"


def lines_of(card: Card, label: str) -> list[str]:
    return ["".join(span.text for span in line.spans) for line in card.lines if line.label == label]


def test_history_says_when_it_was_so_last_and_what_held() -> None:
    known = replace(
        pictures.card(SQL.device) if SQL.device else pictures.card(next(iter(pictures.DEVICES))),
        episodes=(
            Episode(issue=SQL.id, began=SQL.since),
            Episode(issue=IssueId("other"), began=pictures.ago(hours=1), ended=pictures.ago(minutes=50)),
            Episode(issue=SQL.id, began=pictures.ago(days=6), ended=pictures.ago(days=6, minutes=-25),
                    fix=FixId("restart-service")),
        ),
    )  # fmt: skip
    issue = replace(SQL, last_fix=safe("Restart service"), held_s=518400.0)
    assert lines_of(issue_card(issue, known, (), TIMES), "History") == [
        "4th time in 30 days · last 15 Nov 12:04 for 25m · last fix: Restart service, held 6d"
    ]


def test_before_and_history_come_before_the_promise() -> None:
    known = pictures.card(SQL.device) if SQL.device else None
    labels = [line.label for line in issue_card(SQL, known, (), TIMES).lines]
    assert labels.index("Before") < labels.index("History") < labels.index("Ranked")
