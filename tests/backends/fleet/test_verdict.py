"""The verdict is never green without proof."""

from __future__ import annotations

from datetime import timedelta

import msgspec
import pytest

from backends.fleet.changes import Picture
from backends.fleet.decisions import with_mark
from backends.fleet.differences import picture_of
from backends.fleet.fleet import Fleet
from backends.fleet.freshness import aged, with_source
from backends.fleet.model import (
    CheckState,
    Client,
    ClientId,
    Contract,
    Fault,
    FaultKind,
    Freshness,
    Health,
    Mark,
    Severity,
    Source,
    SourceName,
    safe,
)
from backends.fleet.reading import Reading
from backends.fleet.verdict import Level, Verdict, verdict
from tests.support.facts import at, check, folded, only_issue, reading, sighting, unreachable


def judged(fleet: Fleet, seconds: float = 1) -> Verdict:
    return verdict(picture_of(fleet, 1, at(seconds)), at(seconds))


def well(source: str = "zabbix", native: str = "1", seconds: float = 0) -> Reading:
    return reading([sighting(native, source=source, seen=at(seconds))], source=source, when=at(seconds))


def test_fresh_facts_of_all_sources_without_an_issue_are_fine() -> None:
    found = judged(folded(well()))

    assert (found.level, found.sentence) == (Level.OK, "Everything is fine: 1 site, all facts fresh.")


def test_nothing_configured_is_unknown_and_says_what_to_do() -> None:
    found = verdict(Picture(seq=0, at=at()), at())

    assert (found.level, found.sentence) == (
        Level.UNKNOWN,
        "Nothing is watched yet: add a first source with `rounds connect`.",
    )


def test_a_source_without_devices_is_unknown() -> None:
    """F-69."""
    assert judged(folded(reading())).level is Level.UNKNOWN


def test_a_source_that_never_answered_is_unknown_although_the_other_is_fine() -> None:
    waiting = Source(name=SourceName("icinga"), kind="icinga", state=Freshness.STALE)

    found = judged(with_source(folded(well()), waiting, at(1)))

    assert found.level is Level.UNKNOWN
    assert "icinga stale" in found.sentence


@pytest.mark.parametrize(
    "kind",
    [FaultKind.CREDENTIALS, FaultKind.TLS, FaultKind.TIMEOUT, FaultKind.NAME, FaultKind.PROTOCOL, FaultKind.EMPTY],
)
def test_no_fault_of_a_source_leaves_green(kind: FaultKind) -> None:
    """F-69."""
    fleet = folded(well())
    fault = Fault(kind=kind, sentence=safe("It is broken."), since=at(5))
    broken = msgspec.structs.replace(fleet.sources[SourceName("zabbix")], fault=fault, failures=1)

    assert judged(with_source(fleet, broken, at(5)), 5).level is Level.UNKNOWN


def test_facts_that_grew_old_are_unknown() -> None:
    """F-69."""
    assert judged(aged(folded(well()), at(3600)), 3600).level is Level.UNKNOWN


def test_what_was_known_last_is_said_when_nothing_is_known_now() -> None:
    fleet = aged(folded(reading([sighting(name="sql01")], [check(summary="Disk /var is full")])), at(3600))

    assert judged(fleet, 3600).sentence == (
        "Nothing is known for certain, no source is fresh: zabbix silent · last known: Disk /var is full"
        " (sql01, Acme/HQ)."
    )


def test_something_critical_is_worse_than_something_unknown() -> None:
    fleet = folded(well("icinga"), reading([sighting("2", health=Health.DOWN)], [unreachable("2")]))
    deaf = msgspec.structs.replace(
        fleet.sources[SourceName("icinga")],
        fault=Fault(kind=FaultKind.TIMEOUT, sentence=safe("No answer."), since=at()),
    )

    assert judged(with_source(fleet, deaf, at(1))).level is Level.CRITICAL


def test_a_warning_while_something_is_unknown_is_unknown() -> None:
    fleet = folded(well("icinga"), reading([sighting("2")], [check("2", state=CheckState.WARNING)]))
    waiting = Source(name=SourceName("late"), kind="ssh", state=Freshness.STALE)

    assert judged(with_source(fleet, waiting, at(1))).level is Level.UNKNOWN


def test_a_warning_over_fresh_facts_is_a_warning() -> None:
    assert judged(folded(reading([sighting()], [check(state=CheckState.WARNING)]))).level is Level.WARNING


def test_the_most_urgent_issue_is_named_with_its_place() -> None:
    found = judged(folded(reading([sighting(name="sql01")], [check(summary="Disk /var is full")])))

    assert found.sentence == "Disk /var is full (sql01, Acme/HQ)."


def test_what_is_snoozed_is_counted_and_does_not_wait() -> None:
    fleet = folded(reading([sighting()], [check()]))
    until = at() + timedelta(hours=1)
    fleet = with_mark(fleet, Mark(issue=only_issue(fleet).id, snoozed_by="tech1", snoozed_until=until), at(1))

    found = judged(fleet)

    assert found.counts.snoozed == 1
    assert found.counts.high == 0
    assert found.level is Level.OK


def test_what_is_new_since_the_last_look_is_counted_with_its_time() -> None:
    fleet = folded(reading([sighting()], [check(severity=Severity.HIGH)]))

    found = verdict(picture_of(fleet, 1, at(60)), at(60), since=at(-120))

    assert found.counts.new == 1
    assert "1 new since 08:58" in found.sentence


def test_a_site_of_which_nothing_answers_is_named() -> None:
    down = [sighting(str(n), client="Baker", health=Health.DOWN) for n in (1, 2)]
    disk = [sighting("3", client="Acme")]
    fleet = folded(
        reading(
            [*down, *disk],
            [unreachable("1"), unreachable("2"), check("3", severity=Severity.CRITICAL, since=at(-9999))],
        )
    )

    assert judged(fleet).sentence.startswith("Baker/HQ is down: It does not answer (host-1, Baker/HQ), 1 behind it")


def test_a_site_is_down_for_the_verdict_as_for_the_counts() -> None:
    """One device of three does not answer: that site is not well, and not down."""
    some = [sighting("1", client="Baker", health=Health.DOWN), sighting("2", client="Baker"), sighting("3")]
    found = judged(folded(reading(some, [unreachable("1")])))
    assert (found.counts.sites_down, found.counts.sites_degraded) == (0, 1)
    assert "down" not in found.sentence
    assert found.sentence.startswith("It does not answer (host-1, Baker/HQ)")


def test_a_site_that_is_down_hides_no_other_issue_as_bad() -> None:
    down = [sighting(native, client="Baker", health=Health.DOWN) for native in ("1", "2")]
    told = [unreachable("1"), unreachable("2"), check("3", severity=Severity.CRITICAL, since=at(-1))]
    found = judged(folded(reading([*down, sighting("3", client="Acme")], told)))
    assert found.sentence.startswith("Baker/HQ is down: It does not answer (host-1, Baker/HQ)")
    assert found.sentence.endswith(", and 1 more critical.")


def test_the_count_line_names_the_sources_that_cannot_be_believed() -> None:
    fleet = aged(folded(well()), at(3600))

    assert judged(fleet, 3600).count_line.endswith("0 of 1 source fresh: zabbix silent")


def test_something_worse_at_a_break_fix_client_is_not_left_out() -> None:
    managed = check("1", "disk", severity=Severity.HIGH, summary="Disk /var is full")
    aside = check("2", "raid", severity=Severity.CRITICAL, summary="RAID is gone")
    fleet = folded(
        reading(
            [sighting("1"), sighting("2", client="Cole")],
            [managed, aside],
            clients=[Client(id=ClientId("cole"), name=safe("Cole"), contract=Contract.BREAK_FIX)],
        )
    )

    assert judged(fleet).sentence.endswith("; 1 critical at break-fix clients.")
