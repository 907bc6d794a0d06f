"""The card of an issue: why, what can be done, what was promised, what happened before."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Final

from backends.fleet.model import Contract, Freshness, Issue, IssueState, Note, SafeText, safe
from backends.fleet.run import DeviceCard, Offer
from backends.fleet.urgency import why
from widgets.present.age import full_time, left_text, span_text
from widgets.present.before import before_lines, clock_text
from widgets.present.card import (
    Card,
    Times,
    check_lines,
    list_cell,
    offer_lines,
    run_history,
    seen_spans,
    voice_lines,
)
from widgets.present.issues import count_word, ordinal, where
from widgets.present.opinion import opinion_lines
from widgets.present.row import Cell, Line, gutter, line, plain, since
from widgets.present.tone import SEVERITY_TONE, Tone, severity_word
from widgets.present.witnesses import handled_lines, witness_lines

NOTE_LINES: Final = 6
"""Of a longer note the beginning is shown."""


def issue_card(issue: Issue, known: DeviceCard | None, offers: Sequence[Offer], times: Times) -> Card:
    """The issue's own facts at once; what was before, checks and voices as soon as the device's card is there."""
    lines = [*_why(issue), *offer_lines(offers), *_state(issue, times), *handled_lines(issue, times)]
    if known is not None:
        lines += [*opinion_lines(known), *witness_lines(issue, known)]
        lines += before_lines(issue, known.nearby, times.now, times.zone)
        lines += _history(issue, known, times)
        lines += check_lines(known, times, issue.key)
    lines += _promise(issue, times.now)
    if known is not None:
        mine = [run for run in known.runs if run.issue == issue.id]
        lines += [*run_history(mine, "Runs"), *_notes(known, issue), *voice_lines(known)]
    else:
        lines.append(line("Source", list_cell(issue.sources)))
    return Card(_head(issue), tuple(lines))


def _head(issue: Issue) -> tuple[Cell, ...]:
    name = issue.device_name or safe(issue.source)
    return (
        Cell(name, Tone.STRONG),
        plain(f" · {safe(issue.kind) or 'source'} · {where(issue)} · ", Tone.DIM),
        Cell(severity_word(issue.severity), SEVERITY_TONE[issue.severity]),
        *seen_spans(issue.seen, doubtful=issue.freshness is not Freshness.FRESH),
        plain(f" by {', '.join(safe(source) for source in issue.sources)}", Tone.DIM),
    )


def _why(issue: Issue) -> list[Line]:
    lines = [line("Why", Cell(issue.title), plain(" · began ", Tone.DIM), since(issue.since))]
    if issue.freshness is not Freshness.FRESH:
        lines.append(
            line("", plain(f"The facts are {issue.freshness.value}: this may be over, or worse.", Tone.UNKNOWN))
        )
    if issue.reason:
        lines.append(line("", Cell(issue.reason, Tone.WARNING)))
    elif issue.behind:
        lines.append(line("", plain(f"{count_word(issue.behind, 'issue')} behind it.", Tone.WARNING)))
    if issue.advice:
        lines.append(line("Do", Cell(issue.advice)))
    return lines


def _state(issue: Issue, times: Times) -> list[Line]:
    lines = []
    if issue.owner:
        lines.append(line("Owner", plain(f"@{safe(issue.owner)}", Tone.ACCENT)))
    elif issue.state is IssueState.OPEN:
        lines.append(line("Owner", plain("nobody yet", Tone.WARNING)))
    if issue.state is IssueState.ACKED:
        at = (plain(" at "), plain(full_time(issue.acked_at, times.zone))) if issue.acked_at else ()
        lines.append(line("Acked", plain(f"by {safe(issue.acked_by)}"), *at))
    if issue.state is IssueState.SNOOZED:
        until = f"until {full_time(issue.snoozed_until, times.zone)} " if issue.snoozed_until else ""
        why = (plain(": "), Cell(issue.snooze_reason)) if issue.snooze_reason else ()
        lines.append(line("Snoozed", plain(f"{until}by {safe(issue.snoozed_by)}"), *why))
    return lines


def _promise(issue: Issue, now: datetime) -> list[Line]:
    spans: list[Cell] = []
    for verb, until in (("respond", issue.respond_by), ("resolve", issue.resolve_by)):
        if until is not None:
            tone = Tone.CRITICAL if until < now else Tone.PLAIN
            spans += [plain("   " if spans else ""), plain(f"{verb}: {left_text(until, now)}", tone)]
    if issue.contract is Contract.BREAK_FIX:
        spans.append(plain("break-fix client: nothing is promised", Tone.DIM))
    lines = [line("Promise", *spans)] if spans else []
    return [*lines, line("Ranked", plain(why(issue, now), Tone.DIM))]


def _history(issue: Issue, known: DeviceCard, times: Times) -> list[Line]:
    """How often, when the last time, what ended it and how long that held."""
    spans: list[Cell] = []
    if issue.times > 1:
        spans.append(plain(f"{ordinal(issue.times)} time in 30 days", Tone.WARNING))
    over = [one for one in known.episodes if one.issue == issue.id and one.ended is not None]
    if over and (ended := over[0].ended) is not None:
        lasted = span_text((ended - over[0].began).total_seconds())
        spans.append(plain(f"last {clock_text(over[0].began, times.now, times.zone)} for {lasted}"))
    if issue.last_fix:
        held = f", held {span_text(issue.held_s)}" if issue.held_s is not None else ""
        spans.append(plain(f"last fix: {issue.last_fix}{held}"))
    return [line("History", *_joined(spans))] if spans else []


def _notes(known: DeviceCard, issue: Issue) -> list[Line]:
    notes = [note for note in known.notes if note.issue == issue.id][-2:]
    said = [one for note in notes for one in _said(note)]
    return [Line(SafeText("Notes" if not index else ""), one.spans) for index, one in enumerate(said)]


def _said(note: Note) -> list[Line]:
    """Who said it and when, and what; of many lines each behind a gutter."""
    who = (plain(f"{safe(note.by)}, ", Tone.DIM), since(note.at), plain(": ", Tone.DIM))
    texts = [text for text in note.text.split("\n") if text.strip()]
    if len(texts) < 2:
        return [line("", *who, Cell(safe(note.text.strip())))]
    more = [line("", plain(f"and {len(texts) - NOTE_LINES} more lines", Tone.DIM))] if len(texts) > NOTE_LINES else []
    return [line("", *who), *(line("", gutter(text)) for text in texts[:NOTE_LINES]), *more]


def _joined(spans: Sequence[Cell]) -> list[Cell]:
    out: list[Cell] = []
    for span in spans:
        out += [plain(" · ", Tone.DIM), span] if out else [span]
    return out
