"""How a fleet begins, ends with a source, and names the next best action."""

from __future__ import annotations

import msgspec
import pytest

from backends.fleet.decisions import with_mark
from backends.fleet.fleet import Fleet
from backends.fleet.freshness import aged
from backends.fleet.merge import fold
from backends.fleet.model import (
    CheckState,
    Client,
    ClientId,
    FixId,
    Freshness,
    IssueState,
    Mark,
    Source,
    SourceName,
    issue_id,
    safe,
)
from backends.fleet.run import FixCard, Parameter, Risk
from backends.fleet.start import begun, restored, without_source
from tests.support.facts import at, check, folded, only_device, only_issue, reading, sighting

ZABBIX = Source(name=SourceName("zabbix"), kind="zabbix", state=Freshness.STALE)
DISK = issue_id("zabbix:1", "disk")


def again(before: Fleet, seconds: float) -> Fleet:
    """The fleet that a new engine has of what the last one kept."""
    seen = [(told.sighting, told.checks) for told in before.told[SourceName("zabbix")].values()]
    new = begun({}, [ZABBIX], at(seconds))
    return restored(new, seen, before.identity, before.marks, before.episodes, at(seconds))


def test_the_last_known_state_is_there_at_once_and_as_old_as_it_is() -> None:
    fleet = again(folded(reading([sighting()], [check()])), 3600)

    assert only_device(fleet).freshness is Freshness.SILENT
    assert (only_issue(fleet).id, only_issue(fleet).since) == (DISK, at())


def test_what_was_decided_survives_a_restart() -> None:
    before = with_mark(folded(reading([sighting()], [check()])), Mark(issue=DISK, acked_by="tech1"), at(1))

    after = fold(again(before, 60), reading([sighting(seen=at(61))], [check(seen=at(61))], when=at(61)))

    assert (only_issue(after).state, only_issue(after).since) == (IssueState.ACKED, at())


def test_what_ended_while_nobody_looked_takes_its_mark_along() -> None:
    before = with_mark(folded(reading([sighting()], [check()])), Mark(issue=DISK, acked_by="tech1"), at(1))

    after = fold(again(before, 60), reading([sighting(seen=at(61))], when=at(61)))

    assert not after.issues
    assert not after.marks


def test_a_restart_counts_no_condition_twice() -> None:
    assert only_issue(again(folded(reading([sighting()], [check()])), 60)).times == 1


def test_a_source_that_was_not_asked_since_the_start_raises_nothing() -> None:
    fleet = aged(again(folded(reading([sighting()])), 3600), at(3601))

    assert not fleet.issues


def test_what_a_source_said_that_is_configured_no_more_is_left_out() -> None:
    before = folded(reading([sighting()]))
    seen = [(told.sighting, told.checks) for told in before.told[SourceName("zabbix")].values()]

    assert not restored(begun({}, [], at()), seen, before.identity, {}, {}, at()).devices


def test_a_source_leaves_with_all_that_it_said() -> None:
    fleet = folded(reading([sighting()], [check()]), reading([sighting("9", source="ssh")], source="ssh"))

    fleet = without_source(fleet, SourceName("zabbix"), at(5))

    assert (set(fleet.devices), set(fleet.sources), fleet.issues) == ({"ssh:9"}, {"ssh"}, {})


def test_the_configurations_word_on_a_client_wins() -> None:
    ours = Client(id=ClientId("acme"), name=safe("Acme Dental GmbH"))
    theirs = msgspec.structs.replace(ours, name=safe("ACME (old)"))

    fleet = fold(begun({ours.id: ours}, [], at()), msgspec.structs.replace(reading([sighting()]), clients=(theirs,)))

    assert fleet.clients[ours.id] == ours
    assert only_device(fleet).client_name == "Acme Dental GmbH"


def test_a_client_that_only_a_source_knows_is_named_by_it() -> None:
    known = Client(id=ClientId("acme"), name=safe("Acme Dental"), hours="Mon 08:00-09:00")

    fleet = folded(
        reading([sighting()]), msgspec.structs.replace(reading([sighting(seen=at(1))], when=at(1)), clients=(known,))
    )

    assert fleet.clients == {known.id: known}
    assert only_device(fleet).client_name == "Acme Dental"


def test_a_client_goes_with_its_last_device() -> None:
    fleet = folded(
        reading([sighting("1"), sighting("2", client="Baker")]), reading([sighting("1", seen=at(9))], when=at(9))
    )

    assert (set(fleet.clients), set(fleet.sites)) == ({"acme"}, {"acme/hq"})


CLEAN_UP = FixCard(
    id=FixId("clean-up"),
    title=safe("Clean up"),
    about=safe("Clears temporary files."),
    risk=Risk.SAFE,
    families=("disk",),
    platforms=("linux",),
    parameters=(Parameter(name="mount", label=safe("Mount"), pattern=r"/[\w/]*", source="subject"),),
)


@pytest.mark.parametrize(
    ("platform", "family", "subject", "fix"),
    [
        ("linux", "disk", "/var", "clean-up"),
        ("linux", "disk", "C:", None),
        ("windows", "disk", "/var", None),
        ("linux", "load", "/var", None),
    ],
)
def test_the_next_best_action_is_a_fix_that_fits(platform: str, family: str, subject: str, fix: str | None) -> None:
    able = msgspec.structs.replace(ZABBIX, capabilities=("run fixes",))
    fleet = begun({}, [able], at(), [CLEAN_UP])

    fleet = fold(fleet, reading([sighting(platform=platform)], [check(family=family, subject=subject)]))

    assert only_issue(fleet).next_fix == fix


def test_no_fix_is_named_where_no_source_can_run_it() -> None:
    fleet = fold(begun({}, [ZABBIX], at(), [CLEAN_UP]), reading([sighting(platform="linux")], [check(subject="/var")]))

    assert only_issue(fleet).next_fix is None


def test_an_issue_that_is_unknown_to_us_now_is_still_there() -> None:
    fleet = folded(reading([sighting()], [check(state=CheckState.UNKNOWN)]))

    assert only_issue(fleet).key == "disk"
