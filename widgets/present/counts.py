"""The second line of the screen: sites by health, issues by severity, and how many sources can be believed."""

from __future__ import annotations

from collections.abc import Iterable

from backends.fleet.model import Freshness, Health, Severity, Source, safe
from backends.fleet.tally import Counts
from widgets.present.issues import count_word
from widgets.present.row import Cell, plain
from widgets.present.sources import in_order
from widgets.present.tone import FRESHNESS_TONE, HEALTH_GLYPH, HEALTH_TONE, SEVERITY_GLYPH, SEVERITY_TONE, Tone

NARROW = 130
"""In fewer columns there are glyphs and numbers without their words."""


def count_cells(counts: Counts, sources: Iterable[Source], width: int) -> tuple[tuple[Cell, ...], tuple[Cell, ...]]:
    """`112 sites ● 104 ▲ 6 ■ 2 ? 0 │ ■ 3 critical ▲ 9 high (8 snoozed)`, and for the right end, where nothing is cut
    off, `7/8 sources · zabbix-eu silent 3m`."""
    short = width < NARROW
    left = (*_sites(counts, short=short), plain(" │ ", Tone.DIM), *_issues(counts, short=short))
    return left, (*_sources(sources, short=short), plain(" "))


def _sites(counts: Counts, *, short: bool) -> list[Cell]:
    cells = [plain(count_word(counts.sites, "site"), Tone.STRONG)]
    gap = " " if short else "  "
    for health in (Health.OK, Health.DEGRADED, Health.DOWN, Health.UNKNOWN, Health.MAINTENANCE):
        number: int = getattr(counts, f"sites_{health.value}")
        if number or health is not Health.MAINTENANCE:
            tone = HEALTH_TONE[health] if number else Tone.DIM
            cells.append(plain(f"{gap}{HEALTH_GLYPH[health]} {number}", tone))
    return cells


def _issues(counts: Counts, *, short: bool) -> list[Cell]:
    cells: list[Cell] = []
    for severity in Severity:
        if number := int(getattr(counts, severity.value)):
            gap = "" if not cells else " " if short else "  "
            word = "" if short else f" {severity.value}"
            cells.append(plain(f"{gap}{SEVERITY_GLYPH[severity]} {number}{word}", SEVERITY_TONE[severity]))
    if not cells:
        cells.append(plain("no open issues", Tone.DIM))
    elif short:
        cells.insert(0, plain("issues ", Tone.STRONG))
    if counts.snoozed:
        cells.append(plain(f" ({counts.snoozed} snoozed)", Tone.DIM))
    return cells


def _sources(listed: Iterable[Source], *, short: bool) -> list[Cell]:
    sources = in_order(listed)
    doubtful = [source for source in sources if source.state is not Freshness.FRESH]
    fresh, named = f"{len(sources) - len(doubtful)}/{len(sources)}", 1 if short else 3
    word = "" if short and doubtful else " source" if len(sources) == 1 else " sources"
    cells = [plain(fresh + word, Tone.UNKNOWN if doubtful or not sources else Tone.DIM)]
    for source in doubtful[:named]:
        tone = FRESHNESS_TONE[source.state]
        cells.append(plain(f" · {safe(source.name, 24)} {source.state.value} ", tone))
        if source.seen:
            cells.append(Cell(tone=tone, since=source.seen))
    if len(doubtful) > named:
        cells.append(plain(f" +{len(doubtful) - named}", Tone.UNKNOWN))
    return cells
