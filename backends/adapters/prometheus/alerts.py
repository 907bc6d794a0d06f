"""Alerts -> one check: those of one device that are about the same are one condition."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Final

from msgspec import Struct

from backends.adapters.prometheus.cluster import Heard
from backends.adapters.prometheus.matchers import ALERT_NAME
from backends.adapters.prometheus.names import Named, severity_of, title_of
from backends.adapters.prometheus.options import PrometheusOptions
from backends.adapters.prometheus.records import Alert, Silence
from backends.adapters.prometheus.rules import Origin
from backends.api import Check, Handling, SourceName, safe
from backends.fleet.model import CheckState, Severity

_TITLES: Final = ("summary", "title", "message", "description")
"""Annotations that say in a line what is wrong, the best first."""
_ADVICES: Final = ("action", "runbook", "runbook_url", "playbook", "dashboard_url")
_FAR_AWAY: Final = timedelta(days=366 * 100)


class Firing(Struct, frozen=True, kw_only=True):
    """An alert with the rule that it comes from, where that is known."""

    alert: Alert
    origin: Origin | None = None


class Seen(Struct, frozen=True, kw_only=True):
    """What all checks of one reading share."""

    source: SourceName
    options: PrometheusOptions
    heard: Heard
    at: datetime
    values_hold: bool = True
    """Whether the values of rules are those of now."""

    def ours(self, time: datetime | None) -> datetime | None:
        """A time of Alertmanager by our clock; None for one that is none."""
        if time is None or not 2000 <= time.year < 9000:
            return None
        return time - timedelta(seconds=self.heard.skew_s or 0.0)

    def severity(self, firing: Firing) -> Severity:
        return severity_of(firing.alert.labels, self.options.severity_label, self.options.severities)


def alert_check(device: Named, family: str, subject: str, group: Sequence[Firing], seen: Seen) -> Check:
    """The check of alerts that are about the same, at least one; it is as bad as the worst of them."""
    ranked = sorted(group, key=lambda one: (seen.severity(one).rank, one.alert.fingerprint))
    worst = ranked[0]
    severity = seen.severity(worst)
    reaches = family == "reachable"
    bad = reaches or severity in (Severity.CRITICAL, Severity.HIGH)
    starts = [time for one in ranked if (time := seen.ours(one.alert.starts_at)) is not None]
    value, warn, crit = _numbers(worst, bad=bad) if seen.values_hold else (None, None, None)
    return Check(
        source=seen.source,
        native=device.native,
        family=family,
        subject=subject,
        label=safe(worst.alert.labels.get(ALERT_NAME, "") or "Alert"),
        state=CheckState.CRITICAL if bad else CheckState.WARNING,
        severity=severity,
        summary=safe(_title(worst.alert)),
        advice=safe(_first(worst.alert.annotations or {}, _ADVICES)),
        value=value,
        warn=warn,
        crit=crit,
        since=min(*starts, seen.at) if starts else None,
        seen=seen.at,
        handling=_handling(ranked, seen),
    )


def _numbers(firing: Firing, *, bad: bool) -> tuple[float | None, float | None, float | None]:
    """The value, and the limit that it has crossed as the warning or the critical one."""
    if firing.origin is None:
        return None, None, None
    found = firing.origin.measured
    limit = found.limit if found.sign in (">", ">=", "<", "<=") else None
    return firing.origin.value, None if bad else limit, limit if bad else None


def _title(alert: Alert) -> str:
    lines = _first(alert.annotations or {}, _TITLES).strip().splitlines()
    return lines[0] if lines else title_of(alert.labels)


def _first(annotations: Mapping[str, str], names: Sequence[str]) -> str:
    return next((annotations[name] for name in names if annotations.get(name, "").strip()), "")


def _handling(group: Sequence[Firing], seen: Seen) -> Handling | None:
    """Quiet only when all of them are; until the first of them is heard again."""
    found = [_quieted(one.alert, seen) for one in group]
    quiet = [handling for handling in found if handling is not None]
    if len(quiet) < len(found):
        return None
    return min(quiet, key=lambda handling: handling.quiet_until or seen.at + _FAR_AWAY)


def _quieted(alert: Alert, seen: Seen) -> Handling | None:
    """Why nobody is told of an alert; None when somebody is."""
    status = alert.status
    if status.silenced_by:
        known = [seen.heard.silences[name] for name in status.silenced_by if name in seen.heard.silences]
        if not known:
            return Handling(quiet=True, text=safe("silenced in Alertmanager"))
        last = max(known, key=lambda silence: silence.ends_at)
        return Handling(
            quiet=True,
            quiet_until=seen.ours(last.ends_at),
            quiet_by=safe(last.created_by, 80),
            text=safe(_comment(last)),
        )
    if status.inhibited_by:
        cause = next((one for one in seen.heard.alerts if one.fingerprint in status.inhibited_by), None)
        told = f": {_title(cause)}" if cause is not None else ""
        return Handling(quiet=True, text=safe(f"inhibited by another alert{told}"))
    if status.muted_by:
        return Handling(quiet=True, text=safe(f"muted at this time by {', '.join(status.muted_by)}"))
    return Handling(quiet=True, text=safe("suppressed in Alertmanager")) if status.state == "suppressed" else None


def _comment(silence: Silence) -> str:
    return silence.comment.strip() or "silenced without a comment"
