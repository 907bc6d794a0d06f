"""The kernel's own log, read as it grows: each poll reads only what is new."""

from __future__ import annotations

import contextlib
import os
import time
from collections import deque
from pathlib import Path
from typing import Final

from backends.fleet.host import KernelEvents
from backends.fleet.kernel_log import events_of, meaning_of

_HOUR_S: Final = 3600.0
_MOST_LINES: Final = 20_000
"""Records taken at one poll; more than any ring buffer holds."""
_KEPT: Final = 200


class KernelLog:
    """Events of the last hour from `/dev/kmsg`. Without the right to read it there is nothing to tell."""

    def __init__(self, path: Path = Path("/dev/kmsg")) -> None:
        self._path = path
        self._descriptor: int | None = None
        self._events: deque[tuple[float, str]] = deque(maxlen=_KEPT)

    def events(self) -> KernelEvents | None:
        """None when the log cannot be read."""
        if self._descriptor is None:
            try:
                self._descriptor = os.open(self._path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
            except OSError:
                return None
        if not self._read(self._descriptor):
            return None
        oldest = time.monotonic() - _HOUR_S
        while self._events and self._events[0][0] < oldest:
            self._events.popleft()
        return events_of([line for _, line in self._events])

    def close(self) -> None:
        if self._descriptor is not None:
            with contextlib.suppress(OSError):
                os.close(self._descriptor)
            self._descriptor = None

    def _read(self, descriptor: int) -> bool:
        for _ in range(_MOST_LINES):
            try:
                record = os.read(descriptor, 8192)
            except BlockingIOError:
                return True
            except BrokenPipeError:  # records were overwritten before we came to them: go on with the oldest left
                continue
            except OSError:
                self.close()
                return False
            if not record:
                return True
            self._take(record)
        return True

    def _take(self, record: bytes) -> None:
        """`6,339,5140900,-;message`, with lines of details below; the third number is microseconds since boot."""
        head, _, body = record.partition(b";")
        fields = head.split(b",")
        line = body.partition(b"\n")[0].decode("utf-8", "replace")
        if len(fields) > 2 and fields[2].isdigit() and meaning_of(line):
            self._events.append((int(fields[2]) / 1e6, line))
