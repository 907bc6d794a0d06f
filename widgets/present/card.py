"""The card under the list: all that is known of what the cursor is on, most useful line first."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, tzinfo

from msgspec import Struct

from backends.fleet.model import Check, CheckState, Client, Contract, Device, Freshness, Issue, IssueState, Source, safe
from backends.fleet.run import AuditRecord, DeviceCard, Offer, Run
from widgets.present.age import full_time, left_text, span_text
from widgets.present.devices import checks_in_order, device_name
from widgets.present.issues import count_word, ordinal, where
from widgets.present.row import EMPTY, Cell, Line, SafeText, line, plain
from widgets.present.sources import trouble
from widgets.present.tone import (
    CHECK_GLYPH,
    CHECK_TONE,
    FRESHNESS_TONE,
    HEALTH_TONE,
    RISK_TONE,
    SEVERITY_TONE,
    Tone,
    health_word,
    outcome,
    severity_word,
)
from widgets.present.value import limits_text, value_text

NOTHING_SELECTED = SafeText("Nothing is selected.")
CHECKS_SHOWN = 4
OFFERS_SHOWN = 9


class Card(Struct, frozen=True):
    """A heading and labelled lines."""

    head: tuple[Cell, ...] = ()
    lines: tuple[Line, ...] = ()


class Times(Struct, frozen=True):
    """What time it is, and in which zone people want to read times."""

    now: datetime
    zone: tzinfo


def issue_card(issue: Issue, known: DeviceCard | None, offers: Sequence[Offer], times: Times) -> Card:
    """The issue's own facts at once; checks, voices and history as soon as the device's card is there."""
    lines = [*_why(issue), *_state(issue, times), *_promise(issue, times.now)]
    if known is not None:
        lines += _checks(known, issue)
        lines += _voices(known)
        lines += _history(issue, known)
        lines += _notes(known, issue)
    else:
        lines.append(line("Source", *_list_of(issue.sources)))
    lines += offer_lines(offers)
    return Card(_issue_head(issue), tuple(lines))


def device_card(device: Device, known: DeviceCard | None) -> Card:
    head = (
        Cell(device_name(device), Tone.STRONG),
        plain(f" · {safe(device.kind)} · {device.client_name}/{device.site_name} · ", Tone.DIM),
        Cell(health_word(device.health), HEALTH_TONE[device.health]),
        *_seen(device.seen),
    )
    lines = [line("Address", Cell(device.address)), line("System", Cell(device.system or safe(device.platform)))]
    if device.booted:
        lines.append(line("Up", Cell(since=device.booted)))
    if device.look_alike:
        lines.append(
            line("Careful", plain("Another device's name looks the same; the id is ", Tone.WARNING), safe(device.id))
        )
    if known is not None:
        lines += [*_checks(known, None), *_voices(known), *_runs(known.runs), *offer_lines(known.fixes)]
    return Card(head, tuple(lines))


def check_card(check: Check, offers: Sequence[Offer]) -> Card:
    head = (
        Cell(check.label, Tone.STRONG),
        plain(" · ", Tone.DIM),
        plain(f"{CHECK_GLYPH[check.state]} {check.state.value}", CHECK_TONE[check.state]),
        *_seen(check.seen),
        plain(f" by {safe(check.source)}", Tone.DIM),
    )
    lines = [line("Finding", Cell(check.summary or SafeText("Nothing to report.")))]
    if check.advice:
        lines.append(line("Do", Cell(check.advice)))
    if value := value_text(check.value, check.unit):
        lines.append(line("Value", Cell(value, Tone.STRONG), plain(f"   {limits_text(check)}", Tone.DIM)))
    if check.since:
        lines.append(line("Since", Cell(since=check.since)))
    return Card(head, (*lines, *offer_lines(offers)))


def source_card(source: Source, times: Times) -> Card:
    head = (
        Cell(safe(source.name), Tone.STRONG),
        plain(f" · {safe(source.kind)} · ", Tone.DIM),
        plain(source.state.value, FRESHNESS_TONE[source.state]),
        *_seen(source.seen),
    )
    lines = []
    if said := trouble(source):
        lines.append(line("Says", Cell(said, FRESHNESS_TONE[source.state] if source.fault else Tone.PLAIN)))
    if source.fault:
        lines.append(line("Since", Cell(since=source.fault.since)))
        if source.fault.retry_at:
            lines.append(line("Again", plain(f"at {full_time(source.fault.retry_at, times.zone)}")))
    lines.append(line("Asked", plain(f"every {span_text(source.every_s)}, {count_word(source.polls, 'time')} so far")))
    if source.failures:
        lines.append(line("Failed", plain(f"{count_word(source.failures, 'time')} in a row", Tone.WARNING)))
    lines.append(line("Devices", plain(str(source.devices))))
    if source.capabilities:
        lines.append(line("Can", *_list_of(source.capabilities)))
    return Card(head, tuple(lines))


def run_card(run: Run, times: Times) -> Card:
    word, tone = outcome(run)
    head = (
        Cell(run.title, Tone.STRONG),
        plain(f" on {run.device_name} · {run.client_name}/{run.site_name} · ", Tone.DIM),
        Cell(word, tone),
    )
    lines = [line("Result", Cell(run.sentence or SafeText("No result yet.")))]
    lines.append(line("By", plain(f"{safe(run.by)} at {full_time(run.started or run.planned, times.zone)}")))
    lines.append(line("Where", plain(f"{run.address} by {safe(run.source)}, device {safe(run.device)}")))
    if run.parameters:
        lines.append(line("With", *_list_of([f"{name}={value}" for name, value in run.parameters.items()])))
    if run.output:
        last = [text for text in run.output.split("\n") if text.strip()][-3:]
        lines += [line("Printed" if not index else "", SafeText(text)) for index, text in enumerate(last)]
    return Card(head, tuple(lines))


def audit_card(record: AuditRecord, times: Times) -> Card:
    head = (plain(f"Record {record.seq}", Tone.STRONG), plain(f" · {full_time(record.at, times.zone)}", Tone.DIM))
    lines = [line("Who", safe(record.by)), line("What", safe(record.event)), line("Of", safe(record.subject))]
    lines += [line(safe(name, 9), safe(value)) for name, value in record.data.items()]
    lines.append(line("Hash", plain(safe(record.hash), Tone.DIM)))
    return Card(head, tuple(lines))


def client_card(client: Client, open_issues: int, sites: int) -> Card:
    head = (Cell(client.name, Tone.STRONG), plain(f" · {client.contract.value}", Tone.DIM))
    lines = [line("Issues", plain(f"{open_issues} open at {count_word(sites, 'site')}"))]
    lines.append(line("Hours", plain(safe(client.hours) or "around the clock")))
    for target in client.sla:
        parts = [f"respond in {span_text(target.respond_s)}" if target.respond_s else ""]
        parts.append(f"resolve in {span_text(target.resolve_s)}" if target.resolve_s else "")
        lines.append(line("Promise", plain(f"{target.severity.value}: {', '.join(part for part in parts if part)}")))
    return Card(head, tuple(lines))


def offer_lines(offers: Sequence[Offer]) -> list[Line]:
    """`1 Restart service nginx (disruptive)`, with the numbers that open their plans."""
    lines = []
    for number, offer in enumerate(offers[:OFFERS_SHOWN], 1):
        lines.append(
            line(
                "Fixes" if number == 1 else "",
                plain(f"{number} ", Tone.ACCENT),
                Cell(offer.title),
                plain(f" ({offer.risk.value})", RISK_TONE[offer.risk]),
            )
        )
    return lines


def _issue_head(issue: Issue) -> tuple[Cell, ...]:
    name = issue.device_name or safe(issue.source)
    return (
        Cell(name, Tone.STRONG),
        plain(f" · {safe(issue.kind) or 'source'} · {where(issue)} · ", Tone.DIM),
        Cell(severity_word(issue.severity), SEVERITY_TONE[issue.severity]),
        *_seen(issue.seen, doubtful=issue.freshness is not Freshness.FRESH),
        plain(f" by {', '.join(safe(source) for source in issue.sources)}", Tone.DIM),
    )


def _seen(seen: datetime | None, *, doubtful: bool = False) -> tuple[Cell, ...]:
    tone = Tone.UNKNOWN if doubtful else Tone.DIM
    if seen is None:
        return (plain(" · never seen", Tone.UNKNOWN),)
    return (plain(" · seen ", tone), Cell(tone=tone, since=seen), plain(" ago", tone))


def _why(issue: Issue) -> list[Line]:
    lines = [line("Why", Cell(issue.title), plain(" · for ", Tone.DIM), Cell(tone=Tone.DIM, since=issue.since))]
    if issue.freshness is not Freshness.FRESH:
        lines.append(
            line("", plain(f"The facts are {issue.freshness.value}: this may be over, or worse.", Tone.UNKNOWN))
        )
    if issue.behind:
        lines.append(line("", plain(f"{count_word(issue.behind, 'issue')} behind it.", Tone.WARNING)))
    if issue.advice:
        lines.append(line("Do", Cell(issue.advice)))
    return lines


def _state(issue: Issue, times: Times) -> list[Line]:
    lines = []
    if issue.owner:
        lines.append(line("Owner", plain(f"@{safe(issue.owner)}", Tone.ACCENT)))
    if issue.state is IssueState.ACKED:
        at = (plain(" at "), plain(full_time(issue.acked_at, times.zone))) if issue.acked_at else ()
        lines.append(line("Acked", plain(f"by {safe(issue.acked_by)}"), *at))
    if issue.state is IssueState.SNOOZED:
        until = full_time(issue.snoozed_until, times.zone)
        lines.append(line("Snoozed", plain(f"until {until} by {safe(issue.snoozed_by)}: "), Cell(issue.snooze_reason)))
    return lines


def _promise(issue: Issue, now: datetime) -> list[Line]:
    spans: list[Cell] = []
    for verb, until in (("respond", issue.respond_by), ("resolve", issue.resolve_by)):
        if until is not None:
            tone = Tone.CRITICAL if until < now else Tone.PLAIN
            spans += [plain("   " if spans else ""), plain(f"{verb}: {left_text(until, now)}", tone)]
    if issue.contract is Contract.BREAK_FIX:
        spans.append(plain("break-fix client: nothing is promised", Tone.DIM))
    return [line("Promise", *spans)] if spans else []


def _checks(known: DeviceCard, issue: Issue | None) -> list[Line]:
    """The checks that are not ok, the issue's own first; of a healthy device just their number."""
    mine = [check for check in known.checks if issue is not None and check.key == issue.key]
    rest = [check for check in checks_in_order(known.checks) if check.state is not CheckState.OK and check not in mine]
    lines = [
        line("Checks" if not index else "", *_check_spans(check))
        for index, check in enumerate([*mine, *rest][:CHECKS_SHOWN])
    ]
    left = len(known.checks) - len(lines)
    if left > 0:
        lines.append(line("" if lines else "Checks", plain(f"{left} more, Enter shows them", Tone.DIM)))
    return lines


def _check_spans(check: Check) -> tuple[Cell, ...]:
    value, limits = value_text(check.value, check.unit), limits_text(check)
    return (
        plain(f"{CHECK_GLYPH[check.state]} ", CHECK_TONE[check.state]),
        Cell(check.label),
        plain(f"  {value}" if value else f"  {check.state.value}", Tone.STRONG),
        plain(f"  ({limits})" if limits else "", Tone.DIM),
        plain("  seen ", Tone.DIM),
        Cell(tone=Tone.DIM, since=check.seen),
        plain(f" ago by {safe(check.source)}", Tone.DIM),
    )


def _voices(known: DeviceCard) -> list[Line]:
    lines = []
    for index, voice in enumerate(known.voices):
        lines.append(
            line(
                "Sources" if not index else "",
                Cell(safe(voice.source.name)),
                plain(f" is {voice.source.state.value}", FRESHNESS_TONE[voice.source.state]),
                plain(", says ", Tone.DIM),
                Cell(health_word(voice.health), HEALTH_TONE[voice.health]),
                *_seen(voice.seen),
            )
        )
    return lines


def _history(issue: Issue, known: DeviceCard) -> list[Line]:
    spans: list[Cell] = []
    if issue.times > 1:
        spans.append(plain(f"{ordinal(issue.times)} time in 30 days", Tone.WARNING))
    if issue.last_fix:
        held = f", held {span_text(issue.held_s)}" if issue.held_s is not None else ""
        spans.append(plain(f"last fix: {issue.last_fix}{held}"))
    runs = [run for run in known.runs if run.issue == issue.id]
    lines = [line("History", *_joined(spans))] if spans else []
    return lines + _runs(runs, "" if lines else "History")


def _runs(runs: Sequence[Run], label: str = "History") -> list[Line]:
    lines = []
    for index, run in enumerate(runs[:2]):
        word, tone = outcome(run)
        when = run.started or run.planned
        lines.append(
            line(
                label if not index else "",
                Cell(run.title),
                plain(f" by {safe(run.by)} ", Tone.DIM),
                Cell(tone=Tone.DIM, since=when),
                plain(" ago: ", Tone.DIM),
                Cell(word, tone),
            )
        )
    return lines


def _notes(known: DeviceCard, issue: Issue) -> list[Line]:
    notes = [note for note in known.notes if note.issue == issue.id][-2:]
    return [
        line(
            "Notes" if not index else "",
            plain(f"{safe(note.by)}, ", Tone.DIM),
            Cell(tone=Tone.DIM, since=note.at),
            plain(" ago: ", Tone.DIM),
            Cell(note.text),
        )
        for index, note in enumerate(notes)
    ]


def _list_of(names: Sequence[str]) -> tuple[Cell, ...]:
    return (plain(", ".join(safe(name) for name in names)) if names else Cell(EMPTY),)


def _joined(spans: Sequence[Cell]) -> list[Cell]:
    out: list[Cell] = []
    for span in spans:
        out += [plain(" · ", Tone.DIM), span] if out else [span]
    return out
