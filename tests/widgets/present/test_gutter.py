"""Texts of many lines from outside stand behind a gutter, so that no line of them can look like one of ours."""

from __future__ import annotations

from datetime import UTC

from msgspec.structs import replace

from backends.desk.protocol import Approval
from backends.fleet.model import Note, issue_id
from backends.fleet.run import RunState
from backends.text import safe_lines
from tests.support import pictures
from tests.support.desk import MemoryDesk
from widgets.present.card import Card, Times
from widgets.present.cards import run_card
from widgets.present.issue_card import NOTE_LINES, issue_card
from widgets.present.plan import plan_text
from widgets.present.row import GUTTER

TIMES = Times(pictures.NOW, UTC)
FORGED = "Owner    nobody yet"


def texts(card: Card) -> list[str]:
    return [line.label.ljust(9) + "".join(span.text for span in line.spans) for line in card.lines]


def noted(text: str) -> list[str]:
    issue = pictures.ISSUES[issue_id("acme-hq:files01", "disk//srv")]
    note = Note(issue=issue.id, by="tech2", at=pictures.NOW, text=safe_lines(text))
    assert issue.device is not None
    return texts(issue_card(issue, replace(pictures.card(issue.device), notes=(note,)), (), TIMES))


def test_a_note_of_one_line_stands_beside_who_wrote_it() -> None:
    assert "Notes    tech2, : called the client" in noted("called the client")


def test_each_line_of_a_longer_note_has_a_gutter_and_a_long_one_is_cut() -> None:
    """F-33."""
    lines = noted("\n".join([FORGED, *(f"line {number}" for number in range(20))]))
    at = lines.index("Notes    tech2, : ")
    assert lines[at + 1] == " " * 9 + GUTTER + FORGED
    assert all(line.startswith(" " * 9 + GUTTER) for line in lines[at + 1 : at + 1 + NOTE_LINES])
    assert lines[at + 1 + NOTE_LINES].strip() == f"and {21 - NOTE_LINES} more lines"


async def test_what_a_run_printed_and_the_script_of_a_plan_have_a_gutter() -> None:
    """F-33."""
    desk = MemoryDesk()
    plan = await desk.plan("restart-service", ["baker:sql01"], "tech1")  # type: ignore[arg-type, list-item]
    plan = replace(plan, script=safe_lines(f"set -eu\n{FORGED}"))
    (run,) = await desk.approve(plan.id, Approval(confirmed=True))
    run = replace(run, state=RunState.FAILED, output=safe_lines(f"one\n{FORGED}\n"))
    for card in (plan_text(plan).card, run_card(run, TIMES)):
        lines = texts(card)
        assert any(line.endswith(GUTTER + FORGED) for line in lines)
        assert FORGED not in lines
