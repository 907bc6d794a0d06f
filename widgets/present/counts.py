"""The second line of the screen: sites by health, issues by severity, and how many sources can be believed."""

from __future__ import annotations

from collections import Counter

from backends.fleet.changes import Picture
from backends.fleet.model import Freshness, Health, Severity, safe
from backends.fleet.verdict import counts_of
from widgets.present.issues import count_word
from widgets.present.row import Cell, plain
from widgets.present.sources import in_order
from widgets.present.tone import FRESHNESS_TONE, HEALTH_GLYPH, HEALTH_TONE, SEVERITY_GLYPH, SEVERITY_TONE, Tone

SEPARATOR = plain(" │ ", Tone.DIM)


def count_line(picture: Picture) -> tuple[Cell, ...]:
    """`112 sites ● 104 ▲ 6 ■ 2 ? 0 │ 3 critical 9 high (8 snoozed) │ 7/8 sources · zabbix-eu silent 3m`."""
    return (*_sites(picture), SEPARATOR, *_issues(picture), SEPARATOR, *_sources(picture))


def _sites(picture: Picture) -> list[Cell]:
    healths = Counter(site.health for site in picture.sites.values())
    cells = [plain(count_word(len(picture.sites), "site"), Tone.STRONG)]
    for health in (Health.OK, Health.DEGRADED, Health.DOWN, Health.UNKNOWN, Health.MAINTENANCE):
        number = healths[health]
        if number or health is not Health.MAINTENANCE:
            cells.append(plain(f"  {HEALTH_GLYPH[health]} {number}", HEALTH_TONE[health] if number else Tone.DIM))
    return cells


def _issues(picture: Picture) -> list[Cell]:
    counts = counts_of(picture)
    cells: list[Cell] = []
    for severity in Severity:
        if number := getattr(counts, severity.value):
            gap = "  " if cells else ""
            cells.append(plain(f"{gap}{SEVERITY_GLYPH[severity]} {number} {severity.value}", SEVERITY_TONE[severity]))
    if not cells:
        cells.append(plain("no open issues", Tone.DIM))
    if counts.snoozed:
        cells.append(plain(f"  ({counts.snoozed} snoozed)", Tone.DIM))
    return cells


def _sources(picture: Picture) -> list[Cell]:
    sources = in_order(picture.sources.values())
    fresh = sum(1 for source in sources if source.state is Freshness.FRESH)
    all_fresh = fresh == len(sources) and bool(sources)
    noun = "source" if len(sources) == 1 else "sources"
    cells = [plain(f"{fresh}/{len(sources)} {noun}", Tone.DIM if all_fresh else Tone.UNKNOWN)]
    for source in sources[:3]:
        if source.state is not Freshness.FRESH:
            cells.append(plain(f" · {safe(source.name)} {source.state.value} ", FRESHNESS_TONE[source.state]))
            if source.seen:
                cells.append(Cell(tone=FRESHNESS_TONE[source.state], since=source.seen))
    return cells
