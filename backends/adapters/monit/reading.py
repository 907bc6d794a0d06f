"""Monit's services as checks: pure."""

from __future__ import annotations

import math
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Final

from backends.adapters.monit.records import (
    FILE_SYSTEM,
    HOST,
    PROCESS,
    PROGRAM,
    STARTING,
    SYSTEM,
    WATCHED,
    Service,
    Status,
)
from backends.api import Check, Handling, SafeText, SourceName, safe
from backends.fleet.conditions import Conditions
from backends.fleet.model import CheckState, Severity

SLACK_S: Final = 60.0
"""What a cycle may take longer than it should before its results count as old: a program that is waited for."""
_WRONG: Final = {
    0x1: "another checksum",
    0x2: "a limit is passed",
    0x4: "Monit gave it up",
    0x8: "the time stamp is not as it should be",
    0x10: "the size is not as it should be",
    0x20: "no connection",
    0x40: "other permissions",
    0x80: "another owner",
    0x100: "another group",
    0x200: "does not exist",
    0x400: "is of another type",
    0x800: "cannot be looked at",
    0x1000: "its command failed",
    0x2000: "mounted in another way",
    0x4000: "no answer to ping",
    0x8000: "its content matched",
    0x10000: "Monit itself started or stopped",
    0x20000: "somebody acted on it",
    0x40000: "another process id",
    0x80000: "another parent process",
    0x100000: "no sign of life",
    0x200000: "its program says so",
    0x400000: "the uptime is not as it should be",
    0x800000: "the link is down",
    0x1000000: "another link speed",
    0x2000000: "the link is saturated",
    0x4000000: "too much data came in",
    0x8000000: "too much data went out",
    0x10000000: "too many packets came in",
    0x20000000: "too many packets went out",
    0x40000000: "exists, and should not",
}
_GRAVE: Final = 0x4 | 0x20 | 0x200 | 0x400 | 0x800 | 0x1000 | 0x4000 | 0x100000 | 0x200000 | 0x800000
"""What is not there, or does not work; the others are limits and changes."""
_PLATFORMS: Final = frozenset({"linux", "darwin", "freebsd", "openbsd", "netbsd"})


def platform_of(status: Status) -> str:
    found = status.platform.casefold()
    return found if found in _PLATFORMS else ""


def checks_of(status: Status, source: SourceName, native: str, at: datetime, skew_s: float) -> Iterator[Check]:
    """One for each service, in the order of their names. `skew_s` is how far the clock there is ahead."""
    conditions = Conditions()
    for service in sorted(status.services, key=lambda one: one.name):
        named = f"service {service.name}" if service.kind == PROCESS else service.name
        family, subject = conditions.name(native, named)
        if family == "check" and subject == named != service.name:
            family, subject = conditions.name(native, service.name)
        state, severity, summary = _found(service)
        yield Check(
            source=source,
            native=native,
            family=family,
            subject=subject,
            label=safe(service.name, 80),
            state=state,
            severity=severity,
            summary=summary,
            value=service.block_percent if service.kind == FILE_SYSTEM else None,
            unit="%" if service.kind == FILE_SYSTEM and service.block_percent is not None else "",
            seen=_seen(service, status.poll_s, at, skew_s),
            target=service.name,
            handling=None
            if service.monitor
            else Handling(quiet=True, text=safe("Monit is told not to watch it, until somebody says otherwise there")),
        )


def _found(service: Service) -> tuple[CheckState, Severity | None, SafeText]:
    name = safe(service.name, 80)
    if not service.monitor:
        return CheckState.UNKNOWN, Severity.INFO, safe(f"{name} is not watched by Monit")
    if service.monitor & STARTING or not service.monitor & WATCHED or not service.collected:
        return CheckState.UNKNOWN, Severity.INFO, safe(f"{name} was not looked at by Monit yet")
    detail = _detail(service)
    if not service.status:
        return CheckState.OK, None, safe(detail)
    words = [text for bit, text in _WRONG.items() if service.status & bit] or ["something is wrong"]
    if service.kind == PROCESS and service.status & 0x200:
        words = ["does not run", *(word for word in words if word != _WRONG[0x200])]
    said = safe(f"{name}: {', '.join(words)}" + (f" ({detail})" if detail else ""))
    if service.status & ~service.hint & _GRAVE:
        return CheckState.CRITICAL, Severity.CRITICAL if service.kind == HOST else Severity.HIGH, said
    return CheckState.WARNING, Severity.WARNING, said


def _detail(service: Service) -> str:
    if service.kind == PROGRAM:
        return safe(service.output.split("\n")[0], 160)
    if service.kind == HOST:
        return service.port
    if service.kind == FILE_SYSTEM:
        told = [
            f"{amount:g} % {what}"
            for amount, what in ((service.block_percent, "full"), (service.inode_percent, "of the inodes used"))
            if amount is not None
        ]
        return ", ".join(told)
    if service.kind == SYSTEM:
        told = [
            f"{what} {amount:g}{unit}"
            for what, amount, unit in (
                ("load", service.load, ""),
                ("memory", service.memory_percent, " %"),
                ("swap", service.swap_percent, " %"),
            )
            if amount is not None
        ]
        return ", ".join(told)
    return ""


def _seen(service: Service, poll_s: float, at: datetime, skew_s: float) -> datetime:
    """Now, while Monit looks at it in its own rhythm; else when it did so last."""
    if not service.collected or not math.isfinite(service.cycles):
        return at
    age_s = at.timestamp() + skew_s - service.collected
    if age_s <= 2 * poll_s * service.cycles + SLACK_S:
        return at
    return datetime.fromtimestamp(max(0.0, at.timestamp() - age_s), UTC)
