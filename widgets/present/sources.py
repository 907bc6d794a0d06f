"""Rows of the sources: what each is worth now, and why."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from backends.fleet.model import Freshness, SafeText, Source, safe
from backends.fleet.remarks import remarks
from widgets.present.age import span_text
from widgets.present.row import Cell, Column, Row, number
from widgets.present.tone import FRESHNESS_GLYPH, FRESHNESS_TONE, Tone

COLUMNS: Final = (
    Column(name=SafeText("State"), width=9),
    Column(name=SafeText("Source"), width=12, grow=1, most=30),
    Column(name=SafeText("Kind"), width=8, grow=1, most=14, from_width=60),
    Column(name=SafeText("Seen"), width=4, right=True, time=True),
    Column(name=SafeText("Every"), width=5, right=True),
    Column(name=SafeText("Devices"), width=7, right=True),
    Column(name=SafeText("What is wrong"), width=20, grow=6),
)

_WORST_FIRST: Final = (Freshness.FAILED, Freshness.SILENT, Freshness.STALE, Freshness.FRESH)


def in_order(sources: Iterable[Source]) -> list[Source]:
    return sorted(sources, key=lambda one: (_WORST_FIRST.index(one.state), one.name))


def source_row(source: Source) -> Row:
    return Row(
        key=source.name,
        cells=(
            Cell(
                SafeText(f"{FRESHNESS_GLYPH[source.state]} {source.state.value}"),
                FRESHNESS_TONE[source.state],
                rank=_WORST_FIRST.index(source.state),
            ),
            Cell(safe(source.name), Tone.STRONG),
            Cell(safe(source.kind), Tone.DIM),
            Cell(tone=Tone.DIM, since=source.seen),
            Cell(span_text(source.every_s), Tone.DIM, rank=source.every_s),
            number(source.devices),
            Cell(trouble(source)),
        ),
    )


def trouble(source: Source) -> SafeText:
    """The fault's sentence, else what there is to say of it."""
    return source.fault.sentence if source.fault else SafeText(" ".join(remarks(source)))
