"""What is kept up to date by differences is what it would be if it were made anew, whatever comes, changes and goes."""

from __future__ import annotations

from datetime import timedelta

from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from backends.fleet.changes import Picture, replaced
from backends.fleet.model import ClientId, Health, HealthCounts, IssueId, IssueState, Severity
from backends.fleet.tally import Tally, counts_of, waits
from tests.support import pictures
from tui.issue_list import IssueList
from tui.place import HOME, Place
from widgets.present.client_list import ClientList
from widgets.present.clients import ClientSums, client_row, in_order
from widgets.present.issues import in_order as issues_in_order
from widgets.present.issues import issue_row

STATES = st.sampled_from(IssueState)
CLIENTS = st.sampled_from([*pictures.CLIENTS, ClientId("")])


@st.composite
def followed(draw: st.DrawFn) -> list[Picture]:
    """Pictures one after the other, each with a little that is different."""
    found = [pictures.PICTURE]
    for _ in range(draw(st.integers(1, 5))):
        found.append(draw(changed(found[-1])))
    return found


@st.composite
def changed(draw: st.DrawFn, before: Picture) -> Picture:
    issues, sites, clients = dict(before.issues), dict(before.sites), dict(before.clients)
    for name in draw(st.sets(st.sampled_from(sorted(pictures.ISSUES)), max_size=3)):
        if name in issues and draw(st.booleans()):
            del issues[name]
            continue
        issue = issues.get(name, pictures.ISSUES[name])
        issues[name] = replace(
            issue,
            state=draw(STATES),
            client=draw(CLIENTS),
            severity=draw(st.sampled_from(Severity)),
            urgency=draw(st.sampled_from([issue.urgency, 1.0, 2.0])),
            since=issue.since - timedelta(minutes=draw(st.integers(0, 2))),
            incident=draw(st.sampled_from([None, IssueId("other")])),
        )
    for site in draw(st.sets(st.sampled_from(sorted(pictures.PICTURE.sites)), max_size=2)):
        counts = HealthCounts(ok=draw(st.integers(0, 3)), down=draw(st.integers(0, 3)))
        sites[site] = replace(pictures.PICTURE.sites[site], health=draw(st.sampled_from(Health)), devices=counts)
    if draw(st.booleans()):
        clients.pop(draw(st.sampled_from(sorted(pictures.CLIENTS))), None)
    return replace(before, issues=issues, sites=sites, clients=clients)


quick = settings(max_examples=60)
"""How long a machine takes is no property."""


@quick
@given(followed())
def test_a_tally_counts_what_a_new_one_counts(found: list[Picture]) -> None:
    tally = Tally(pictures.ago(hours=1))
    for picture in found:
        assert tally.of(picture) == counts_of(picture, pictures.ago(hours=1))


@quick
@given(followed())
def test_the_clients_stand_as_they_would_in_a_new_list(found: list[Picture]) -> None:
    kept = ClientList()
    for picture in found:
        waiting = sum(map(waits, picture.issues.values()))
        sums = ClientSums(picture)
        rows = [client_row(one, sums) for one in in_order(picture, sums)]
        assert list(kept.of(picture, waiting)[1:]) == rows


@quick
@given(followed(), st.sampled_from([HOME, Place(client=ClientId("baker")), Place(incident=IssueId("other"))]))
def test_the_issues_stand_as_they_would_in_a_new_list(found: list[Picture], place: Place) -> None:
    kept = IssueList()
    for picture in found:
        stood = kept.of(place, picture.issues)
        fresh = IssueList().of(place, picture.issues)
        assert stood.rows == fresh.rows == tuple(issue_row(stood.facts[row.key]) for row in stood.rows)  # type: ignore[arg-type]
        assert stood.facts == fresh.facts


def test_the_issue_list_is_that_of_the_most_urgent_first() -> None:
    """The control."""
    shown = [issue for issue in pictures.ISSUES.values() if waits(issue)]
    stood = IssueList().of(HOME, pictures.ISSUES)
    assert [row.key for row in stood.rows] == [issue.id for issue in issues_in_order(shown)]


def test_rows_of_issues_that_did_not_change_are_the_same_objects() -> None:
    kept = IssueList()
    first = kept.of(HOME, pictures.ISSUES)
    name = first.rows[0].key
    other = replace(pictures.ISSUES[IssueId(name)], times=9)
    then = kept.of(HOME, {**pictures.ISSUES, other.id: other})
    assert [one is two for one, two in zip(first.rows, then.rows, strict=True)] == [False] + [True] * (
        len(first.rows) - 1
    )


def test_nothing_is_made_when_nothing_changed() -> None:
    kept, clients = IssueList(), ClientList()
    assert kept.of(HOME, pictures.ISSUES) is kept.of(HOME, dict(pictures.ISSUES))
    assert clients.of(pictures.PICTURE, 3) is clients.of(replace(pictures.PICTURE, seq=9), 3)


def test_what_went_is_told_with_what_stood_there() -> None:
    one, two = [object(), object()]
    assert replaced({"a": one, "b": two}, {"b": two}) == [(one, None)]
    assert replaced({"a": one}, {"a": one, "b": two}) == [(None, two)]
    assert replaced({"a": one}, {"a": two}) == [(one, two)]
