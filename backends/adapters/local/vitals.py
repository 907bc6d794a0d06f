"""A narrow front for psutil: each question answers None where this platform cannot tell, and never raises."""

from __future__ import annotations

import os
import socket
import sys
from collections.abc import Callable
from typing import Final, Protocol, TypeVar

import psutil
from msgspec import Struct

from backends.adapters.local.processes import Running, by_proc, by_psutil
from backends.fleet.host import Battery, Interface, Sensor

_Answer = TypeVar("_Answer")

_UNABLE: Final = (AttributeError, NotImplementedError, OSError, RuntimeError, ValueError, KeyError, psutil.Error)
"""How psutil says that a platform, a sandbox or a driver does not let it look."""


class Mount(Struct, frozen=True, kw_only=True):
    device: str
    mount: str
    kind: str
    read_only: bool = False


class Usage(Struct, frozen=True, kw_only=True):
    size_bytes: int
    used_bytes: int
    available_bytes: int
    inodes: int | None = None
    inodes_used: int | None = None
    volume: int = 0
    """The kernel's number of the file system: one for all places where it is mounted."""


class Vitals(Protocol):
    """What a machine tells of itself."""

    def load(self) -> tuple[float, float, float] | None: ...

    def cores(self) -> int | None: ...

    def memory(self) -> tuple[int, int] | None:
        """Total and available bytes."""
        ...

    def swap(self) -> tuple[int, int] | None:
        """Total and used bytes."""
        ...

    def boot_time(self) -> float | None:
        """Seconds since the epoch."""
        ...

    def mounts(self) -> tuple[Mount, ...]: ...

    def usage(self, mount: str) -> Usage | None: ...

    def interfaces(self) -> tuple[Interface, ...]: ...

    def sensors(self) -> tuple[Sensor, ...]: ...

    def batteries(self) -> tuple[Battery, ...]: ...

    def processes(self) -> tuple[Running, ...]: ...


class PsutilVitals:
    """This machine, by psutil."""

    def load(self) -> tuple[float, float, float] | None:
        return _asked(psutil.getloadavg)

    def cores(self) -> int | None:
        return _asked(psutil.cpu_count)

    def memory(self) -> tuple[int, int] | None:
        memory = _asked(psutil.virtual_memory)
        return None if memory is None else (memory.total, memory.available)

    def swap(self) -> tuple[int, int] | None:
        swap = _asked(psutil.swap_memory)
        return None if swap is None else (swap.total, swap.used)

    def boot_time(self) -> float | None:
        return _asked(psutil.boot_time)

    def mounts(self) -> tuple[Mount, ...]:
        parts = _asked(lambda: psutil.disk_partitions(all=True)) or []
        return tuple(
            Mount(device=part.device, mount=part.mountpoint, kind=part.fstype, read_only=_read_only(part.opts))
            for part in parts
        )

    def usage(self, mount: str) -> Usage | None:
        usage = _asked(lambda: psutil.disk_usage(mount))
        status = _asked(lambda: os.statvfs(mount))
        volume = _asked(lambda: os.stat(mount).st_dev)  # noqa: PTH116 - beside statvfs, which pathlib does not have
        if usage is None:
            return None
        inodes = status.f_files if status else None
        return Usage(
            size_bytes=usage.total,
            used_bytes=usage.used,
            available_bytes=usage.free,
            inodes=inodes,
            inodes_used=inodes - status.f_ffree if status and inodes is not None else None,
            volume=volume or 0,
        )

    def interfaces(self) -> tuple[Interface, ...]:
        addresses = _asked(psutil.net_if_addrs) or {}
        states = _asked(psutil.net_if_stats) or {}
        counters = _asked(lambda: psutil.net_io_counters(pernic=True)) or {}
        out = []
        for name, state in states.items():
            known = addresses.get(name, [])
            counted = counters.get(name)
            out.append(
                Interface(
                    name=name,
                    up=state.isup,
                    addresses=tuple(entry.address.partition("%")[0] for entry in known if _is_internet(entry.family)),
                    mac=next((entry.address for entry in known if entry.family == psutil.AF_LINK), ""),
                    speed_mbit=state.speed if 0 < state.speed < 10**7 else None,
                    received_bytes=counted.bytes_recv if counted else None,
                    sent_bytes=counted.bytes_sent if counted else None,
                    errors=counted.errin + counted.errout if counted else None,
                )
            )
        return tuple(out)

    def sensors(self) -> tuple[Sensor, ...]:
        chips = _asked(lambda: psutil.sensors_temperatures()) or {}  # noqa: PLW0108 - some platforms lack it
        return tuple(
            Sensor(
                name=f"{chip} {entry.label}".strip(),
                celsius=entry.current,
                high=entry.high,
                critical=entry.critical,
            )
            for chip, entries in chips.items()
            for entry in entries
            if entry.current is not None
        )

    def batteries(self) -> tuple[Battery, ...]:
        battery = _asked(lambda: psutil.sensors_battery())  # noqa: PLW0108 - some platforms lack it
        if battery is None:
            return ()
        left = float(battery.secsleft) if battery.secsleft is not None and battery.secsleft > 0 else None
        return (Battery(percent=battery.percent, plugged=battery.power_plugged, left_s=left),)

    def processes(self) -> tuple[Running, ...]:
        return by_proc() if sys.platform == "linux" else by_psutil()


def _asked(question: Callable[[], _Answer]) -> _Answer | None:
    try:
        return question()
    except _UNABLE:
        return None


def _read_only(options: str) -> bool:
    return "ro" in options.split(",")


def _is_internet(family: int) -> bool:
    return family in (socket.AF_INET, socket.AF_INET6)
