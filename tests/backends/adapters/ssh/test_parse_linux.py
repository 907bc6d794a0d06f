"""A look at Linux becomes facts."""

from __future__ import annotations

import pytest

from backends.adapters.ssh.parse import NoLook, parse
from backends.adapters.ssh.watch import Watch
from backends.fleet.host import Battery, FileSystem, Interface, KernelEvents, Sensor
from tests.backends.adapters.ssh.looks import MARK, MOMENT, facts, output

DB01 = facts("linux-systemd", services=("nginx", "mariadb", "nope", "loop"), processes=("nginx", "mysqld", "absent"))
FILES01 = facts(
    "linux-sysv",
    services=("webshop", "mailer", "nope"),
    processes=("mailer", "report-gen", "sshd: root", "nobody-runs"),
    files=("/srv/data/backup.done", "/srv/nope"),
    certificates=("/srv/data/site.pem", "/etc/passwd", "/nope.pem"),
)


def test_everything_in_a_complete_look_is_understood() -> None:
    assert DB01.unread == FILES01.unread == ()


def test_the_system_tells_who_it_is() -> None:
    assert (DB01.hostname, DB01.platform, DB01.system) == ("db01", "linux", "Debian GNU/Linux 12 (bookworm)")
    assert (DB01.machine_id, DB01.boot_id[:8]) == ("0123456789abcdef0123456789abcdef", "7f3d2a10")
    assert (DB01.user, DB01.privileged, FILES01.privileged) == ("monitor", False, True)


def test_the_clock_is_told_against_the_middle_of_the_round_trip() -> None:
    assert DB01.clock_skew_s == pytest.approx(3.4)
    assert DB01.clock_error_s == pytest.approx(0.1)


def test_a_clock_of_whole_seconds_has_a_larger_error() -> None:
    look = parse(output("linux-systemd").replace(b".500000000", b".N"), MARK, MOMENT, Watch())
    assert look.clock_error_s == pytest.approx(0.6)


def test_memory_and_swap_are_in_bytes() -> None:
    assert (DB01.memory_bytes, DB01.memory_available_bytes) == (16_000_000 * 1024, 9_000_000 * 1024)
    assert (DB01.swap_bytes, DB01.swap_used_bytes) == (2_000_000 * 1024, 500_000 * 1024)


def test_an_old_kernel_that_estimates_nothing_has_its_caches_counted() -> None:
    look = parse(output("linux-systemd").replace(b"MemAvailable:    9000000 kB\n", b""), MARK, MOMENT, Watch())
    assert look.memory_available_bytes == 8_100_000 * 1024


def test_file_systems_come_with_inodes_and_their_mode() -> None:
    assert DB01.file_systems == (
        FileSystem(
            mount="/",
            device="/dev/sda1",
            kind="ext4",
            size_bytes=20_000_000 * 1024,
            used_bytes=19_500_000 * 1024,
            available_bytes=100_000 * 1024,
            inodes=1_280_000,
            inodes_used=1_279_000,
        ),
        FileSystem(
            mount="/srv/with blank",
            device="/dev/sdb1",
            kind="xfs",
            size_bytes=100_000_000 * 1024,
            used_bytes=10_000_000 * 1024,
            available_bytes=90_000_000 * 1024,
            inodes=0,
            inodes_used=0,
            read_only=True,
        ),
    )


def test_a_recorded_full_disk_and_one_with_a_blank_in_its_name_are_read() -> None:
    disks = {disk.mount: disk for disk in FILES01.file_systems}
    assert disks["/var/tmp"].used_bytes == 15904 * 1024
    assert disks["/var/tmp/disk one"].device == "one"


def test_interfaces_tell_addresses_routes_and_leases() -> None:
    eth0, eth1, wg0 = DB01.interfaces
    assert eth0 == Interface(
        name="eth0",
        up=True,
        addresses=("10.0.0.5", "fe80::1"),
        mac="52:54:00:aa:bb:cc",
        speed_mbit=1000,
        received_bytes=1000,
        sent_bytes=2000,
        errors=3,
        default_route=True,
        dhcp=True,
    )
    assert (eth1.up, wg0.up, wg0.mac) == (False, True, "")


def test_sensors_that_sleep_are_left_out() -> None:
    assert DB01.sensors == (Sensor(name="coretemp Package id 0", celsius=45.0, high=80.0, critical=100.0),)


def test_the_battery_of_a_mouse_is_not_the_hosts() -> None:
    assert DB01.batteries == (Battery(percent=77.0, plugged=False),)


def test_a_required_reboot_names_the_packages() -> None:
    assert DB01.reboot_required == "for linux-image-6.1.0-29-amd64, linux-base"
    assert FILES01.reboot_required == ""


def test_processes_keep_their_names_whatever_is_in_them() -> None:
    mysqld, odd = DB01.processes
    assert (mysqld.pid, mysqld.user, mysqld.cpu_s, mysqld.started) == (900, "mysql", 5000.0, "1000")
    assert mysqld.age_s == pytest.approx(99_990.0)
    assert (odd.name, odd.user, odd.cpu_percent) == ("(odd) name) x", "", pytest.approx(99.0))


def test_watched_processes_are_counted_by_name_or_by_command_line() -> None:
    assert [(p.name, p.count) for p in DB01.watched_processes] == [("nginx", 12), ("mysqld", 1), ("absent", 0)]
    assert [(p.name, p.count) for p in FILES01.watched_processes] == [
        ("mailer", 1),
        ("report-gen", 1),
        ("sshd: root", 0),
        ("nobody-runs", 0),
    ]


def test_units_of_systemd_are_told_in_their_order_then_others_that_failed() -> None:
    assert [(s.name, s.state, s.watched) for s in DB01.services] == [
        ("nginx", "failed", True),
        ("mariadb", "running", True),
        ("nope", "missing", True),
        ("loop", "failed", True),
        ("certbot", "failed", False),
    ]


def test_init_scripts_are_told_by_their_exit_codes() -> None:
    assert [(s.name, s.state) for s in FILES01.services] == [
        ("webshop", "stopped"),
        ("mailer", "running"),
        ("nope", "missing"),
    ]


def test_files_have_an_age_by_the_hosts_own_clock() -> None:
    there, gone = FILES01.files
    assert there.age_s == pytest.approx(2 * 86400, abs=60)
    assert (gone.exists, gone.age_s) == (False, None)


def test_certificates_tell_their_end_or_their_problem() -> None:
    good, none, gone = FILES01.certificates
    assert (good.subject, good.expires and good.expires.isoformat()[:10]) == ("www.example", "2026-11-26")
    assert none.problem == "there is no PEM certificate in it"
    assert gone.problem == "there is no such file"


def test_only_the_last_hour_of_the_kernel_log_counts() -> None:
    assert DB01.kernel_events == KernelEvents(
        oom_kills=("Out of memory: Killed process 4242 (java) total-vm:9kB",),
        disk_errors=("I/O error, dev sdb, sector 2048 op 0x0:(READ)",),
    )


@pytest.mark.parametrize("count", [0, 10, 700, 5000])
def test_a_look_that_was_cut_off_is_none(count: int) -> None:
    with pytest.raises(NoLook):
        parse(output("linux-sysv")[:count], MARK, MOMENT, Watch())


def test_text_of_the_host_cannot_begin_a_section_without_the_mark() -> None:
    forged = output("linux-systemd").replace(b"PRETTY_NAME", b"=N=memory\nMemTotal: 1 kB\n=N=end\nPRETTY_NAME")
    assert parse(forged, MARK, MOMENT, Watch()).memory_bytes == 16_000_000 * 1024
