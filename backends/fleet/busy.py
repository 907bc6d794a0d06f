"""For how long processes have been busy, from one look at a host to the next; fed with times, reads no clock."""

from __future__ import annotations

import math

import msgspec
from msgspec import Struct

from backends.fleet.host import Process

_FORGET_AFTER = 20
"""Looks at which a process may be missing from the top before what is known of it is dropped."""
_SHORTEST_S = 1.0
"""Processor time is counted in ticks of a hundredth of a second: over less than this a share is noise."""


class _Known(Struct):
    at_s: float
    cpu_s: float
    busy_s: float | None = None
    percent: float | None = None
    missed: int = 0


class Busy:
    """Remembers the processor time of one host's processes.

    `seen` gives the processes back with `cpu_percent` over the time since the last look (where there was one) and
    `busy_s`. A reused pid has another start and begins anew.
    """

    def __init__(self, cpu: float | None) -> None:
        self._cpu = cpu
        """Percent of a core that counts as busy; None: nothing does."""
        self._known: dict[tuple[int, str], _Known] = {}

    def seen(self, at_s: float, processes: tuple[Process, ...]) -> tuple[Process, ...]:
        """Take a look of the moment `at_s` (seconds of any steady clock), busiest first in the answer."""
        missing = set(self._known)
        out: list[Process] = []
        for process in processes:
            key = (process.pid, process.started)
            missing.discard(key)
            out.append(self._one(key, at_s, process))
        for key in missing:
            known = self._known[key]
            known.missed += 1
            if known.missed > _FORGET_AFTER:
                del self._known[key]
        return tuple(sorted(out, key=lambda process: (-process.cpu_percent, process.pid)))

    def _one(self, key: tuple[int, str], at_s: float, process: Process) -> Process:
        if process.cpu_s is None or not math.isfinite(process.cpu_s):
            return process
        known = self._known.get(key)
        if known is None or process.cpu_s < known.cpu_s:
            self._known[key] = _Known(at_s, process.cpu_s)
            return process
        known.missed = 0
        passed = at_s - known.at_s
        if passed >= _SHORTEST_S:
            known.percent = 100.0 * (process.cpu_s - known.cpu_s) / passed
            busy = self._cpu is not None and known.percent >= self._cpu
            known.busy_s = (known.busy_s or 0.0) + passed if busy else 0.0
            known.at_s, known.cpu_s = at_s, process.cpu_s
        percent = process.cpu_percent if known.percent is None else known.percent
        return msgspec.structs.replace(process, cpu_percent=percent, busy_s=known.busy_s)
