"""Checks of interfaces: whether they are up, what they carry, and errors. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence, Set
from datetime import datetime
from fnmatch import fnmatchcase
from typing import Final

from msgspec import Struct

from backends.adapters.snmp.rates import Rate
from backends.adapters.snmp.records import Port
from backends.fleet.host_finding import Findings, state_of
from backends.fleet.model import CheckState, Severity

UP: Final = 1
_DORMANT: Final = 5
_STATES: Final = {
    1: "up",
    2: "down",
    3: "in a test",
    4: "in a state that the device does not know",
    5: "waiting for a call",
    6: "not there: a part of the hardware is missing",
    7: "down, because the one below it is",
}
WIRES: Final = frozenset((6, 7, 23, 62, 69, 71, 94, 96, 97, 117, 161, 169, 209, 230, 238, 250))
"""ifType of what has a wire, a radio or a bundle of them behind it: Ethernet in all its names, PPP, Wi-Fi, DSL, GPON,
aggregates, bridges. Loopbacks, VLANs, tunnels and the like have not."""
ETHERNET: Final = frozenset((6, 7, 62, 69, 117))
WIFI: Final = 71
_VIRTUAL: Final = (
    "docker",
    "veth",
    "br-",
    "virbr",
    "vnet",
    "tun",
    "tap",
    "wg",
    "cni",
    "flannel",
    "cali",
    "dummy",
)
ERRORS_WARN: Final = 1.0
"""Errors a second, over the time between two looks: a good wire has none for days."""


class Watched(Struct, frozen=True, kw_only=True):
    """What is wanted of the interfaces of a device."""

    must: tuple[str, ...] = ()
    """Patterns for the names, descriptions or aliases of those that have to be up."""
    seen_up: Set[str] = frozenset()
    """Names of those that were up since we look."""
    began: Mapping[str, datetime] = {}
    """Since when they are as they are, by name, as far as the device tells."""


def real(port: Port) -> bool:
    """Whether it is one to which something is plugged in, and not only a name for something."""
    return port.type in WIRES and not port.name.startswith(_VIRTUAL)


def wanted(port: Port, must: Sequence[str]) -> bool:
    names = [name for name in (port.name, port.descr, port.alias) if name]
    return any(fnmatchcase(name, pattern) for name in names for pattern in must)


def add_ports(
    ports: Sequence[Port], rates: Mapping[str, Rate], watched: Watched, found: Findings, *, access: bool
) -> None:
    """`access`: on this device ports go up and down as people come and go, and one that is down is but a remark."""
    for port in ports:
        must = wanted(port, watched.must)
        if not (real(port) or must):
            continue
        _link(port, watched, found, must=must, access=access)
        rate = rates.get(port.name)
        if rate is not None and port.on and port.oper == UP:
            _traffic(port, rate, found)
            _errors(port, rate, found)


def _link(port: Port, watched: Watched, found: Findings, *, must: bool, access: bool) -> None:
    """An interface that is down matters where somebody said so, or where it was up before: free ports are down."""
    state, severity = CheckState.OK, None
    word = _STATES.get(port.oper, _STATES[4])
    if not port.on:
        word = "switched off"
        state = CheckState.CRITICAL if must else CheckState.OK
    elif port.oper not in (UP, _DORMANT):
        if must:
            state = CheckState.CRITICAL
        elif port.name in watched.seen_up:
            state, severity = CheckState.WARNING, Severity.INFO if access else None
        elif port.oper == 2:
            word = "down: nothing was plugged in there since rounds looks"
    speed = f", {_bits(port.speed)}" if port.oper == UP and port.speed else ""
    found.add(
        "network",
        port.name,
        label=f"Network {port.name}",
        state=state,
        severity=severity,
        since=watched.began.get(port.name),
        summary=f"Network {_named(port)} is {word}{speed}",
        advice="Look at the cable and at what is at its other end."
        if port.on
        else "Switch it on again on the device, or take it out of what must be up.",
    )


def _traffic(port: Port, rate: Rate, found: Findings) -> None:
    told = [(way, bits) for way, bits in (("in", rate.received), ("out", rate.sent)) if bits is not None]
    if not told:
        return
    busiest = max(bits for _, bits in told)
    share = f" of {_bits(port.speed)} ({100 * busiest / port.speed:.0f} %)" if port.speed else ""
    found.add(
        "traffic",
        port.name,
        label=f"Traffic {port.name}",
        state=CheckState.OK,
        summary=f"Traffic {_named(port)}: {', '.join(f'{_bits(bits)} {way}' for way, bits in told)}{share}",
        value=busiest,
        unit="bit/s",
    )


def _errors(port: Port, rate: Rate, found: Findings) -> None:
    if rate.errors is None:
        return
    found.add(
        "errors",
        port.name,
        label=f"Errors {port.name}",
        state=state_of(warning=rate.errors >= ERRORS_WARN, critical=False),
        summary=f"Network {_named(port)} has {rate.errors:.1f} errors a second"
        if rate.errors
        else f"Network {_named(port)} has no errors",
        advice="Change the cable, then the port; compare speed and duplex at both ends.",
        value=rate.errors,
        unit="/s",
        warn=ERRORS_WARN,
    )


def _named(port: Port) -> str:
    return f"{port.name} ({port.alias})" if port.alias and port.alias != port.name else port.name


def _bits(speed: float) -> str:
    """`12.3 Mbit/s`."""
    for unit in ("bit/s", "kbit/s", "Mbit/s"):
        if speed < 999.5:
            return (
                f"{speed:.0f} {unit}"
                if unit == "bit/s" or speed >= 99.95 or speed == int(speed)
                else f"{speed:.1f} {unit}"
            )
        speed /= 1000
    return f"{speed:g} Gbit/s" if speed == int(speed) else f"{speed:.1f} Gbit/s"
