"""What happened on or near a device shortly before something went wrong there: `11:58  firmware job ended on fw-hq`."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta, tzinfo
from typing import Final

from backends.fleet.happened import Deed, Happened
from backends.fleet.model import Issue, SafeText, safe
from widgets.present.age import span_text
from widgets.present.row import Cell, Line, line, plain
from widgets.present.tone import Tone

WITHIN: Final = timedelta(hours=2)
SHOWN: Final = 3


def before_lines(issue: Issue, happened: Sequence[Happened], now: datetime, zone: tzinfo) -> list[Line]:
    """At most three lines, latest first; none where nothing is known."""
    lines = []
    for index, (one, count) in enumerate(before(issue, happened)[:SHOWN]):
        when = plain(f"{clock_text(one.at, now, zone)} ", Tone.ACCENT)
        lines.append(line("Before" if not index else "", when, *_said(one, count, issue, now, zone)))
    return lines


def before(issue: Issue, happened: Sequence[Happened]) -> list[tuple[Happened, int]]:
    """What is to be told of, latest first. Neighbours that stopped answering are one line, with their number."""
    known = [one for one in happened if one.issue != issue.id and issue.since - WITHIN <= one.at <= issue.since]
    known.sort(key=lambda one: one.at, reverse=True)
    silent = [one for one in known if one.deed is Deed.SILENT]
    return [(one, len(silent)) for one in known if one.deed is not Deed.SILENT or one is silent[0]]


def clock_text(when: datetime, now: datetime, zone: tzinfo) -> SafeText:
    """`11:58` today, else `20 Nov 11:58`."""
    there, today = when.astimezone(zone), now.astimezone(zone)
    return SafeText(f"{there:%H:%M}" if there.date() == today.date() else f"{there:%d %b %H:%M}")


def _said(one: Happened, count: int, issue: Issue, now: datetime, zone: tzinfo) -> tuple[Cell, ...]:
    here = one.device_name == issue.device_name
    on = plain("" if here else f" on {one.device_name}")
    match one.deed:
        case Deed.RUN:
            by = plain(f", a fix by {safe(one.by)}" if one.by else "", Tone.DIM)
            return (Cell(one.title), plain(" ended"), on, by)
        case Deed.BOOT:
            return (plain(f"{one.device_name} started anew"),)
        case Deed.JOB:
            return (Cell(one.title), on)
        case Deed.SILENT if count > 1:
            return (plain(f"{count} others here stopped answering, {one.device_name} last"),)
        case Deed.SILENT:
            return (plain(f"{one.device_name} stopped answering"), *_over(one, now, zone))
    return (Cell(one.title), on, *_over(one, now, zone))


def _over(one: Happened, now: datetime, zone: tzinfo) -> tuple[Cell, ...]:
    if one.over is None:
        return ()
    lasted = span_text((one.over - one.at).total_seconds())
    return (plain(f", for {lasted} until {clock_text(one.over, now, zone)}", Tone.DIM),)
