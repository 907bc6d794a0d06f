"""Charts as the host's own facts, which the usual thresholds judge: pure."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Final

from msgspec import Struct

from backends.adapters.netdata.records import Chart, Info
from backends.fleet.host import FileSystem, HostFacts
from backends.fleet.host_finding import share

MIB: Final = 1024**2
GIB: Final = 1024**3
_NO_DISKS: Final = ("/dev", "/run", "/proc", "/sys", "/snap")
"""Below these are no disks, though they are mounted."""
Dimensions = Mapping[str, float]


class Measure(Struct, frozen=True, kw_only=True):
    """The chart behind a check."""

    chart: str
    value: Callable[[Dimensions], float | None]
    """The check's value, of the values of the chart's dimensions at one time."""


class Measured(Struct, frozen=True, kw_only=True):
    """What the charts tell of a host."""

    facts: HostFacts
    by_key: Mapping[str, Measure]
    """The chart by the check's key."""


def measured(charts: Mapping[str, Chart], info: Info, at: datetime) -> Measured:
    now = {name: values for name, chart in charts.items() if (values := _values(chart))}
    by_key: dict[str, Measure] = {}
    load, up = now.get("system.load", {}), now.get("system.uptime", {})
    if all(name in load for name in ("load1", "load5", "load15")):
        by_key["load"] = Measure(chart="system.load", value=lambda values: values.get("load5"))
    if "uptime" in up:
        by_key["uptime"] = Measure(chart="system.uptime", value=lambda values: values.get("uptime"))
    memory = _memory(now)
    swap = next((name for name in ("mem.swap", "system.swap") if {"free", "used"} <= now.get(name, {}).keys()), "")
    swapped = now.get(swap, {})
    if memory is not None:
        by_key["memory"] = memory[2]
    if swap:
        by_key["swap"] = Measure(chart=swap, value=lambda values: _used(values, "used", "free"))
    facts = HostFacts(
        at=at,
        cores=int(info.cores_total) if info.cores_total.isdecimal() and len(info.cores_total) < 6 else None,
        load=(load["load1"], load["load5"], load["load15"]) if "load" in by_key else None,
        uptime_s=up.get("uptime"),
        memory_bytes=_bytes(memory[0], MIB) if memory is not None else None,
        memory_available_bytes=_bytes(memory[1], MIB) if memory is not None else None,
        swap_bytes=_bytes(swapped["used"] + swapped["free"], MIB) if swap else None,
        swap_used_bytes=_bytes(swapped["used"], MIB) if swap else None,
        file_systems=_disks(charts, now, by_key),
    )
    return Measured(facts=facts, by_key=by_key)


def _memory(now: Mapping[str, Dimensions]) -> tuple[float, float, Measure] | None:
    """All of it and what is available, in MiB, with where that is told."""
    ram = now.get("system.ram", {})
    if not {"free", "used", "cached", "buffers"} <= ram.keys():
        return None
    total = sum(ram.values())
    available = next(iter(now.get("mem.available", {}).values()), None)
    if available is None:
        free = ram["free"] + ram["cached"] + ram["buffers"]
        return total, free, Measure(chart="system.ram", value=lambda values: _used(values, "free", "cached", "buffers"))

    def left(values: Dimensions) -> float | None:
        return share(next(iter(values.values())), total) if values else None

    return total, available, Measure(chart="mem.available", value=left)


def _disks(
    charts: Mapping[str, Chart], now: Mapping[str, Dimensions], by_key: dict[str, Measure]
) -> tuple[FileSystem, ...]:
    found: dict[str, FileSystem] = {}
    inodes = {chart.family: name for name, chart in charts.items() if name.startswith("disk_inodes.") and name in now}
    for name in sorted(charts):
        mount, space = charts[name].family, now.get(name, {})
        if not name.startswith("disk_space.") or not {"avail", "used"} <= space.keys() or not _disk(mount):
            continue
        by_key[f"disk/{mount}"] = Measure(chart=name, value=_full)
        nodes = now.get(inodes.get(mount, ""), {})
        counted = {"avail", "used"} <= nodes.keys()
        if counted:
            by_key[f"inode/{mount}"] = Measure(chart=inodes[mount], value=_full)
        found[mount] = FileSystem(
            mount=mount,
            size_bytes=_bytes(sum(space.values()), GIB),
            used_bytes=_bytes(space["used"], GIB),
            available_bytes=_bytes(space["avail"], GIB),
            inodes=_bytes(nodes["used"] + nodes["avail"], 1) if counted else None,
            inodes_used=_bytes(nodes["used"], 1) if counted else None,
        )
    return tuple(found.values())


def _disk(mount: str) -> bool:
    return mount.startswith("/") and not any(mount == one or mount.startswith(f"{one}/") for one in _NO_DISKS)


def _full(values: Dimensions) -> float | None:
    used, left = values.get("used"), values.get("avail")
    return share(used, used + left) if used is not None and left is not None else None


def _used(values: Dimensions, *names: str) -> float | None:
    """The share of the first, or of all these but the last where there are two, in the sum of all."""
    part = [values[name] for name in (names[:1] if len(names) == 2 else names) if name in values]
    return share(sum(part), sum(values.values())) if part else None


def _values(chart: Chart) -> dict[str, float]:
    """Those that are numbers, none negative."""
    return {
        name: one.value
        for name, one in chart.dimensions.items()
        if one.value is not None and math.isfinite(one.value) and 0 <= one.value < 1e15
    }


def _bytes(amount: float, unit: int) -> int:
    return int(amount * unit)
