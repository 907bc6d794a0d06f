"""The kernel log: what is an event, and for how long."""

from __future__ import annotations

import os
import time
from pathlib import Path
from types import SimpleNamespace

import pytest

from backends.adapters.local import kmsg
from backends.adapters.local.kmsg import KernelLog
from backends.fleet.kernel_log import events_of, meaning_of

OOM = "Out of memory: Killed process 4711 (mysqld) total-vm:1234kB, anon-rss:99kB"
DISK = "I/O error, dev sda, sector 12345 op 0x0:(READ) flags 0x0"


@pytest.mark.parametrize(
    ("line", "meaning"),
    [
        (OOM, "oom"),
        ("Memory cgroup out of memory: Killed process 77 (java) total-vm:1kB", "oom"),
        ("oom-kill:constraint=CONSTRAINT_NONE,nodemask=(null),task=java,pid=7,uid=0", "oom"),
        (DISK, "disk"),
        ("blk_update_request: I/O error, dev nvme0n1, sector 5", "disk"),
        ("Buffer I/O error on dev sdb1, logical block 0, async page read", "disk"),
        ("EXT4-fs error (device sda1): ext4_find_entry:1455: inode #2: comm ls", "disk"),
        ("EXT4-fs (sda1): Remounting filesystem read-only", "disk"),
        ("XFS (dm-0): Metadata corruption detected at xfs_agf_verify", "disk"),
        ("BTRFS error (device sda): bdev /dev/sda errs: wr 1", "disk"),
        ("sd 0:0:0:0: [sda] Add. Sense: Unrecovered read error - auto reallocate failed", "disk"),
        ("ata1.00: failed command: READ FPDMA QUEUED", "disk"),
        ("md/raid1:md0: Disk failure on sdb1, disabling device.", "disk"),
        ("I/O error, dev sr0, sector 0", ""),
        ("Buffer I/O error on dev fd0, logical block 0", ""),
        ("EXT4-fs (sda1): mounted filesystem with ordered data mode", ""),
        ("BTRFS info (device sda): disk space caching is enabled", ""),
        ("usb 1-1: new high-speed USB device number 2", ""),
        ("", ""),
    ],
)
def test_a_line_has_its_meaning(line: str, meaning: str) -> None:
    assert meaning_of(line) == meaning


def test_the_newest_ten_are_kept_and_safe_to_show() -> None:
    events = events_of([f"\x1b[2J{number} {OOM}" for number in range(15)])
    assert [line.partition(" ")[0] for line in events.oom_kills] == [f"␛[2J{number}" for number in range(5, 15)]


def record(line: str, second: float = 0.0) -> bytes:
    """A record as of that second after the boot."""
    return f"3,100,{int((second or time.monotonic()) * 1e6)},-;{line}\n SUBSYSTEM=block\n".encode()


def test_events_of_the_last_hour_count(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(kmsg, "time", SimpleNamespace(monotonic=lambda: 10_000.0))
    path = tmp_path / "kmsg"
    path.write_bytes(b"")
    log = KernelLog(path)
    log._take(record(OOM, 6300))
    log._take(record(DISK, 6500))
    events = log.events()
    log.close()
    assert events is not None
    assert (events.oom_kills, events.disk_errors) == ((), (DISK,))


def test_each_record_is_read_once(tmp_path: Path) -> None:
    path = tmp_path / "kmsg"
    path.write_bytes(record(DISK))
    log = KernelLog(path)
    first, second = log.events(), log.events()
    log.close()
    assert first == second
    assert first is not None
    assert len(first.disk_errors) == 1


def test_a_log_that_may_not_be_read_tells_nothing() -> None:
    assert KernelLog(Path("/nonexistent/kmsg")).events() is None


@pytest.mark.parametrize("noise", [b"", b";", b"a,b,c;d", b"1,2,3", b"\xff\xfe;\xff"])
def test_a_record_that_makes_no_sense_is_passed_over(tmp_path: Path, noise: bytes) -> None:
    log = KernelLog(tmp_path)
    log._take(noise)
    log.close()


@pytest.mark.skipif(not os.access("/dev/kmsg", os.R_OK), reason="the log of this machine may not be read")
def test_the_log_of_this_machine_can_be_read_to_its_end() -> None:
    log = KernelLog()
    try:
        assert log.events() is not None
    finally:
        log.close()
