"""Small facts for tests of what is kept."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from backends.fleet.changes import Changes, Delta
from backends.fleet.model import (
    Check,
    CheckState,
    ClientId,
    DeviceId,
    Episode,
    FixId,
    Freshness,
    Health,
    HealthCounts,
    Issue,
    IssueId,
    Mark,
    Note,
    RunId,
    Severity,
    Sighting,
    Site,
    SiteId,
    Source,
    SourceName,
    safe,
)
from backends.fleet.run import Risk, Run, RunState

NOON = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
ACME, HQ, EU = ClientId("acme"), SiteId("acme/hq"), SourceName("zabbix-eu")


def sighting(native: str = "h1", source: SourceName = EU) -> Sighting:
    return Sighting(
        source=source,
        native=native,
        client=ACME,
        client_name=safe("Acme"),
        site=HQ,
        site_name=safe("HQ"),
        name=safe(native),
        health=Health.OK,
        seen=NOON,
    )


def check(native: str = "h1", value: float = 42.0) -> Check:
    return Check(
        source=EU, native=native, family="disk", subject="/var", label=safe("Disk /var"), state=CheckState.OK,
        value=value, seen=NOON,
    )  # fmt: skip


def run(name: str = "r1", state: RunState = RunState.RUNNING, minutes: int = 0) -> Run:
    return Run(
        id=RunId(name), plan="p1", fix=FixId("restart-service"), title=safe("Restart nginx"), risk=Risk.DISRUPTIVE,
        device=DeviceId("zabbix-eu:h1"), device_name=safe("h1"), client=ACME, client_name=safe("Acme"), site=HQ,
        site_name=safe("HQ"), source=EU, native="h1", address=safe("10.0.0.1"), parameters={"service": "nginx"},
        state=state, by="tech1", planned=NOON + timedelta(minutes=minutes),
    )  # fmt: skip


def issue(name: str = "abcdefgh") -> Issue:
    return Issue(
        id=IssueId(name), device=DeviceId("zabbix-eu:h1"), source=EU, sources=(EU,), client=ACME,
        client_name=safe("Acme"), site=HQ, site_name=safe("HQ"), device_name=safe("h1"), family="disk", key="disk//var",
        severity=Severity.HIGH, title=safe("Disk /var is 97 % full"), since=NOON, seen=NOON,
    )  # fmt: skip


def mark(name: str = "abcdefgh", owner: str = "tech1") -> Mark:
    return Mark(issue=IssueId(name), owner=owner, acked_by=owner, acked_at=NOON)


def note(text: str = "called them", name: str = "abcdefgh", minutes: int = 0) -> Note:
    return Note(issue=IssueId(name), by="tech1", at=NOON + timedelta(minutes=minutes), text=safe(text))


def episode(began_days: float, ended_days: float | None, name: str = "abcdefgh") -> Episode:
    """Days before noon."""
    ended = None if ended_days is None else NOON - timedelta(days=ended_days)
    return Episode(issue=IssueId(name), began=NOON - timedelta(days=began_days), ended=ended)


def changes(seq: int = 5) -> Changes:
    """A picture of one healthy site, one issue, one fresh source and one run."""
    site = Site(
        id=HQ, client=ACME, client_name=safe("Acme"), name=safe("HQ"), health=Health.OK, devices=HealthCounts(ok=3)
    )
    source = Source(name=EU, kind="zabbix", state=Freshness.FRESH, seen=NOON)
    return Changes(
        seq=seq,
        at=NOON,
        sites=Delta((site,)),
        issues=Delta((issue(),)),
        sources=Delta((source,)),
        runs=Delta((run(),)),
    )
