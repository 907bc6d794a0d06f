"""Trouble that nobody wrote: what has long been wrong here and there, and what every hour brings."""

from __future__ import annotations

from typing import Final

import msgspec

from backends.adapters.demo.luck import choose, fraction, number
from backends.adapters.demo.machines import Machine
from backends.adapters.demo.recipes import RECIPES, SILENT, laid
from backends.adapters.demo.trouble import Trouble
from backends.adapters.demo.world import World
from backends.fleet.model import Severity

HOUR: Final = 3600.0
_STEP_S: Final = 112.0
"""Something new that often, outside quiet phases."""
_QUIET: Final = ((1240.0, 1560.0), (2700.0, 2990.0))
_BLOCK: Final = 2_400
"""Machines that one stream of troubles is dealt to; a bigger fleet has more streams."""
_STREAMS: Final = 12
_CLOSE: Final = 1_000
"""Machines beyond this number have their troubles more thinly, so that a huge fleet is not all red."""
_LONG: Final = (
    "disk", "disk-pc", "reboot", "reboot", "toner", "toner", "port", "heat", "memory", "backup", "clock", "load",
    "certificate", "runaway", "service", "raid",
)  # fmt: skip
_SHORT: Final = (
    "service", "service", "memory", "load", "paper", "paper", "wifi", "slow", "runaway", "filling", "battery", "port",
    "heat", "lease", "disk-pc", "wan",
)  # fmt: skip

DOWN_SEVERITY: Final = {
    "firewall": Severity.CRITICAL,
    "server": Severity.CRITICAL,
    "nas": Severity.HIGH,
    "vm": Severity.HIGH,
    "switch": Severity.HIGH,
}
"""How bad it is when such a machine does not answer; others are a warning."""


def ambient_of(world: World, taken: frozenset[int]) -> tuple[Trouble, ...]:
    """What is wrong since minutes or weeks, and stays until somebody repairs it. Gathers at a third of the sites."""
    seed = world.seed
    bad = {branch.number for branch in world.branches if fraction(seed, "troubled", branch.id) < 0.3}
    found: list[Trouble] = []
    for index in range(len(world.machines)):
        rate = 0.24 if index < _CLOSE else 0.06
        if index in taken or world.machines.branch_of(index) not in bad or fraction(seed, "ambient", index) >= rate:
            continue
        machine = world.machines[index]
        fitting = [name for name in _LONG if RECIPES[name].fits(machine)]
        if fitting:
            age = 10 ** (2.2 + 3.8 * fraction(seed, "ambient age", machine.index))
            found.append(laid(world, choose(fitting, seed, "ambient what", machine.index), machine.index, -age))
    return tuple(found)


def hour_of(world: World, hour: int) -> tuple[Trouble, ...]:
    """All that begins in that hour."""
    count = len(world.machines)
    streams = min(count // _BLOCK + 1, _STREAMS)
    found: list[Trouble] = []
    for stream in range(streams):
        for step in range(int(HOUR / _STEP_S)):
            words = (world.seed, "hour", hour, stream, step)
            within = step * _STEP_S + 40.0 * fraction(*words, "when")
            if any(begin <= within < end for begin, end in _QUIET) or (hour == 0 and within < 45.0):
                continue
            first, size = (0, 240) if stream == 0 else (stream * _BLOCK, _BLOCK)
            for attempt in range(4):  # not everything can happen to everybody
                index = first + number(*words, "who", attempt) % size
                dealt = _dealt(world, world.machines[index], hour * HOUR + within, words) if index < count else []
                found += dealt
                if dealt:
                    break
    if hour:
        found += _site_lost(world, hour)
    return tuple(found)


def _dealt(world: World, machine: Machine, start: float, words: tuple[object, ...]) -> list[Trouble]:
    if number(*words, "restart") % 9 == 0 and machine.kind in ("server", "vm", "access-point"):
        lost = msgspec.structs.replace(
            SILENT,
            summary="Does not answer",
            severity=DOWN_SEVERITY.get(machine.kind, Severity.WARNING),
            reboots=True,
        )
        return [laid(world, lost, machine.index, start, start + 60 + 120 * fraction(*words, "back"))]
    fitting = [name for name in _SHORT if RECIPES[name].fits(machine)]
    if not fitting:
        return []
    name = choose(fitting, *words, "what")
    shortest, longest = RECIPES[name].lasts
    lasts = shortest + (longest - shortest) * fraction(*words, "lasts")
    return [laid(world, name, machine.index, start, start + lasts)]


def _site_lost(world: World, hour: int) -> list[Trouble]:
    """Once an hour a site is off its line for some minutes."""
    branches = [branch for branch in world.branches[:40] if branch.uplink]
    branch = choose(branches, world.seed, "lost", hour)
    start = hour * HOUR + 1800.0 + 300.0 * fraction(world.seed, "lost at", hour)
    return outage(world, branch.number, start, start + 240.0 + 300.0 * fraction(world.seed, "lost for", hour))


def outage(world: World, branch: int, start: float, end: float, why: str = "") -> list[Trouble]:
    """A site that cannot be reached: its firewall first, then all behind it; they come back one by one."""
    site = world.branches[branch]
    firewall = world.machines[site.machines[0]].name
    found: list[Trouble] = []
    for place, index in enumerate(site.machines):
        kind = world.machines[index].kind
        gate = place == 0
        lost = msgspec.structs.replace(
            SILENT,
            severity=DOWN_SEVERITY.get(kind, Severity.WARNING),
            summary=why or f"Does not answer: uplink {site.uplink} is down"
            if gate
            else f"Does not answer, behind {firewall}",
            advice=f"Call {site.uplink}, or fail over to the spare line." if gate else "Wait for its firewall.",
        )
        after = 0.0 if gate else 5.0 + 12.0 * fraction(world.seed, "behind", index)
        back = 0.0 if gate else 4.0 + 45.0 * fraction(world.seed, "returns", index)
        found.append(laid(world, lost, index, start + after, end + back))
    return found
