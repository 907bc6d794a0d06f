"""What the readers of each platform fill in alike."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Final

from msgspec import Struct

from backends.fleet.host import Battery, FileSystem, Interface, KernelEvents, Process, Sensor
from backends.fleet.kernel_log import KEPT, events_of

_BSD_KILLED: Final = re.compile(r"was killed: (?:out of swap|failed to reclaim)|killed: out of swap")
_BSD_DISK: Final = re.compile(r"\]error = |CAM status: (?!.*request completed)|(?:disk|hard) error", re.IGNORECASE)
_NO_DISK: Final = re.compile(r"\b(?:fd|cd)\d+\b")
_STAMP: Final = re.compile(r"\[\s*(?P<s>\d{1,10}\.\d{1,9})\]\s*(?P<text>.*)", re.DOTALL)
_SYSLOG: Final = re.compile(
    r"(?:(?P<day>[A-Z][a-z]{2} [ \d]\d \d\d:\d\d:\d\d)|(?P<iso>\d{4}-\d\d-\d\dT[\d:.]+(?:[+-]\d\d:\d\d|Z)))"
    r"\s+\S+\s+(?P<text>.*)",
    re.DOTALL,
)
_HOUR_S: Final = 3600.0


class Platform(Struct, kw_only=True):
    """One host's facts as far as they differ in how they are read."""

    system: str = ""
    machine_id: str = ""
    boot_id: str = ""
    serial: str = ""
    uptime_s: float | None = None
    load: tuple[float, float, float] | None = None
    cores: int | None = None
    memory_bytes: int | None = None
    memory_available_bytes: int | None = None
    swap_bytes: int | None = None
    swap_used_bytes: int | None = None
    file_systems: tuple[FileSystem, ...] = ()
    interfaces: tuple[Interface, ...] = ()
    sensors: tuple[Sensor, ...] = ()
    batteries: tuple[Battery, ...] = ()
    reboot_required: str | None = None
    processes: tuple[Process, ...] = ()
    counts: dict[str, int] | None = None
    """How many processes there are of each name; None when they could not be counted."""
    kernel_events: KernelEvents | None = None


def linux_events(lines: Iterable[str], *, uptime_s: float | None) -> KernelEvents:
    """Out-of-memory kills and disk errors of the last hour."""
    return events_of(_recent(lines, uptime_s))


def bsd_events(lines: Iterable[str]) -> KernelEvents:
    """The same in the words of the BSDs."""
    recent = _recent(lines, None)
    return KernelEvents(
        oom_kills=tuple(line for line in recent if _BSD_KILLED.search(line))[-KEPT:],
        disk_errors=tuple(line for line in recent if _BSD_DISK.search(line) and not _NO_DISK.search(line))[-KEPT:],
    )


def _recent(lines: Iterable[str], uptime_s: float | None) -> list[str]:
    """The texts of the last hour, told by the stamp of each line: seconds since boot, or the date of a log, whose first
    line then says `now`. A line that does not tell its time is left out."""
    found: list[str] = []
    now: datetime | None = None
    for line in lines:
        if line.startswith("now "):
            now = datetime.strptime(line[4:].strip(), "%Y %b %d %H:%M:%S %z")
            continue
        text = _if_recent(line, uptime_s, now)
        if text is not None:
            found.append(text[:300])
    return found


def _if_recent(line: str, uptime_s: float | None, now: datetime | None) -> str | None:
    """The text of a line of the last hour; None for older ones."""
    if stamp := _STAMP.fullmatch(line):
        if uptime_s is None:
            return None
        age = uptime_s - float(stamp["s"])
        return stamp["text"] if -5.0 <= age <= _HOUR_S else None
    log = _SYSLOG.fullmatch(line)
    if log is None or now is None:
        return None
    try:
        if log["iso"]:
            then = datetime.fromisoformat(log["iso"].replace("Z", "+00:00"))
        else:
            then = datetime.strptime(f"{now.year} {log['day']}", "%Y %b %d %H:%M:%S").replace(tzinfo=now.tzinfo)
            if then > now + timedelta(days=1):
                then = then.replace(year=now.year - 1)
    except ValueError:
        return None
    return log["text"] if -5.0 <= (now - then).total_seconds() <= _HOUR_S else None
