"""A look at the BSDs and at macOS becomes facts; the outputs are made by hand after their manuals."""

from __future__ import annotations

import pytest

from backends.fleet.host import Battery, KernelEvents
from tests.backends.adapters.ssh.looks import facts

FREEBSD = facts("freebsd", services=("nginx", "squid", "nope"), processes=("report gen", "ntpd"), files=("/x",))
OPENBSD = facts("openbsd", services=("smtpd", "httpd"))
NETBSD = facts("netbsd", services=("sshd",))
MACOS = facts("macos", services=("com.example.up", "com.example.idle", "nope"), processes=("Safari",))
ALL = {"freebsd": FREEBSD, "openbsd": OPENBSD, "netbsd": NETBSD, "darwin": MACOS}


@pytest.mark.parametrize("platform", ALL)
def test_everything_is_understood(platform: str) -> None:
    assert (ALL[platform].platform, ALL[platform].unread) == (platform, ())


def test_systems_have_names() -> None:
    assert [look.system for look in ALL.values()] == [
        "FreeBSD 14.1-RELEASE-p5",
        "OpenBSD 7.6",
        "NetBSD 10.0",
        "macOS 15.1",
    ]


def test_boots_are_told_apart() -> None:
    assert [look.boot_id for look in ALL.values()] == [
        "boottime-1767500000",
        "Sun Jan  4 04:13:20 2026",
        "Sun Jan  4 04:13:20 2026",
        "5C6D7E8F-0011-2233-4455-66778899AABB",
    ]


def test_machines_are_told_apart() -> None:
    assert (FREEBSD.serial, MACOS.serial) == ("ABC1234", "C02XY0AAJG5J")
    assert MACOS.machine_id == "0F1E2D3C-4B5A-6978-8796-A5B4C3D2E1F0"


@pytest.mark.parametrize(("platform", "seconds"), [("freebsd", 100_000), ("darwin", 100_000), ("netbsd", 13_600)])
def test_uptime_is_the_age_of_the_first_process(platform: str, seconds: float) -> None:
    assert ALL[platform].uptime_s == seconds


def test_loads_and_cores() -> None:
    assert [(look.load and look.load[1], look.cores) for look in ALL.values()] == [
        (0.51, 4),
        (1.02, 2),
        (0.20, 1),
        (2.50, 10),
    ]


def test_memory_counts_what_can_be_given_back() -> None:
    assert FREEBSD.memory_available_bytes == 300_000 * 4096 + 1024**3
    assert OPENBSD.memory_available_bytes == 820_000 * 4096
    assert NETBSD.memory_available_bytes == 450_000 * 4096
    assert MACOS.memory_available_bytes == 310_000 * 16384


def test_memory_that_a_small_number_cannot_hold_is_taken_from_the_large_one() -> None:
    assert NETBSD.memory_bytes == 4 * 1024**3


def test_swap() -> None:
    assert [look.swap_used_bytes for look in ALL.values()] == [524_288 * 1024, 1024 * 1024, 0, int(512.5 * 1024**2)]


def test_real_file_systems_only() -> None:
    assert [[disk.mount for disk in look.file_systems] for look in ALL.values()] == [
        ["/", "/boot/efi", "/var/log", "/tmp"],
        ["/", "/home"],
        ["/"],
        ["/", "/System/Volumes/Data"],
    ]


def test_an_overfull_file_system_has_nothing_left() -> None:
    root, home = OPENBSD.file_systems
    assert (root.available_bytes, root.inodes, root.kind) == (0, 155_646, "ffs")
    assert home.read_only


def test_interfaces_without_carrier_are_down() -> None:
    assert [(i.name, i.up, i.default_route, i.mac) for i in FREEBSD.interfaces] == [
        ("em0", True, True, "b4:2e:99:0a:0b:0c"),
        ("em1", False, False, "b4:2e:99:0a:0b:0d"),
    ]
    assert OPENBSD.interfaces[0].mac == "52:54:00:12:34:56"
    assert NETBSD.interfaces[0].addresses == ("10.9.8.7",)
    assert [i.name for i in MACOS.interfaces] == ["en0"]


def test_temperatures_and_batteries() -> None:
    assert FREEBSD.sensors[0].celsius == 47.0
    assert [sensor.name for sensor in OPENBSD.sensors] == ["cpu0.temp0", "acpitz0.temp0"]
    assert OPENBSD.batteries == (Battery(percent=80.0, plugged=False),)
    assert MACOS.batteries == (Battery(percent=64.0, plugged=False, left_s=13_500.0),)


def test_a_newer_kernel_on_disk_asks_for_a_reboot() -> None:
    assert FREEBSD.reboot_required == "kernel 14.1-RELEASE-p6 is installed, 14.1-RELEASE-p5 runs"
    assert MACOS.reboot_required is None


def test_the_idle_process_is_no_runaway() -> None:
    assert [process.name for process in FREEBSD.processes] == ["ntpd", "report gen"]


def test_a_busy_process_tells_its_time_and_start() -> None:
    busy = FREEBSD.processes[1]
    assert (busy.pid, busy.cpu_s, busy.age_s) == (4711, pytest.approx(6730.09), 6732.0)
    assert busy.started == "Mon Jan 5 06:07:48 2026"


def test_watched_services() -> None:
    assert [s.state for s in FREEBSD.services] == ["running", "stopped", "missing"]
    assert [s.state for s in OPENBSD.services] == ["running", "stopped"]
    assert [s.state for s in MACOS.services] == ["running", "stopped", "missing"]


def test_programs_of_macos_are_known_by_their_last_name() -> None:
    assert [(p.name, p.count) for p in MACOS.watched_processes] == [("Safari", 1)]


def test_only_the_last_hour_of_the_log_counts() -> None:
    assert FREEBSD.kernel_events == KernelEvents(
        oom_kills=("kernel: pid 4200 (java), jid 0, uid 80, was killed: out of swap space",),
        disk_errors=("kernel: (ada1:ahcich1:0:0:0): CAM status: ATA Status Error",),
    )
