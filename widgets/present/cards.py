"""The cards of everything but issues: devices, checks, sources, runs, records, clients, sites."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime

from backends.fleet.model import Check, Client, Device, SafeText, Site, Source, safe
from backends.fleet.remarks import SKEWED_S
from backends.fleet.run import AuditRecord, DeviceCard, Offer, Run
from backends.fleet.trend import Point, Trend
from widgets.present.age import full_time, span_text
from widgets.present.before import clock_text
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
from widgets.present.clients import health_counts
from widgets.present.devices import device_name, goes_on, trend_of
from widgets.present.issues import count_word
from widgets.present.opinion import opinion_lines
from widgets.present.row import Cell, Line, gutter, line, plain
from widgets.present.sources import trouble
from widgets.present.spark import LONG, drawn_spans, extremes
from widgets.present.tone import CHECK_GLYPH, CHECK_TONE, FRESHNESS_TONE, HEALTH_TONE, Tone, health_word, outcome
from widgets.present.value import limits_text, value_text


def nothing_card() -> Card:
    return Card((plain("Nothing is selected.", Tone.DIM),))


def device_card(device: Device, known: DeviceCard | None, times: Times) -> Card:
    head = (
        Cell(device_name(device), Tone.STRONG),
        plain(f" · {safe(device.kind)} · {device.client_name}/{device.site_name} · ", Tone.DIM),
        Cell(health_word(device.health), HEALTH_TONE[device.health]),
        *seen_spans(device.seen),
    )
    lines = [line("Address", Cell(device.address)), line("System", Cell(device.system or safe(device.platform)))]
    if device.booted:
        lines.append(line("Up", Cell(since=device.booted)))
    if device.look_alike:
        lines.append(
            line("Careful", plain("Another device's name looks the same; the id is ", Tone.WARNING), safe(device.id))
        )
    if known is not None:
        lines += [
            *opinion_lines(known),
            *check_lines(known, times),
            *voice_lines(known),
            *run_history(known.runs),
            *offer_lines(known.fixes),
        ]
    return Card(head, tuple(lines))


def check_card(check: Check, known: DeviceCard | None, offers: Sequence[Offer], times: Times) -> Card:
    head = (
        Cell(check.label, Tone.STRONG),
        plain(" · ", Tone.DIM),
        plain(f"{CHECK_GLYPH[check.state]} {check.state.value}", CHECK_TONE[check.state]),
        *seen_spans(check.seen),
        plain(f" by {safe(check.source)}", Tone.DIM),
    )
    lines = [line("Finding", Cell(check.summary or SafeText("Nothing to report.")))]
    if check.advice:
        lines.append(line("Do", Cell(check.advice)))
    if value := value_text(check.value, check.unit):
        lines.append(line("Value", Cell(value, Tone.STRONG), plain(f"   {limits_text(check)}", Tone.DIM)))
    if known is not None:
        lines += _trend_lines(check, known, times)
    if check.since:
        lines.append(line("Since", Cell(since=check.since)))
    return Card(head, (*lines, *offer_lines(offers)))


def _trend_lines(check: Check, known: DeviceCard, times: Times) -> list[Line]:
    """The trend as wide as a small screen takes it, and in words."""
    trend = trend_of(check, known)
    found = extremes(trend) if trend is not None else None
    if trend is None or found is None:
        return []
    drawn = drawn_spans(trend, check, LONG, now=goes_on(check, known, times.now))
    low, high, first = found
    words = f"lowest {_at(low, trend, times)} · highest {_at(high, trend, times)} · from {_when(first, times)} on"
    return [line("Trend", *drawn), line("", plain(words, Tone.DIM))]


def _at(point: Point, trend: Trend, times: Times) -> SafeText:
    """`97.2 % at 12:04`."""
    return SafeText(f"{value_text(point[1], trend.unit)} at {_when(point, times)}")


def _when(point: Point, times: Times) -> SafeText:
    return clock_text(datetime.fromtimestamp(point[0], UTC), times.now, times.zone)


def source_card(source: Source, times: Times) -> Card:
    head = (
        Cell(safe(source.name), Tone.STRONG),
        plain(f" · {safe(source.kind)} · ", Tone.DIM),
        plain(source.state.value, FRESHNESS_TONE[source.state]),
        *seen_spans(source.seen),
    )
    lines = [line("Product", Cell(source.version))] if source.version else []
    if said := trouble(source):
        lines.append(line("Says", Cell(said, FRESHNESS_TONE[source.state] if source.fault else Tone.PLAIN)))
    if source.fault:
        lines.append(line("Since", Cell(since=source.fault.since)))
        if source.fault.retry_at:
            lines.append(line("Again", plain(f"at {full_time(source.fault.retry_at, times.zone)}")))
    lines.append(line("Asked", plain(f"every {span_text(source.every_s)}, {count_word(source.polls, 'time')} so far")))
    if source.failures:
        lines.append(line("Failed", plain(f"{count_word(source.failures, 'time')} in a row", Tone.WARNING)))
    lines.append(line("Devices", plain(str(source.devices)), *_unplaced(source)))
    if source.skew_s is not None:
        lines.append(line("Clock", *_clock(source.skew_s)))
    if able := tuple(can for can in source.capabilities if source.can(can)):
        lines.append(line("Can", list_cell(able)))
    return Card(head, tuple(lines))


def _unplaced(source: Source) -> tuple[Cell, ...]:
    return (plain(f", {source.unplaced} of them unplaced", Tone.WARNING),) if source.unplaced else ()


def _clock(skew_s: float) -> tuple[Cell, ...]:
    """How far the source's clock is from ours."""
    if abs(skew_s) < 1:
        return (plain("as ours", Tone.DIM),)
    far = Tone.WARNING if abs(skew_s) >= SKEWED_S else Tone.DIM
    return (plain(f"{span_text(abs(skew_s))} {'ahead of' if skew_s > 0 else 'behind'} ours", far),)


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
        lines.append(line("With", list_cell([f"{name}={value}" for name, value in run.parameters.items()])))
    if run.output:
        last = [text for text in run.output.split("\n") if text.strip()][-3:]
        lines += [line("Printed" if not index else "", gutter(text)) for index, text in enumerate(last)]
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


def site_card(site: Site) -> Card:
    head = (
        Cell(site.name, Tone.STRONG),
        plain(f" · {site.client_name} · ", Tone.DIM),
        Cell(health_word(site.health), HEALTH_TONE[site.health]),
    )
    return Card(head, (line("Devices", plain(f"{site.devices.total}   "), Cell(health_counts(site), Tone.DIM)),))
