"""Troubles that no script repairs: they need hands, a call or patience."""

from __future__ import annotations

from typing import Final

from backends.adapters.demo.recipe import Recipe
from backends.adapters.demo.trouble import Trouble
from backends.fleet.model import CheckState, Severity

_CRITICAL, _WARNING = CheckState.CRITICAL, CheckState.WARNING

MISHAPS: Final[dict[str, Recipe]] = {
    "backup": Recipe(
        between=(27.0, 49.0),
        kinds=("server",),
        trouble=Trouble(
            family="backup",
            subject="nightly",
            state=_CRITICAL,
            severity=Severity.HIGH,
            summary="Backup nightly failed: target volume is full, last good one {value} h ago",
            advice="Make room on the target, then run it again.",
            value=33.0,
            unit="h",
            warn=26.0,
            crit=50.0,
        ),
    ),
    "clock": Recipe(
        between=(34.0, 288.0),
        kinds=("server",),
        trouble=Trouble(
            family="clock",
            state=_WARNING,
            severity=Severity.WARNING,
            summary="Clock is {value} s behind ours",
            advice="Look at its time service; log-ins fail from 300 s on.",
            value=212.0,
            unit="s",
            warn=30.0,
            crit=300.0,
        ),
    ),
    "toner": Recipe(
        between=(2.0, 14.0),
        kinds=("printer",),
        trouble=Trouble(
            family="printer",
            subject="toner black",
            state=_WARNING,
            severity=Severity.INFO,
            summary="Toner black is at {value} %",
            advice="Send a cartridge.",
            value=7.0,
            unit="%",
            warn=15.0,
            crit=5.0,
        ),
    ),
    "paper": Recipe(
        kinds=("printer",),
        lasts=(240.0, 900.0),
        trouble=Trouble(
            family="printer",
            subject="tray 1",
            state=_WARNING,
            severity=Severity.INFO,
            summary="Tray 1 is empty",
            advice="Ask the site to fill it.",
            value=0.0,
            unit="%",
            warn=10.0,
            crit=0.0,
        ),
    ),
    "raid": Recipe(
        kinds=("nas",),
        trouble=Trouble(
            family="raid",
            subject="md0",
            state=_CRITICAL,
            severity=Severity.HIGH,
            summary="RAID md0 is degraded: disk 3 of 4 has failed",
            advice="Replace disk 3; a second failure loses the volume.",
        ),
    ),
    "certificate": Recipe(
        between=(1.0, 6.9),
        kinds=("firewall",),
        trouble=Trouble(
            family="certificate",
            subject="vpn",
            state=_CRITICAL,
            severity=Severity.HIGH,
            summary="Certificate vpn expires in {value} d",
            advice="Renew it, and find out why it was not renewed by itself.",
            value=6.0,
            unit="d",
            warn=21.0,
            crit=7.0,
        ),
    ),
    "battery": Recipe(
        kinds=("ups",),
        lasts=(240.0, 600.0),
        trouble=Trouble(
            family="ups",
            subject="charge",
            state=_WARNING,
            severity=Severity.HIGH,
            summary="On battery, {value} % left",
            advice="Ask the site about its power; shut down in order below 30 %.",
            value=100.0,
            slope=-0.14,
            unit="%",
            warn=100.0,
            crit=55.0,
        ),
    ),
    "wan": Recipe(
        between=(3.0, 14.0),
        kinds=("firewall",),
        lasts=(300.0, 1200.0),
        trouble=Trouble(
            family="link",
            subject="wan",
            state=_WARNING,
            severity=Severity.WARNING,
            summary="The line loses {value} % of its packets",
            advice="Tell the provider when it lasts.",
            value=6.0,
            unit="%",
            warn=2.0,
            crit=20.0,
        ),
    ),
    "heat": Recipe(
        between=(75.5, 82.0),
        kinds=("switch", "nas", "server"),
        trouble=Trouble(
            family="temperature",
            state=_WARNING,
            severity=Severity.WARNING,
            summary="Temperature is {value} °C",
            advice="Look at the fans and the room.",
            value=77.0,
            unit="°C",
            warn=75.0,
            crit=85.0,
        ),
    ),
    "port": Recipe(
        kinds=("switch", "access-point"),
        trouble=Trouble(
            family="link",
            subject="uplink",
            state=_WARNING,
            severity=Severity.WARNING,
            summary="Uplink runs at {value} Mbit/s instead of 1000",
            advice="Change the cable or the port.",
            value=100.0,
            unit="Mbit/s",
        ),
    ),
    "wifi": Recipe(
        between=(81.0, 110.0),
        kinds=("access-point",),
        lasts=(300.0, 900.0),
        trouble=Trouble(
            family="network",
            subject="clients",
            state=_WARNING,
            severity=Severity.INFO,
            summary="{value} Wi-Fi clients on one access point",
            advice="Look whether its neighbour is off.",
            value=92.0,
            warn=80.0,
            crit=120.0,
        ),
    ),
    "slow": Recipe(
        kinds=("cloud",),
        lasts=(300.0, 1500.0),
        trouble=Trouble(
            family="service",
            subject="status page",
            state=_WARNING,
            severity=Severity.WARNING,
            summary="The provider reports slow log-ins",
            advice="Tell the client; nothing to do here.",
        ),
    ),
}
