"""Troubles by name, to be laid upon a machine and a time. Each says for which kinds of machine it is meant."""

from __future__ import annotations

from typing import Final

import msgspec
from msgspec import Struct

from backends.adapters.demo.luck import fraction, number
from backends.adapters.demo.names import SERVICES
from backends.adapters.demo.trouble import FOREVER, Trouble
from backends.adapters.demo.world import Machine, World
from backends.fleet.model import CheckState, Severity

_CRITICAL, _WARNING = CheckState.CRITICAL, CheckState.WARNING


class Recipe(Struct, frozen=True, kw_only=True):
    kinds: tuple[str, ...]
    trouble: Trouble
    unix: bool = False
    """Only where scripts can run."""
    lasts: tuple[float, float] = (600.0, 2400.0)
    """Seconds until it goes away by itself when the story makes it come and go."""

    def fits(self, machine: Machine) -> bool:
        return machine.kind in self.kinds and (machine.unix or not self.unix)


def _disk(subject: str, value: float, *, slope: float = 0.0, severity: Severity = Severity.WARNING) -> Trouble:
    return Trouble(
        family="disk",
        subject=subject,
        label=f"Disk {subject}",
        state=_CRITICAL if value >= 95 else _WARNING,
        severity=severity,
        summary=f"Disk {subject} is {{value}} % full, {{left}} GiB left",
        advice="Clear what may go, then find out what grows.",
        value=value,
        slope=slope,
        cap=99.6,
        size=118.0,
        unit="%",
        warn=85.0,
        crit=95.0,
        cures=("free-disk",),
    )


SILENT: Final = Trouble(
    family="reachable",
    label="Reachable",
    state=_CRITICAL,
    severity=Severity.CRITICAL,
    summary="Does not answer",
    advice="Look at its power and its line.",
    down=True,
)
"""A machine that does not answer; those who lay it say why."""

SERVICE: Final = Trouble(
    family="service",
    subject="{service}",
    label="Service {service}",
    state=_CRITICAL,
    severity=Severity.HIGH,
    summary="Service {service} is stopped",
    advice="Restart it and read its log.",
    cures=("restart-service", "reboot"),
)

RECIPES: Final[dict[str, Recipe]] = {
    "service": Recipe(kinds=("server", "vm"), unix=True, trouble=SERVICE),
    "disk": Recipe(kinds=("server", "vm"), unix=True, trouble=_disk("/var", 91.4)),
    "disk-pc": Recipe(kinds=("workstation",), unix=True, trouble=_disk("/", 88.2, severity=Severity.INFO)),
    "filling": Recipe(
        kinds=("server", "vm"), unix=True, trouble=_disk("/var", 86.5, slope=0.0035), lasts=(1800.0, 3000.0)
    ),
    "runaway": Recipe(
        kinds=("server", "vm", "workstation"),
        unix=True,
        trouble=Trouble(
            family="process",
            subject="{process}",
            label="Process {process}",
            state=_WARNING,
            severity=Severity.WARNING,
            summary="Process {process} has kept a core busy for a while, now at {value} %",
            advice="End it when nobody needs it.",
            value=99.0,
            unit="%",
            warn=90.0,
            target="{pid}",
            cures=("end-process", "reboot"),
        ),
    ),
    "lease": Recipe(
        kinds=("server", "workstation"),
        unix=True,
        trouble=Trouble(
            family="network",
            subject="eth0",
            label="Network eth0",
            state=_CRITICAL,
            severity=Severity.HIGH,
            summary="eth0 has no address of its network: its lease ran out",
            advice="Renew its lease; reached by its second interface.",
            target="eth0",
            cures=("renew-lease", "reboot"),
        ),
    ),
    "reboot": Recipe(
        kinds=("server", "vm", "workstation"),
        unix=True,
        trouble=Trouble(
            family="reboot",
            label="Reboot required",
            state=_WARNING,
            severity=Severity.INFO,
            summary="Updates wait for a reboot: kernel and libc",
            advice="Reboot it outside business hours.",
            cures=("reboot",),
        ),
        lasts=(7200.0, 9000.0),
    ),
    "backup": Recipe(
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
    "memory": Recipe(
        kinds=("server", "vm", "workstation"),
        trouble=Trouble(
            family="memory",
            state=_WARNING,
            severity=Severity.WARNING,
            summary="Memory is {value} % used",
            advice="Look at the largest process.",
            value=93.1,
            unit="%",
            warn=90.0,
            crit=96.0,
            cures=("reboot",),
        ),
    ),
    "load": Recipe(
        kinds=("server", "vm"),
        trouble=Trouble(
            family="load",
            state=_WARNING,
            severity=Severity.WARNING,
            summary="Load is {value} on 4 cores over 5 minutes",
            advice="Look at the busiest process.",
            value=11.3,
            warn=8.0,
            crit=16.0,
            cures=("reboot",),
        ),
    ),
    "toner": Recipe(
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
        kinds=("firewall",),
        trouble=Trouble(
            family="certificate",
            subject="vpn",
            state=_CRITICAL,
            severity=Severity.HIGH,
            summary="Certificate vpn expires in {value} days",
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
    "heat": Recipe(
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

PROCESSES: Final = ("python3", "java", "clamscan", "node", "updatedb", "rsync")


def laid(world: World, recipe: str | Trouble, machine: int, start: float, end: float = FOREVER) -> Trouble:
    """The trouble of that name upon a machine, its words filled in."""
    trouble = RECIPES[recipe].trouble if isinstance(recipe, str) else recipe
    seed, on = world.seed, world.machines[machine]
    process = PROCESSES[number(seed, "process", machine) % len(PROCESSES)]
    pid = 1000 + int(fraction(seed, "pid", machine, start) * 60_000)
    words = {
        "{service}": SERVICES.get(on.role, "cron"),
        "{process}": process,
        "{pid}": f"{pid}:{int(fraction(seed, 'ticks', machine) * 9_000_000)}",
    }
    fields = {field: getattr(trouble, field) for field in ("subject", "label", "summary", "target")}
    for word, put in words.items():
        fields = {field: text.replace(word, put) for field, text in fields.items()}
    return msgspec.structs.replace(trouble, machine=machine, start=start, end=end, **fields)
