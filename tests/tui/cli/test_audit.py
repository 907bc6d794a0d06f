"""`rounds audit`: the record shown, verified, exported."""

from __future__ import annotations

from backends.fleet.model import safe
from backends.fleet.run import AuditReport
from tests.support.commands import Commands


def test_show_has_a_line_for_each_record(rounds: Commands) -> None:
    said = rounds("audit", "show")
    assert [line.split()[0] for line in said.out.splitlines()] == ["SEQ", "2", "1"]
    assert rounds("audit", "show", "--json").json["items"][0]["event"] == "claimed"


def test_a_whole_record_is_status_0(rounds: Commands) -> None:
    said = rounds("audit", "verify")
    assert (said.out, said.status) == ("The record is whole.\n", 0)


def test_a_record_that_does_not_fit_is_status_2(rounds: Commands) -> None:
    rounds.desk.report = AuditReport(ok=False, records=2, head="11", sentence=safe("Record 2 was changed."))
    assert rounds("audit", "verify").status == 2
    assert rounds("audit", "verify", "--json").json["ok"] is False


def test_export_is_json_lines_oldest_first(rounds: Commands) -> None:
    assert [record["seq"] for record in rounds("audit", "export").lines] == [1, 2]
