"""What counters say between two looks: octets and errors a second. Pure.

A counter that is smaller than before has wrapped, or began anew. It wrapped where it has 32 bits, the agent has run on,
and what that gives is no more than the interface can carry; in all other cases nothing is said for once.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

from msgspec import Struct

from backends.adapters.snmp.records import Port

_TWO_32: Final = 1 << 32
_LEAST_S: Final = 1.0
"""Between looks that are closer together, how long agents keep their counters cached would be measured."""
_ROOM: Final = 1.2
"""How much above its speed an interface may seem to carry: clocks and caches are no better than that."""
_WRAP_TICKS: Final = 3 * 86400 * 100


class Rate(Struct, frozen=True, kw_only=True):
    received: float | None = None
    sent: float | None = None
    """In bit/s."""
    errors: float | None = None
    """A second, in both directions."""


class Counted(Struct, frozen=True, kw_only=True):
    """The counters of one look."""

    at_s: float
    """By our clock."""
    ticks: int | None
    """By the agent's, in hundredths of a second."""
    ports: Mapping[str, Port]


def counted(at_s: float, ticks: int | None, ports: Sequence[Port]) -> Counted:
    return Counted(at_s=at_s, ticks=ticks, ports={port.name: port for port in ports})


def rates(before: Counted | None, now: Counted) -> dict[str, Rate]:
    """By name of the interface; those of which nothing can be said are left out."""
    if before is None or began_anew(before.ticks, now.ticks):
        return {}
    seconds = now.at_s - before.at_s
    if seconds < _LEAST_S:
        return {}
    return {
        name: _rate(was, port, seconds)
        for name, port in now.ports.items()
        if (was := before.ports.get(name)) is not None
        and (was.index, was.wide, was.broken) == (port.index, port.wide, port.broken)
    }


def began_anew(before: int | None, now: int | None) -> bool:
    """Whether an agent was restarted between two readings of its clock, which itself begins anew after 497 days."""
    if before is None or now is None:
        return True
    return now < before and not (before > _TWO_32 - _WRAP_TICKS and now < _WRAP_TICKS)


def _rate(was: Port, port: Port, seconds: float) -> Rate:
    errors = None
    if was.errors is not None and port.errors is not None and port.errors >= was.errors:
        errors = (port.errors - was.errors) / seconds
    return Rate(
        received=_bits(was.received, port.received, port, seconds),
        sent=_bits(was.sent, port.sent, port, seconds),
        errors=errors,
    )


def _bits(was: int | None, now: int | None, port: Port, seconds: float) -> float | None:
    if was is None or now is None:
        return None
    most = port.speed * seconds * _ROOM / 8 if port.speed else None
    if not port.wide and most is not None and most >= _TWO_32:
        return None  # it may have gone round more than once
    octets = now - was
    if octets < 0 and not port.wide and most is not None:
        octets += _TWO_32
    if octets < 0 or (most is not None and octets > most):
        return None
    return octets * 8 / seconds
