"""Checks of printers: what they use up, and what they complain of. Pure."""

from __future__ import annotations

from typing import Final

import msgspec
from msgspec import Struct

from backends.adapters.snmp.records import Alert, Printer, Supply
from backends.fleet.host_finding import Findings, percent, share, state_of
from backends.fleet.model import CheckState, Severity

_SOME: Final = -3
_PERCENT: Final = 19
"""prtMarkerSuppliesSupplyUnit: the level is in percent, whatever the most is said to be."""
_SUPPLY_GROUP: Final = 11
_CRITICAL: Final = 3
_WARNINGS: Final = (4, 5)
_BITS: Final = {
    0: ("low on paper", False),
    1: ("out of paper", True),
    2: ("low on toner", False),
    3: ("out of toner", True),
    4: ("open", True),
    5: ("jammed", True),
    6: ("offline", True),
    7: ("in want of service", False),
    8: ("without an input tray", True),
    9: ("without an output tray", True),
    10: ("without a marker supply", True),
    11: ("about to have its output tray full", False),
    12: ("blocked: its output tray is full", True),
    13: ("out of paper in one tray", False),
    14: ("overdue for maintenance", False),
}
"""hrPrinterDetectedErrorState (RFC 2790), and whether it stops printing."""


class SupplyLimits(Struct, frozen=True, kw_only=True):
    """Percent that are left, or less."""

    warn: float = 10.0
    crit: float = 3.0


def add_printer(printer: Printer, limits: SupplyLimits, found: Findings) -> None:
    low: set[int] = set()
    for supply in _named_once(printer.supplies):
        if _supply(supply, limits, found) is not CheckState.OK:
            low.add(supply.index[-1])
    told = False
    for alert in printer.alerts:
        if alert.severity not in (_CRITICAL, *_WARNINGS):
            continue
        told = True
        if not (alert.group == _SUPPLY_GROUP and alert.group_index in low):  # the supply says it already
            _alert(alert, found)
    _state(printer, told or bool(low), found)


def _named_once(supplies: tuple[Supply, ...]) -> list[Supply]:
    """Two of one name are told apart by their numbers."""
    names = [supply.name for supply in supplies]
    return [
        supply
        if names.count(supply.name) == 1
        else msgspec.structs.replace(supply, name=f"{supply.name} #{supply.index[-1]}")
        for supply in supplies
    ]


def _supply(supply: Supply, limits: SupplyLimits, found: Findings) -> CheckState:
    most = 100 if supply.unit == _PERCENT and supply.most <= 0 else supply.most
    left = share(supply.level, most) if supply.level >= 0 else None
    state = CheckState.OK
    if left is not None:
        state = state_of(warning=left <= limits.warn, critical=left <= limits.crit)
        finding = f"has {percent(left)} of its room left" if supply.waste else f"is at {percent(left)}"
    elif supply.level == _SOME:
        finding = "has some room left" if supply.waste else "has something left"
    else:
        state, finding = CheckState.UNKNOWN, "does not tell how much is left"
    found.add(
        "supply",
        supply.name,
        label=f"Supply {supply.name}",
        # That a supply has no gauge is how it is made, and nothing to look after.
        state=CheckState.OK if state is CheckState.UNKNOWN else state,
        summary=f"{supply.name} {finding}",
        advice="Empty or replace it." if supply.waste else "Order it, and replace it when prints fade.",
        value=left,
        unit="%" if left is not None else "",
        warn=limits.warn,
        crit=limits.crit,
    )
    return state


def _alert(alert: Alert, found: Findings) -> None:
    """Named by what it is about, not by its row: the same jam is the same condition in another row."""
    text = alert.text or f"alert {alert.code}"
    critical = alert.severity == _CRITICAL
    found.add(
        "printer",
        f"{alert.group}.{alert.group_index}.{alert.code}",
        label=f"Printer: {text}",
        state=CheckState.CRITICAL if critical else CheckState.WARNING,
        severity=Severity.HIGH if critical else None,
        summary=f"Printer: {text}",
        advice="See to it at the printer.",
    )


def _state(printer: Printer, told: bool, found: Findings) -> None:
    """What the printer says in sum; left out where something else tells it better."""
    words = [(word, stops) for bit, (word, stops) in _BITS.items() if bit in printer.errors]
    if words and told:
        return
    critical = any(stops for _, stops in words)
    found.add(
        "printer",
        label="Printer",
        state=state_of(warning=bool(words), critical=critical),
        severity=Severity.HIGH if critical else None,
        summary=f"Printer is {', '.join(word for word, _ in words)}"
        if words
        else "Printer has no complaint of its own",
        advice="See to it at the printer.",
    )
