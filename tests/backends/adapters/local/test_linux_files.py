"""What small files of Linux are taken to mean."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from backends.adapters.local.linux import LinuxFiles
from backends.fleet.host import Interface


def put(root: Path, **files: str) -> LinuxFiles:
    for name, text in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return LinuxFiles(root)


def test_an_empty_machine_tells_nothing(tmp_path: Path) -> None:
    files = LinuxFiles(tmp_path)
    known = (files.boot_id(), files.machine_id(), files.serial(), files.system(), files.uptime_s())
    assert known == ("", "", "", "", None)


def test_the_name_of_the_system_is_for_people(tmp_path: Path) -> None:
    text = 'NAME="Debian"\nPRETTY_NAME="Debian GNU/Linux 12 (bookworm)"\n'
    assert put(tmp_path, **{"etc/os-release": text}).system() == "Debian GNU/Linux 12 (bookworm)"


@pytest.mark.parametrize(
    ("files", "reason"),
    [
        ({}, ""),
        ({"run/reboot-required": ""}, "updates"),
        ({"run/reboot-required": "", "run/reboot-required.pkgs": "libc6\nlibc6\nlinux-image\n"}, "libc6, linux-image"),
        ({"run/reboot-required": "", "run/reboot-required.pkgs": "a\nb\nc\nd\n"}, "a, b, c, …"),
        ({"lib/modules/6.1/x": ""}, ""),
        ({"lib/modules/6.2/x": ""}, "the running kernel 6.1 was removed"),
        ({"lib/modules/6.2/x": "", ".dockerenv": ""}, ""),
    ],
)
def test_a_reboot_is_wanted_with_a_reason(tmp_path: Path, files: dict[str, str], reason: str) -> None:
    assert put(tmp_path, **files).reboot_required("6.1", 1000.0) == reason


@pytest.mark.parametrize(("changed", "reason"), [(500, ""), (5000, "kernel 6.2 is installed, 6.1 runs")])
def test_a_kernel_that_was_installed_after_the_boot_wants_a_reboot(tmp_path: Path, changed: int, reason: str) -> None:
    files = put(tmp_path, **{"boot/vmlinuz-6.1": "", "boot/vmlinuz-6.2": ""})
    os.utime(tmp_path / "boot/vmlinuz-6.1", (100, 100))
    os.utime(tmp_path / "boot/vmlinuz-6.2", (changed, changed))
    assert files.reboot_required("6.1", 1000.0) == reason


ROUTES = """Iface Destination Gateway Flags RefCnt Use Metric Mask MTU Window IRTT
eth0 00000000 010200C0 0003 0 0 0 00000000 0 0 0
eth1 000200C0 00000000 0001 0 0 0 00FFFFFF 0 0 0
"""


def test_the_default_route_is_found(tmp_path: Path) -> None:
    files = put(tmp_path, **{"proc/net/route": ROUTES})
    up = [Interface(name=name, up=True, addresses=("10.0.0.1",)) for name in ("eth0", "eth1")]
    assert {one.name: one.default_route for one in files.with_routes(up)} == {"eth0": True, "eth1": False}


def test_a_running_client_means_dhcp(tmp_path: Path) -> None:
    files = put(tmp_path, **{"run/systemd/netif/leases/7": "", "sys/class/net/eth0/ifindex": "7\n"})
    assert files.with_routes([Interface(name="eth0", up=True, addresses=("10.0.0.1",))])[0].dhcp is True


@pytest.mark.parametrize("name", ["lo", "veth12ab", "docker0", "../etc", "ifb0"])
def test_made_up_interfaces_are_left_out(tmp_path: Path, name: str) -> None:
    assert LinuxFiles(tmp_path).with_routes([Interface(name=name, up=True, addresses=("10.0.0.1",))]) == ()


def test_a_real_interface_is_shown_even_when_it_is_down(tmp_path: Path) -> None:
    files = put(tmp_path, **{"sys/class/net/eth5/device/x": ""})
    assert [one.name for one in files.with_routes([Interface(name="eth5", up=False)])] == ["eth5"]


def test_a_kernel_that_never_had_its_modules_here_was_not_removed(tmp_path: Path) -> None:
    files = put(tmp_path, **{"lib/modules/6.2/x": ""})
    os.utime(tmp_path / "lib/modules", (500, 500))
    assert files.reboot_required("6.1", 1000.0) == ""


def test_a_machine_that_does_not_tell_when_it_booted_wants_no_reboot(tmp_path: Path) -> None:
    assert put(tmp_path, **{"lib/modules/6.2/x": ""}).reboot_required("6.1", None) == ""
