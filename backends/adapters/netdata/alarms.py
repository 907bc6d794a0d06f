"""Alarms as checks: pure."""

from __future__ import annotations

import html
import math
import re
from datetime import UTC, datetime, timedelta
from typing import Final

from backends.adapters.netdata.records import Alarm
from backends.api import Check, Handling, SourceName, safe
from backends.fleet.conditions import OTHER
from backends.fleet.model import CheckState, Severity

SLACK_S: Final = 60.0
_STATES: Final = {
    "CLEAR": (CheckState.OK, None),
    "WARNING": (CheckState.WARNING, Severity.WARNING),
    "CRITICAL": (CheckState.CRITICAL, Severity.CRITICAL),
    "RAISED": (CheckState.WARNING, Severity.WARNING),
}
_SAME: Final = tuple(
    (re.compile(pattern), family)
    for pattern, family in (
        (r"disk_space_usage", "disk"),
        (r"disk_inode_usage", "inode"),
        (r"ram_in_use|ram_available", "memory"),
        (r"used_swap", "swap"),
        (r"load_average_(?:1|5|15)", "load"),
    )
)
"""Alarms that come with Netdata and are of what the charts tell as well."""
_EARLIEST: Final = datetime(2000, 1, 1, tzinfo=UTC)


def check_of(key: str, alarm: Alarm, of: tuple[SourceName, str], at: datetime, skew: timedelta) -> Check:
    """`key` is the alarm's own in the answer: chart and name; `of` is source and device. `skew` is how far the clock
    there is ahead."""
    family, subject = _condition(key, alarm)
    state, severity = _STATES.get(alarm.status, (CheckState.UNKNOWN, Severity.INFO))
    value = alarm.value if alarm.value is not None and math.isfinite(alarm.value) else None
    if value is None and state is CheckState.OK:
        state, severity = CheckState.UNKNOWN, Severity.INFO  # that nothing is compared is no proof
    return Check(
        source=of[0],
        native=of[1],
        family=family,
        subject=subject,
        label=safe(f"{alarm.name} ({alarm.chart})", 120),
        state=state,
        severity=severity,
        summary=safe(_says(alarm, state)),
        value=value,
        unit=safe(alarm.units or "", 20),
        since=_moment(alarm.last_status_change, at, skew) if state is not CheckState.OK else None,
        seen=_seen(alarm, at, skew),
        handling=Handling(quiet=True, text=safe("silenced in Netdata")) if alarm.silenced or alarm.disabled else None,
    )


def _condition(key: str, alarm: Alarm) -> tuple[str, str]:
    for pattern, family in _SAME:
        if pattern.fullmatch(alarm.name):
            if family not in ("disk", "inode"):
                return family, ""
            if (alarm.family or "").startswith("/"):
                return family, alarm.family or ""
    return OTHER, key


def _says(alarm: Alarm, state: CheckState) -> str:
    about = html.unescape(alarm.summary or alarm.info or alarm.name)
    if state is CheckState.UNKNOWN:
        return f"{about}: Netdata has no value for it"
    value = html.unescape(alarm.value_string or "")
    return f"{about}: {value}" if value else about


def _seen(alarm: Alarm, at: datetime, skew: timedelta) -> datetime:
    """Now, while the alarm is evaluated in its own rhythm; else when it was last."""
    last = _moment(alarm.last_updated, at, skew)
    every = alarm.update_every if 0 < alarm.update_every < 1e6 else 0.0
    if last is None or at - last > timedelta(seconds=3 * every + SLACK_S):
        return last or min(at, _EARLIEST)
    return at


def _moment(seconds: float, at: datetime, skew: timedelta) -> datetime | None:
    """A time by the clock there, by ours; None for one that cannot be."""
    if not 1e9 < seconds < 1e10:
        return None
    return min(datetime.fromtimestamp(seconds, UTC) - skew, at)
