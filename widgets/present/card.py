"""What every card is made of: a heading, labelled lines, and the lines that several cards share."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, tzinfo
from typing import Final

from msgspec import Struct

from backends.fleet.model import Check, CheckState, Health, safe
from backends.fleet.run import DeviceCard, Offer, Run
from widgets.present.devices import checks_in_order, goes_on, is_fresh, trend_of
from widgets.present.row import Cell, Line, line, plain, since
from widgets.present.spark import SHORT, drawn_spans, length_text
from widgets.present.tone import (
    CHECK_GLYPH,
    CHECK_TONE,
    FRESHNESS_TONE,
    HEALTH_TONE,
    RISK_TONE,
    Tone,
    outcome,
)
from widgets.present.value import limits_text, value_text

CHECKS_SHOWN = 4
REACHES: Final = {
    Health.OK: "reaches it",
    Health.DEGRADED: "calls it degraded",
    Health.DOWN: "does not reach it",
    Health.UNKNOWN: "does not know it",
    Health.MAINTENANCE: "has it in maintenance",
}
"""What a source's own word on a device means; how well the device is, the checks say."""
OFFERS_SHOWN = 9


class Card(Struct, frozen=True):
    """A heading and labelled lines."""

    head: tuple[Cell, ...] = ()
    lines: tuple[Line, ...] = ()


class Times(Struct, frozen=True):
    """What time it is, and in which zone people want to read times."""

    now: datetime
    zone: tzinfo


def offer_lines(offers: Sequence[Offer]) -> list[Line]:
    """`1 Restart service nginx (disruptive)`, with the numbers that open their plans."""
    spans: list[Cell] = []
    for number, offer in enumerate(offers[:OFFERS_SHOWN], 1):
        spans += [
            plain(f"{number} ", Tone.ACCENT),
            Cell(offer.title),
            plain(f" ({offer.risk.value})", RISK_TONE[offer.risk]),
            plain("   "),
        ]
    return [line("Fixes", *spans)] if spans else []


def seen_spans(seen: datetime | None, *, doubtful: bool = False, word: str = "seen") -> tuple[Cell, ...]:
    tone = Tone.UNKNOWN if doubtful else Tone.DIM
    if seen is None:
        return (plain(" · never seen", Tone.UNKNOWN),)
    return (plain(f" · {word} ", tone), since(seen, tone))


def check_lines(known: DeviceCard, times: Times, key: str = "") -> list[Line]:
    """The checks that are not ok, the issue's own first; of a healthy device just their number."""
    mine = [check for check in known.checks if key and check.key == key]
    rest = [check for check in checks_in_order(known.checks) if check.state is not CheckState.OK and check not in mine]
    lines = [
        line("Checks" if not index else "", *_check_spans(check, known, times))
        for index, check in enumerate([*mine, *rest][:CHECKS_SHOWN])
    ]
    left = len(known.checks) - len(lines)
    if left > 0:
        lines.append(line("" if lines else "Checks", plain(f"{left} more, Enter shows them", Tone.DIM)))
    return lines


def _check_spans(check: Check, known: DeviceCard, times: Times) -> tuple[Cell, ...]:
    value, limits = value_text(check.value, check.unit), limits_text(check)
    fresh = is_fresh(check, known, times.now)
    seen = plain(f"  {safe(check.source)}" if len(known.voices) > 1 or not fresh else "", Tone.DIM)
    return (
        plain(f"{CHECK_GLYPH[check.state]} ", CHECK_TONE[check.state]),
        Cell(check.label),
        plain(f"  {value}" if value else f"  {check.state.value}", Tone.STRONG),
        *_trend_spans(check, known, times),
        plain(f"  ({limits})" if limits else "", Tone.DIM),
        seen,
        *(() if fresh else (plain(", ", Tone.DIM), since(check.seen))),
    )


def _trend_spans(check: Check, known: DeviceCard, times: Times) -> tuple[Cell, ...]:
    """`  ▂▃▄▆▇ 3h`, `  ▂▃▄▆▇ until 12m ago`. Empty where there is nothing to draw."""
    trend = trend_of(check, known)
    if trend is None:
        return ()
    now = goes_on(check, known, times.now)
    length = (plain(f" {length_text(trend)}", Tone.DIM),) if now else ()
    return (plain("  "), *drawn_spans(trend, check, SHORT, now=now), *length)


def voice_lines(known: DeviceCard) -> list[Line]:
    lines = []
    for index, voice in enumerate(known.voices):
        lines.append(
            line(
                "Sources" if not index else "",
                Cell(safe(voice.source.name)),
                plain(f" is {voice.source.state.value}", FRESHNESS_TONE[voice.source.state]),
                plain(
                    f", {REACHES[voice.health]}", Tone.DIM if voice.health is Health.OK else HEALTH_TONE[voice.health]
                ),
                *seen_spans(voice.seen, word="last answer" if voice.health is Health.DOWN else "seen"),
            )
        )
    return lines


def run_history(runs: Sequence[Run], label: str = "History") -> list[Line]:
    lines = []
    for index, run in enumerate(runs[:2]):
        word, tone = outcome(run)
        when = run.started or run.planned
        lines.append(
            line(
                label if not index else "",
                Cell(run.title),
                plain(f" by {safe(run.by)} ", Tone.DIM),
                since(when),
                plain(": ", Tone.DIM),
                Cell(word, tone),
            )
        )
    return lines


def list_cell(names: Sequence[str]) -> Cell:
    """Names from outside, with commas."""
    return plain(", ".join(safe(name) for name in names))
