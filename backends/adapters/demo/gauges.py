"""What is watched on each kind of machine while all is well, and in which range its values then are."""

from __future__ import annotations

from functools import lru_cache
from typing import Final

from msgspec import Struct

from backends.adapters.demo.names import SERVICES
from backends.fleet.model import SafeText, safe


class Gauge(Struct, frozen=True):
    """One check as it is on a good day."""

    family: str
    subject: str = ""
    label: SafeText = SafeText("")
    unit: str = ""
    low: float | None = None
    high: float = 0.0
    warn: float | None = None
    crit: float | None = None
    steady: bool = False
    """The value stays where it is: a size, a count of days."""

    @property
    def key(self) -> str:
        return f"{self.family}/{self.subject}" if self.subject else self.family


AGENT_FAMILIES: Final = frozenset(
    {"disk", "inode", "memory", "swap", "service", "process", "reboot", "backup", "certificate", "clock", "network",
     "file", "job"}
)  # fmt: skip
"""What only something inside the machine can tell; the others are seen from outside."""


def _text(label: str) -> SafeText:
    return safe(label)


_REACHABLE: Final = Gauge("reachable", "", _text("Reachable"), "ms", 0.4, 18.0, 200.0, 1000.0)
_LOAD: Final = Gauge("load", "", _text("Load"), "", 0.1, 2.4, 8.0, 16.0)
_MEMORY: Final = Gauge("memory", "", _text("Memory"), "%", 28.0, 79.0, 90.0, 96.0)
_ROOT: Final = Gauge("disk", "/", _text("Disk /"), "%", 18.0, 74.0, 85.0, 95.0, True)
_VAR: Final = Gauge("disk", "/var", _text("Disk /var"), "%", 22.0, 71.0, 85.0, 95.0, True)
_C: Final = Gauge("disk", "C:", _text("Disk C:"), "%", 30.0, 78.0, 85.0, 95.0, True)
_CLOCK: Final = Gauge("clock", "", _text("Clock"), "s", 0.0, 0.4, 30.0, 300.0)
_HEAT: Final = Gauge("temperature", "", _text("Temperature"), "°C", 31.0, 58.0, 75.0, 85.0)
_ACCOUNTS: Final = Gauge("reboot", "", _text("Reboot required"))

_BY_KIND: Final[dict[str, tuple[Gauge, ...]]] = {
    "server": (
        _LOAD,
        _MEMORY,
        _HEAT,
        Gauge("backup", "nightly", _text("Backup nightly"), "h", 3.0, 20.0, 26.0, 50.0, True),
        _ACCOUNTS,
        _CLOCK,
    ),
    "vm": (_LOAD, _MEMORY, _ACCOUNTS),
    "workstation": (_MEMORY, _ACCOUNTS),
    "firewall": (
        Gauge("load", "", _text("Processor"), "%", 3.0, 41.0, 80.0, 95.0),
        Gauge("link", "wan", _text("Link wan"), "Mbit/s", 4.0, 380.0),
        Gauge("certificate", "vpn", _text("Certificate vpn"), "d", 40.0, 320.0, 21.0, 7.0, True),
    ),
    "switch": (
        Gauge("link", "uplink", _text("Link uplink"), "Mbit/s", 2.0, 640.0),
        _HEAT,
    ),
    "access-point": (
        Gauge("network", "clients", _text("Wi-Fi clients"), "", 0.0, 38.0, 80.0, 120.0),
        Gauge("link", "uplink", _text("Link uplink"), "Mbit/s", 1.0, 210.0),
    ),
    "printer": (
        Gauge("printer", "toner black", _text("Toner black"), "%", 22.0, 96.0, 15.0, 5.0, True),
        Gauge("printer", "tray 1", _text("Tray 1"), "%", 20.0, 100.0, 10.0, 0.0, True),
    ),
    "ups": (
        Gauge("ups", "charge", _text("Charge"), "%", 98.0, 100.0, 60.0, 30.0),
        Gauge("ups", "load", _text("Load"), "%", 18.0, 55.0, 80.0, 95.0),
        Gauge("ups", "runtime", _text("Runtime"), "min", 22.0, 58.0, 10.0, 5.0),
    ),
    "nas": (
        Gauge("raid", "md0", _text("RAID md0")),
        Gauge("disk", "/volume1", _text("Disk /volume1"), "%", 35.0, 76.0, 85.0, 95.0, True),
        _HEAT,
    ),
    "cloud": (
        Gauge("certificate", "https", _text("Certificate https"), "d", 30.0, 85.0, 21.0, 7.0, True),
        Gauge("service", "status page", _text("Status page")),
    ),
}
_DISKS: Final = {
    ("server", "windows"): (_C,),
    ("workstation", "windows"): (_C,),
    ("server", "linux"): (_ROOT, _VAR),
    ("vm", "linux"): (_ROOT, _VAR),
    ("workstation", "linux"): (_ROOT,),
    ("workstation", "darwin"): (_ROOT,),
}


@lru_cache(maxsize=512)
def gauges_of(kind: str, platform: str, role: str, slim: bool = False) -> tuple[Gauge, ...]:
    """All that is watched on such a machine, `reachable` first; `slim` leaves the first three."""
    found = [_REACHABLE, *_DISKS.get((kind, platform), ())]
    if kind in ("server", "vm") and role in SERVICES and platform == "linux":
        name = SERVICES[role]
        found.append(Gauge("service", name, _text(f"Service {name}")))
    found += _BY_KIND.get(kind, ())
    return tuple(found[:3] if slim else found)
