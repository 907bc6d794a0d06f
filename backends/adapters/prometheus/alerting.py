"""Whether the alerting itself works: the alert that always fires, the way to Alertmanager, the rules."""

from __future__ import annotations

from collections.abc import Collection
from typing import Final

from msgspec import Struct

from backends.adapters.prometheus.alerts import Seen
from backends.adapters.prometheus.names import OWN_NATIVE, Named, alerting_of
from backends.adapters.prometheus.options import Watchdog
from backends.adapters.prometheus.server import ServerFacts
from backends.api import Check, SafeText, SourceError, safe
from backends.fleet.model import CheckState, Health, Severity

WATCHDOG: Final = "watchdog"
ALERTING: Final = "alerting"
RULE: Final = "rule"


class Alerting(Struct, frozen=True, kw_only=True):
    """The alerting of a client, or of the whole source, as a device."""

    device: Named
    health: Health
    """`ok` only when it is shown to work: unknown where nothing shows it."""
    checks: tuple[Check, ...]


def alerting_checks(
    seen: Seen, present: Collection[str], facts: ServerFacts | None, fault: SourceError | None, *, settled: bool
) -> list[Alerting]:
    """One for the whole source, always, and one for each place that a watchdog names. `present` are the texts of the
    watchdogs whose alert is there; before Alertmanager is `settled`, one that is missing says nothing."""
    own = alerting_of({}, seen.options)
    devices = {own.native: own}
    dogs: dict[str, list[Watchdog]] = {own.native: []}
    for dog in seen.options.watchdogs:
        named = alerting_of(dog.labels, seen.options)
        devices.setdefault(named.native, named)
        dogs.setdefault(named.native, []).append(dog)
    found = []
    for native, device in devices.items():
        mine = dogs[native]
        there = bool(mine) and all(dog.text in present for dog in mine)
        checks = [_watched(seen, device, dog, dog.text in present) for dog in mine if settled or dog.text in present]
        if native == OWN_NATIVE:
            checks += _server_checks(seen, device, facts, fault)
            there = there or (not mine and fault is None and facts is not None and bool(facts.heard_by))
        found.append(Alerting(device=device, health=Health.OK if there else Health.UNKNOWN, checks=tuple(checks)))
    return found


def _watched(seen: Seen, device: Named, dog: Watchdog, there: bool) -> Check:
    return Check(
        source=seen.source,
        native=device.native,
        family=WATCHDOG,
        subject=dog.text,
        label=safe(f"Always fires: {dog.text}"),
        state=CheckState.OK if there else CheckState.CRITICAL,
        severity=Severity.CRITICAL,
        summary=SafeText("") if there else safe(f"Alerting is dead: the alert {dog.text} no longer arrives"),
        advice=SafeText("") if there else safe("Look whether Prometheus runs, has its rules and reaches Alertmanager"),
        seen=seen.at,
    )


def _server_checks(seen: Seen, own: Named, facts: ServerFacts | None, fault: SourceError | None) -> list[Check]:
    if seen.options.prometheus is None:
        return []
    away = safe(f"Prometheus is away: {fault.sentence}", 512) if fault is not None else safe("")
    known = (ALERTING, "prometheus")
    checks = [_own(seen, own, known, label="Prometheus answers", text=away, bad=fault is not None)]
    if facts is None or fault is not None:
        return checks
    if facts.heard_by is not None:
        lost = "Prometheus sends its alerts to no Alertmanager: nobody is told of anything"
        known = (ALERTING, "delivery")
        checks.append(_own(seen, own, known, label="Alerts are sent", text=lost, bad=facts.heard_by == 0))
    broken = {one.rule.name: one.rule.last_error for one in facts.rules if one.rule.health == "err"}
    for name, error in sorted(broken.items()):
        text = f"Rule {name} cannot be evaluated, so that it raises no alert: {error or 'no reason is given'}"
        known = (RULE, name)
        checks.append(_own(seen, own, known, label=f"Rule {name}", text=text, bad=True, severity=Severity.HIGH))
    return checks


def _own(
    seen: Seen,
    device: Named,
    about: tuple[str, str],
    *,
    label: str,
    text: str,
    bad: bool,
    severity: Severity = Severity.CRITICAL,
) -> Check:
    return Check(
        source=seen.source,
        native=device.native,
        family=about[0],
        subject=about[1],
        label=safe(label),
        state=CheckState.CRITICAL if bad else CheckState.OK,
        severity=severity,
        summary=safe(text) if bad else SafeText(""),
        seen=seen.at,
    )
