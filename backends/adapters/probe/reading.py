"""What was found at one target -> its `Reading`. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from msgspec import Struct

from backends.adapters.probe.found import Found, Limits, Spec, Tally
from backends.api import Check, FaultKind, Reading, Sighting, SourceError, SourceName, safe
from backends.fleet.model import CheckState, Health
from backends.fleet.opinion import ms_text
from backends.fleet.placement import Place

PING = "ping"


class Target(Struct, frozen=True, kw_only=True):
    """One device as configured."""

    native: str
    """Its address, or the name that its checks give it; never changes with anything else."""
    name: str
    address: str
    kind: str
    place: Place


class Looked(Struct, frozen=True, kw_only=True):
    """One look and those before it."""

    spec: Spec
    found: Found
    tally: Tally


def reading(
    source: SourceName, target: Target, looked: Sequence[Looked], *, now: datetime, seen: datetime, note: str = ""
) -> tuple[Reading, SourceError | None]:
    """The reading at `now` and why the next one may wait. `seen` is when the target last answered."""
    reached = _reached(looked)
    health = {True: Health.OK, False: Health.DOWN, None: Health.UNKNOWN}[reached]
    checks = [_reachable(source, target, looked, reached, now)]
    for one in looked:
        if one.spec.family == PING:
            checks += _of_ping(source, target.native, one, now)
        else:
            checks.append(_of_look(source, target.native, one, now))
    sighting = Sighting(
        source=source,
        native=target.native,
        client=target.place.client,
        client_name=target.place.client_name,
        site=target.place.site,
        site_name=target.place.site_name,
        name=target.place.device or safe(target.name, 120),
        kind=target.kind,
        address=safe(target.address, 120),
        health=health,
        seen=now if reached else min(seen, now),
        partial=reached is not True,
    )
    whole = Reading(
        source=source,
        at=now,
        sightings=(sighting,),
        checks=tuple(check for check in checks if check is not None),
        complete=False,
        covers=(target.native,),
        note=safe(note, 300),
    )
    return whole, _fault(looked, reached)


def _reached(looked: Sequence[Looked]) -> bool | None:
    """One look that got through is enough: a host may keep silent to pings."""
    words = [one.found.reached for one in looked if one.found.reached is not None]
    return any(words) if words else None


def _reachable(
    source: SourceName, target: Target, looked: Sequence[Looked], reached: bool | None, now: datetime
) -> Check | None:
    """Whether the device is there; not told where nothing that was looked at says anything on it."""
    about = sorted(looked, key=lambda one: one.spec.family != PING)
    if reached is None:
        about = [one for one in about if one.spec.family == PING]
        if not about:
            return None
        state, summary = CheckState.UNKNOWN, about[0].found.wrong
    else:
        about = [one for one in about if one.found.reached is reached]
        state = CheckState.OK if reached else CheckState.CRITICAL
        summary = _answers(about[0]) if reached else about[0].found.wrong
    return Check(
        source=source,
        native=target.native,
        family="reachable",
        label=safe("Reachable from here"),
        state=state,
        summary=safe(summary, 512),
        seen=now,
    )


def _answers(one: Looked) -> str:
    took = f" in {_ms(one.found.ms)}" if one.found.ms is not None else ""
    if one.spec.family == PING:
        said = one.found.said
        return f"{said[:1].upper()}{said[1:]}{took}"
    return f"{one.spec.label} answers{took}" if took else f"{one.spec.label} refuses, so the host is there"


def _of_ping(source: SourceName, native: str, one: Looked, now: datetime) -> list[Check]:
    """Latency and loss while it answers. While it does not, that it is not reachable says it all."""
    if not one.found.reached:
        return []
    limits, tally = one.spec.limits, one.tally
    loss, latency = tally.loss, tally.latency
    over = f"of the last {tally.count} pings"
    return [
        Check(
            source=source,
            native=native,
            family="latency",
            label=safe("Latency"),
            state=_above(latency, limits.latency_warn, limits.latency_crit),
            summary=safe(f"Answers take {_ms(latency)}"),
            value=None if latency is None else round(latency, 3),
            unit="ms",
            warn=limits.latency_warn,
            crit=limits.latency_crit,
            seen=now,
        ),
        Check(
            source=source,
            native=native,
            family="loss",
            label=safe("Loss"),
            state=_above(tally.judged_loss, limits.loss_warn, limits.loss_crit),
            summary=safe(f"{loss:.0f} % {over} were lost"),
            value=round(loss, 1),
            unit="%",
            warn=limits.loss_warn,
            crit=limits.loss_crit,
            seen=now,
        ),
    ]


def _of_look(source: SourceName, native: str, one: Looked, now: datetime) -> Check:
    spec, found, limits = one.spec, one.found, one.spec.limits
    state, summary = _judged(one)
    value: float | None
    if found.days is not None:
        value, unit, warn, crit = found.days, "d", limits.days_warn, limits.days_crit
    else:
        value, unit, warn, crit = one.tally.latency, "ms", limits.latency_warn, limits.latency_crit
    if found.wrong or value is None:
        value, unit, warn, crit = None, "", None, None
    return Check(
        source=source,
        native=native,
        family=spec.family,
        subject=spec.subject,
        label=safe(spec.label, 120),
        state=state,
        summary=safe(summary, 512),
        value=None if value is None else round(value, 3),
        unit=unit,
        warn=warn,
        crit=crit,
        seen=now,
    )


def _judged(one: Looked) -> tuple[CheckState, str]:
    """The state of a look and its finding: what is wrong with it, else the worst of its limits."""
    spec, found, limits, tally = one.spec, one.found, one.spec.limits, one.tally
    if found.wrong:
        return found.state, found.wrong
    worst = [(CheckState.OK, f"{spec.label} {found.said} in {_ms(found.ms)}{_lost(tally)}")]
    if found.days is not None:
        worst.append((_below(found.days, limits), _expires(spec, found.days)))
    latency = tally.latency
    slow = _above(latency, limits.latency_warn, limits.latency_crit)
    worst.append((slow, f"{spec.label} is slow: it takes {_ms(latency)}"))
    lossy = _above(tally.judged_loss, limits.loss_warn, limits.loss_crit)
    worst.append((lossy, f"{spec.label} did not answer {tally.loss:.0f} % of the last {tally.count} times"))
    return min(worst, key=lambda told: _RANK[told[0]])


_RANK = {CheckState.CRITICAL: 0, CheckState.WARNING: 1, CheckState.UNKNOWN: 2, CheckState.OK: 3}


def _expires(spec: Spec, days: float) -> str:
    if days < 0:
        return f"{spec.label} expired {-days:.0f} days ago; renew it there"
    return f"{spec.label} expires in {days:.0f} days; renew it there"


def _lost(tally: Tally) -> str:
    return f", {tally.loss:.0f} % lost lately" if tally.loss else ""


def _above(value: float | None, warn: float | None, crit: float | None) -> CheckState:
    if value is not None and crit is not None and value >= crit:
        return CheckState.CRITICAL
    if value is not None and warn is not None and value >= warn:
        return CheckState.WARNING
    return CheckState.OK


def _below(days: float, limits: Limits) -> CheckState:
    if limits.days_crit is not None and days <= limits.days_crit:
        return CheckState.CRITICAL
    return CheckState.WARNING if limits.days_warn is not None and days <= limits.days_warn else CheckState.OK


def _ms(ms: float | None) -> str:
    return "no time known" if ms is None else ms_text(ms)


def _fault(looked: Sequence[Looked], reached: bool | None) -> SourceError | None:
    """A target that is not there is asked again as what is away is; one that answers and is not well, at its turn."""
    if reached:
        return None
    failed = [one.found for one in looked if one.found.wrong]
    if not failed or (reached is None and not all(one.found.wrong for one in looked)):
        return None
    first = next((found for found in failed if found.reached is False), failed[0])
    return SourceError(first.fault or FaultKind.UNREACHABLE, first.wrong)
