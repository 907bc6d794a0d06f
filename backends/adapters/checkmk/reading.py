"""What a site says as devices with checks: pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Final

from msgspec import Struct

from backends.adapters.checkmk.calls import Answers
from backends.adapters.checkmk.placing import facts_of
from backends.adapters.checkmk.records import Checkable, Downtime, Host, Service
from backends.api import Check, Handling, Reading, Sighting, SourceName, safe
from backends.fleet.conditions import Conditions
from backends.fleet.model import CheckState, Health, Severity
from backends.fleet.perfdata import telling, values
from backends.fleet.placement import Placement

STALE: Final = 1.5
"""Intervals after which Checkmk itself calls a result stale."""
_STATES: Final = (CheckState.OK, CheckState.WARNING, CheckState.CRITICAL, CheckState.UNKNOWN)
_EARLIEST: Final = datetime(2000, 1, 1, tzinfo=UTC)


class Spot(Struct, frozen=True, kw_only=True):
    """Where something can be decided: a host, or a service of it."""

    host: str
    service: str = ""
    """Empty for the host itself."""
    acked: bool = False


class Told(Struct, frozen=True, kw_only=True):
    """A reading, and the spot of each check in it."""

    reading: Reading
    spots: Mapping[tuple[str, str], Spot]


class Teller:
    """Makes one reading of one site's answers."""

    def __init__(self, source: SourceName, placement: Placement, answers: Answers, at: datetime) -> None:
        self._source = source
        self._placement = placement
        self._at = at
        self._skew = timedelta(seconds=answers.skew_s or 0.0)
        self._answers = answers
        self._hosts: dict[str, Host] = {}
        for host in answers.hosts:
            self._hosts.setdefault(host.name, host)
        self._down = {host.name for host in self._hosts.values() if host.state == 1 and host.has_been_checked}
        self._rests: dict[tuple[str, str], Downtime] = {}
        for downtime in answers.downtimes:
            self._rests.setdefault((downtime.host_name, downtime.service), downtime)
        self._spots: dict[tuple[str, str], Spot] = {}

    def told(self) -> Told:
        checks: list[Check] = []
        sightings = [self._sighting(host) for _, host in sorted(self._hosts.items())]
        for name, host in sorted(self._hosts.items()):
            self._spots[name, "reachable"] = Spot(host=name, acked=bool(host.acknowledged))
            checks.append(self._reachable(host))
        services, lost = self._services(self._answers.services)
        doubled = len(self._answers.hosts) - len(self._hosts)
        checks += services
        version = self._answers.about.versions.checkmk
        reading = Reading(
            source=self._source,
            at=self._at,
            sightings=tuple(sightings),
            checks=tuple(checks),
            quarantined=self._answers.spoiled + lost + doubled,
            version=safe(f"Checkmk {version}".strip(), 60),
            skew_s=self._answers.skew_s,
        )
        return Told(reading=reading, spots=self._spots)

    def _services(self, services: Iterable[Service]) -> tuple[list[Check], int]:
        """The checks, and the number of services that are there twice, or of no host that we may see."""
        conditions, checks, lost = Conditions(), list[Check](), 0
        known: set[tuple[str, str]] = set()
        for service in sorted(services, key=lambda one: (one.host_name, one.description)):
            name = (service.host_name, service.description)
            if service.host_name not in self._hosts or name in known:
                lost += 1
                continue
            known.add(name)
            family, subject = conditions.name(*name)
            check = self._check(service, family, subject)
            self._spots[service.host_name, check.key] = Spot(
                host=service.host_name, service=service.description, acked=bool(service.acknowledged)
            )
            checks.append(check)
        return checks, lost

    def _sighting(self, host: Host) -> Sighting:
        place = self._placement.place(facts_of(host))
        return Sighting(
            source=self._source,
            native=host.name,
            client=place.client,
            client_name=place.client_name,
            site=place.site,
            site_name=place.site_name,
            name=place.device or safe(host.alias or host.name, 120),
            address=safe(host.address or "", 120),
            health=_health(host),
            seen=self._seen(host),
            behind=next((parent for parent in host.parents if parent in self._down), "") if host.state == 2 else "",
        )

    def _reachable(self, host: Host) -> Check:
        output = safe((host.plugin_output or "").split("\n")[0])
        if not host.has_been_checked:
            state, severity, summary = (
                CheckState.UNKNOWN,
                Severity.INFO,
                safe("It was never checked whether it answers"),
            )
        elif host.state == 0:
            state, severity, summary = CheckState.OK, None, output
        else:
            words = "Does not answer" if host.state == 1 else "Cannot be reached"
            state, severity = CheckState.CRITICAL, None
            summary = safe(f"{words}: {output}" if output else words)
        return Check(
            source=self._source,
            native=host.name,
            family="reachable",
            label=safe("Host"),
            state=state,
            severity=severity,
            summary=summary,
            since=self._since(host),
            seen=self._seen(host),
            handling=self._handling(host, host.name, ""),
        )

    def _check(self, service: Service, family: str, subject: str) -> Check:
        name = safe(service.description, 100)
        output = safe((service.plugin_output or "").split("\n")[0])
        state, severity = _STATES[service.state], None
        summary = output if output or state is CheckState.OK else safe(f"{name} is {state}, and its check says nothing")
        if not service.has_been_checked:
            state, severity, summary = CheckState.UNKNOWN, Severity.INFO, safe(f"{name} was never checked")
        value = telling(values(service.perf_data or ""), family, subject)
        return Check(
            source=self._source,
            native=service.host_name,
            family=family,
            subject=subject,
            label=name,
            state=state,
            severity=severity,
            summary=summary,
            value=value.value if value is not None else None,
            unit=safe(value.unit, 20) if value is not None else "",
            warn=value.warn if value is not None else None,
            crit=value.crit if value is not None else None,
            since=self._since(service),
            seen=self._seen(service),
            handling=self._handling(service, service.host_name, service.description),
        )

    def _handling(self, one: Checkable, host: str, service: str) -> Handling | None:
        if not one.acknowledged and one.scheduled_downtime_depth <= 0:
            return None
        rest = self._rests.get((host, service)) or self._rests.get((host, ""))
        if one.scheduled_downtime_depth <= 0 or rest is None:
            return Handling(acked=bool(one.acknowledged), quiet=one.scheduled_downtime_depth > 0)
        return Handling(
            acked=bool(one.acknowledged),
            quiet=True,
            quiet_until=self._end(rest),
            quiet_by=safe(rest.author, 60),
            text=safe(rest.comment),
        )

    def _end(self, rest: Downtime) -> datetime | None:
        """By our clock; None for one without, or at the end of days."""
        if rest.end_time is None or rest.end_time.tzinfo is None:
            return None
        try:
            return rest.end_time.astimezone(UTC) - self._skew
        except OverflowError:
            return None

    def _since(self, one: Checkable) -> datetime | None:
        return self._moment(one.last_state_change) if one.has_been_checked else None

    def _seen(self, one: Checkable) -> datetime:
        """Now, while its check is not overdue by Checkmk's own measure; else when it was checked last."""
        if not one.has_been_checked or one.staleness < STALE:
            return self._at
        return self._moment(one.last_check) or min(self._at, _EARLIEST)

    def _moment(self, seconds: float) -> datetime | None:
        """A time by the site's clock, by ours."""
        if not 1e9 < seconds < 1e10:
            return None
        return min(datetime.fromtimestamp(seconds, UTC) - self._skew, self._at)


def _health(host: Host) -> Health:
    if not host.has_been_checked:
        return Health.UNKNOWN
    return Health.OK if host.state == 0 else Health.DOWN
