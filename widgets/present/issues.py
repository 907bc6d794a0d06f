"""Rows of the issue list, and which issues stand in it in which order."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Final

from backends.fleet.model import Freshness, Issue, IssueState, SafeText, safe
from backends.fleet.tally import is_open
from backends.fleet.urgency import due, standing
from widgets.present.row import EMPTY, Cell, Column, Row
from widgets.present.tone import SEVERITY_TONE, Tone, severity_word

COLUMNS: Final = (
    Column(name=SafeText("Severity"), width=10),
    Column(name=SafeText("Age"), width=4, right=True, time=True),
    Column(name=SafeText("SLA"), width=4, right=True, time=True),
    Column(name=SafeText("Seen"), width=4, right=True, time=True, from_width=150),
    Column(name=SafeText("Client/Site"), width=14, grow=3, most=28),
    Column(name=SafeText("Device"), width=9, grow=3, most=22),
    Column(name=SafeText("Issue"), width=20, grow=8),
    Column(name=SafeText("Owner"), width=6, grow=1, most=14, from_width=100),
    Column(name=SafeText("Next"), width=14, grow=3, most=40, from_width=108),
)


ENDINGS: Final = {1: "st", 2: "nd", 3: "rd"}


def in_order(issues: Iterable[Issue]) -> list[Issue]:
    """Most urgent first, as the engine reckons it; then the oldest."""
    return sorted(issues, key=standing)


def issue_row(issue: Issue) -> Row:
    quiet = not is_open(issue)
    fresh = issue.freshness is Freshness.FRESH
    return Row(
        key=issue.id,
        cells=(
            Cell(
                severity_word(issue.severity),
                Tone.DIM if quiet else SEVERITY_TONE[issue.severity],
                rank=issue.severity.rank,
            ),
            Cell(since=issue.since),
            due_cell(None if quiet else due(issue)),
            Cell(EMPTY if fresh else SafeText("?"), Tone.DIM if fresh else Tone.UNKNOWN, since=issue.seen),
            Cell(where(issue)),
            Cell(issue.device_name or safe(issue.source), Tone.STRONG),
            Cell(what(issue)),
            Cell(*_owner(issue)),
            Cell(issue.next_fix_title or issue.advice, Tone.ACCENT if issue.next_fix else Tone.DIM),
        ),
        dim=quiet or not fresh,
    )


def due_cell(until: datetime | None) -> Cell:
    """The minutes that the SLA leaves; a dash where nothing is promised."""
    return Cell(tone=Tone.DIM, until=until) if until else Cell(SafeText("—"), Tone.DIM)


def where(issue: Issue) -> SafeText:
    """`Acme Dental/HQ`; a source that is itself the problem belongs to no client."""
    return SafeText(f"{issue.client_name}/{issue.site_name}" if issue.client_name else "—")


def what(issue: Issue) -> SafeText:
    """The title, with how far it spreads and how often it came back; a question mark before what may be over."""
    doubt = "" if issue.freshness is Freshness.FRESH else "? "
    parts = [SafeText(f"{doubt}{issue.title}")]
    if issue.behind:
        parts.append(SafeText(f"{issue.behind} behind it"))
    if issue.times > 1:
        parts.append(SafeText(f"{ordinal(issue.times)} in 30 days"))
    if issue.state is IssueState.RECOVERED:
        parts.append(SafeText("recovered"))
    return SafeText(" · ".join(parts))


def _owner(issue: Issue) -> tuple[SafeText, Tone]:
    if issue.state is IssueState.SNOOZED:
        return SafeText("snoozed"), Tone.DIM
    if issue.owner:
        return SafeText(f"@{safe(issue.owner)}"), Tone.ACCENT
    return (SafeText("acked"), Tone.DIM) if issue.state is IssueState.ACKED else (EMPTY, Tone.PLAIN)


def ordinal(number: int) -> SafeText:
    """`1st`, `2nd`, `11th`."""
    last = number % 100
    return SafeText(f"{number}{'th' if 10 < last < 20 else ENDINGS.get(number % 10, 'th')}")


def count_word(number: int, noun: str, plural: str = "") -> SafeText:
    """`1 site`, `2 sites`."""
    return SafeText(f"{number} {noun if number == 1 else plural or noun + 's'}")
