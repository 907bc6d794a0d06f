"""What the first paint shows of a picture: its counts and its most urgent issues. As small for a hundred thousand
devices as for a thousand, so that nobody waits for the rest of the picture to see it.
"""

from __future__ import annotations

import heapq
from collections.abc import Iterable
from datetime import datetime
from typing import Final

from msgspec import Struct
from msgspec.structs import replace

from backends.fleet.changes import Picture
from backends.fleet.model import Freshness, Issue, IssueId, Source, SourceName
from backends.fleet.tally import Counts, Tally, waits
from backends.fleet.urgency import standing

MOST: Final = 100
"""Issues; a higher terminal gets to see the others a moment later."""


class Summary(Struct, frozen=True, kw_only=True):
    """What is kept of a picture beside its facts, so that a glance can be had without reading them all."""

    at: datetime
    counts: Counts
    """As the facts were then."""
    first: tuple[IssueId, ...] = ()
    """Issues that wait for somebody, most urgent first."""


class Glance(Struct, frozen=True, kw_only=True):
    """What was last known, as far as the first paint shows it. Nothing in it is fresh, and nobody in it is well."""

    at: datetime
    counts: Counts
    issues: tuple[Issue, ...] = ()
    """The first that wait for somebody, most urgent first; `counts` knows how many there are."""
    sources: dict[SourceName, Source] = {}


class Summaries:
    """Summaries of one picture after the other; what two of them share is counted once."""

    def __init__(self) -> None:
        self._tally = Tally()

    def of(self, picture: Picture) -> Summary:
        waiting = (issue for issue in picture.issues.values() if waits(issue))
        first = tuple(issue.id for issue in heapq.nsmallest(MOST, waiting, key=standing))
        return Summary(at=picture.at, counts=self._tally.of(picture), first=first)


def seen(summary: Summary, issues: Iterable[Issue], sources: Iterable[Source]) -> Glance:
    """A glance at facts that nobody vouches for. Issues that the summary names and that are not among these are left
    out."""
    known = {issue.id: issue for issue in issues}
    return Glance(
        at=summary.at,
        counts=_unsure(summary.counts),
        issues=tuple(old_issue(known[name]) for name in summary.first if name in known),
        sources={source.name: old_source(source) for source in sources},
    )


def old_issue(issue: Issue) -> Issue:
    return replace(issue, freshness=Freshness.STALE) if issue.freshness is Freshness.FRESH else issue


def old_source(source: Source) -> Source:
    return replace(source, state=Freshness.STALE) if source.state is Freshness.FRESH else source


def _unsure(counts: Counts) -> Counts:
    """The counts while nobody vouches for them: facts that are not fresh count as unknown."""
    known = ("ok", "degraded", "down", "maintenance")
    none = {f"{what}_{health}": 0 for what in ("sites", "devices") for health in known}
    return replace(counts, **none, sites_unknown=counts.sites, devices_unknown=counts.devices, sources_fresh=0)
