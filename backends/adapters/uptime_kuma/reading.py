"""Monitors as devices with checks: pure."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Final

from backends.adapters.uptime_kuma.monitors import DOWN, MAINTENANCE, PENDING, UP, Monitor, Told
from backends.api import Check, Handling, Reading, SafeText, Sighting, SourceName, safe
from backends.fleet.model import CheckState, Health, Severity
from backends.fleet.placement import Placement

_HOSTS: Final = ("ping", "port", "snmp", "dns", "tailscale-ping", "steam", "gamedig", "radius", "mqtt")
"""Types of what is a machine, rather than something that answers somewhere."""
GROUP: Final = "group"
"""A monitor that only sums up others, which are there themselves."""
_STATUS: Final = {
    UP: (CheckState.OK, None, Health.OK),
    DOWN: (CheckState.CRITICAL, Severity.CRITICAL, Health.DOWN),
    PENDING: (CheckState.WARNING, Severity.WARNING, Health.DEGRADED),
    MAINTENANCE: (CheckState.UNKNOWN, Severity.INFO, Health.MAINTENANCE),
}


def facts_of(monitor: Monitor) -> dict[str, tuple[str, ...]]:
    return {
        "name": (monitor.name,),
        "host": (monitor.host,) if monitor.host else (),
        "type": (monitor.type,),
        **{f"tag.{name}": values for name, values in monitor.tags.items()},
    }


def reading_of(told: Told, source: SourceName, placement: Placement, at: datetime, days: tuple[int, int]) -> Reading:
    """`days` that a certificate may have left before it is a warning, and critical."""
    monitors = [one for one in told.monitors if one.type != GROUP]
    return Reading(
        source=source,
        at=at,
        sightings=tuple(_sighting(one, source, placement, at) for one in monitors),
        checks=tuple(check for one in monitors for check in _checks(one, source, at, days)),
        quarantined=told.spoiled,
        version=safe(f"Uptime Kuma {told.version}".strip(), 60),
    )


def _sighting(monitor: Monitor, source: SourceName, placement: Placement, at: datetime) -> Sighting:
    place = placement.place(facts_of(monitor))
    return Sighting(
        source=source,
        native=monitor.native,
        client=place.client,
        client_name=place.client_name,
        site=place.site,
        site_name=place.site_name,
        name=place.device or safe(monitor.name, 120),
        kind="server" if monitor.type in _HOSTS else "other",
        address=safe(monitor.host, 120),
        health=_STATUS[monitor.status][2],
        seen=at,
    )


def _checks(monitor: Monitor, source: SourceName, at: datetime, days: tuple[int, int]) -> Iterator[Check]:
    state, severity, _ = _STATUS[monitor.status]
    yield Check(
        source=source,
        native=monitor.native,
        family="reachable",
        label=safe(f"Answers ({monitor.type})" if monitor.type else "Answers", 60),
        state=state,
        severity=severity,
        summary=_says(monitor),
        value=monitor.response_ms,
        unit="ms" if monitor.response_ms is not None else "",
        seen=at,
        handling=Handling(quiet=True, text=safe("in maintenance in Uptime Kuma"))
        if monitor.status == MAINTENANCE
        else None,
    )
    if monitor.cert_days is not None or monitor.cert_valid is False:
        yield _certificate(monitor, source, at, days)


def _says(monitor: Monitor) -> SafeText:
    name = safe(monitor.name, 120)
    if monitor.status == UP:
        return safe(f"{name} is up")
    if monitor.status == DOWN:
        return safe(f"{name} is down")
    if monitor.status == PENDING:
        return safe(f"{name} did not answer, and is tried again")
    return safe(f"{name} is in maintenance")


def _certificate(monitor: Monitor, source: SourceName, at: datetime, days: tuple[int, int]) -> Check:
    left, (warn, crit) = monitor.cert_days, days
    name = safe(monitor.host or monitor.name, 100)
    if monitor.cert_valid is False:
        state, summary = CheckState.CRITICAL, f"The certificate of {name} is not valid"
    elif left is None or left > warn:
        state, summary = CheckState.OK, f"The certificate of {name} has {left or 0:.0f} days left"
    else:
        state = CheckState.CRITICAL if left <= crit else CheckState.WARNING
        summary = f"The certificate of {name} has {left:.0f} days left"
    return Check(
        source=source,
        native=monitor.native,
        family="certificate",
        subject=monitor.host or monitor.name,
        label=safe(f"Certificate {name}", 120),
        state=state,
        severity=None
        if state is CheckState.OK
        else Severity.HIGH
        if state is CheckState.CRITICAL
        else Severity.WARNING,
        summary=safe(summary),
        advice=safe("" if state is CheckState.OK else "Renew it there, and look why that did not happen by itself."),
        value=left,
        unit="d" if left is not None else "",
        warn=float(warn),
        crit=float(crit),
        seen=at,
    )
