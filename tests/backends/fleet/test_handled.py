"""What is decided in the sources themselves, beside what technicians decide here."""

from __future__ import annotations

import msgspec
import pytest

from backends.fleet.decisions import with_mark
from backends.fleet.fleet import Fleet
from backends.fleet.freshness import aged
from backends.fleet.marks import SETTLED
from backends.fleet.merge import fold
from backends.fleet.model import (
    Check,
    CheckState,
    Handling,
    IssueState,
    Mark,
    SourceName,
    issue_id,
    safe,
)
from backends.fleet.reading import Reading
from tests.support.facts import at, check, folded, only_issue, reading, sighting

DISK = issue_id("zabbix:1", "disk")
ZABBIX, NAGIOS = SourceName("zabbix"), SourceName("nagios")
ACKED = Handling(acked=True, acked_by=safe("Admin"), acked_at=at(-60), text=safe("ordered"))
QUIET = Handling(quiet=True, quiet_until=at(3600), quiet_by=safe("Admin"), text=safe("moving"))


def disk(handling: Handling | None = None, *, seconds: float = 0, source: str = "zabbix", ok: bool = False) -> Reading:
    state = CheckState.OK if ok else CheckState.CRITICAL
    found: Check = check("1", "disk", state, source=source, seen=at(seconds))
    return reading(
        [sighting("1", source=source, seen=at(seconds))],
        [msgspec.structs.replace(found, handling=handling)],
        source=source,
        when=at(seconds),
    )


def marked(fleet: Fleet, **facts: object) -> Fleet:
    return with_mark(fleet, Mark(issue=DISK, **facts), at(1))  # type: ignore[arg-type]


def test_what_is_acknowledged_in_its_source_is_acknowledged() -> None:
    issue = only_issue(folded(disk(ACKED)))

    assert (issue.state, issue.acked_by, issue.acked_at) == (IssueState.ACKED, "Admin", at(-60))
    assert issue.handled == ((ZABBIX, ACKED),)


def test_a_source_that_does_not_tell_who_gives_its_own_name() -> None:
    assert only_issue(folded(disk(Handling(acked=True)))).acked_by == "zabbix"
    assert only_issue(folded(disk(Handling(quiet=True)))).snoozed_by == "zabbix"


def test_one_source_that_knows_of_it_is_enough() -> None:
    issue = only_issue(folded(disk(), disk(ACKED, source="nagios")))

    assert (issue.state, issue.sources) == (IssueState.ACKED, (NAGIOS, ZABBIX))


def test_an_acknowledgement_of_ours_is_named_first() -> None:
    issue = only_issue(marked(folded(disk(ACKED)), acked_by="tech1", acked_at=at(1)))

    assert (issue.acked_by, issue.acked_at, issue.handled) == ("tech1", at(1), ((ZABBIX, ACKED),))


def test_what_the_source_takes_back_is_open_again() -> None:
    assert only_issue(folded(disk(ACKED), disk(seconds=30))).state is IssueState.OPEN


def test_what_is_quiet_in_its_source_is_snoozed_until_then() -> None:
    issue = only_issue(folded(disk(QUIET)))

    assert (issue.state, issue.snoozed_until, issue.snoozed_by, issue.snooze_reason) == (
        IssueState.SNOOZED,
        at(3600),
        "Admin",
        "moving",
    )


def test_what_one_source_still_cries_about_is_not_quiet() -> None:
    fleet = folded(disk(QUIET), disk(source="nagios"))
    assert only_issue(fleet).state is IssueState.OPEN

    sooner = Handling(quiet=True, quiet_until=at(600))
    fleet = fold(fleet, disk(sooner, source="nagios", seconds=1))
    assert (only_issue(fleet).state, only_issue(fleet).snoozed_until) == (IssueState.SNOOZED, at(600))


def test_quiet_without_an_end_lasts_until_the_source_says_otherwise() -> None:
    fleet = folded(disk(Handling(quiet=True)))
    assert (only_issue(fleet).state, only_issue(fleet).snoozed_until) == (IssueState.SNOOZED, None)

    assert only_issue(fold(fleet, disk(seconds=30))).state is IssueState.OPEN


def test_quiet_ends_at_its_end_whatever_the_source_goes_on_to_say() -> None:
    fleet = aged(folded(disk(QUIET)), at(3600))

    assert fleet.issues[DISK].state is IssueState.OPEN


def test_a_check_that_is_well_and_in_a_downtime_stays_what_it_was() -> None:
    quiet = msgspec.structs.replace(check("1", "disk", CheckState.OK), handling=QUIET)
    plain = check("2", "disk", CheckState.OK)
    fleet = folded(reading([sighting("1"), sighting("2")], [quiet, plain]))

    assert [one.handling for native in ("1", "2") for one in fleet.told[ZABBIX][native].checks] == [QUIET, None]


# What we told a source, and the source says later.

LATER = SETTLED.total_seconds() + 2


@pytest.mark.parametrize("handling", [None, QUIET], ids=["nothing", "something else"])
def test_an_acknowledgement_that_was_taken_back_in_the_source_is_over(handling: Handling | None) -> None:
    fleet = marked(folded(disk()), acked_by="tech1", acked_at=at(1), acked_told=(ZABBIX,))
    fleet = folded(disk(ACKED, seconds=30), disk(handling, seconds=LATER), fleet=fleet)

    assert only_issue(fleet).acked_by == ""
    assert not fleet.marks


def test_just_after_it_was_told_the_source_is_not_believed_to_know_better() -> None:
    fleet = marked(folded(disk()), acked_by="tech1", acked_at=at(1), acked_told=(ZABBIX,))

    assert only_issue(fold(fleet, disk(seconds=LATER - 2))).acked_by == "tech1"


def test_what_a_source_was_not_told_of_it_cannot_take_back() -> None:
    fleet = marked(folded(disk()), acked_by="tech1", acked_at=at(1))

    assert only_issue(fold(fleet, disk(seconds=LATER))).acked_by == "tech1"


def test_a_snooze_that_was_ended_in_the_source_is_over_and_the_rest_of_the_mark_stays() -> None:
    fleet = marked(
        folded(disk()),
        owner="tech2",
        snoozed_by="tech1",
        snoozed_at=at(1),
        snoozed_until=at(9000),
        snoozed_told=(ZABBIX,),
    )
    fleet = fold(fleet, disk(QUIET, seconds=LATER))
    assert only_issue(fleet).state is IssueState.SNOOZED

    fleet = fold(fleet, disk(seconds=LATER + 30))
    assert (only_issue(fleet).state, fleet.marks) == (IssueState.OPEN, {DISK: Mark(issue=DISK, owner="tech2")})


def test_an_old_word_of_the_source_takes_nothing_back() -> None:
    """A check that the source has not done again for long says nothing of what came after."""
    fleet = marked(folded(disk()), acked_by="tech1", acked_at=at(1), acked_told=(ZABBIX,))
    stale = msgspec.structs.replace(disk(seconds=LATER), checks=disk(seconds=2).checks)

    assert only_issue(fold(fleet, stale)).acked_by == "tech1"
