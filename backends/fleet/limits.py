"""When the numbers of a host become checks that are not ok: every limit with its default, its unit and its reason."""

from __future__ import annotations

import math
from fnmatch import fnmatchcase
from typing import Annotated, Final, TypeVar

from msgspec import Meta, Struct

GIB: Final = 1024**3


def _meta(unit: str, says: str) -> Meta:
    return Meta(description=says, extra={"unit": unit})


class LoadLimits(Struct, frozen=True, kw_only=True):
    """Average of the last 5 minutes per processor core, so that a minute of work is no alarm."""

    warn: Annotated[float | None, _meta("number", "waiting work per core")] = 2.0
    crit: Annotated[float | None, _meta("number", "waiting work per core")] = 5.0


class MemoryLimits(Struct, frozen=True, kw_only=True):
    """Memory that programs can still get (cache that can be given back counts as available)."""

    warn: Annotated[float | None, _meta("percent", "available, or less")] = 10.0
    crit: Annotated[float | None, _meta("percent", "available, or less")] = 4.0


class SwapLimits(Struct, frozen=True, kw_only=True):
    """Used swap matters only while memory is short: idle pages in swap are good housekeeping."""

    warn: Annotated[float | None, _meta("percent", "used, or more")] = 60.0
    crit: Annotated[float | None, _meta("percent", "used, or more")] = 90.0
    memory_below: Annotated[float | None, _meta("percent", "and no more memory than this available; off: always")] = (
        20.0
    )


class DiskLimits(Struct, frozen=True, kw_only=True):
    """A share *and* an amount: 95 % of 10 TB leaves plenty, 95 % of 20 GB does not."""

    warn: Annotated[float | None, _meta("percent", "used, or more")] = 85.0
    crit: Annotated[float | None, _meta("percent", "used, or more")] = 95.0
    warn_left: Annotated[float | None, _meta("bytes", "and no more than this left; off: the share alone decides")] = (
        30.0 * GIB
    )
    crit_left: Annotated[float | None, _meta("bytes", "and no more than this left; off: the share alone decides")] = (
        10.0 * GIB
    )
    read_only: Annotated[bool, _meta("switch", "mounted read-only on purpose: no alarm for that")] = False


class InodeLimits(Struct, frozen=True, kw_only=True):
    """Full of file names: no new file, however much space is left."""

    warn: Annotated[float | None, _meta("percent", "used, or more")] = 90.0
    crit: Annotated[float | None, _meta("percent", "used, or more")] = 97.0


class TemperatureLimits(Struct, frozen=True, kw_only=True):
    """The hardware's own limits where it tells believable ones, else these."""

    warn: Annotated[float | None, _meta("celsius", "for sensors that tell no limit of their own")] = 85.0
    crit: Annotated[float | None, _meta("celsius", "for sensors that tell no limit of their own")] = 95.0
    hardware: Annotated[bool, _meta("switch", "believe the hardware's own limits")] = True


class BatteryLimits(Struct, frozen=True, kw_only=True):
    """Charge while running on battery."""

    warn: Annotated[float | None, _meta("percent", "left, or less")] = 30.0
    crit: Annotated[float | None, _meta("percent", "left, or less")] = 10.0


class CertificateLimits(Struct, frozen=True, kw_only=True):
    """Time left of a watched certificate: automatic renewal begins 30 days ahead, so less means that it fails."""

    warn: Annotated[float | None, _meta("days", "until it expires, or less")] = 30.0
    crit: Annotated[float | None, _meta("days", "until it expires, or less")] = 7.0


class ClockLimits(Struct, frozen=True, kw_only=True):
    """Difference to our clock beyond what the measurement can be wrong by; Kerberos refuses at 5 minutes."""

    warn: Annotated[float | None, _meta("seconds", "off, or more")] = 5.0
    crit: Annotated[float | None, _meta("seconds", "off, or more")] = 60.0


class ProcessLimits(Struct, frozen=True, kw_only=True):
    """A runaway: one process that keeps a core busy for long, not one that works hard for a moment."""

    cpu: Annotated[float | None, _meta("percent", "of one core, or more; off: nothing is a runaway")] = 90.0
    warn_after: Annotated[float | None, _meta("seconds", "busy for so long")] = 600.0
    crit_after: Annotated[float | None, _meta("seconds", "busy for so long")] = None
    ignore: Annotated[tuple[str, ...], _meta("names", "names or patterns that may be busy")] = (
        "qemu-system-*",
        "qemu-kvm",
        "kvm",
        "bhyve*",
        "VBoxHeadless",
        "vmware-vmx",
    )


class RebootLimits(Struct, frozen=True, kw_only=True):
    """A required reboot is a remark at first, and a warning when it was put off for long."""

    severity: Annotated[str, _meta("choice:info,warning,off", "while the host has been up for a shorter time")] = "info"
    warn_days: Annotated[float | None, _meta("days", "up for so long makes it a warning")] = 30.0


class UptimeLimits(Struct, frozen=True, kw_only=True):
    """Long uptime by itself is no fault; some contracts want it seen."""

    warn_days: Annotated[float | None, _meta("days", "up for so long or longer")] = None


class KernelLimits(Struct, frozen=True, kw_only=True):
    """What the kernel log tells of the last hour."""

    oom: Annotated[str, _meta("choice:critical,warning,info,off", "the kernel ended processes for lack of memory")] = (
        "warning"
    )
    disk: Annotated[str, _meta("choice:critical,warning,info,off", "errors of disks and file systems")] = "critical"


class NetworkLimits(Struct, frozen=True, kw_only=True):
    """Interfaces are shown; those that carry the default route or are named here must be up."""

    up: Annotated[tuple[str, ...], _meta("names", "interfaces that must be up")] = ()


class ServiceLimits(Struct, frozen=True, kw_only=True):
    """Watched services must run; others are looked at only when they failed."""

    failed: Annotated[str, _meta("choice:critical,warning,info,off", "a failed service that nobody named")] = "warning"
    ignore: Annotated[tuple[str, ...], _meta("names", "names or patterns that may be failed")] = ()


class FileLimits(Struct, frozen=True, kw_only=True):
    """A watched file: must exist, and may have to be young and of a certain size (a nightly dump)."""

    exists: Annotated[bool, _meta("switch", "false: the file must not be there")] = True
    max_age: Annotated[float | None, _meta("seconds", "older is critical")] = None
    min_size: Annotated[float | None, _meta("bytes", "smaller is critical")] = None
    max_size: Annotated[float | None, _meta("bytes", "larger is a warning")] = None


class Thresholds(Struct, frozen=True, kw_only=True):
    """All limits of one source."""

    load: LoadLimits = LoadLimits()
    memory: MemoryLimits = MemoryLimits()
    swap: SwapLimits = SwapLimits()
    disk: DiskLimits = DiskLimits()
    inode: InodeLimits = InodeLimits()
    temperature: TemperatureLimits = TemperatureLimits()
    battery: BatteryLimits = BatteryLimits()
    certificate: CertificateLimits = CertificateLimits()
    clock: ClockLimits = ClockLimits()
    process: ProcessLimits = ProcessLimits()
    reboot: RebootLimits = RebootLimits()
    uptime: UptimeLimits = UptimeLimits()
    kernel: KernelLimits = KernelLimits()
    network: NetworkLimits = NetworkLimits()
    service: ServiceLimits = ServiceLimits()
    file: FileLimits = FileLimits()
    disks: tuple[tuple[str, DiskLimits], ...] = ()
    """Limits for single mount points; the exact path first, then the first pattern that fits."""
    inodes: tuple[tuple[str, InodeLimits], ...] = ()
    files: tuple[tuple[str, FileLimits], ...] = ()

    def disk_at(self, mount: str) -> DiskLimits:
        return _at(self.disks, mount, self.disk)

    def inode_at(self, mount: str) -> InodeLimits:
        return _at(self.inodes, mount, self.inode)

    def file_at(self, path: str) -> FileLimits:
        return _at(self.files, path, self.file)


DEFAULTS: Final = Thresholds()


def at_least(value: float, limit: float | None) -> bool:
    """Whether `value` reached `limit`; a limit that is off is never reached."""
    return limit is not None and not math.isnan(value) and value >= limit


def at_most(value: float, limit: float | None) -> bool:
    """Whether `value` fell to `limit`; a limit that is off is never reached."""
    return limit is not None and not math.isnan(value) and value <= limit


def fits(name: str, patterns: tuple[str, ...]) -> bool:
    """Whether one of `patterns` (`*`, `?`) covers the whole name."""
    return any(fnmatchcase(name, pattern) for pattern in patterns)


_Limits = TypeVar("_Limits")


def _at(entries: tuple[tuple[str, _Limits], ...], path: str, default: _Limits) -> _Limits:
    for pattern, limits in entries:
        if pattern == path:
            return limits
    return next((limits for pattern, limits in entries if fnmatchcase(path, pattern)), default)
