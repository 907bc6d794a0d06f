"""What Linux tells in small files: who the machine is, how it reaches the network, whether it wants a reboot."""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path
from typing import Final

import msgspec
from msgspec import Struct

from backends.fleet.host import Interface

_LARGEST: Final = 64 * 1024
_UP: Final = 0x1
_LEASES: Final = (
    "run/systemd/netif/leases/{index}",
    "run/dhclient.{name}.pid",
    "run/dhclient-{name}.pid",
    "run/dhcpcd-{name}.pid",
    "run/dhcpcd/{name}.pid",
    "run/dhcpcd/{name}-4.pid",
    "run/udhcpc.{name}.pid",
)
"""What running DHCP clients leave behind while they have an interface."""


class LinuxFiles(Struct, frozen=True):
    """The files below `root`, which is `/` but in tests. Everything unreadable is as if it were not there."""

    root: Path = Path("/")

    def text(self, path: str) -> str:
        try:
            with (self.root / path).open("rb") as opened:
                return opened.read(_LARGEST).decode("utf-8", "replace").strip("\0 \t\r\n")
        except OSError:
            return ""

    def exists(self, path: str) -> bool:
        try:
            return (self.root / path).exists()
        except OSError:
            return False

    def boot_id(self) -> str:
        return self.text("proc/sys/kernel/random/boot_id")

    def machine_id(self) -> str:
        return self.text("etc/machine-id") or self.text("var/lib/dbus/machine-id")

    def serial(self) -> str:
        """Of the hardware; readable for root only on most machines."""
        return self.text("sys/class/dmi/id/product_serial") or self.text("proc/device-tree/serial-number")

    def uptime_s(self) -> float | None:
        try:
            return float(self.text("proc/uptime").split()[0])
        except (ValueError, IndexError):
            return None

    def system(self) -> str:
        """`Debian GNU/Linux 12 (bookworm)`."""
        lines = (self.text("etc/os-release") or self.text("usr/lib/os-release")).splitlines()
        names = dict(line.split("=", 1) for line in lines if "=" in line)
        return names.get("PRETTY_NAME", names.get("NAME", "")).strip("\"'")

    def reboot_required(self, running: str, booted: float | None) -> str:
        """Why a reboot is wanted, empty when nothing wants one. `running` is the release of the running kernel,
        `booted` the time of the boot in seconds since the epoch."""
        if self.exists("run/reboot-required"):
            packages = sorted({line.strip() for line in self.text("run/reboot-required.pkgs").splitlines() if line})
            return ", ".join(packages[:3]) + (", …" if len(packages) > 3 else "") or "updates"
        if booted is None or self.exists("run/systemd/container") or self.exists(".dockerenv"):
            return ""  # a container runs on a kernel that is not its own
        newer = self._kernel_since(booted)
        if newer and newer != running:
            return f"kernel {newer} is installed, {running} runs"
        modules = self._names("lib/modules")
        if modules and running not in modules and self._changed("lib/modules") > booted:
            return f"the running kernel {running} was removed"
        return ""

    def with_routes(self, interfaces: Iterable[Interface]) -> tuple[Interface, ...]:
        """`interfaces` that matter (real ones and those with an address), with default route and DHCP filled in."""
        routed = self._default_routes()
        kept = (one for one in interfaces if self._matters(one, routed))
        return tuple(
            msgspec.structs.replace(one, default_route=one.name in routed, dhcp=self._leased(one.name)) for one in kept
        )

    def _matters(self, interface: Interface, routed: set[str]) -> bool:
        name = interface.name
        if name == "lo" or not _is_plain(name):
            return False
        if name in routed or self.exists(f"sys/class/net/{name}/device"):
            return True
        made_up = name.startswith(("docker", "veth", "br-", "virbr", "vnet", "ifb", "dummy", "cni", "flannel", "cali"))
        return bool(interface.addresses) and not made_up

    def _default_routes(self) -> set[str]:
        out = set()
        for line in self.text("proc/net/route").splitlines()[1:]:
            fields = line.split()
            if len(fields) >= 8 and fields[1] == fields[7] == "00000000" and int(fields[3], 16) & _UP:
                out.add(fields[0])
        for line in self.text("proc/net/ipv6_route").splitlines():
            fields = line.split()
            if len(fields) >= 10 and fields[0] == "0" * 32 and fields[1] == "00" and fields[9] != "lo":
                out.add(fields[9])
        return out

    def _leased(self, name: str) -> bool | None:
        index = self.text(f"sys/class/net/{name}/ifindex")
        return True if any(self.exists(path.format(name=name, index=index)) for path in _LEASES) else None

    def _names(self, folder: str) -> tuple[str, ...]:
        try:
            return tuple(sorted(os.listdir(self.root / folder)))  # noqa: PTH208 - names only
        except OSError:
            return ()

    def _kernel_since(self, booted: float) -> str:
        """The kernel that was put into /boot last, if that was after the boot."""
        newest, when = "", booted
        for name in self._names("boot"):
            kind, _, release = name.partition("-")
            if kind in ("vmlinuz", "vmlinux") and release and "rescue" not in release:
                changed = self._changed(f"boot/{name}")
                if changed > when:
                    newest, when = release, changed
        return newest

    def _changed(self, path: str) -> float:
        try:
            return (self.root / path).stat().st_mtime
        except OSError:
            return 0.0


def _is_plain(name: str) -> bool:
    """Whether an interface's name may be part of a path."""
    return bool(name) and "/" not in name and name not in (".", "..")
