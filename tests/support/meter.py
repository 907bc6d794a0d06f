"""What a program in a terminal costs, measured from outside: time to paint, bytes, processor time, memory.

Processor time is exact to the microsecond and hardly minds other work on the machine; wall time minds it, so compare
programs that were measured in turns. Nothing here is asserted.
"""

from __future__ import annotations

import contextlib
import functools
import itertools
import os
import re
import statistics
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import pyte
from msgspec import Struct

from tests.support.terminal import HOPELESS_S, KEYS, Terminal

FRAME_BEGINS, FRAME_ENDS = b"\x1b[?2026h", b"\x1b[?2026l"

QUIET_S = 0.02
"""So long without a byte, and what was heard is looked at. Looking takes longer than hearing: a program whose pieces
are looked at one by one has to wait for it."""

STILL_S = 1.0
"""So long after the last key nothing more comes of it, however busy the machine is."""

SYNCHRONIZED = b"\x1b[?2026$p"
"""`Can you show a frame at once?`, asked by Textual; a modern terminal can."""


class Start(Struct, frozen=True, kw_only=True):
    """One start: milliseconds until something could be seen, and processor seconds spent by then."""

    paint_ms: float
    cpu_s: float


class Spell(Struct, frozen=True, kw_only=True):
    """A span of time that somebody watched, over the whole tree of processes."""

    seconds: float
    bytes: int
    frames: int
    cpu_s: float
    rss_kib: int
    """At its end."""

    @property
    def bytes_per_s(self) -> float:
        return self.bytes / self.seconds

    @property
    def cpu_percent(self) -> float:
        return 100 * self.cpu_s / self.seconds


class Keys(Struct, frozen=True, kw_only=True):
    """Keys pressed one after the other: how long each took to show, in milliseconds."""

    times_ms: tuple[float, ...]
    bytes: int

    @property
    def p50(self) -> float:
        return statistics.median(self.times_ms)

    @property
    def p95(self) -> float:
        return sorted(self.times_ms)[int(0.95 * (len(self.times_ms) - 1))]


class Held(Struct, frozen=True, kw_only=True):
    """A key held down: how many of its repetitions could be seen, and how late."""

    keys: int
    paints: int
    gap_ms: float
    """The longest time in which nothing moved."""
    drain_ms: float
    """From the last repetition to the last paint."""


class Meter(Terminal):
    """A terminal that shows a frame at once, and knows when it heard what."""

    def __init__(self, *args: object, **words: object) -> None:
        self.heard_at = 0.0
        self.frames = 0
        self._gathered: list[tuple[float, bytes]] | None = None
        self._whole = True
        super().__init__(*args, **words)  # type: ignore[arg-type]

    def _heard(self, piece: bytes) -> None:
        self.heard_at = time.monotonic()
        self.frames += piece.count(FRAME_BEGINS)
        if SYNCHRONIZED in piece:
            self.write(b"\x1b[?2026;2$y")
        if self._gathered is None:
            super()._heard(piece)
        else:
            self._gathered.append((self.heard_at, piece))

    def _gather(self, until: Callable[[], bool]) -> Iterator[float]:
        """Only listen until `until`; then look at it all, and give the time of every piece that ended a frame."""
        self._gathered = []
        while not until():
            self._read(QUIET_S / 2)
        gathered, self._gathered = self._gathered, None
        for at, piece in gathered:
            super()._heard(piece)
            begins, ends = piece.rfind(FRAME_BEGINS), piece.rfind(FRAME_ENDS)
            if begins != ends:
                self._whole = ends > begins
            if self._whole:
                yield at

    def _when(self, holds: Callable[[], bool], begun: float, patience_s: float) -> float | None:
        """When `holds` came to be true, in seconds after `begun`; None when it did not for too long."""
        found: float | None = None
        while found is None and time.monotonic() - begun < patience_s:
            for at in self._gather(functools.partial(self._quiet_since, time.monotonic())):
                if found is None and holds():
                    found = at - begun
        return found

    def _quiet_since(self, moment: float) -> bool:
        return time.monotonic() - max(self.heard_at, moment) > QUIET_S

    def answer(self, key: str, pattern: str) -> float:
        """Milliseconds from a key until the screen matches."""
        wanted = re.compile(pattern, re.MULTILINE)
        pressed = time.monotonic()
        self.write(KEYS.get(key, key.encode()))
        after = self._when(lambda: wanted.search(self.text) is not None, pressed, HOPELESS_S)
        assert after is not None, f"{key} never brought {pattern!r}; the screen was:\n{self.text}"
        return 1000 * after

    def hold(self, key: str, times: int, rate: float, column: int, width: int, *, part: float = 1.0) -> Held:
        """A key that repeats so often, so many times a second. Paints are seen by texts and backgrounds in these
        columns, in the upper `part` of the screen: whatever stands below follows the cursor once more."""
        upper = slice(0, int(self.lines * part) * width)

        def look() -> tuple[object, ...]:
            return self._texts(column, width)[upper] + self._backgrounds(column, width)[upper]

        before, began, sent = look(), time.monotonic(), 0

        def over() -> bool:
            nonlocal sent
            now = time.monotonic()
            while sent < times and now >= began + sent / rate:
                self.write(KEYS[key])
                sent += 1
            return sent == times and now - began - times / rate > STILL_S

        paints = []
        for at in self._gather(over):
            if (now := look()) != before:
                before = now
                paints.append(at)
        assert paints, f"nothing moved; the screen was:\n{self.text}"
        return Held(
            keys=times,
            paints=len(paints),
            gap_ms=1000 * max((late - early for early, late in itertools.pairwise(paints)), default=0.0),
            drain_ms=1000 * max(0.0, paints[-1] - (began + (times - 1) / rate)),
        )

    def first_paint(self, pattern: str = r"\S") -> Start:
        """Until the screen matches; the program was started when this terminal was made."""
        wanted = re.compile(pattern)
        self.until_true(lambda: wanted.search(self.text) is not None, repr(pattern))
        return Start(paint_ms=1000 * (self.heard_at - self.began), cpu_s=cpu_of(self.pid))

    def until_quiet(self, quiet_s: float = 0.4) -> None:
        """Until no byte came for so long."""
        end = time.monotonic() + HOPELESS_S
        while time.monotonic() < end and time.monotonic() - max(self.heard_at, self.began) < quiet_s:
            self._read(quiet_s / 4)

    def watch(self, seconds: float) -> Spell:
        """What it costs for so long, left alone."""
        bytes_before, frames_before, cpu_before = len(self.raw), self.frames, cpu_of_tree(self.pid)
        began = time.monotonic()
        while (left := began + seconds - time.monotonic()) > 0:
            self._read(min(left, 0.05))
        took = time.monotonic() - began
        return Spell(
            seconds=took,
            bytes=len(self.raw) - bytes_before,
            frames=self.frames - frames_before,
            cpu_s=cpu_of_tree(self.pid) - cpu_before,
            rss_kib=rss_of_tree(self.pid),
        )

    def keys(self, presses: Sequence[str], column: int, width: int = 1, *, texts: bool = False) -> Keys:
        """Press each key and wait until the cells of these columns look different: their backgrounds, which follow
        the cursor and nothing else, or their `texts`. A key that shows nothing is left out after a second."""
        times = []
        bytes_before = len(self.raw)
        look = self._texts if texts else self._backgrounds
        for key in presses:
            before = look(column, width)
            pressed = time.monotonic()
            self.write(KEYS[key])
            after = self._when(functools.partial(self._differs, look, column, width, before), pressed, 1.0)
            if after is not None:
                times.append(1000 * after)
            self._rest()
        return Keys(times_ms=tuple(times), bytes=len(self.raw) - bytes_before)

    def _rest(self) -> None:
        """The rest of the frame, and time for the next."""
        end = time.monotonic() + 0.03
        while time.monotonic() < end:
            self._read(0.005)

    @staticmethod
    def _differs(look: Callable[[int, int], object], column: int, width: int, before: object) -> bool:
        return look(column, width) != before

    def _backgrounds(self, column: int, width: int) -> tuple[object, ...]:
        return self._cells(column, width, lambda cell: (cell.bg, cell.reverse))

    def _texts(self, column: int, width: int) -> tuple[object, ...]:
        return self._cells(column, width, lambda cell: cell.data)

    def _cells(self, column: int, width: int, look: Callable[[pyte.screens.Char], object]) -> tuple[object, ...]:
        buffer = self._screen.buffer
        return tuple(look(buffer[line][place]) for line in range(self.lines) for place in range(column, column + width))


def tree(root: int) -> list[int]:
    """The process and its descendants that live."""
    children: dict[int, list[int]] = {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            with contextlib.suppress(OSError, ValueError, IndexError):
                parent = int((entry / "stat").read_bytes().rpartition(b")")[2].split()[1])
                children.setdefault(parent, []).append(int(entry.name))
    found, waiting = [], [root]
    while waiting:
        pid = waiting.pop()
        found.append(pid)
        waiting += children.get(pid, ())
    return found


def cpu_of(pid: int) -> float:
    """Processor seconds of the threads of one process that live."""
    total = 0
    with contextlib.suppress(OSError):
        for task in Path(f"/proc/{pid}/task").iterdir():
            with contextlib.suppress(OSError, ValueError, IndexError):
                total += int((task / "schedstat").read_text().split()[0])
    return total / 1e9


def cpu_of_tree(root: int) -> float:
    return sum(map(cpu_of, tree(root)))


def rss_of(pid: int) -> int:
    """Resident memory of one process in KiB."""
    with contextlib.suppress(OSError, ValueError, IndexError):
        pages = int(Path(f"/proc/{pid}/statm").read_text().split()[1])
        return pages * os.sysconf("SC_PAGE_SIZE") // 1024
    return 0


def rss_of_tree(root: int) -> int:
    return sum(map(rss_of, tree(root)))
