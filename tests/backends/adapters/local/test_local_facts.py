"""What is gathered, from an imagined machine and from this one."""

from __future__ import annotations

import os
import shutil
import socket
import sys
import time
from datetime import UTC, datetime
from pathlib import Path

import msgspec
import psutil
import pytest

from backends.adapters.local.gather import Gatherer, fewer
from backends.adapters.local.linux import LinuxFiles
from backends.adapters.local.options import Options
from backends.adapters.local.processes import Running, by_proc, by_psutil, count
from backends.adapters.local.vitals import Mount, PsutilVitals, Usage
from backends.fleet.host import Battery, HostFacts, Interface, Sensor

NOW = datetime(2026, 1, 5, 9, 0, tzinfo=UTC)
TICKS = os.sysconf("SC_CLK_TCK")
LINUX = pytest.mark.skipif(sys.platform != "linux", reason="compares with /proc")


class OddMachine:
    """A platform that tells as little, or as much, as a test wants."""

    def __init__(self, *mounts: Mount, processes: tuple[Running, ...] = (), **usages: Usage) -> None:
        self._mounts = mounts
        self._usages = usages
        self._processes = processes

    def load(self) -> tuple[float, float, float] | None:
        return None

    def cores(self) -> int | None:
        return None

    def memory(self) -> tuple[int, int] | None:
        return None

    def swap(self) -> tuple[int, int] | None:
        return None

    def boot_time(self) -> float | None:
        return None

    def mounts(self) -> tuple[Mount, ...]:
        return self._mounts

    def usage(self, mount: str) -> Usage | None:
        return self._usages.get(mount, Usage(size_bytes=100, used_bytes=40, available_bytes=60))

    def interfaces(self) -> tuple[Interface, ...]:
        return ()

    def sensors(self) -> tuple[Sensor, ...]:
        return ()

    def batteries(self) -> tuple[Battery, ...]:
        return ()

    def processes(self) -> tuple[Running, ...]:
        return self._processes


def mount(place: str, kind: str = "ext4", device: str = "/dev/sda1", *, read_only: bool = False) -> Mount:
    return Mount(device=device, mount=place, kind=kind, read_only=read_only)


def running(pid: int, name: str = "x", cpu_s: float = 0.0) -> Running:
    return Running(pid=pid, name=name, cpu_s=cpu_s, memory_bytes=0, started="1", age_s=100.0)


def looked(machine: OddMachine, root: Path, **options: object) -> HostFacts:
    known = msgspec.convert(options, Options)
    return Gatherer(known, machine, LinuxFiles(root)).look(NOW)


def test_a_machine_that_tells_nothing_has_no_facts_and_does_not_fail(tmp_path: Path) -> None:
    facts = looked(OddMachine(), tmp_path)
    assert (facts.load, facts.memory_bytes, facts.file_systems, facts.unread) == (None, None, (), ("processes",))


@pytest.mark.parametrize(
    ("path", "problem"), [("/etc/passwd/x", ""), ("/nonexistent", ""), ("/" + "x" * 300, "File name too long")]
)
def test_a_file_that_cannot_be_looked_at_is_not_taken_for_missing(tmp_path: Path, path: str, problem: str) -> None:
    assert [one.problem for one in looked(OddMachine(), tmp_path, files=[path]).files] == [problem]


def test_processes_that_could_not_be_read_are_not_taken_for_none(tmp_path: Path) -> None:
    assert looked(OddMachine(), tmp_path, processes=["nginx"]).watched_processes == ()


@pytest.mark.parametrize(
    ("one", "shown"),
    [
        (mount("/"), True),
        (mount("/srv", "xfs"), True),
        (mount("/srv", "nfs4"), False),
        (mount("/srv", "fuse.sshfs"), False),
        (mount("/snap/core/1", "squashfs"), False),
        (mount("/srv/work", "tmpfs"), True),
        (mount("/srv/work", "tmpfs", read_only=True), False),
        (mount("/run/user/0", "tmpfs"), False),
        (mount("/dev/shm", "tmpfs"), False),
        (mount("/", "overlay"), True),
        (mount("/var/lib/docker/overlay2/x/merged", "overlay"), False),
        (mount("/System/Volumes/VM", "apfs"), False),
        (mount("/System/Volumes/Data", "apfs"), True),
        (mount("/boot/efi", "vfat"), True),
        (mount("/proc", "proc"), False),
    ],
)
def test_only_file_systems_that_hold_data_here_are_told(tmp_path: Path, one: Mount, shown: bool) -> None:
    assert bool(looked(OddMachine(one), tmp_path).file_systems) is shown


def test_one_file_system_in_two_places_is_told_at_the_shorter(tmp_path: Path) -> None:
    usage = Usage(size_bytes=100, used_bytes=1, available_bytes=99, volume=7)
    machine = OddMachine(mount("/srv/jail/data"), mount("/data"), **{"/srv/jail/data": usage, "/data": usage})
    assert [one.mount for one in looked(machine, tmp_path).file_systems] == ["/data"]


def test_subvolumes_share_their_space_and_are_told_once(tmp_path: Path) -> None:
    usages = {
        name: Usage(size_bytes=9, used_bytes=1, available_bytes=8, volume=number)
        for number, name in enumerate(("/", "/home"), start=1)
    }
    machine = OddMachine(mount("/", "btrfs"), mount("/home", "btrfs"), **usages)
    assert [one.mount for one in looked(machine, tmp_path).file_systems] == ["/"]


def test_the_mount_on_top_is_the_one_that_counts(tmp_path: Path) -> None:
    machine = OddMachine(mount("/srv", "ext4"), mount("/srv", "nfs"))
    assert looked(machine, tmp_path).file_systems == ()


def test_the_first_look_shows_processes_over_their_life(tmp_path: Path) -> None:
    facts = looked(OddMachine(processes=(running(1, cpu_s=50.0), running(2, cpu_s=90.0))), tmp_path)
    assert [(one.pid, one.cpu_percent) for one in facts.processes] == [(2, 90.0), (1, 50.0)]


def test_no_more_than_ten_processes_are_told(tmp_path: Path) -> None:
    assert len(looked(OddMachine(processes=tuple(map(running, range(50)))), tmp_path).processes) == 10


def test_watched_processes_and_files_are_looked_for(tmp_path: Path) -> None:
    dump = tmp_path / "dump"
    dump.write_bytes(b"12345")
    os.utime(dump, (0, 0))
    machine = OddMachine(processes=(running(1, "nginx"), running(2, "nginx")))
    facts = looked(machine, tmp_path, processes=["nginx", "sshd"], files=[str(dump), "/nonexistent/x"])
    assert [one.count for one in facts.watched_processes] == [2, 0]
    assert [(one.exists, one.size_bytes) for one in facts.files] == [(True, 5), (False, None)]


@pytest.mark.parametrize(
    ("found", "kept"),
    [
        (["coretemp Package id 0", "coretemp Core 0", "coretemp Core 1"], ["coretemp Package id 0"]),
        (["k10temp Tctl", "nvme Composite"], ["k10temp Tctl", "nvme Composite"]),
        (["acpitz", "acpitz"], ["acpitz"]),
        ([f"bay {number}" for number in range(9)], ["bay"]),
    ],
)
def test_a_chip_is_told_by_its_whole_or_its_hottest(found: list[str], kept: list[str]) -> None:
    sensors = tuple(Sensor(name=name, celsius=40.0 + number) for number, name in enumerate(found))
    assert [one.name for one in fewer(sensors)] == kept


@pytest.mark.parametrize(
    "question",
    ["sensors_temperatures", "sensors_battery", "swap_memory", "net_if_addrs", "net_if_stats", "disk_partitions"],
)
@pytest.mark.parametrize("error", [AttributeError, NotImplementedError, PermissionError, RuntimeError])
def test_what_a_platform_does_not_let_us_ask_is_left_out(
    monkeypatch: pytest.MonkeyPatch, question: str, error: type[Exception]
) -> None:
    def refuses(*_: object, **__: object) -> None:
        raise error("not here")

    monkeypatch.setattr(psutil, question, refuses, raising=False)
    vitals = PsutilVitals()
    answers = {
        "sensors_temperatures": vitals.sensors,
        "sensors_battery": vitals.batteries,
        "swap_memory": vitals.swap,
        "net_if_addrs": lambda: [one for one in vitals.interfaces() if one.addresses],
        "net_if_stats": vitals.interfaces,
        "disk_partitions": vitals.mounts,
    }
    assert not answers[question]()


def test_long_names_are_told_apart_from_those_that_begin_alike() -> None:
    # The kernel keeps 15 characters; these two have no command line that could be read.
    assert count("systemd-journald", (running(2**30, "systemd-journal"), running(2**30, "systemd"))) == 1


def test_a_program_may_be_watched_by_its_path() -> None:
    assert count("/usr/sbin/sshd", (running(2**30, "sshd"),)) == 1


# This machine


def here() -> HostFacts:
    return Gatherer(Options(), PsutilVitals()).look(NOW)


@LINUX
def test_memory_agrees_with_the_kernel() -> None:
    lines = (line.split() for line in Path("/proc/meminfo").read_text().splitlines())
    kib = {fields[0]: int(fields[1]) for fields in lines}
    assert here().memory_bytes == kib["MemTotal:"] * 1024


@LINUX
def test_uptime_agrees_with_the_kernel() -> None:
    before = float(Path("/proc/uptime").read_text().split()[0])
    found = here().uptime_s
    after = float(Path("/proc/uptime").read_text().split()[0])
    assert found is not None
    assert before <= found <= after


@LINUX
def test_boot_and_machine_are_those_of_the_kernel() -> None:
    facts = here()
    assert facts.boot_id == Path("/proc/sys/kernel/random/boot_id").read_text().strip()
    assert facts.hostname == socket.gethostname().partition(".")[0]
    assert facts.kernel == os.uname().release


def test_the_root_file_system_agrees_with_the_kernel() -> None:
    (root,) = (one for one in here().file_systems if one.mount == "/")
    status = os.statvfs("/")
    assert root.size_bytes == status.f_blocks * status.f_frsize == shutil.disk_usage("/").total
    assert root.inodes == status.f_files
    assert not root.read_only


@LINUX
def test_the_fast_way_finds_the_processes_that_psutil_finds() -> None:
    spent, age_s = _of_this_process()
    fast = {one.pid: one for one in by_proc()}
    ours = fast[os.getpid()]
    assert ours.name == Path("/proc/self/comm").read_text().strip()
    assert spent <= round(ours.cpu_s * TICKS) <= _of_this_process()[0]
    assert age_s - 2 < ours.age_s < _of_this_process()[1] + 2  # the kernel's time of boot is in whole seconds


def _of_this_process() -> tuple[int, float]:
    """Ticks of the processor that it took so far, and seconds since it began."""
    times = psutil.Process().cpu_times()
    return round((times.user + times.system) * TICKS), time.time() - psutil.Process().create_time()


@LINUX
def test_the_start_is_what_the_fix_compares() -> None:
    (ours,) = (one for one in by_proc() if one.pid == os.getpid())
    assert ours.started == Path("/proc/self/stat").read_text().rpartition(")")[2].split()[19]


def test_the_slow_way_knows_this_process_too() -> None:
    (ours,) = (one for one in by_psutil() if one.pid == os.getpid())
    assert ours.cpu_s > 0
    assert ours.started.split()[-1].isdigit()


@LINUX
@pytest.mark.parametrize("stat", [b"", b"1 (x", b"1 (x) S 1", b"1 (a) b) " + b"0 " * 3, b"\xff" * 50])
def test_a_process_that_ends_while_one_looks_is_left_out(tmp_path: Path, stat: bytes) -> None:
    (tmp_path / "uptime").write_text("100.0 1.0")
    (tmp_path / "1").mkdir()
    (tmp_path / "1/stat").write_bytes(stat)
    assert by_proc(tmp_path) == ()


@LINUX
def test_a_name_may_hold_brackets(tmp_path: Path) -> None:
    (tmp_path / "uptime").write_text("100.0 1.0")
    (tmp_path / "7").mkdir()
    fields = ["S", *["0"] * 10, "150", "50", *["0"] * 6, "2000", "0", "3"]
    (tmp_path / "7/stat").write_text(f"7 (a) (b)) {' '.join(fields)}\n")
    (found,) = by_proc(tmp_path)
    assert (found.name, found.cpu_s, found.started, found.age_s) == ("a) (b)", 2.0, "2000", 80.0)
