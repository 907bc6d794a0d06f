"""Checks of what a host measures: processor, memory, file systems, temperatures, batteries, clock, uptime."""

from __future__ import annotations

from typing import Final

from backends.fleet.host import Battery, FileSystem, HostFacts, Sensor
from backends.fleet.host_finding import Findings, amount, finite, percent, share, span, state_of
from backends.fleet.limits import InodeLimits, Thresholds, at_least, at_most
from backends.fleet.model import CheckState

_WRITABLE: Final = frozenset(
    ("ext2", "ext3", "ext4", "xfs", "btrfs", "f2fs", "jfs", "nilfs2", "reiserfs", "bcachefs", "ufs", "ffs", "hammer2")
)
"""Kinds that are mounted for writing, and that the kernel turns read-only when the disk below fails."""
_BELIEVABLE: Final = (30.0, 150.0)
"""Limits outside of these degrees are a sensor's way to say that it has none (0, 255, 65261.8)."""


def measure(facts: HostFacts, limits: Thresholds, found: Findings) -> None:
    """Add a check for everything that could be measured."""
    _load(facts, limits, found)
    memory = _memory(facts, limits, found)
    _swap(facts, limits, found, memory)
    for file_system in facts.file_systems:
        _disk(file_system, limits, found)
        _inodes(file_system, limits.inode_at(file_system.mount), found)
        _writable(file_system, limits, found)
    for sensor in facts.sensors:
        _temperature(sensor, limits, found)
    for number, battery in enumerate(facts.batteries):
        _battery(battery, str(number + 1) if number else "", limits, found)
    _clock(facts, limits, found)
    _uptime(facts, limits, found)


def _load(facts: HostFacts, limits: Thresholds, found: Findings) -> None:
    if facts.load is None or not facts.cores or facts.cores < 0:
        return
    load = finite(facts.load[1])
    if load is None:
        return
    each = load / facts.cores
    warn, crit = limits.load.warn, limits.load.crit
    cores = "1 core" if facts.cores == 1 else f"{facts.cores} cores"
    found.add(
        "load",
        label="Load",
        state=state_of(warning=at_least(each, warn), critical=at_least(each, crit)),
        summary=f"Load is {load:.1f} on {cores} over 5 minutes",
        advice="Look at the top processes and at slow disks.",
        value=load,
        warn=None if warn is None else warn * facts.cores,
        crit=None if crit is None else crit * facts.cores,
    )


def _memory(facts: HostFacts, limits: Thresholds, found: Findings) -> float | None:
    """Adds the check of memory and gives the share that is available."""
    if facts.memory_bytes is None or facts.memory_available_bytes is None:
        return None
    free = share(facts.memory_available_bytes, facts.memory_bytes)
    if free is None:
        return None
    found.add(
        "memory",
        label="Memory",
        state=state_of(warning=at_most(free, limits.memory.warn), critical=at_most(free, limits.memory.crit)),
        summary=f"Memory: {percent(free)} available, {amount(facts.memory_available_bytes)} of "
        f"{amount(facts.memory_bytes)}",
        advice="Find the process that grew, restart it, or give the host more memory.",
        value=free,
        unit="%",
        warn=limits.memory.warn,
        crit=limits.memory.crit,
    )
    return free


def _swap(facts: HostFacts, limits: Thresholds, found: Findings, memory: float | None) -> None:
    if not facts.swap_bytes or facts.swap_used_bytes is None:
        return
    used = share(facts.swap_used_bytes, facts.swap_bytes)
    if used is None:
        return
    swap = limits.swap
    short = swap.memory_below is None or memory is None or memory <= swap.memory_below
    found.add(
        "swap",
        label="Swap",
        state=state_of(warning=short and at_least(used, swap.warn), critical=short and at_least(used, swap.crit)),
        summary=f"Swap is {percent(used)} used, {amount(facts.swap_used_bytes)} of {amount(facts.swap_bytes)}",
        advice="Memory is short: find the process that grew.",
        value=used,
        unit="%",
        warn=swap.warn,
        crit=swap.crit,
    )


def _disk(disk: FileSystem, limits: Thresholds, found: Findings) -> None:
    used = share(disk.used_bytes, max(0, disk.used_bytes) + max(0, disk.available_bytes))
    if used is None or disk.size_bytes <= 0:
        return
    at = limits.disk_at(disk.mount)
    left = max(0, disk.available_bytes)
    warning = at_least(used, at.warn) and (at.warn_left is None or at_most(left, at.warn_left))
    critical = at_least(used, at.crit) and (at.crit_left is None or at_most(left, at.crit_left))
    writable = not disk.read_only
    found.add(
        "disk",
        disk.mount,
        label=f"Disk {disk.mount}",
        state=state_of(warning=warning and writable, critical=critical and writable),
        summary=f"Disk {disk.mount} is {percent(used)} full, {amount(left)} left",
        advice="Clear caches, old logs and temporary files, or enlarge it.",
        value=used,
        unit="%",
        warn=at.warn,
        crit=at.crit,
    )


def _inodes(disk: FileSystem, at: InodeLimits, found: Findings) -> None:
    if not disk.inodes or disk.inodes_used is None:
        return  # btrfs and their like make inodes as they need them and tell zero
    used = share(disk.inodes_used, disk.inodes)
    if used is None:
        return
    writable = not disk.read_only
    left = max(0, disk.inodes - disk.inodes_used)
    found.add(
        "inode",
        disk.mount,
        label=f"Inodes {disk.mount}",
        state=state_of(
            warning=writable and at_least(used, at.warn),
            critical=writable and at_least(used, at.crit),
        ),
        summary=f"Disk {disk.mount} has used {percent(used)} of its inodes, {left:,} left",
        advice="Look for a folder with very many small files: sessions, mail queues, caches.",
        value=used,
        unit="%",
        warn=at.warn,
        crit=at.crit,
    )


def _writable(disk: FileSystem, limits: Thresholds, found: Findings) -> None:
    if disk.kind.casefold() not in _WRITABLE or limits.disk_at(disk.mount).read_only:
        return
    found.add(
        "mount",
        disk.mount,
        label=f"Mount {disk.mount}",
        state=CheckState.CRITICAL if disk.read_only else CheckState.OK,
        summary=f"Disk {disk.mount} is mounted {'read-only' if disk.read_only else 'for writing'}",
        advice="The kernel does this after disk errors: read the kernel log, save the data, check the disk.",
    )


def _temperature(sensor: Sensor, limits: Thresholds, found: Findings) -> None:
    degrees = finite(sensor.celsius)
    if degrees is None or sensor.celsius < 0 or sensor.celsius > _BELIEVABLE[1]:
        return
    warn, crit = limits.temperature.warn, limits.temperature.crit
    if limits.temperature.hardware:
        low, top = _BELIEVABLE
        high = sensor.high if sensor.high is not None and low <= sensor.high <= top else None
        critical = sensor.critical if sensor.critical is not None and low <= sensor.critical <= top else None
        if critical is not None:
            crit = critical
            # Processors often tell one number for both: warn a little ahead of it.
            warn = high if high is not None and high < critical else critical - 5.0
        elif high is not None:
            warn, crit = high, high + 10.0
    found.add(
        "temperature",
        sensor.name,
        label=f"Temperature {sensor.name}",
        state=state_of(warning=at_least(degrees, warn), critical=at_least(degrees, crit)),
        summary=f"{sensor.name} is at {degrees:.0f} °C",
        advice="Check fans, filters and the room's cooling.",
        value=degrees,
        unit="°C",
        warn=warn,
        crit=crit,
    )


def _battery(battery: Battery, subject: str, limits: Thresholds, found: Findings) -> None:
    charge = share(battery.percent, 100.0)
    if charge is None:
        return
    draining = battery.plugged is False
    name = f"Battery {subject}".strip()
    left = finite(battery.left_s)
    how = {True: "on mains", False: "on battery", None: "supply unknown"}[battery.plugged]
    found.add(
        "battery",
        subject,
        label=name,
        state=state_of(
            warning=draining and at_most(charge, limits.battery.warn),
            critical=draining and at_most(charge, limits.battery.crit),
        ),
        summary=f"{name} is at {percent(charge)}, {how}" + (f", {span(left)} left" if draining and left else ""),
        advice="Bring mains power back or shut the host down in order.",
        value=charge,
        unit="%",
        warn=limits.battery.warn,
        crit=limits.battery.crit,
    )


def _clock(facts: HostFacts, limits: Thresholds, found: Findings) -> None:
    if facts.clock_skew_s is None or finite(abs(facts.clock_skew_s)) is None:
        return
    off = abs(facts.clock_skew_s)
    sure = max(0.0, off - (finite(facts.clock_error_s) or 0.0))
    way = "ahead of" if facts.clock_skew_s > 0 else "behind"
    state = state_of(warning=at_least(sure, limits.clock.warn), critical=at_least(sure, limits.clock.crit))
    found.add(
        "clock",
        label="Clock",
        state=state,
        summary="Clock agrees with ours" if state is CheckState.OK else f"Clock is {span(off)} {way} ours",
        advice="Check that time synchronisation runs and reaches its servers.",
        value=sure,
        unit="s",
        warn=limits.clock.warn,
        crit=limits.clock.crit,
    )


def _uptime(facts: HostFacts, limits: Thresholds, found: Findings) -> None:
    up = finite(facts.uptime_s)
    if up is None:
        return
    days = limits.uptime.warn_days
    found.add(
        "uptime",
        label="Uptime",
        state=state_of(warning=at_least(up / 86400.0, days), critical=False),
        summary=f"Up for {span(up)}",
        advice="Plan a reboot, so that updates of the kernel take effect.",
        value=up,
        unit="s",
        warn=None if days is None else days * 86400.0,
    )
