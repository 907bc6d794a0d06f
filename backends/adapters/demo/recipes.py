"""Troubles by name; those that fixes repair are written here. Each says for which kinds of machine it is meant."""

from __future__ import annotations

from typing import Final

import msgspec

from backends.adapters.demo.luck import fraction, number
from backends.adapters.demo.mishaps import MISHAPS
from backends.adapters.demo.names import SERVICES
from backends.adapters.demo.recipe import Recipe
from backends.adapters.demo.trouble import FOREVER, Trouble
from backends.adapters.demo.world import World
from backends.fleet.model import CheckState, Severity

_CRITICAL, _WARNING = CheckState.CRITICAL, CheckState.WARNING


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

_REPAIRS: Final[dict[str, Recipe]] = {
    "service": Recipe(kinds=("server", "vm"), unix=True, trouble=SERVICE),
    "disk": Recipe(between=(86.0, 94.6), kinds=("server", "vm"), unix=True, trouble=_disk("/var", 91.4)),
    "disk-pc": Recipe(
        between=(85.5, 94.4), kinds=("workstation",), unix=True, trouble=_disk("/", 88.2, severity=Severity.INFO)
    ),
    "filling": Recipe(
        between=(85.2, 88.0),
        kinds=("server", "vm"),
        unix=True,
        trouble=_disk("/var", 86.5, slope=0.0035),
        lasts=(1800.0, 3000.0),
    ),
    "runaway": Recipe(
        between=(93.0, 100.0),
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
    "memory": Recipe(
        between=(90.2, 95.7),
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
        between=(8.2, 14.8),
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
}

RECIPES: Final[dict[str, Recipe]] = {**_REPAIRS, **MISHAPS}

PROCESSES: Final = ("python3", "java", "clamscan", "node", "updatedb", "rsync")


def _drawn(seed: int, name: str, machine: int) -> Trouble:
    """The trouble of that name with a value of this machine's own."""
    recipe = RECIPES[name]
    if recipe.between is None:
        return recipe.trouble
    low, high = recipe.between
    value = low + (high - low) * fraction(seed, "value", name, machine)
    return msgspec.structs.replace(recipe.trouble, value=round(value, 1 if recipe.trouble.unit == "%" else 0))


def laid(world: World, recipe: str | Trouble, machine: int, start: float, end: float = FOREVER) -> Trouble:
    """The trouble of that name upon a machine, its words filled in."""
    trouble = _drawn(world.seed, recipe, machine) if isinstance(recipe, str) else recipe
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
