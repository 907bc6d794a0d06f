"""Targets of Prometheus -> whether a device answers, and which of its exporters do."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Final

from msgspec import Struct

from backends.adapters.prometheus import promql
from backends.adapters.prometheus.names import Named, host_of
from backends.adapters.prometheus.records import Target
from backends.adapters.prometheus.server import LOOK_BACK, ServerFacts, TargetName, name_of
from backends.api import Check, SourceName, safe
from backends.fleet.model import CheckState, Health, Severity

REACHABLE: Final = "reachable"
EXPORTER: Final = "exporter"
_USUAL_INTERVAL_S: Final = 60.0
"""That of Prometheus, where an older one does not tell the target's own."""


class Answering(Struct, frozen=True, kw_only=True):
    """What the targets of one device say of it."""

    health: Health
    seen: datetime
    checks: tuple[Check, ...]


def answering(
    source: SourceName, device: Named, targets: Sequence[Target], facts: ServerFacts, at: datetime
) -> Answering:
    """Of the device's targets, at least one. `facts.at` before `at` means that Prometheus does not answer now: then
    nothing of what it said counts as fine."""
    fresh = facts.at >= at
    ages = {id(target): _seen(target, facts) for target in targets}
    up = [target for target in targets if target.health == "up"]
    down = [target for target in targets if target.health == "down"]
    if down and len(down) == len(targets):
        known = [when for target in down if (when := facts.last_up.get(name_of(target))) is not None]
        seen = max(known, default=facts.at - LOOK_BACK)
        since = seen if known else None
        check = _reachable(source, device, CheckState.CRITICAL, facts.at, _why(down[0]), since=since)
        return Answering(health=Health.DOWN, seen=min(seen, at), checks=(check,))
    if not fresh:
        return Answering(health=Health.UNKNOWN, seen=min(facts.at, at), checks=())
    checks = _exporters(source, device, targets, ages, facts.last_up)
    if not up:
        note = f"{device.name} has not been asked yet"
        waiting = _reachable(source, device, CheckState.UNKNOWN, at, note, severity=Severity.INFO)
        return Answering(health=Health.UNKNOWN, seen=at, checks=(waiting,) if not down else (waiting, *checks))
    seen = max(ages[id(target)] for target in up)
    if seen < at:  # overdue: that it answered once is no news
        return Answering(health=Health.UNKNOWN, seen=seen, checks=checks)
    return Answering(health=Health.OK, seen=at, checks=(_reachable(source, device, CheckState.OK, at, ""), *checks))


def exporter_subject(target: Target) -> str:
    """Which of a device's exporters it is: its job and its port."""
    instance = target.labels.get("instance", "")
    return " ".join(part for part in (target.labels.get("job", ""), host_of(instance)[1]) if part) or "target"


def _exporters(
    source: SourceName,
    device: Named,
    targets: Sequence[Target],
    ages: Mapping[int, datetime],
    last_up: Mapping[TargetName, datetime | None],
) -> tuple[Check, ...]:
    found: dict[str, Check] = {}
    for target in sorted(targets, key=lambda target: (target.health != "down", name_of(target))):
        subject = exporter_subject(target)
        if target.health == "unknown" or subject in found:
            continue
        down = target.health == "down"
        found[subject] = Check(
            source=source,
            native=device.native,
            family=EXPORTER,
            subject=subject,
            label=safe(f"Exporter {subject}"),
            state=CheckState.CRITICAL if down else CheckState.OK,
            severity=Severity.HIGH,
            summary=safe(f"{subject} on {device.name} does not answer: {_why(target)}") if down else safe(""),
            value=None if down else _duration(target),
            unit="" if down else "s",
            since=last_up.get(name_of(target)) if down else None,
            seen=ages[id(target)],
        )
    return tuple(found.values())


def _reachable(
    source: SourceName,
    device: Named,
    state: CheckState,
    seen: datetime,
    said: str,
    *,
    since: datetime | None = None,
    severity: Severity | None = None,
) -> Check:
    down = state is CheckState.CRITICAL
    return Check(
        source=source,
        native=device.native,
        family=REACHABLE,
        label=safe("Answers Prometheus"),
        state=state,
        severity=severity or (Severity.CRITICAL if down else None),
        summary=safe(f"{device.name} does not answer Prometheus: {said}" if down else said),
        since=since,
        seen=seen,
    )


def _why(target: Target) -> str:
    """Go says the address first and the reason last: `Get "http://…": dial tcp 10.0.0.5:9100: connect: connection
    refused`."""
    said = target.last_error.strip()
    if said.startswith('Get "') and '": ' in said:
        said = said.split('": ', 1)[1]
    return said or "no reason is given"


def _seen(target: Target, facts: ServerFacts) -> datetime:
    """The time of the answer while Prometheus keeps its rhythm; when it does not, that of the last scrape."""
    if target.last_scrape is None or target.last_scrape.year < 2000:
        return facts.at
    scraped = target.last_scrape - timedelta(seconds=facts.skew_s or 0.0)
    rhythm_s = promql.seconds(target.scrape_interval) or _USUAL_INTERVAL_S
    late_s = 2 * rhythm_s + (promql.seconds(target.scrape_timeout) or 10.0)
    return facts.at if (facts.at - scraped).total_seconds() <= late_s else min(scraped, facts.at)


def _duration(target: Target) -> float | None:
    value = target.last_scrape_duration
    return value if value is not None and 0 <= value < 1e6 else None
