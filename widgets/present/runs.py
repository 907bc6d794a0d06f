"""Rows of runs and of the audit record."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from backends.fleet.changes import Picture
from backends.fleet.model import SafeText, safe
from backends.fleet.run import AuditRecord, Run, RunState, Verified
from widgets.present.row import Cell, Column, Row, plain
from widgets.present.tone import Tone, outcome

COLUMNS: Final = (
    Column(name=SafeText("Outcome"), width=14),
    Column(name=SafeText("Began"), width=5, right=True, time=True),
    Column(name=SafeText("Fix"), width=16, grow=1, most=36),
    Column(name=SafeText("Client/Site"), width=14, grow=1, most=34, from_width=84),
    Column(name=SafeText("Device"), width=10, grow=1, most=26),
    Column(name=SafeText("By"), width=8, grow=1, most=16),
    Column(name=SafeText("What came out"), width=16, grow=4, from_width=100),
)

AUDIT_COLUMNS: Final = (
    Column(name=SafeText("No."), width=6, right=True),
    Column(name=SafeText("Age"), width=4, right=True, time=True),
    Column(name=SafeText("By"), width=10, grow=1, most=18),
    Column(name=SafeText("What"), width=18),
    Column(name=SafeText("Of"), width=18, grow=2, most=44),
    Column(name=SafeText("Details"), width=14, grow=6, from_width=84),
)


def in_order(runs: Iterable[Run]) -> list[Run]:
    """Latest first."""
    return sorted(runs, key=lambda run: (run.planned, run.id), reverse=True)


def run_row(run: Run) -> Row:
    word, tone = outcome(run)
    return Row(
        key=run.id,
        cells=(
            Cell(word, tone),
            Cell(tone=Tone.DIM, since=run.started or run.planned),
            Cell(run.title, Tone.STRONG),
            plain(f"{run.client_name}/{run.site_name}"),
            Cell(run.device_name),
            Cell(safe(run.by), Tone.DIM),
            Cell(run.sentence),
        ),
    )


def news(before: Picture, after: Picture, by: str) -> tuple[SafeText, Tone] | None:
    """What to say of a run of that technician's that has come to its end since `before`."""
    for run in after.runs.values():
        known = before.runs.get(run.id)
        if run.by == by and known is not None and not _over(known) and _over(run):
            word, tone = outcome(run)
            return SafeText(f"{run.title} on {run.device_name}: {word}. {run.sentence}"), tone
    return None


def _over(run: Run) -> bool:
    return run.state.ended and (run.state is not RunState.SUCCEEDED or run.verified is not Verified.PENDING)


def audit_row(record: AuditRecord) -> Row:
    details = " ".join(f"{safe(name)}={safe(value)}" for name, value in record.data.items())
    return Row(
        key=str(record.seq),
        cells=(
            Cell(SafeText(str(record.seq)), Tone.DIM, rank=-record.seq),
            Cell(since=record.at),
            Cell(safe(record.by)),
            Cell(safe(record.event), Tone.STRONG),
            Cell(safe(record.subject)),
            plain(details, Tone.DIM),
        ),
    )
