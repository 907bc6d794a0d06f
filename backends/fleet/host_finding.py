"""Making one check of a host: numbers kept finite, texts made safe, amounts said as a person would."""

from __future__ import annotations

import math
from datetime import datetime
from typing import Final

from backends.fleet.model import Check, CheckState, Severity, SourceName
from backends.text import safe

_SIZES: Final = ("B", "KiB", "MiB", "GiB", "TiB", "PiB")
SEVERITIES: Final = {
    "critical": (CheckState.CRITICAL, None),
    "warning": (CheckState.WARNING, None),
    "info": (CheckState.WARNING, Severity.INFO),
}
"""What a choice in the thresholds means: state of the check and severity of its issue."""


class Findings:
    """Collects the checks of one device as seen at one moment."""

    def __init__(self, source: SourceName, native: str, seen: datetime) -> None:
        self._source = source
        self._native = native
        self._seen = seen
        self._checks: dict[str, Check] = {}

    def add(
        self,
        family: str,
        subject: str = "",
        *,
        label: str,
        state: CheckState,
        summary: str,
        advice: str = "",
        severity: Severity | None = None,
        value: float | None = None,
        unit: str = "",
        warn: float | None = None,
        crit: float | None = None,
        target: str = "",
        since: datetime | None = None,
    ) -> None:
        """Add a check; of two with one key the worse one stays."""
        check = Check(
            source=self._source,
            native=self._native,
            family=family,
            subject=subject,
            label=safe(label),
            state=state,
            severity=severity if state is not CheckState.OK else None,
            summary=safe(summary),
            advice=safe(advice if state is not CheckState.OK else ""),
            value=finite(value),
            unit=unit,
            warn=finite(warn),
            crit=finite(crit),
            seen=self._seen,
            target=target,
            since=since,
        )
        known = self._checks.get(check.key)
        if known is None or _BADNESS[check.state] > _BADNESS[known.state]:
            self._checks[check.key] = check

    @property
    def checks(self) -> tuple[Check, ...]:
        return tuple(self._checks.values())


_BADNESS: Final = {CheckState.OK: 0, CheckState.UNKNOWN: 1, CheckState.WARNING: 2, CheckState.CRITICAL: 3}


def finite(value: float | None) -> float | None:
    """`value` when it is a number of this world, never negative; else None."""
    if value is None or not math.isfinite(value):
        return None
    return max(0.0, float(value))


def share(part: float, whole: float) -> float | None:
    """Percent within 0 and 100; None when there is no whole."""
    if whole <= 0 or not (math.isfinite(part) and math.isfinite(whole)):
        return None
    return min(100.0, max(0.0, 100.0 * part / whole))


def state_of(*, warning: bool, critical: bool) -> CheckState:
    if critical:
        return CheckState.CRITICAL
    return CheckState.WARNING if warning else CheckState.OK


def percent(value: float) -> str:
    """`97.2 %`; never rounded up to 100 while something is left."""
    text = f"{value:.1f}"
    return "99.9 %" if text == "100.0" and value < 100 else f"{text} %".replace(".0 %", " %")


def amount(count: float) -> str:
    """Bytes for people: `1.1 GiB`."""
    size = max(0.0, float(count))
    for unit in _SIZES[:-1]:
        if size < 999.5:
            return f"{size:.0f} {unit}" if unit == "B" or size >= 99.95 else f"{size:.1f} {unit}"
        size /= 1024
    return f"{size:.1f} {_SIZES[-1]}"


def span(seconds: float) -> str:
    """A duration for people, in its largest one or two units: `3 d 4 h`, `12 min`, `4.2 s`."""
    if seconds < 10:
        return f"{seconds:.1f} s"
    rest = int(seconds)
    if rest < 120:
        return f"{rest} s"
    if rest < 7200:
        return f"{rest // 60} min"
    hours = rest // 3600
    if hours < 48:
        minutes = rest % 3600 // 60
        return f"{hours} h {minutes} min" if minutes else f"{hours} h"
    days, hours = divmod(hours, 24)
    return f"{days} d {hours} h" if hours and days < 10 else f"{days} d"


def plural(count: int, one: str, many: str = "") -> str:
    return f"{count} {one if count == 1 else many or one + 's'}"
