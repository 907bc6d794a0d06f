"""The order of the list, and why."""

from __future__ import annotations

import random

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from backends.fleet.merge import fold
from backends.fleet.model import (
    Client,
    ClientId,
    Contract,
    Issue,
    IssueId,
    IssueState,
    Severity,
    SlaTarget,
    safe,
)
from backends.fleet.start import begun
from backends.fleet.urgency import deadlines, order, urgency, why
from tests.support.facts import at, check, folded, only_issue, reading, sighting

PLAIN = only_issue(folded(reading([sighting()], [check(severity=Severity.HIGH)])))


def issue(name: str = "a", **facts: object) -> Issue:
    return msgspec.structs.replace(PLAIN, id=IssueId(name), **facts)


@pytest.mark.parametrize(
    ("first", "then"),
    [
        (issue(severity=Severity.CRITICAL), issue(severity=Severity.HIGH)),
        (issue(severity=Severity.WARNING), issue(severity=Severity.INFO)),
        (issue(), issue(contract=Contract.BREAK_FIX)),
        (issue(severity=Severity.INFO), issue(severity=Severity.CRITICAL, contract=Contract.BREAK_FIX)),
        (issue(respond_by=at(600)), issue()),
        (issue(respond_by=at(60)), issue(respond_by=at(7200))),
        (issue(behind=14), issue(behind=1)),
        (issue(since=at(-7200)), issue(since=at(-5))),
        (issue(severity=Severity.INFO), issue(severity=Severity.CRITICAL, state=IssueState.ACKED)),
        (issue(state=IssueState.ACKED), issue(severity=Severity.CRITICAL, state=IssueState.SNOOZED)),
        (issue(severity=Severity.WARNING), issue(severity=Severity.CRITICAL, incident=IssueId("root"))),
        (issue(severity=Severity.CRITICAL, behind=2), issue(severity=Severity.CRITICAL, since=at(-99_999))),
    ],
)
def test_more_urgent_is_first(first: Issue, then: Issue) -> None:
    pair = [msgspec.structs.replace(then, id=IssueId("1")), msgspec.structs.replace(first, id=IssueId("2"))]

    assert order(pair, at(5)) == ["2", "1"]


def test_a_claimed_issue_waits_for_its_repair_and_no_longer_for_a_response() -> None:
    late = issue(respond_by=at(-60), resolve_by=at(4 * 3600))

    assert urgency(msgspec.structs.replace(late, owner="tech1"), at()) < urgency(late, at())


ISSUES = st.builds(
    lambda name, severity, contract, state, behind, since, due: issue(
        name,
        severity=severity,
        contract=contract,
        state=state,
        behind=behind,
        since=at(since),
        respond_by=None if due is None else at(due),
    ),
    st.text("abcdef", min_size=1, max_size=4),
    st.sampled_from(Severity),
    st.sampled_from(Contract),
    st.sampled_from(IssueState),
    st.integers(0, 100_000),
    st.integers(-(10**7), 10**7),
    st.none() | st.integers(-(10**7), 10**7),
)


@given(st.lists(ISSUES, unique_by=lambda one: one.id), st.randoms(use_true_random=False))
def test_the_order_is_total_and_does_not_depend_on_how_the_issues_come(
    issues: list[Issue], chance: random.Random
) -> None:
    shuffled = list(issues)
    chance.shuffle(shuffled)

    found = order(issues, at())

    assert found == order(shuffled, at())
    assert sorted(found) == sorted(one.id for one in issues)


@given(ISSUES)
def test_no_age_or_spread_lifts_an_issue_out_of_its_lane(one: Issue) -> None:
    worst = msgspec.structs.replace(one, state=IssueState.ACKED)
    mildest = issue(severity=Severity.INFO, state=IssueState.OPEN)

    assert urgency(worst, at()) < urgency(mildest, at())


def test_a_second_moves_nothing_but_at_a_step() -> None:
    assert urgency(issue(), at(700)) == urgency(issue(), at(701))


def test_why_is_one_sentence_over_all_that_counts() -> None:
    found = why(
        issue(severity=Severity.CRITICAL, respond_by=at(660), behind=14, times=4, since=at(-240)),
        at(),
    )

    assert found == "Critical, response due in 11 min, 14 more behind it, open for 4 min, 4 times in 30 days."


def test_why_says_that_somebody_has_it() -> None:
    found = why(issue(state=IssueState.ACKED, acked_by="tech2", contract=Contract.BREAK_FIX), at(5))

    assert found == "High, a break-fix client, below managed ones, open for 5 s, acked by tech2, so it waits below."


SLA = Client(
    id=ClientId("acme"),
    name=safe("Acme Dental"),
    hours="Mon-Fri 08:00-18:00 UTC",
    sla=(SlaTarget(severity=Severity.CRITICAL, respond_s=900, resolve_s=4 * 3600),),
)


def test_deadlines_are_counted_in_the_clients_hours() -> None:
    respond_by, resolve_by = deadlines(SLA, Severity.CRITICAL, at(8 * 3600 + 3300))  # 17:55 on a Monday

    assert (respond_by, resolve_by) == (at(23 * 3600 + 600), at(23 * 3600 + 4 * 3600 - 300))


def test_a_severity_without_a_target_has_no_deadline() -> None:
    assert deadlines(SLA, Severity.HIGH, at()) == (None, None)


def test_hours_that_cannot_be_read_count_as_around_the_clock() -> None:
    assert deadlines(msgspec.structs.replace(SLA, hours="whenever"), Severity.CRITICAL, at())[0] == at(900)


def test_an_issue_carries_the_deadlines_and_contract_of_its_client() -> None:
    managed = msgspec.structs.replace(SLA, contract=Contract.BREAK_FIX)
    fleet = begun({SLA.id: managed}, [], at())

    found = only_issue(fold(fleet, reading([sighting()], [check(severity=Severity.CRITICAL)])))

    assert (found.respond_by, found.contract, found.client_name) == (at(900), Contract.BREAK_FIX, "Acme Dental")
