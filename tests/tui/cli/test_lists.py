"""`rounds clients · sites · devices · issues · sources · runs`: as a table, as JSON, followed, and filtered."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from backends.fleet.changes import Changes, Delta
from backends.fleet.model import (
    UNPLACED,
    Client,
    HealthCounts,
    IssueId,
    IssueState,
    Site,
    SiteId,
    SourceName,
    issue_id,
    safe,
)
from tests.support import pictures
from tests.support.commands import Commands, documented
from tests.support.office import ROOT

LISTS = ("issues", "devices", "sources", "runs", "sites", "clients")
SQL = issue_id("baker:sql01", "service/mssql-server")
FIREWALL = issue_id("acme-hq:fw-hq", "reachable")

FIELDS = documented(ROOT / "docs" / "json.md", "item | fields")


@pytest.fixture
def ran(rounds: Commands) -> Commands:
    """A command line with one run behind it."""
    assert rounds("fix", "run", "restart-service", SQL, "--yes").status == 0
    return rounds


@pytest.mark.parametrize("noun", LISTS)
def test_json_is_a_document_with_the_documented_fields(ran: Commands, noun: str) -> None:
    document = ran(noun, "--json").json
    assert document["schema"] == "rounds/1"
    assert document["at"] == "2026-11-21T12:04:31Z"
    fields = set(FIELDS[noun.removesuffix("s")])
    assert document["items"]
    for item in document["items"]:
        assert set(item) <= fields
        assert fields - {"fault", "kind", "sentence", "since", "retry_at"} <= set(item) | {"issues", "total"}


def test_what_nobody_placed_is_counted_with_its_source_and_with_its_client(rounds: Commands) -> None:
    source = replace(pictures.SOURCES[SourceName("zabbix-eu")], unplaced=4, version=safe("Zabbix 6.0.14"), skew_s=90.5)
    nobody = Client(id=UNPLACED, name=safe("Unplaced"))
    place = Site(
        id=SiteId("unplaced/zabbix-eu"),
        client=UNPLACED,
        client_name=nobody.name,
        name=safe("zabbix-eu"),
        devices=HealthCounts(ok=4),
    )
    rounds.desk.change(
        Changes(seq=2, at=pictures.NOW, clients=Delta((nobody,)), sites=Delta((place,)), sources=Delta((source,)))
    )
    (item,) = (one for one in rounds("sources", "--json").json["items"] if one["name"] == "zabbix-eu")
    assert (item["unplaced"], item["version"], item["skew"]) == (4, "Zabbix 6.0.14", 90.5)
    assert "Unplaced (4)" in rounds("clients").out


@pytest.mark.parametrize("noun", LISTS)
def test_a_table_has_a_head_and_a_line_for_each_item(ran: Commands, noun: str) -> None:
    said = ran(noun)
    assert said.out.splitlines()[0].isupper()
    assert len(said.out.splitlines()) == 1 + len(ran(noun, "--json").json["items"])
    assert (said.err, said.status) == ("", 0)


@pytest.mark.parametrize("noun", LISTS)
def test_a_filter_that_nothing_matches_gives_no_data_and_a_sentence(ran: Commands, noun: str) -> None:
    said = ran(noun, "nothing-is-called-so")
    assert said.out == ""
    assert "matches" in said.err
    assert ran(noun, "nothing-is-called-so", "--json").json["items"] == []


@pytest.mark.parametrize("noun", LISTS)
def test_an_unknown_field_is_wrong_use_in_one_line(rounds: Commands, noun: str) -> None:
    said = rounds(noun, "bogus:1")
    assert (said.out, said.status) == ("", 64)
    assert said.err.startswith("rounds: There is no field 'bogus'")
    assert said.err.count("\n") == 1


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (("sev>=high", "client:baker"), {"sql01"}),
        (("sev>=high client:baker",), {"sql01"}),
        (("sev>=high age>6m", "-raid"), {"sql01", "files01"}),
        (("--json", "-acked", "-sev:high", "-snoozed"), {"fw-hq", "sql01"}),
        (("Service mssql-server",), {"sql01"}),
        (("--", "-sev:critical", "-sev:warning"), {"files01", "nas-2"}),
    ],
)
def test_words_are_a_filter_and_a_minus_negates(rounds: Commands, words: tuple[str, ...], expected: set[str]) -> None:
    said = rounds("issues", "--json", *words) if words[0] == "--" else rounds("issues", *words, "--json")
    assert {item["device_name"] for item in said.json["items"]} == expected


def test_an_unknown_option_is_wrong_use(rounds: Commands) -> None:
    assert rounds("issues", "--jsno").status == 64


def test_the_most_urgent_issue_comes_first(rounds: Commands) -> None:
    items = rounds("issues", "--json").json["items"]
    assert [item["device_name"] for item in items][:2] == ["fw-hq", "sql01"]


def test_watch_prints_what_is_put_and_what_is_gone(rounds: Commands) -> None:
    again = replace(pictures.ISSUES[SQL], state=IssueState.ACKED)
    rounds.desk.to_come = [
        Changes(seq=8, at=pictures.NOW, issues=Delta((again,), ())),
        Changes(seq=9, at=pictures.NOW, issues=Delta((), (SQL, IssueId("unheard")))),
    ]
    lines = rounds("issues", "sev:critical", "--watch").lines
    assert [(line["change"], line["item"]["id"]) for line in lines] == [
        ("put", FIREWALL),
        ("put", SQL),
        ("put", SQL),
        ("gone", SQL),
    ]
    assert lines[-1] == {
        "schema": "rounds/1",
        "at": "2026-11-21T12:04:31Z",
        "change": "gone",
        "item": {"id": SQL},
    }


def test_what_no_longer_matches_is_gone(rounds: Commands) -> None:
    acked = replace(pictures.ISSUES[SQL], state=IssueState.ACKED)
    rounds.desk.to_come = [Changes(seq=8, at=pictures.NOW, issues=Delta((acked,), ()))]
    lines = rounds("issues", "sql01", "-acked", "--watch").lines
    assert [line["change"] for line in lines] == ["put", "gone"]


@pytest.fixture
def spread(rounds: Commands) -> Commands:
    """One issue has another behind it."""
    cause = next(one for one in pictures.ISSUES.values() if one.behind)
    other = next(one for one in pictures.ISSUES.values() if not one.behind and one.client)
    rounds.desk.change(Changes(seq=2, at=pictures.NOW, issues=Delta((replace(other, incident=cause.id),))))
    return rounds


def test_what_waits_is_counted_alike_everywhere(spread: Commands) -> None:
    """Neither what is snoozed nor what another issue explains."""
    counts = spread("status", "--json").json["counts"]
    assert counts["explained"] == 1
    assert counts["snoozed"]
    clients = [item["issues"] for item in spread("clients", "--json").json["items"]]
    of_sources = [item["severity"] for item in spread("issues", "--json").json["items"] if not item["client"]]
    for severity in ("critical", "high", "warning", "info"):
        assert sum(item[severity] for item in clients) + of_sources.count(severity) == counts[severity]


def test_an_issue_that_another_explains_says_which(spread: Commands) -> None:
    lines = spread("issues").out.splitlines()
    (cause,) = [line.split()[0] for line in lines if "behind it" in line]
    assert len([line for line in lines if f"behind {cause}" in line]) == 1
