"""The verdict over what a filter means: never green for what it does not see (F-69)."""

from __future__ import annotations

import msgspec
import pytest

from backends.fleet.changes import Picture
from backends.fleet.differences import picture_of
from backends.fleet.fleet import Fleet
from backends.fleet.freshness import aged, with_source
from backends.fleet.model import CheckState, Freshness, IssueId, Severity, Source, SourceName
from backends.fleet.query import Context, parse
from backends.fleet.scope import has_all_issues, narrowed, unanswerable
from backends.fleet.verdict import Level, Verdict, verdict
from tests.support.facts import at, check, folded, reading, sighting


def fleet(state: CheckState = CheckState.CRITICAL, severity: Severity = Severity.HIGH) -> Fleet:
    """A server of Acme with something wrong with its service, and a printer of Baker that is well."""
    return folded(
        reading(
            [sighting("1", name="sql01", client="Acme", platform="linux")],
            [check("1", "service", state, subject="mssql", severity=severity)],
        ),
        reading([sighting("9", source="ping", name="prn-1", client="Baker", kind="printer")], source="ping"),
    )


def seen(known: Fleet, text: str, seconds: float = 1) -> Picture:
    picture = picture_of(aged(known, at(seconds)), 1, at(seconds), devices=True)
    return narrowed(picture, parse(text), Context(me="tech1", now=at(seconds)))


def judged(known: Fleet, text: str, seconds: float = 1) -> Verdict:
    return verdict(seen(known, text, seconds), at(seconds), all_issues=has_all_issues(parse(text)))


@pytest.mark.parametrize(
    ("text", "sites", "issues", "level"),
    [
        ("", 2, 1, Level.WARNING),
        ("sev>=high", 2, 1, Level.WARNING),
        ("sev>=critical", 2, 0, Level.OK),
        ("-sev>=high", 2, 0, Level.OK),
        ("-acked", 2, 1, Level.WARNING),
        ("acked", 2, 0, Level.OK),
        ("owner:me", 2, 0, Level.OK),
        ("family:disk", 2, 0, Level.OK),
        ("age>2d", 2, 0, Level.OK),
        ("health:down", 2, 0, Level.WARNING),
        ("client:acme", 1, 1, Level.WARNING),
        ("client:baker", 1, 0, Level.OK),
        ("-client:acme", 1, 0, Level.OK),
        ("site:baker/hq", 1, 0, Level.OK),
        ("kind:printer", 1, 0, Level.OK),
        ("kind:server", 1, 1, Level.WARNING),
        ("source:ping", 1, 0, Level.OK),
        ("source:zabbix", 1, 1, Level.WARNING),
        ("platform:linux", 1, 1, Level.WARNING),
        ("name:sql01 sev>=critical", 1, 0, Level.OK),
        ("id:zabbix:1", 1, 1, Level.WARNING),
        ("sql01", 1, 1, Level.WARNING),
        ("baker", 1, 0, Level.OK),
        ("mssql", 0, 1, Level.WARNING),
    ],
)
def test_terms_about_issues_leave_the_sites_alone_and_others_choose_them(
    text: str, sites: int, issues: int, level: Level
) -> None:
    picture = seen(fleet(), text)

    assert (len(picture.sites), len(picture.issues)) == (sites, issues)
    assert judged(fleet(), text).level is level


@pytest.mark.parametrize("text", ["client:acmee", "name:sql99", "kind:ups", "platform:windows", "sql99", "id:zabbix:7"])
def test_a_filter_that_means_no_device_is_never_fine(text: str) -> None:
    """F-69: a slip of the pen must not be green."""
    found = judged(fleet(CheckState.OK), text)

    assert found.level is Level.UNKNOWN
    assert "fine" not in found.sentence


@pytest.mark.parametrize("text", ["", "sev>=critical", "client:baker", "kind:printer", "source:ping", "acked", "prn-1"])
@pytest.mark.parametrize("state", [Freshness.SILENT, Freshness.FAILED, Freshness.STALE])
def test_a_source_that_is_not_fresh_may_hide_what_matches(text: str, state: Freshness) -> None:
    """F-69: whatever the filter, fine needs every source."""
    lost = Source(name=SourceName("icinga"), kind="icinga", state=state)
    found = judged(with_source(fleet(CheckState.OK), lost, at(1)), text)

    assert found.level is Level.UNKNOWN
    assert "fine" not in found.sentence
    assert judged(fleet(CheckState.OK), text).level is Level.OK  # the control: without it all is well


@pytest.mark.parametrize("text", ["", "sev>=high", "client:acme", "kind:server", "sql01"])
def test_facts_that_grew_old_are_unknown_under_any_filter(text: str) -> None:
    """F-69, F-79."""
    assert judged(fleet(CheckState.OK), text, 300).level is Level.UNKNOWN


def test_an_issue_counts_although_what_explains_it_is_not_in_view() -> None:
    """F-69: a switch behind a firewall that is down is not well when only the switch is asked about."""
    known = fleet(severity=Severity.CRITICAL)
    (issue,) = known.issues.values()
    behind = msgspec.structs.replace(issue, incident=IssueId("elsewhere"))
    picture = msgspec.structs.replace(picture_of(known, 1, at(1), devices=True), issues={behind.id: behind})

    assert verdict(picture, at(1)).level is not Level.CRITICAL  # the control: it hides behind the other
    found = narrowed(picture, parse("name:sql01"), Context(me="tech1", now=at(1)))
    assert verdict(found, at(1)).level is Level.CRITICAL


def test_sites_count_the_devices_that_are_meant() -> None:
    known = folded(
        reading(
            [sighting("1", name="sql01"), sighting("2", name="prn-1", kind="printer")],
            [check("1", "service", subject="mssql")],
        )
    )
    (site,) = seen(known, "kind:printer").sites.values()

    assert (site.devices.total, site.devices.ok, site.health) == (1, 1, "ok")


@pytest.mark.parametrize(("text", "never"), [("risk>=disruptive", ["risk"]), ("outcome:fixed sev>=high", ["outcome"])])
def test_a_field_that_nothing_here_has_is_told(text: str, never: list[str]) -> None:
    assert unanswerable(parse(text)) == never


def test_every_field_of_issues_and_devices_can_be_asked() -> None:
    assert unanswerable(parse('sev>=high platform:x address:y is:stale "a b" -acked id:z behind>2')) == []
