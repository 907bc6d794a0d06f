"""What fixes did to the imaginary machines: their own memory, one line of JSON for every real execution.

The file belongs to the machines, not to the program: it does not ask whether a run was there before, so that whoever
counts its lines knows how often something was really done. All sources of a demo read the same file, and a world that
is opened again goes on where the last one was killed.
"""

from __future__ import annotations

import os
from collections import defaultdict
from datetime import datetime
from pathlib import Path
from typing import Final

import msgspec
from msgspec import Struct

from backends.private import make_folder, open_file

DEVICES_FILE: Final = "demo-devices.jsonl"
BOOT_S: Final = 20.0
"""Seconds that a machine is away when it is rebooted."""
EFFECT_S: Final = {"restart-service": 2.0, "free-disk": 4.5, "end-process": 0.5, "renew-lease": 1.5}
"""Seconds from the beginning of a script until its effect shows; a reboot acts at once."""
POINTED: Final = frozenset({"restart-service", "end-process"})
"""Actions that cure only what their arguments name."""


class Act(Struct, frozen=True, kw_only=True):
    """One execution."""

    run: str
    device: str
    """The native id at the source that it came through."""
    action: str
    at: datetime
    source: str
    name: str
    arguments: tuple[str, ...] = ()
    step: str
    """Short digest of the script, to tell the steps of one run apart."""
    machine: int
    t: float
    """Seconds of the story."""
    story: str
    """Which story it belongs to."""


class Acts:
    """The file, read as it grows."""

    def __init__(self, folder: Path, story: str) -> None:
        self.path = folder / DEVICES_FILE
        self.story = story
        self._read = 0
        self._by_machine: dict[int, list[Act]] = defaultdict(list)
        self._order: list[Act] = []

    def of(self, machine: int) -> tuple[Act, ...]:
        """What was done to it, in order."""
        return tuple(self._by_machine.get(machine, ()))

    def all(self) -> tuple[Act, ...]:
        return tuple(self._order)

    def refresh(self) -> None:
        """Take in what was written since the last time, by whomever."""
        try:
            size = self.path.stat().st_size
        except FileNotFoundError:
            return
        if size <= self._read:
            return
        with self.path.open("rb") as file:
            file.seek(self._read)
            fresh = file.read()
        whole = fresh[: fresh.rfind(b"\n") + 1]
        self._read += len(whole)
        for line in whole.splitlines():
            self._take(line)

    def append(self, act: Act) -> None:
        """On disk before anything else happens. Blocks for as long as the disk needs, which keeps the order plain."""
        make_folder(self.path.parent)
        handle = open_file(self.path, os.O_RDWR | os.O_CREAT | os.O_APPEND)
        try:
            end = os.fstat(handle).st_size
            torn = end > 0 and os.pread(handle, 1, end - 1) != b"\n"
            os.write(handle, (b"\n" if torn else b"") + msgspec.json.encode(act) + b"\n")
            os.fsync(handle)
        finally:
            os.close(handle)
        self.refresh()

    def _take(self, line: bytes) -> None:
        try:
            act = msgspec.json.decode(line, type=Act)
        except msgspec.DecodeError:
            return  # a line that was cut by a crash: nothing had happened yet
        if act.story == self.story:
            self._by_machine[act.machine].append(act)
            self._order.append(act)
