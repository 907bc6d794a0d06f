"""Every process of this machine with the processor time it has used: one small file each on Linux, psutil elsewhere."""

from __future__ import annotations

import os
import time
from pathlib import Path

import psutil
from msgspec import Struct

_KERNEL_THREAD = 0x00200000
_TICKS = os.sysconf("SC_CLK_TCK") if hasattr(os, "sysconf") else 100
_PAGE = os.sysconf("SC_PAGE_SIZE") if hasattr(os, "sysconf") else 4096
_COMM = 15
"""Longest name that the kernel keeps."""


class Running(Struct, frozen=True, kw_only=True):
    """A process as found: cheap facts only, since there may be thousands."""

    pid: int
    name: str
    cpu_s: float
    memory_bytes: int
    started: str
    """As `ps` and the fixes name it: clock ticks since boot on Linux, the time as words elsewhere."""
    age_s: float


def by_proc(root: Path = Path("/proc")) -> tuple[Running, ...]:
    """From `/proc/PID/stat`: an eighth of the time that psutil takes, which matters with a thousand processes."""
    try:
        up = float((root / "uptime").read_bytes().split()[0])
        names = os.listdir(root)  # noqa: PTH208 - names are all that is needed, a thousand times a poll
    except (OSError, ValueError, IndexError):
        return ()
    found = (_one(f"{root}/{name}/stat", int(name), up) for name in names if name.isdigit())
    return tuple(process for process in found if process is not None)


def _one(path: str, pid: int, up: float) -> Running | None:
    """None when it has just ended, is only remains, or belongs to the kernel."""
    try:
        descriptor = os.open(path, os.O_RDONLY)
        try:
            raw = os.read(descriptor, 4096)
        finally:
            os.close(descriptor)
    except OSError:
        return None
    # The name is in brackets and may hold anything, brackets too.
    front, _, back = raw.partition(b"(")
    name, _, rest = back.rpartition(b") ")
    fields = rest.split()
    if not front or len(fields) < 22 or fields[0] in (b"Z", b"X") or int(fields[6]) & _KERNEL_THREAD:
        return None
    return Running(
        pid=pid,
        name=name.decode("utf-8", "replace"),
        cpu_s=(int(fields[11]) + int(fields[12])) / _TICKS,
        memory_bytes=int(fields[21]) * _PAGE,
        started=fields[19].decode("ascii", "replace"),
        age_s=max(0.0, up - int(fields[19]) / _TICKS),
    )


def by_psutil() -> tuple[Running, ...]:
    """From psutil, for platforms without a `/proc` like that of Linux."""
    now = time.time()
    out = []
    for process in psutil.process_iter(["pid", "name", "cpu_times", "create_time", "memory_info"], ad_value=None):
        known = process.info
        times, began, memory = known["cpu_times"], known["create_time"], known["memory_info"]
        if not known["pid"] or times is None or began is None:
            continue
        out.append(
            Running(
                pid=known["pid"],
                name=known["name"] or "?",
                cpu_s=times.user + times.system,
                memory_bytes=memory.rss if memory else 0,
                started=" ".join(time.ctime(began).split()),
                age_s=max(0.0, now - began),
            )
        )
    return tuple(out)


def owner_of(pid: int) -> str:
    """The login name, or the number where there is none; empty when it has ended."""
    try:
        return psutil.Process(pid).username()
    except (psutil.Error, OSError, KeyError):
        return ""


def whole_name(process: Running) -> str:
    """The name beyond the kernel's 15 characters, where the command line goes on with it."""
    if len(process.name.encode()) < _COMM:
        return process.name
    try:
        program = psutil.Process(process.pid).cmdline()
    except (psutil.Error, OSError):
        return process.name
    base = program[0].rpartition("/")[2] if program else ""
    return base if base.startswith(process.name) else process.name


def count(name: str, processes: tuple[Running, ...]) -> int:
    """How many processes have that name, or that path of their program."""
    base = name.rpartition("/")[2]
    short = base.encode()[:_COMM].decode("utf-8", "ignore")
    if short == base:
        return sum(process.name == base for process in processes)
    return sum(process.name in (short, base) and whole_name(process) in (short, base) for process in processes)
