"""A small fleet made by hand: three clients, one of each kind of trouble, at a fixed time."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from backends.fleet.changes import Picture
from backends.fleet.happened import Deed, Happened
from backends.fleet.model import (
    Check,
    CheckState,
    Client,
    ClientId,
    Contract,
    Device,
    DeviceId,
    Fault,
    FaultKind,
    FixId,
    Freshness,
    Health,
    HealthCounts,
    Issue,
    IssueState,
    Severity,
    Site,
    SiteId,
    SlaTarget,
    Source,
    SourceName,
    device_id,
    issue_id,
    safe,
)
from backends.fleet.opinion import Glimpse, Opinion, Seen, Verdict
from backends.fleet.places import rolled_up
from backends.fleet.run import DeviceCard, Offer, Risk, SourceVoice
from backends.fleet.trend import Trend

NOW = datetime(2026, 11, 21, 12, 4, 31, tzinfo=UTC)


def ago(**span: float) -> datetime:
    return NOW - timedelta(**span)


CLIENTS = {
    ClientId("acme"): Client(
        id=ClientId("acme"),
        name=safe("Acme Dental"),
        hours="Mon-Fri 08:00-18:00 America/Chicago",
        sla=(SlaTarget(severity=Severity.CRITICAL, respond_s=900, resolve_s=14400),),
    ),
    ClientId("baker"): Client(id=ClientId("baker"), name=safe("Baker Law")),
    ClientId("cole"): Client(id=ClientId("cole"), name=safe("Cole & Sons"), contract=Contract.BREAK_FIX),
}


def site(client: str, name: str, **counts: int) -> Site:
    key, devices = ClientId(client), HealthCounts(**counts)
    return Site(
        id=SiteId(f"{client}/{name.lower()}"),
        client=key,
        client_name=CLIENTS[key].name,
        name=safe(name),
        health=rolled_up(devices),
        devices=devices,
    )


SITES = {
    one.id: one
    for one in (
        site("acme", "HQ", down=19),
        site("acme", "Branch", ok=6),
        site("baker", "Main", ok=11, degraded=2),
        site("cole", "Depot", ok=2, unknown=4),
    )
}

SOURCES = {
    one.name: one
    for one in (
        Source(
            name=SourceName("acme-hq"), kind="ssh", state=Freshness.FRESH, seen=ago(seconds=12), devices=19, polls=940
        ),
        Source(name=SourceName("baker"), kind="ssh", state=Freshness.FRESH, seen=ago(seconds=4), devices=13, polls=912),
        Source(
            name=SourceName("zabbix-eu"),
            kind="zabbix",
            state=Freshness.SILENT,
            seen=ago(minutes=3),
            devices=6,
            polls=55,
            failures=6,
            fault=Fault(
                kind=FaultKind.TIMEOUT,
                sentence=safe("zabbix.example did not answer within 15 s; it is asked again in 40 s."),
                since=ago(minutes=3),
                retry_at=NOW + timedelta(seconds=40),
            ),
        ),
    )
}


def device(
    source: str, native: str, where: str, health: Health, *, kind: str = "server", system: str = "Debian 12"
) -> Device:
    place = SITES[SiteId(where)]
    return Device(
        id=device_id(SourceName(source), native),
        client=place.client,
        client_name=place.client_name,
        site=place.id,
        site_name=place.name,
        name=safe(native),
        kind=kind,
        platform="linux",
        address=safe("10.0.0.11"),
        system=safe(system),
        health=health,
        seen=ago(seconds=12),
        sources=(SourceName(source),),
        natives=(native,),
        booted=ago(days=41),
    )


DEVICES = {
    one.id: one
    for one in (
        device("acme-hq", "fw-hq", "acme/hq", Health.DOWN, kind="firewall", system="OPNsense 24"),
        device("acme-hq", "files01", "acme/hq", Health.DEGRADED),
        device("baker", "sql01", "baker/main", Health.DEGRADED),
        device("baker", "web02", "baker/main", Health.DEGRADED),
        device("zabbix-eu", "nas-2", "cole/depot", Health.UNKNOWN, kind="nas"),
    )
}


def issue(  # noqa: PLR0917 - reads as a table below
    of: str, key: str, severity: Severity, title: str, since: datetime, urgency: float, **more: object
) -> Issue:
    one = DEVICES[DeviceId(of)]
    values: dict[str, object] = {
        "id": issue_id(one.id, key),
        "device": one.id,
        "source": one.sources[0],
        "sources": one.sources,
        "client": one.client,
        "client_name": one.client_name,
        "site": one.site,
        "site_name": one.site_name,
        "device_name": one.name,
        "kind": one.kind,
        "family": key.partition("/")[0],
        "key": key,
        "severity": severity,
        "title": safe(title),
        "since": since,
        "seen": ago(seconds=12),
        "urgency": urgency,
        "contract": CLIENTS[one.client].contract,
    }
    return Issue(**(values | more))  # type: ignore[arg-type]


ISSUES = {
    one.id: one
    for one in (
        issue("acme-hq:fw-hq", "reachable", Severity.CRITICAL, "Does not answer since 12:00, neither ping nor SSH",
              ago(minutes=4), 99, behind=14, times=3, held_s=518400.0, last_fix=safe("Reboot"),
              respond_by=NOW + timedelta(minutes=11), resolve_by=NOW + timedelta(hours=3)),
        issue("baker:sql01", "service/mssql-server", Severity.CRITICAL, "Service mssql-server is stopped",
              ago(minutes=12), 80, times=4, next_fix=FixId("restart-service"),
              next_fix_title=safe("Restart service mssql-server")),
        issue("acme-hq:files01", "disk//srv", Severity.HIGH, "Disk /srv is 97.2 % full, 1.1 GiB left", ago(hours=1), 60,
              owner="tech1", next_fix=FixId("free-disk"), next_fix_title=safe("Free disk space on /srv")),
        issue("baker:web02", "certificate//etc/ssl/web.pem", Severity.WARNING, "Certificate web.pem expires in 9 days",
              ago(days=2), 20, state=IssueState.ACKED, acked_by="tech2", acked_at=ago(days=1),
              advice=safe("Renew the certificate")),
        issue("zabbix-eu:nas-2", "raid", Severity.HIGH, "RAID md0 is degraded", ago(hours=5), -30,
              seen=ago(minutes=3), freshness=Freshness.SILENT, advice=safe("Replace the disk")),
        issue("baker:web02", "load", Severity.WARNING, "Load 9.1 on 4 cores", ago(hours=3), 10,
              state=IssueState.SNOOZED, snoozed_by="tech1", snoozed_until=NOW + timedelta(hours=2),
              snooze_reason=safe("Migration tonight")),
    )
}  # fmt: skip

PICTURE = Picture(seq=7, at=NOW, clients=CLIENTS, sites=SITES, issues=ISSUES, sources=SOURCES)


def check(  # noqa: PLR0917 - reads as a table below
    of: str, family: str, subject: str, label: str, state: CheckState, value: float | None = None, **more: object
) -> Check:
    one = DEVICES[DeviceId(of)]
    values: dict[str, object] = {
        "source": one.sources[0],
        "native": one.natives[0],
        "family": family,
        "subject": subject,
        "label": safe(label),
        "state": state,
        "value": value,
        "seen": ago(seconds=12),
    }
    return Check(**(values | more))  # type: ignore[arg-type]


CHECKS = {
    DeviceId("acme-hq:files01"): (
        check("acme-hq:files01", "disk", "/srv", "Disk /srv", CheckState.CRITICAL, 97.2, unit="%", warn=85.0, crit=95.0,
              since=ago(hours=1), summary=safe("Disk /srv is 97.2 % full, 1.1 GiB left")),
        check("acme-hq:files01", "memory", "", "Memory", CheckState.OK, 41.0, unit="%", warn=90.0, crit=97.0),
        check("acme-hq:files01", "load", "", "Load", CheckState.OK, 0.31, warn=8.0, crit=16.0),
        check("acme-hq:files01", "swap", "", "Swap", CheckState.WARNING, 63.0, unit="%", warn=50.0, crit=80.0,
              since=ago(minutes=20), summary=safe("Swap is 63 % used")),
        check("acme-hq:files01", "uptime", "", "Uptime", CheckState.OK, 3542400.0, unit="s"),
    ),
}  # fmt: skip


def trend(of: str, key: str, unit: str, minutes: float, *values: float | None) -> Trend:
    """The values at equal steps, the last one twelve seconds ago."""
    one = DEVICES[DeviceId(of)]
    last = int(ago(seconds=12).timestamp())
    steps = len(values) - 1
    return Trend(
        source=one.sources[0],
        native=one.natives[0],
        key=key,
        unit=unit,
        times=tuple(last - int((steps - place) * minutes * 60) for place in range(len(values))),
        values=values,
    )


TRENDS = {
    DeviceId("acme-hq:files01"): (
        trend("acme-hq:files01", "disk//srv", "%", 10,
              71, 71.5, 72, 74, 77, 80, 82, 84, 86, 88.5, 91, 93, 94, 95.5, 97.2),
        trend("acme-hq:files01", "memory", "%", 30, 40, 41, 40, 39, 41, 41),
        trend("acme-hq:files01", "load", "", 15, 0.31, 0.4, 2.8, None, None, 0.9, 0.31),
    ),
}  # fmt: skip

NEARBY = {
    DeviceId("baker:sql01"): (
        Happened(at=ago(minutes=14), deed=Deed.RUN, device_name=safe("sql01"), title=safe("Free disk space on /var"),
                 by="tech2"),
        Happened(at=ago(minutes=31), deed=Deed.BOOT, device_name=safe("sql01")),
    ),
    DeviceId("acme-hq:fw-hq"): (
        Happened(at=ago(minutes=6), deed=Deed.JOB, device_name=safe("fw-hq"), title=safe("Job firmware ended")),
    ),
}  # fmt: skip

OFFERS = {
    issue_id("baker:sql01", "service/mssql-server"): (
        Offer(fix=FixId("restart-service"), title=safe("Restart service mssql-server"), risk=Risk.DISRUPTIVE,
              parameters={"service": "mssql-server"}),
        Offer(fix=FixId("reboot"), title=safe("Reboot"), risk=Risk.DISRUPTIVE),
    ),
    issue_id("acme-hq:files01", "disk//srv"): (
        Offer(fix=FixId("free-disk"), title=safe("Free disk space on /srv"), risk=Risk.SAFE,
              parameters={"mount": "/srv"}),
        Offer(fix=FixId("wipe-cache"), title=safe("Delete the package cache"), risk=Risk.DESTRUCTIVE),
    ),
}  # fmt: skip


def card(key: DeviceId) -> DeviceCard:
    one = DEVICES[key]
    mine = [issue.id for issue in ISSUES.values() if issue.device == key]
    return DeviceCard(
        at=NOW,
        device=one,
        checks=CHECKS.get(key, ()),
        trends=TRENDS.get(key, ()),
        nearby=NEARBY.get(key, ()),
        voices=tuple(
            SourceVoice(source=SOURCES[name], name=one.name, seen=one.seen, health=one.health) for name in one.sources
        ),
        offers={name: OFFERS[name] for name in mine if name in OFFERS},
        fixes=(Offer(fix=FixId("reboot"), title=safe("Reboot"), risk=Risk.DISRUPTIVE),),
    )


def opinion(key: DeviceId) -> Opinion:
    """The device answers on one port and not to pings."""
    one = DEVICES[key]
    return Opinion(
        device=key,
        at=NOW,
        address=one.address,
        verdict=Verdict.ANSWERS,
        sentence=safe(f"From here {one.address} answers on tcp 22 in 12 ms, though not to pings."),
        looks=(
            Glimpse(kind="ping", what=safe("3 pings"), seen=Seen.SILENT),
            Glimpse(kind="tcp", what=safe("tcp 22"), seen=Seen.ANSWERED, ms=12.0),
        ),
    )
