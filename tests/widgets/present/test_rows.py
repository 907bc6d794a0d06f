"""Facts as rows, counts and cards."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from backends.desk.protocol import Approval
from backends.fleet.changes import Picture
from backends.fleet.model import DeviceId, FixId, Freshness, Health, IssueState, issue_id, safe
from backends.fleet.run import Run, RunState, Verified
from backends.fleet.tally import counts_of
from backends.text import is_safe, safe_lines
from tests.support import pictures
from tests.support.desk import MemoryDesk
from widgets.present.age import zone_of
from widgets.present.card import Card, Times
from widgets.present.clients import ClientSums, in_order
from widgets.present.counts import count_cells
from widgets.present.devices import device_row
from widgets.present.issue_card import issue_card
from widgets.present.issues import COLUMNS as ISSUE_COLUMNS
from widgets.present.issues import issue_row, ordinal
from widgets.present.old import as_old
from widgets.present.plan import plan_text
from widgets.present.row import Cell, Row, number
from widgets.present.runs import news
from widgets.present.tone import Tone
from widgets.present.value import bytes_text, value_text
from widgets.present.verdict import verdict_cells

SQL = pictures.ISSUES[issue_id("baker:sql01", "service/mssql-server")]
RAID = pictures.ISSUES[issue_id("zabbix-eu:nas-2", "raid")]
DEVICE = DeviceId("baker:sql01")
FIX = FixId("restart-service")
TIMES = Times(pictures.NOW, zone_of("UTC"))


def text_of(card: Card) -> str:
    return "\n".join("".join(span.text for span in line.spans) for line in card.lines)


def cell_of(row: Row, column: str) -> Cell:
    return row.cells[[one.name for one in ISSUE_COLUMNS].index(safe(column))]


def left(picture: Picture, width: int = 160) -> str:
    return "".join(cell.text for cell in count_cells(counts_of(picture), picture.sources.values(), width)[0])


def right(picture: Picture, width: int = 160) -> str:
    return "".join(cell.text for cell in count_cells(counts_of(picture), picture.sources.values(), width)[1])


def test_severity_is_told_by_word_and_glyph() -> None:
    assert issue_row(SQL).cells[0].text == "■ critical"


def test_a_row_of_facts_that_are_not_fresh_is_quiet_and_marked() -> None:
    row = issue_row(RAID)
    assert row.dim
    assert cell_of(row, "Seen").text == "?"


def test_how_often_it_came_back_is_part_of_the_title() -> None:
    assert "4th in 30 days" in cell_of(issue_row(SQL), "Issue").text


@pytest.mark.parametrize(
    ("number", "word"), [(1, "1st"), (2, "2nd"), (3, "3rd"), (4, "4th"), (11, "11th"), (112, "112th"), (121, "121st")]
)
def test_ordinals(number: int, word: str) -> None:
    assert ordinal(number) == word


def test_counts_name_sites_issues_and_what_is_snoozed() -> None:
    assert left(pictures.PICTURE) == ("4 sites  ● 1  ▲ 1  ■ 1  ? 1 │ ■ 2 critical  ▲ 2 high  △ 1 warning (1 snoozed)")


def test_a_source_that_is_not_fresh_is_named_at_any_width() -> None:
    for width in (80, 160, 300):
        assert "zabbix-eu silent" in right(pictures.PICTURE, width)


def test_clients_stand_by_contract_and_then_by_their_worst_issue() -> None:
    sums = ClientSums(pictures.PICTURE)
    assert [client.id for client in in_order(pictures.PICTURE, sums)] == ["acme", "baker", "cole"]


def test_nothing_in_an_old_picture_is_green() -> None:
    devices = replace(pictures.PICTURE, devices=pictures.DEVICES)
    old = as_old(devices)
    assert not any(site.health is Health.OK or site.devices.ok for site in old.sites.values())
    assert not any(source.state is Freshness.FRESH for source in old.sources.values())
    assert not any(issue.freshness is Freshness.FRESH for issue in old.issues.values())
    assert not any(one.freshness is Freshness.FRESH for one in old.devices.values())
    (cell,) = verdict_cells(old, pictures.NOW, None, zone_of("UTC"))
    assert cell.tone is not Tone.OK


def test_a_verdict_over_nothing_is_not_green() -> None:
    (cell,) = verdict_cells(Picture(seq=0, at=pictures.NOW), pictures.NOW, None, zone_of("UTC"))
    assert cell.tone is Tone.UNKNOWN


def test_the_card_of_an_issue_that_is_not_fresh_says_so() -> None:
    assert "The facts are silent: this may be over, or worse." in text_of(issue_card(RAID, None, (), TIMES))


def test_a_snoozed_issue_says_until_when_by_whom_and_why() -> None:
    snoozed = next(issue for issue in pictures.ISSUES.values() if issue.state is IssueState.SNOOZED)
    assert "until 2026-11-21 14:04:31 by tech1: Migration tonight" in text_of(issue_card(snoozed, None, (), TIMES))


@given(st.text(max_size=80))
def test_names_from_outside_come_out_safe_wherever_they_were_plain_text(name: str) -> None:
    issue = replace(SQL, owner=name, acked_by=name, state=IssueState.ACKED, kind=name)
    card = issue_card(issue, pictures.card(DEVICE), (), TIMES)
    cells = [*card.head, *(span for line in card.lines for span in line.spans), *issue_row(issue).cells]
    assert all(is_safe(cell.text) for cell in cells)


def test_a_look_alike_says_so_in_its_row() -> None:
    one = replace(next(iter(pictures.DEVICES.values())), look_alike=True)
    assert "(look-alike)" in device_row(one).cells[2].text


@pytest.mark.parametrize(
    ("value", "unit", "text"),
    [
        (97.2, "%", "97.2 %"),
        (41.0, "%", "41 %"),
        (0.31, "", "0.31"),
        (1181116006, "bytes", "1.1 GiB"),
        (0.4, "s", "0.4s"),
        (3542400, "s", "41d"),
        (None, "%", ""),
        (float("nan"), "%", ""),
        (float("inf"), "", ""),
    ],
)
def test_values_are_told_with_their_units_and_never_as_nan(value: float | None, unit: str, text: str) -> None:
    assert value_text(value, unit) == text


@pytest.mark.parametrize(("size", "text"), [(0, "0 B"), (1023, "1023 B"), (1536, "1.5 KiB"), (1e20, "88818 PiB")])
def test_sizes(size: float, text: str) -> None:
    assert bytes_text(size) == text


async def test_a_plan_leads_with_the_client_and_names_device_source_and_parameters() -> None:
    plan = await MemoryDesk().plan(FIX, [DEVICE], "tech1", SQL.id, {"service": "mssql"})
    text = text_of(plan_text(plan).card)
    assert text.startswith("Baker Law/Main  ·  sql01")
    assert "device baker:sql01 by baker" in text
    assert "service = mssql" in text


async def test_a_long_script_is_named_and_not_shown() -> None:
    plan = await MemoryDesk().plan(FIX, [DEVICE], "tech1")
    long = replace(plan, script=safe_lines("\n".join(["true"] * 109)))
    assert "109 lines, to be read with `rounds fix show restart-service`" in text_of(plan_text(long).card)


async def run_of(state: RunState, verified: Verified = Verified.PENDING) -> Run:
    desk = MemoryDesk()
    plan = await desk.plan(FIX, [DEVICE], "tech1")
    (run,) = await desk.approve(plan.id, Approval(confirmed=True))
    return replace(run, state=state, verified=verified, sentence=safe("Done."))


async def test_only_the_end_of_ones_own_run_is_news() -> None:
    running, done = await run_of(RunState.RUNNING), await run_of(RunState.SUCCEEDED, Verified.FIXED)
    before = replace(pictures.PICTURE, runs={running.id: running})
    after = replace(pictures.PICTURE, runs={done.id: done})
    assert news(before, after, "tech1") == ("restart-service on sql01 on sql01: ● fixed. Done.", Tone.OK)
    assert news(before, after, "tech2") is None
    assert news(after, after, "tech1") is None
    assert news(before, replace(before, runs={running.id: await run_of(RunState.SUCCEEDED)}), "tech1") is None


@pytest.mark.parametrize(
    ("value", "text"),
    [(0, "0"), (9_999, "9999"), (10_000, "10k"), (99_999, "99k"), (999_999, "999k"), (1_000_000, ">1m")],
)
def test_a_count_takes_four_columns_at_most(value: int, text: str) -> None:
    cell = number(value)
    assert (cell.text, cell.rank) == (text, -value)
