"""What an agent told, as checks: pure."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Final

import msgspec

from backends.adapters.netdata.alarms import SLACK_S, check_of
from backends.adapters.netdata.calls import Told
from backends.adapters.netdata.measures import Measured
from backends.adapters.netdata.records import Chart, Mirrored
from backends.api import Check, SourceName
from backends.fleet.host_checks import checks_of as measured_checks
from backends.fleet.model import CheckState
from backends.fleet.thresholds import Thresholds
from backends.http.agents import About
from backends.http.decode import each

_BADNESS: Final = {CheckState.OK: 0, CheckState.UNKNOWN: 1, CheckState.WARNING: 2, CheckState.CRITICAL: 3}
_PLATFORMS: Final = frozenset({"linux", "darwin", "freebsd"})
_NOBODY: Final = ("", "unknown", "none")


def about(told: Told) -> About:
    info = told.info
    hosts, _ = each(info.mirrored_hosts_status, Mirrored)
    guid = next((one.guid for one in hosts if one.hostname == told.hostname), "") or info.uid
    pairs = ((info.os_name, info.os_version), (info.container_os_name, info.container_os_version))
    name, version = next((pair for pair in pairs if pair[0].casefold() not in _NOBODY), ("", ""))
    kernel = info.kernel_name.casefold()
    return About(
        name=told.hostname,
        platform=kernel if kernel in _PLATFORMS else "",
        system=f"{name} {version}".strip() if version.casefold() not in _NOBODY else name,
        agent=f"netdata-{guid}" if guid else "",
    )


def checks_of(
    told: Told, found: Measured, thresholds: Thresholds, source: SourceName, native: str
) -> tuple[Check, ...]:
    """One for each thing that is measured, and one for each alarm; an alarm of what is measured makes that worse and
    never better."""
    at, skew = found.facts.at, timedelta(seconds=told.skew_s or 0.0)
    checks: dict[str, Check] = {}
    for check in measured_checks(found.facts, thresholds, source=source, native=native):
        measure = found.by_key.get(check.key)
        chart = told.charts.get(measure.chart) if measure is not None else None
        checks[check.key] = msgspec.structs.replace(check, seen=_seen(chart, at, skew)) if chart is not None else check
    for key, alarm in sorted(told.alarms.items()):
        check = check_of(key, alarm, (source, native), at, skew)
        checks[check.key] = _worse(checks[check.key], check) if check.key in checks else check
    return tuple(checks.values())


def _worse(known: Check, alarm: Check) -> Check:
    if _BADNESS[alarm.state] <= _BADNESS[known.state]:
        return known
    told: Mapping[str, object] = {
        name: getattr(alarm, name) for name in ("state", "severity", "summary", "since", "seen", "handling")
    }
    return msgspec.structs.replace(known, **told)


def _seen(chart: Chart, at: datetime, skew: timedelta) -> datetime:
    """A chart that is not collected any more keeps its last value, which grows old."""
    if not 1e9 < chart.last_updated < 1e10:
        return at
    last = datetime.fromtimestamp(chart.last_updated, UTC) - skew
    return at if at - last <= timedelta(seconds=SLACK_S) else last
