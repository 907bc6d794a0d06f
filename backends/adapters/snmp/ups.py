"""Checks of an uninterruptible power supply. Pure."""

from __future__ import annotations

from datetime import datetime
from typing import Final

from msgspec import Struct

from backends.adapters.snmp.records import Ups
from backends.fleet.host_finding import Findings, percent, share, span, state_of
from backends.fleet.limits import BatteryLimits, at_most
from backends.fleet.model import CheckState

_BATTERY: Final = 5
_LOW, _DEPLETED = 3, 4
_OUTPUT: Final = {2: "gives no power", 4: "is on bypass", 6: "raises a low voltage", 7: "lowers a high voltage"}
_ALARMS: Final = {
    1: ("Battery is worn out or bad", True),
    5: ("Battery or UPS is too hot or too cold", True),
    6: ("Input voltage is out of bounds", False),
    7: ("Output is out of bounds", True),
    8: ("Load is too high", True),
    9: ("Runs on bypass: the load is not protected", False),
    10: ("Bypass is out of bounds", False),
    11: ("Output was switched off on request", False),
    12: ("Was switched off on request", False),
    13: ("Charger failed", True),
    14: ("Output is off", True),
    15: ("Is off", True),
    16: ("A fan failed", False),
    17: ("A fuse blew", True),
    18: ("Has a general fault", True),
    19: ("Self-test failed", True),
    20: ("Agent and UPS do not hear each other", True),
    21: ("Waits for the mains to come back", True),
    22: ("Will shut its output down", True),
    23: ("Is about to shut its output down", True),
}
"""upsWellKnownAlarms (RFC 1628), and whether they are critical. On battery, low and depleted are told by `battery`."""


class UpsLimits(Struct, frozen=True, kw_only=True):
    """On battery, and no more than so many minutes left: critical, with or without `charge`."""

    minutes: float = 10.0
    load: float = 85.0


def add_ups(ups: Ups, charge: BatteryLimits, limits: UpsLimits, since: datetime | None, found: Findings) -> None:
    """`since` is when the mains went away, while they are."""
    _on_battery(ups, charge, limits, since, found)
    _load(ups, limits, found)
    if ups.source in _OUTPUT:
        off = ups.source == 2
        found.add(
            "ups",
            "output",
            label="UPS output",
            state=state_of(warning=ups.source == 4, critical=off),
            summary=f"UPS {_OUTPUT[ups.source]}",
            advice="Switch the output on." if off else "Find out why it is not on its inverter.",
        )
    for alarm in ups.alarms:
        if alarm in _ALARMS:
            words, critical = _ALARMS[alarm]
            found.add(
                "ups",
                f"alarm {alarm}",
                label=f"UPS alarm {alarm}",
                state=state_of(warning=True, critical=critical),
                summary=f"UPS: {words[0].lower()}{words[1:]}",
                advice="Look at the UPS itself, and have it serviced.",
            )


def _on_battery(ups: Ups, charge: BatteryLimits, limits: UpsLimits, since: datetime | None, found: Findings) -> None:
    on = ups.source == _BATTERY or bool(ups.on_battery_s) or 2 in ups.alarms
    left = share(ups.charge, 100) if ups.charge is not None and ups.charge >= 0 else None
    minutes = ups.minutes if ups.minutes is not None and ups.minutes >= 0 else None
    worn = ups.status in (_LOW, _DEPLETED)
    short = minutes is not None and minutes <= limits.minutes
    empty = left is not None and at_most(left, charge.crit)
    parts = ["UPS is on battery" + (f" for {span(ups.on_battery_s)}" if ups.on_battery_s else "")] if on else []
    parts = parts or ["UPS is on mains" if ups.source == 3 else "UPS is not on battery"]
    if minutes is not None:
        parts.append(f"{minutes} min left")
    if left is not None:
        parts.append(percent(left))
    if worn:
        parts.append("battery is depleted" if ups.status == _DEPLETED else "battery is low")
    state = state_of(warning=on or worn, critical=(on and (short or empty or worn)) or ups.status == _DEPLETED)
    found.add(
        "battery",
        label="UPS battery",
        state=state,
        summary=", ".join(parts),
        advice="Bring mains power back, or shut down in order what hangs on it."
        if on
        else "Let it charge; if it stays low, replace the battery.",
        value=left,
        unit="%" if left is not None else "",
        warn=charge.warn,
        crit=charge.crit,
        since=since if on else None,
    )
    if minutes is not None:
        found.add(
            "runtime",
            label="UPS runtime",
            state=CheckState.OK,
            summary=f"UPS would last {minutes} min",
            value=minutes,
            unit="min",
        )


def _load(ups: Ups, limits: UpsLimits, found: Findings) -> None:
    if ups.load is None or not 0 <= ups.load <= 1000:
        return
    found.add(
        "ups",
        "load",
        label="UPS load",
        state=state_of(warning=ups.load >= limits.load, critical=ups.load > 100),
        summary=f"UPS carries {ups.load} % of what it can",
        advice="Move something to another UPS: the time on battery is shorter than planned.",
        value=ups.load,
        unit="%",
        warn=limits.load,
        crit=100.0,
    )
