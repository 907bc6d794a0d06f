"""What a picture counts: sites, devices, issues, sources. Kept up to date by what differs from the picture before."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from datetime import datetime

from msgspec import Struct

from backends.fleet.changes import Picture, replaced
from backends.fleet.model import Freshness, Health, Issue, IssueId, IssueState, Site, SiteId


class Counts(Struct, frozen=True, kw_only=True):
    clients: int = 0
    sites: int = 0
    sites_ok: int = 0
    sites_degraded: int = 0
    sites_down: int = 0
    sites_unknown: int = 0
    sites_maintenance: int = 0
    devices: int = 0
    devices_ok: int = 0
    devices_degraded: int = 0
    devices_down: int = 0
    devices_unknown: int = 0
    devices_maintenance: int = 0
    critical: int = 0
    """Issues of that severity that nobody snoozed and that no other issue explains; so are the next three."""
    high: int = 0
    warning: int = 0
    info: int = 0
    acked: int = 0
    """How many of these are acknowledged."""
    snoozed: int = 0
    explained: int = 0
    """Issues behind others."""
    new: int = 0
    """Issues that began since the time that was asked about."""
    sources: int = 0
    sources_fresh: int = 0


class Tally:
    """Counts one picture after the other; facts that two of them share are counted once."""

    def __init__(self, since: datetime | None = None) -> None:
        self._since = since
        self._issues: dict[IssueId, Issue] = {}
        self._sites: dict[SiteId, Site] = {}
        self._numbers: Counter[str] = Counter()

    def of(self, picture: Picture) -> Counts:
        for before, after in replaced(self._issues, picture.issues):
            self._count_issue(before, -1)
            self._count_issue(after, 1)
        sites = replaced(self._sites, picture.sites)
        self._count_sites(sites)
        self._issues, self._sites = picture.issues, picture.sites
        return Counts(
            clients=len(picture.clients),
            sites=len(picture.sites),
            sources=len(picture.sources),
            sources_fresh=sum(1 for source in picture.sources.values() if source.state is Freshness.FRESH),
            **self._numbers,
        )

    def _count_issue(self, issue: Issue | None, by: int) -> None:
        if issue is None:
            return
        numbers = self._numbers
        if issue.state is IssueState.SNOOZED:
            numbers["snoozed"] += by
        if issue.incident is not None:
            numbers["explained"] += by
        if waits(issue):
            numbers[issue.severity.value] += by
            if issue.state is IssueState.ACKED:
                numbers["acked"] += by
            if self._since is not None and issue.since > self._since:
                numbers["new"] += by

    def _count_sites(self, pairs: Iterable[tuple[Site | None, Site | None]]) -> None:
        """The first picture may have thousands."""
        healths = dict.fromkeys(Health, 0)
        ok = degraded = down = unknown = maintenance = 0
        for pair in pairs:
            for site, by in zip(pair, (-1, 1), strict=True):
                if site is not None:
                    healths[site.health] += by
                    devices = site.devices
                    ok += by * devices.ok
                    degraded += by * devices.degraded
                    down += by * devices.down
                    unknown += by * devices.unknown
                    maintenance += by * devices.maintenance
        moved = {f"sites_{health.value}": number for health, number in healths.items()}
        moved |= {"devices_ok": ok, "devices_degraded": degraded, "devices_down": down}
        moved |= {"devices_unknown": unknown, "devices_maintenance": maintenance}
        moved["devices"] = ok + degraded + down + unknown + maintenance
        for name, number in moved.items():
            self._numbers[name] += number


def counts_of(picture: Picture, since: datetime | None = None) -> Counts:
    return Tally(since).of(picture)


def waiting(counts: Counts) -> int:
    """How many issues `waits`."""
    return counts.critical + counts.high + counts.warning + counts.info


def is_open(issue: Issue) -> bool:
    """Whether it asks for somebody's attention now: not snoozed, not over."""
    return issue.state in (IssueState.OPEN, IssueState.ACKED)


def waits(issue: Issue) -> bool:
    """Whether an issue is somebody's business now: not snoozed, not over, not behind another."""
    return is_open(issue) and issue.incident is None
