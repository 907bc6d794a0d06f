"""What a site is furnished with, and what runs on it."""

from __future__ import annotations

import unicodedata
from typing import Final

HEAD_OFFICE: Final = (
    "firewall", "server", "workstation", "switch", "server", "vm", "nas", "workstation", "cloud", "printer", "ups",
    "access-point",
)  # fmt: skip
BRANCH: Final = ("firewall", "workstation", "switch", "printer", "server", "access-point", "workstation")
MORE: Final = ("workstation",) * 14 + ("server", "server", "vm", "vm", "access-point", "printer", "switch", "nas")


KINDS: Final = (
    "server", "workstation", "firewall", "switch", "access-point", "printer", "ups", "nas", "vm", "cloud",
)  # fmt: skip
SHORT: Final = {"firewall": "fw", "switch": "sw", "access-point": "ap", "printer": "prn", "ups": "ups"}
"""How machines begin their names that are called after their site."""


def initials(name: str) -> str:
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode()
    return "".join(word[0] for word in plain.split() if word[0].isalpha())[:3].casefold() or "co"


_SYSTEMS: Final[dict[str, tuple[tuple[str, str], ...]]] = {
    "server": (
        ("linux", "Debian GNU/Linux 12 (bookworm)"),
        ("linux", "Ubuntu 24.04.1 LTS"),
        ("linux", "Rocky Linux 9.4"),
        ("linux", "Ubuntu 22.04.5 LTS"),
    ),
    "workstation": (
        ("windows", "Windows 11 Pro 23H2"),
        ("windows", "Windows 11 Pro 24H2"),
        ("linux", "Ubuntu 24.04.1 LTS"),
        ("darwin", "macOS 14.7"),
        ("windows", "Windows 10 Pro 22H2"),
    ),
    "firewall": (("freebsd", "FreeBSD 14.1, firewall appliance"),),
    "nas": (("linux", "Debian GNU/Linux 12, storage appliance"),),
    "vm": (("linux", "Debian GNU/Linux 12 (bookworm)"), ("linux", "AlmaLinux 9.4")),
    "switch": (("", "24-port PoE switch, firmware 10.11"),),
    "access-point": (("", "Wi-Fi 6 access point, firmware 6.6"),),
    "printer": (("", "Colour laser printer, firmware 4.2"),),
    "ups": (("", "Line-interactive UPS 1500 VA"),),
    "cloud": (("", "Hosted service"),),
}


def system_of(kind: str, role: str, bits: int) -> tuple[str, str]:
    if kind == "server" and role == "file" and bits % 2:
        return "windows", "Windows Server 2022 Standard"
    options = _SYSTEMS[kind]
    return options[bits % len(options)]
