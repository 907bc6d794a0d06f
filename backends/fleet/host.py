"""A host's own facts, as an agentless look finds them, whoever looked: psutil on this machine or a script over SSH.

Adapters fill `HostFacts`; `checks_of` turns them into checks by `Thresholds`. None means "could not be read here" and
raises nothing; it is never taken for zero.
"""

from __future__ import annotations

from datetime import datetime

from msgspec import Struct


class FileSystem(Struct, frozen=True, kw_only=True):
    """A real, mounted file system; pseudo and read-only image file systems are left out by the adapter."""

    mount: str
    device: str = ""
    kind: str = ""
    size_bytes: int
    used_bytes: int
    available_bytes: int
    """What an ordinary user can still write."""
    inodes: int | None = None
    inodes_used: int | None = None
    read_only: bool = False


class Interface(Struct, frozen=True, kw_only=True):
    name: str
    up: bool
    addresses: tuple[str, ...] = ()
    mac: str = ""
    speed_mbit: int | None = None
    received_bytes: int | None = None
    sent_bytes: int | None = None
    errors: int | None = None
    default_route: bool = False
    dhcp: bool | None = None


class Sensor(Struct, frozen=True, kw_only=True):
    """A temperature in degrees Celsius, with the hardware's own limits where it tells them."""

    name: str
    celsius: float
    high: float | None = None
    critical: float | None = None


class Battery(Struct, frozen=True, kw_only=True):
    percent: float
    plugged: bool | None = None
    left_s: float | None = None


class Process(Struct, frozen=True, kw_only=True):
    pid: int
    name: str
    user: str = ""
    cpu_percent: float
    """Of one core, since the process began or over the sample, as the platform gives it."""
    cpu_s: float | None = None
    """Processor time used so far."""
    memory_bytes: int | None = None
    started: str = ""
    """Start time in the platform's own words, compared byte by byte: tells a reused pid from the same process."""
    age_s: float | None = None
    """How long it has been running; with `cpu_s` the evidence for a runaway at first sight."""
    busy_s: float | None = None
    """For how long consecutive looks found it busy without a break; see `busy.Busy`."""


class Service(Struct, frozen=True, kw_only=True):
    name: str
    state: str
    """running, stopped, failed, missing, unknown."""
    watched: bool
    """Named in the configuration; otherwise it is here because it failed."""
    detail: str = ""


class WatchedProcess(Struct, frozen=True, kw_only=True):
    name: str
    count: int


class WatchedFile(Struct, frozen=True, kw_only=True):
    path: str
    exists: bool
    size_bytes: int | None = None
    age_s: float | None = None
    problem: str = ""
    """Why it could not be looked at, although it may be there; then `exists` means nothing."""


class Certificate(Struct, frozen=True, kw_only=True):
    path: str
    expires: datetime | None
    """None when it could not be read; `problem` says why."""
    subject: str = ""
    problem: str = ""


class KernelEvents(Struct, frozen=True, kw_only=True):
    """Lines of the kernel log within the last hour, newest last; each list is cut to ten."""

    oom_kills: tuple[str, ...] = ()
    disk_errors: tuple[str, ...] = ()


class HostFacts(Struct, frozen=True, kw_only=True):
    """What one look at one host found."""

    at: datetime
    """By our clock, when the answer was there."""
    hostname: str = ""
    platform: str = ""
    """linux, darwin, freebsd, openbsd, netbsd."""
    system: str = ""
    kernel: str = ""
    machine_id: str = ""
    boot_id: str = ""
    serial: str = ""
    user: str = ""
    """Who we are there."""
    privileged: bool = False
    """Root, or may become root without a password."""
    clock_skew_s: float | None = None
    """The host's clock minus ours; positive means that it is ahead."""
    clock_error_s: float | None = None
    """How wrong `clock_skew_s` can be (half of the round trip)."""
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
    """Why, in the platform's words; empty when none is required; None when the platform does not tell."""
    processes: tuple[Process, ...] = ()
    """The top ones by processor time now, at most ten."""
    services: tuple[Service, ...] = ()
    watched_processes: tuple[WatchedProcess, ...] = ()
    files: tuple[WatchedFile, ...] = ()
    certificates: tuple[Certificate, ...] = ()
    kernel_events: KernelEvents | None = None
    unread: tuple[str, ...] = ()
    """Sections that should have been there and could not be understood; each counts as quarantined."""
