"""Issues from checks: one condition, one id, and what technicians decided about it."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from backends.fleet.decisions import with_fix, with_mark
from backends.fleet.fleet import Fleet
from backends.fleet.freshness import aged, with_source
from backends.fleet.merge import fold
from backends.fleet.model import (
    Check,
    CheckState,
    Fault,
    FaultKind,
    FixId,
    Freshness,
    Health,
    Issue,
    IssueState,
    Mark,
    Severity,
    Source,
    SourceName,
    issue_id,
    safe,
)
from backends.fleet.reading import Reading
from tests.support.facts import at, check, folded, only_issue, reading, sighting, unreachable


def poll(*checks: Check, when: datetime) -> Reading:
    return reading([sighting(seen=when)], checks, when=when)


def disk(state: CheckState = CheckState.CRITICAL, *, seconds: float = 0, **facts: object) -> Reading:
    return poll(check(state=state, seen=at(seconds), **facts), when=at(seconds))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("found", "severity"),
    [
        (check(family="reachable", state=CheckState.CRITICAL), Severity.CRITICAL),
        (check(family="disk", state=CheckState.CRITICAL), Severity.HIGH),
        (check(family="reachable", state=CheckState.WARNING), Severity.WARNING),
        (check(family="disk", state=CheckState.UNKNOWN), Severity.WARNING),
        (check(family="disk", state=CheckState.WARNING, severity=Severity.CRITICAL), Severity.CRITICAL),
        (check(family="disk", state=CheckState.CRITICAL, severity=Severity.INFO), Severity.INFO),
    ],
)
def test_the_check_says_how_bad_it_is_or_its_state_does(found: Check, severity: Severity) -> None:
    assert only_issue(folded(poll(found, when=at()))).severity is severity


def test_a_check_that_is_ok_is_no_issue() -> None:
    assert not folded(disk(CheckState.OK)).issues


def test_the_summary_is_the_title() -> None:
    assert only_issue(folded(disk(summary="Disk /var is 97.2 % full"))).title == "Disk /var is 97.2 % full"


def test_a_value_that_flaps_changes_neither_id_nor_since() -> None:
    first = folded(disk(summary="95.1 % full", value=95.1))

    second = fold(first, disk(seconds=30, summary="95.2 % full", value=95.2))

    assert (only_issue(second).id, only_issue(second).since) == (only_issue(first).id, at())
    assert only_issue(second).title == "95.2 % full"


@pytest.mark.parametrize(
    ("since", "dated"),
    [
        (None, at()),
        (at(-600), at(-600)),
        (at(86_400 * 365), at()),
        (datetime(1970, 1, 1, tzinfo=at().tzinfo), at()),
    ],
    ids=["not told", "told", "in the future", "zero"],
)
def test_it_is_dated_by_its_source_as_far_as_that_can_be_believed(since: datetime | None, dated: datetime) -> None:
    assert only_issue(folded(disk(since=since))).since == dated


def test_two_sources_that_say_the_same_of_one_device_are_one_issue() -> None:
    fleet = folded(
        reading([sighting("1", name="web")], [check("1", "service", subject="nginx")]),
        reading(
            [sighting("9", name="web", source="ssh")],
            [check("9", "service", subject="nginx", source="ssh", severity=Severity.CRITICAL)],
            source="ssh",
        ),
    )

    issue = only_issue(fleet)
    assert (issue.sources, issue.source, issue.severity) == (("ssh", "zabbix"), "ssh", Severity.CRITICAL)


def test_an_issue_that_is_over_leaves_and_its_episode_ends() -> None:
    fleet = folded(disk(), disk(CheckState.OK, seconds=60))

    assert not fleet.issues
    (episode,) = fleet.episodes[issue_id("zabbix:1", "disk")]
    assert (episode.began, episode.ended) == (at(), at(60))


def test_a_condition_that_returns_is_counted() -> None:
    fleet = folded(disk(), disk(CheckState.OK, seconds=60), disk(seconds=120))

    assert (only_issue(fleet).times, only_issue(fleet).since) == (2, at(120))


def test_what_was_more_than_a_month_ago_is_not_counted() -> None:
    month = 31 * 86_400
    fleet = folded(disk(), disk(CheckState.OK, seconds=60), disk(seconds=month))

    assert only_issue(fleet).times == 1


def test_a_fix_that_was_verified_is_remembered_with_how_long_it_held() -> None:
    fleet = folded(disk(), disk(CheckState.OK, seconds=60))
    fleet = with_fix(fleet, issue_id("zabbix:1", "disk"), FixId("clean-up"))

    fleet = fold(fleet, disk(seconds=60 + 6 * 86_400))

    assert (only_issue(fleet).last_fix, only_issue(fleet).held_s) == ("Clean up", 6 * 86_400)


@pytest.mark.parametrize("state", [CheckState.CRITICAL, CheckState.UNKNOWN])
def test_issues_of_a_device_that_nobody_gets_to_look_at_are_stale(state: CheckState) -> None:
    fleet = folded(
        reading([sighting("1")], [check("1", "disk")]),
        reading([sighting("1", seen=at(5), partial=True)], [check("1", "reachable", state, seen=at(5))], when=at(5)),
    )
    assert {issue.key: issue.freshness for issue in fleet.issues.values()} == {
        "disk": Freshness.STALE,
        "reachable": Freshness.FRESH,
    }


def test_issues_of_a_device_that_is_gone_are_over() -> None:
    fleet = folded(disk(), reading([sighting("2", seen=at(9))], when=at(9)))

    assert not fleet.issues


# What technicians decide.


def marked(fleet: Fleet, when: float = 1, **facts: object) -> Fleet:
    return with_mark(fleet, Mark(issue=issue_id("zabbix:1", "disk"), **facts), at(when))  # type: ignore[arg-type]


def snoozed(fleet: Fleet, hours: float = 1) -> Fleet:
    return marked(fleet, snoozed_by="tech1", snoozed_until=at() + timedelta(hours=hours), snooze_reason=safe("later"))


def test_an_acknowledged_issue_says_by_whom() -> None:
    issue = only_issue(marked(folded(disk()), acked_by="tech1", acked_at=at(1)))

    assert (issue.state, issue.acked_by, issue.acked_at) == (IssueState.ACKED, "tech1", at(1))


def test_a_mark_survives_the_next_poll() -> None:
    fleet = fold(marked(folded(disk()), acked_by="tech1", owner="tech2"), disk(seconds=30))

    assert (only_issue(fleet).state, only_issue(fleet).owner) == (IssueState.ACKED, "tech2")


def test_an_empty_mark_takes_the_old_one_away() -> None:
    fleet = marked(marked(folded(disk()), acked_by="tech1"))

    assert (only_issue(fleet).state, fleet.marks) == (IssueState.OPEN, {})


def test_what_was_decided_ends_with_the_condition() -> None:
    fleet = marked(folded(disk()), acked_by="tech1", owner="tech1")

    fleet = folded(disk(CheckState.OK, seconds=60), disk(seconds=120), fleet=fleet)

    assert (only_issue(fleet).state, only_issue(fleet).owner) == (IssueState.OPEN, "")


def test_notes_stay_with_a_condition_when_it_is_over() -> None:
    fleet = folded(disk(CheckState.OK, seconds=60), disk(seconds=120), fleet=marked(folded(disk()), owner="x", notes=2))

    assert only_issue(fleet).notes == 2


def test_a_snooze_belongs_to_the_condition_and_not_to_its_text() -> None:
    fleet = fold(snoozed(folded(disk(summary="95.1 %"))), disk(seconds=30, summary="95.2 %"))

    assert only_issue(fleet).state is IssueState.SNOOZED


def test_a_snooze_ends_at_its_time() -> None:
    fleet = aged(snoozed(folded(disk())), at(3600))

    assert fleet.issues[issue_id("zabbix:1", "disk")].state is IssueState.OPEN
    assert not fleet.marks


def test_a_snooze_wakes_when_it_gets_worse() -> None:
    fleet = fold(snoozed(folded(disk(CheckState.WARNING))), disk(CheckState.CRITICAL, seconds=30))

    assert only_issue(fleet).state is IssueState.OPEN


def test_a_snooze_sleeps_on_when_it_gets_better() -> None:
    fleet = fold(snoozed(folded(disk(CheckState.CRITICAL))), disk(CheckState.WARNING, seconds=30))

    assert only_issue(fleet).state is IssueState.SNOOZED


def test_a_snooze_wakes_when_it_spreads() -> None:
    down = reading([sighting("1", health=Health.DOWN), sighting("2")], [unreachable("1")])
    fleet = folded(down)
    name = issue_id("zabbix:1", "reachable")
    fleet = with_mark(fleet, Mark(issue=name, snoozed_by="x", snoozed_until=at(9999)), at(1))

    both = [sighting("1", health=Health.DOWN, seen=at(30)), sighting("2", health=Health.DOWN, seen=at(30))]
    fleet = fold(fleet, reading(both, [unreachable("1", seen=at(30)), unreachable("2", seen=at(30))], when=at(30)))

    assert fleet.issues[name].behind == 1
    assert fleet.issues[name].state is IssueState.OPEN


# A source is an issue too.


def broken(kind: FaultKind, failures: int, *, heard: bool = True) -> dict[str, Issue]:
    fleet = folded(reading([sighting()])) if heard else Fleet()
    known = fleet.sources.get(SourceName("zabbix"))
    source = Source(
        name=SourceName("zabbix"),
        kind="zabbix",
        state=Freshness.STALE,
        seen=known.seen if known else None,
        polls=failures,
        failures=failures,
        fault=Fault(kind=kind, sentence=safe("It is broken."), since=at(2)),
    )
    return {issue.key: issue for issue in with_source(fleet, source, at(5)).issues.values()}


def test_one_failed_poll_raises_nothing() -> None:
    assert not broken(FaultKind.TIMEOUT, 1)


def test_a_second_failed_poll_raises_a_warning() -> None:
    assert broken(FaultKind.TIMEOUT, 2)["source"].severity is Severity.WARNING


@pytest.mark.parametrize(("kind", "heard"), [(FaultKind.CREDENTIALS, True), (FaultKind.REFUSED, False)])
def test_a_source_that_failed_raises_high_at_once(kind: FaultKind, heard: bool) -> None:
    issue = broken(kind, 1, heard=heard)["source"]

    assert (issue.severity, issue.device, issue.since) == (Severity.HIGH, None, at(2))


def test_a_source_of_one_client_fails_at_that_client() -> None:
    issue = broken(FaultKind.TIMEOUT, 2)["source"]

    assert (issue.client_name, issue.site_name, issue.title) == ("Acme", "HQ", "It is broken.")


def test_a_source_that_falls_silent_raises_high() -> None:
    issue = only_issue(aged(folded(reading([sighting()])), at(61)))

    assert (issue.severity, issue.since) == (Severity.HIGH, at(60))


def test_a_source_that_answers_again_is_no_issue() -> None:
    fleet = aged(folded(reading([sighting()])), at(61))

    assert not fold(fleet, reading([sighting(seen=at(70))], when=at(70))).issues


def test_a_source_that_was_not_asked_yet_is_no_issue() -> None:
    waiting = Source(name=SourceName("ssh"), kind="ssh", state=Freshness.STALE, seen=at(-9999))

    fleet = with_source(Fleet(), waiting, at())

    assert (fleet.sources[SourceName("ssh")].state, fleet.issues) == (Freshness.SILENT, {})
