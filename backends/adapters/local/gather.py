"""One look at this machine: everything but the services, which have to be asked for. Blocks, so it runs in a thread."""

from __future__ import annotations

import os
import platform
import socket
import subprocess
import sys
import time
from datetime import datetime
from pathlib import Path
from typing import Final

import msgspec

from backends.adapters.local.certificate import read_certificate
from backends.adapters.local.kmsg import KernelLog
from backends.adapters.local.linux import LinuxFiles
from backends.adapters.local.options import Options
from backends.adapters.local.processes import Running, count, owner_of, whole_name
from backends.adapters.local.vitals import Mount, Usage, Vitals
from backends.fleet.busy import Busy
from backends.fleet.host import FileSystem, HostFacts, Interface, Process, Sensor, WatchedFile, WatchedProcess
from backends.text import safe

_TOP: Final = 10
_MOST_SENSORS: Final = 16
_PLATFORMS: Final = ("linux", "darwin", "freebsd", "openbsd", "netbsd")

_REAL: Final = frozenset(
    (
        *("ext2", "ext3", "ext4", "xfs", "btrfs", "f2fs", "jfs", "nilfs2", "reiserfs", "bcachefs", "zfs", "ufs", "ffs"),
        *("hammer", "hammer2", "apfs", "hfs", "vfat", "msdos", "msdosfs", "exfat", "ntfs", "ntfs3", "fuseblk"),
    )
)
"""Kinds that hold data on a disk of this machine. Those of the network are left out: they belong to the server's own
rounds, and one that hangs would hang us."""
_SYSTEM_FOLDERS: Final = ("/dev", "/proc", "/run", "/sys", "/System/Volumes", "/private/var/vm")


class Gatherer:
    """Looks at this machine again and again; remembers what needs two looks."""

    def __init__(self, options: Options, vitals: Vitals, files: LinuxFiles | None = None) -> None:
        self._options = options
        self._vitals = vitals
        self._files = files or LinuxFiles()
        self._busy = Busy(options.thresholds.process.cpu)
        self._log = KernelLog(self._files.root / "dev/kmsg")
        self._kept: HostFacts | None = None

    def who(self, at: datetime) -> HostFacts:
        """Only what tells which machine this is, and which boot."""
        vitals, files = self._vitals, self._files
        name = platform_name()
        uptime = files.uptime_s()
        booted = vitals.boot_time() if uptime is None else None
        if uptime is None and booted is not None:
            uptime = max(0.0, time.time() - booted)
        if self._kept is None:
            self._kept = self._unchanging(at, name, booted)
        return msgspec.structs.replace(
            self._kept,
            at=at,
            hostname=socket.gethostname().partition(".")[0],
            uptime_s=uptime,
            interfaces=files.with_routes(vitals.interfaces()) if name == "linux" else _outer(vitals.interfaces()),
        )

    def look(self, at: datetime) -> HostFacts:
        """Everything; `at` is the time of the engine's clock."""
        who, vitals, options = self.who(at), self._vitals, self._options
        memory, swap = vitals.memory(), vitals.swap()
        running = vitals.processes()
        linux = who.platform == "linux"
        booted = None if who.uptime_s is None else time.time() - who.uptime_s
        return msgspec.structs.replace(
            who,
            load=vitals.load(),
            cores=vitals.cores(),
            memory_bytes=memory[0] if memory else None,
            memory_available_bytes=memory[1] if memory else None,
            swap_bytes=swap[0] if swap else None,
            swap_used_bytes=swap[1] if swap else None,
            file_systems=tuple(self._file_systems()),
            sensors=fewer(vitals.sensors()),
            batteries=vitals.batteries(),
            reboot_required=self._files.reboot_required(who.kernel, booted) if linux else None,
            processes=self._top(running),
            watched_processes=tuple(
                WatchedProcess(name=name, count=count(name, running)) for name in options.processes if running
            ),
            files=tuple(_watched_file(path) for path in options.files),
            certificates=tuple(read_certificate(path) for path in options.certificates),
            kernel_events=self._log.events() if linux else None,
            unread=() if running else ("processes",),
        )

    def close(self) -> None:
        self._log.close()

    def _unchanging(self, at: datetime, name: str, booted: float | None) -> HostFacts:
        """What stays as it is for as long as this process lives: another boot would have ended it."""
        files, system = self._files, os.uname()
        machine, serial = (files.machine_id(), files.serial()) if name == "linux" else _hardware(name)
        if name == "linux":
            boot = files.boot_id()
            words = files.system()
        else:
            boot = "" if booted is None else time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(booted))
            words = f"macOS {platform.mac_ver()[0]}" if name == "darwin" else ""
        return HostFacts(
            at=at,
            platform=name,
            system=words or f"{system.sysname} {system.release}",
            kernel=system.release,
            machine_id=machine,
            serial=serial,
            boot_id=boot,
            user=str(os.geteuid()),
            privileged=os.geteuid() == 0,
        )

    def _file_systems(self) -> list[FileSystem]:
        # What was mounted last on a place is what one sees there.
        mounts = {mount.mount: mount for mount in self._vitals.mounts()}
        known: dict[object, FileSystem] = {}
        for mount in sorted(mounts.values(), key=lambda one: (len(one.mount), one.mount)):
            usage = self._vitals.usage(mount.mount) if _is_real(mount) else None
            if usage is None or usage.size_bytes <= 0:
                continue
            # The same file system in several places (bind mounts, subvolumes) is told once, at its shortest path.
            volume: object = mount.device if mount.kind == "btrfs" else usage.volume or mount.mount
            known.setdefault(volume, _file_system(mount, usage))
        return list(known.values())

    def _top(self, running: tuple[Running, ...]) -> tuple[Process, ...]:
        """The busiest, with the names of their owners."""
        plain = tuple(
            Process(
                pid=one.pid,
                name=one.name,
                cpu_percent=100.0 * one.cpu_s / one.age_s if one.age_s >= 1 else 0.0,
                cpu_s=one.cpu_s,
                memory_bytes=one.memory_bytes,
                started=one.started,
                age_s=one.age_s,
            )
            for one in running
        )
        by_pid = {one.pid: one for one in running}
        top = self._busy.seen(time.monotonic(), plain)[:_TOP]
        return tuple(
            msgspec.structs.replace(one, name=whole_name(by_pid[one.pid]), user=owner_of(one.pid)) for one in top
        )


def platform_name() -> str:
    """As fixes name it; empty for what they do not know."""
    return next((name for name in _PLATFORMS if sys.platform.startswith(name)), "")


def fewer(sensors: tuple[Sensor, ...]) -> tuple[Sensor, ...]:
    """One sensor a chip where there is one for the whole package, else the hottest; names told apart."""
    chips: dict[str, list[Sensor]] = {}
    for sensor in sensors:
        chips.setdefault(sensor.name.partition(" ")[0], []).append(sensor)
    out: dict[str, Sensor] = {}
    for chip, found in chips.items():
        whole = [sensor for sensor in found if "package" in sensor.name.casefold()]
        labelled = whole or (found if len(found) <= 3 else [])
        names = [sensor.name for sensor in labelled]
        if labelled and len(set(names)) == len(names):
            out |= {sensor.name: sensor for sensor in labelled}
        else:
            hottest = max(found, key=lambda sensor: sensor.celsius)
            out[chip] = msgspec.structs.replace(hottest, name=chip)
    return tuple(out.values())[:_MOST_SENSORS]


def _is_real(mount: Mount) -> bool:
    if mount.mount.startswith(tuple(f"{folder}/" for folder in _SYSTEM_FOLDERS)) or mount.mount in _SYSTEM_FOLDERS:
        return mount.mount == "/System/Volumes/Data"
    if mount.kind in _REAL:
        return True
    # Memory that somebody mounted for data, and the root of a container.
    return (mount.kind == "tmpfs" and not mount.read_only) or (mount.kind == "overlay" and mount.mount == "/")


def _file_system(mount: Mount, usage: Usage) -> FileSystem:
    return FileSystem(
        mount=mount.mount,
        device=mount.device,
        kind=mount.kind,
        size_bytes=usage.size_bytes,
        used_bytes=usage.used_bytes,
        available_bytes=usage.available_bytes,
        inodes=usage.inodes,
        inodes_used=usage.inodes_used,
        read_only=mount.read_only,
    )


def _outer(interfaces: tuple[Interface, ...]) -> tuple[Interface, ...]:
    """Those with an address, without loopback, where the platform's files tell nothing of routes."""
    return tuple(one for one in interfaces if one.addresses and not one.name.startswith("lo"))


def _watched_file(path: str) -> WatchedFile:
    try:
        status = Path(path).stat()
    except (FileNotFoundError, NotADirectoryError):
        return WatchedFile(path=path, exists=False)
    except (OSError, ValueError) as error:
        return WatchedFile(path=path, exists=False, problem=safe(getattr(error, "strerror", "") or "unreadable", 64))
    return WatchedFile(path=path, exists=True, size_bytes=status.st_size, age_s=max(0.0, time.time() - status.st_mtime))


def _hardware(name: str) -> tuple[str, str]:
    """Machine id and serial number where no file tells them; asked for once."""
    if name != "darwin":
        return LinuxFiles().text("etc/hostid"), ""
    try:
        answer = subprocess.run(
            ["/usr/sbin/ioreg", "-rd1", "-c", "IOPlatformExpertDevice"],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=5,
            check=False,
        )
    except (OSError, subprocess.SubprocessError):
        return "", ""
    pairs = {
        key.strip(' "'): value.strip(' "')
        for key, equals, value in (
            line.partition("=") for line in answer.stdout.decode("utf-8", "replace").splitlines()
        )
        if equals
    }
    return str(safe(pairs.get("IOPlatformUUID", ""))), str(safe(pairs.get("IOPlatformSerialNumber", "")))
