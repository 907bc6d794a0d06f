"""What a line of the kernel log means to a technician: memory ran out, a disk fails, or nothing."""

from __future__ import annotations

import re
from typing import Final, Literal

from backends.fleet.host import KernelEvents
from backends.text import safe

KEPT: Final = 10
"""Lines kept of each kind, the newest."""

_OOM: Final = re.compile(r"out of memory: killed process|oom-kill:.*task=|: killed process .* total-vm", re.IGNORECASE)
_DISK: Final = re.compile(
    r"""\bI/O\ error,\ dev\ (?!fd\d|sr\d|loop\d|zram\d)
    | \bbuffer\ i/o\ error\ on\ dev(?:ice)?\ (?!fd\d|sr\d|loop\d)
    | critical\ (?:medium|target)\ error | \bmedium\ error\b | unrecovered\ read\ error
    | EXT[234]-fs\ error | EXT[234]-fs\ \(.*\):\ .*\bremounting\ filesystem\ read-only
    | XFS\ \(.*\):\ .*(?:corruption|metadata\ I/O\ error|shutting\ down\ filesystem)
    | BTRFS\ (?:error|critical) | F2FS-fs\ .*\ error
    | md/raid.*disk\ failure | nvme\S*:\ .*(?:controller\ is\ down|I/O\ .*timeout,\ reset)
    | ata\d+(?:\.\d+)?:\ (?:failed\ command|exception\ .*frozen) | \bremounting\ filesystem\ read-only""",
    re.IGNORECASE | re.VERBOSE,
)


def meaning_of(line: str) -> Literal["oom", "disk", ""]:
    """Which kind of event a line is; empty for all the others."""
    if _OOM.search(line):
        return "oom"
    return "disk" if _DISK.search(line) else ""


def events_of(lines: list[str]) -> KernelEvents:
    """The events among the lines of the last hour, oldest first."""
    kinds = [(meaning_of(line), safe(line)) for line in lines]
    return KernelEvents(
        oom_kills=tuple(line for kind, line in kinds if kind == "oom")[-KEPT:],
        disk_errors=tuple(line for kind, line in kinds if kind == "disk")[-KEPT:],
    )
