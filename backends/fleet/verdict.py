"""The verdict: one sentence over the whole fleet, what it counts, and how bad it is for a monitoring system.

Never green without proof: fine is said only when every configured source is fresh, something is known at all, and
every site is ok by it. What cannot be known makes the verdict `unknown`; only something critical is worse than that.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime, tzinfo
from enum import IntEnum
from heapq import nlargest
from operator import attrgetter
from typing import Final

from msgspec import Struct

from backends.fleet.changes import Picture
from backends.fleet.model import Freshness, Health, Issue, SafeText, Severity, Source, safe
from backends.fleet.tally import Counts, counts_of, waits
from backends.fleet.urgency import order

_NAMED: Final = 3
"""So many are named; the others are counted."""
_FOREMOST: Final = 64
"""The most urgent one is looked for among so many that were so when they were last weighed."""


class Level(IntEnum):
    """Exit status of monitoring plug-ins."""

    OK = 0
    WARNING = 1
    CRITICAL = 2
    UNKNOWN = 3


class Verdict(Struct, frozen=True, kw_only=True):
    level: Level
    sentence: SafeText
    counts: Counts
    count_line: SafeText


def verdict(
    picture: Picture,
    now: datetime,
    since: datetime | None = None,
    zone: tzinfo = UTC,
    *,
    all_issues: bool = True,
    counts: Counts | None = None,
) -> Verdict:
    """The verdict over a picture at `now`; `since` is when the technician last looked, in whose `zone` times are.
    Without `all_issues` some of the picture's were left out on purpose. `counts` where they are known already."""
    counts = counts or counts_of(picture, since)
    waiting = [issue for issue in picture.issues.values() if waits(issue)]
    level = _level(picture, counts, all_issues=all_issues)
    unknown = _unknown_first(picture, counts)
    parts = [unknown or _head(picture, counts, waiting, now)]
    if unknown and (known := [issue for issue in waiting if issue.device is not None]):
        parts.append(f"last known: {_head(picture, counts, known, now)}")
    if counts.new and since is not None:
        parts.append(f"{counts.new} new since {since.astimezone(zone):%H:%M}")
    doubt = _doubt(picture.sources.values(), counts)
    if doubt and not unknown:
        parts.append(doubt)
    return Verdict(
        level=level, sentence=safe(" · ".join(parts) + ".", 512), counts=counts, count_line=_count_line(picture, counts)
    )


def _level(picture: Picture, counts: Counts, *, all_issues: bool) -> Level:
    if counts.critical:
        return Level.CRITICAL
    if counts.sources_fresh < counts.sources or not counts.sources:
        return Level.UNKNOWN
    if not counts.devices and not picture.issues:
        return Level.UNKNOWN
    if counts.devices_unknown or any(issue.freshness is not Freshness.FRESH for issue in picture.issues.values()):
        return Level.UNKNOWN
    # A source may call a device down and give no check that an issue could be made of.
    unexplained = all_issues and not picture.issues and (counts.devices_down or counts.devices_degraded)
    return Level.WARNING if counts.high or counts.warning or unexplained else Level.OK


def _unknown_first(picture: Picture, counts: Counts) -> str:
    """What to say where nothing at all is known; empty where something is."""
    if not picture.sources:
        return "Nothing is watched yet: add a first source with `rounds connect`"
    if not counts.sources_fresh:
        states = _named(picture.sources.values())
        return f"Nothing is known for certain, no source is fresh: {states}"
    if not counts.devices and not picture.issues:
        return "Nothing is known yet: no source has told of a device that is meant here"
    return ""


def _head(picture: Picture, counts: Counts, waiting: Sequence[Issue], now: datetime) -> str:
    if not waiting:
        return _calm(counts)
    first = picture.issues[order(nlargest(_FOREMOST, waiting, key=attrgetter("urgency")), now)[0]]
    gone = [site for site in picture.sites.values() if site.health is Health.DOWN] if counts.sites_down else []
    severities = Counter(map(attrgetter("severity"), waiting))
    same = severities[first.severity]
    head = f"{first.title.rstrip('.')} ({_place(first)})"
    if first.behind:
        head += f", {first.behind} behind it"
    alone = len(gone) == 1 and first.site == gone[0].id
    if alone:
        head = f"{gone[0].client_name}/{gone[0].name} is down: {head}"
    elif gone:
        where = ", ".join(f"{site.client_name}/{site.name}" for site in gone[:_NAMED])
        more = "…" if len(gone) > _NAMED else ""
        head = f"{_number(len(gone), 'site')} down, most urgent: {head}; down: {where}{more}"
    if same > 1 and (alone or not gone):
        head += f", and {same - 1} more {first.severity}"
    return head + _worse(first, severities)


def _worse(first: Issue, severities: Mapping[Severity, int]) -> str:
    """What is worse than the most urgent one, and waits behind it for its contract: never left out."""
    worst = min(severities, key=lambda severity: severity.rank)
    if worst.rank >= first.severity.rank:
        return ""
    return f"; {severities[worst]} {worst} at break-fix clients"


def _calm(counts: Counts) -> str:
    facts = "all facts fresh" if counts.sources_fresh == counts.sources and not counts.devices_unknown else ""
    where = f"{_number(counts.sites, 'site')}, {facts}" if facts else _number(counts.sites, "site")
    if not facts:
        return f"No open issue as far as is known: {where}"
    if counts.snoozed:
        return f"Nothing waits, {counts.snoozed} snoozed: {where}"
    if counts.devices_down or counts.devices_degraded:
        unwell = counts.devices_down + counts.devices_degraded
        return f"No open issue, {unwell} of {counts.devices} devices not ok: {where}"
    return f"Everything is fine: {where}"


def _doubt(sources: Iterable[Source], counts: Counts) -> str:
    """What is not known, and why."""
    doubtful = [source for source in sources if source.state is not Freshness.FRESH]
    unknown = f"{_number(counts.devices_unknown, 'device')} unknown" if counts.devices_unknown else ""
    if not doubtful:
        return unknown
    return f"{_named(doubtful)}{', ' if unknown else ''}{unknown}"


def _named(sources: Iterable[Source]) -> str:
    found = sorted(sources, key=lambda source: source.name)
    text = ", ".join(f"{source.name} {source.state}" for source in found[:_NAMED])
    return text if len(found) <= _NAMED else f"{text} and {len(found) - _NAMED} more"


def _place(issue: Issue) -> str:
    where = "/".join(part for part in (issue.client_name, issue.site_name) if part)
    return ", ".join(part for part in (issue.device_name, where) if part)


def _number(count: int, noun: str) -> str:
    return f"{count} {noun}{'' if count == 1 else 's'}"


def _count_line(picture: Picture, counts: Counts) -> SafeText:
    sites = (
        f"{_number(counts.sites, 'site')}: {counts.sites_ok} ok, {counts.sites_degraded} degraded,"
        f" {counts.sites_down} down, {counts.sites_unknown} unknown"
    )
    issues = f"{counts.critical} critical, {counts.high} high, {counts.warning} warning"
    if counts.snoozed:
        issues += f" ({counts.snoozed} snoozed)"
    sources = f"{counts.sources_fresh} of {_number(counts.sources, 'source')} fresh"
    if doubtful := [source for source in picture.sources.values() if source.state is not Freshness.FRESH]:
        sources += f": {_named(doubtful)}"
    return safe(f"{sites} | {issues} | {sources}", 512)
