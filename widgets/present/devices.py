"""Rows of devices and of the checks of one device."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from backends.fleet.model import Check, CheckState, Device, Freshness, Health, SafeText, safe
from widgets.present.row import EMPTY, Cell, Column, Row, plain
from widgets.present.tone import CHECK_GLYPH, CHECK_TONE, HEALTH_TONE, Tone, health_word
from widgets.present.value import limits_text, value_text

COLUMNS: Final = (
    Column(name=SafeText("Health"), width=13),
    Column(name=SafeText("Client/Site"), width=14, grow=1, most=36, from_width=74),
    Column(name=SafeText("Device"), width=12, grow=1, most=30),
    Column(name=SafeText("Kind"), width=10, from_width=60),
    Column(name=SafeText("Address"), width=15, grow=1, most=40),
    Column(name=SafeText("System"), width=16, grow=1, most=40, from_width=110),
    Column(name=SafeText("Seen"), width=4, right=True, time=True),
    Column(name=SafeText("Sources"), width=12, grow=1, most=30, from_width=100),
)

CHECK_COLUMNS: Final = (
    Column(name=SafeText("State"), width=10),
    Column(name=SafeText("Check"), width=16, grow=1, most=36),
    Column(name=SafeText("Value"), width=12, right=True),
    Column(name=SafeText("Limits"), width=14, grow=1, most=24, from_width=84),
    Column(name=SafeText("For"), width=4, right=True, time=True),
    Column(name=SafeText("Seen"), width=4, right=True, time=True, from_width=70),
    Column(name=SafeText("Finding"), width=12, grow=3),
    Column(name=SafeText("Source"), width=10, grow=1, most=20, from_width=110),
)

_WORST_FIRST: Final = (Health.DOWN, Health.DEGRADED, Health.UNKNOWN, Health.MAINTENANCE, Health.OK)
_CHECKS_FIRST: Final = (CheckState.CRITICAL, CheckState.WARNING, CheckState.UNKNOWN, CheckState.OK)


def in_order(devices: Iterable[Device]) -> list[Device]:
    """Worst first, then by client, site and name."""
    return sorted(devices, key=lambda one: (_WORST_FIRST.index(one.health), one.site, one.name.casefold(), one.id))


def device_row(device: Device) -> Row:
    fresh = device.freshness is Freshness.FRESH
    return Row(
        key=device.id,
        cells=(
            Cell(health_word(device.health), HEALTH_TONE[device.health], rank=_WORST_FIRST.index(device.health)),
            plain(f"{device.client_name}/{device.site_name}"),
            Cell(device_name(device), Tone.STRONG),
            Cell(safe(device.kind), Tone.DIM),
            Cell(device.address),
            Cell(device.system or safe(device.platform), Tone.DIM),
            Cell(tone=Tone.DIM if fresh else Tone.UNKNOWN, since=device.seen),
            plain(", ".join(safe(name) for name in device.sources), Tone.DIM),
        ),
        dim=not fresh,
    )


def device_name(device: Device) -> SafeText:
    """The name; one that looks like another's says so."""
    return SafeText(f"{device.name} (look-alike)") if device.look_alike else device.name


def checks_in_order(checks: Iterable[Check]) -> list[Check]:
    """Worst first, then by label."""
    return sorted(checks, key=lambda one: (_CHECKS_FIRST.index(one.state), one.label.casefold(), one.key, one.source))


def check_key(check: Check) -> str:
    """One row a source and condition."""
    return f"{check.source}\n{check.key}"


def check_row(check: Check) -> Row:
    return Row(
        key=check_key(check),
        cells=(
            Cell(
                SafeText(f"{CHECK_GLYPH[check.state]} {check.state.value}"),
                CHECK_TONE[check.state],
                rank=_CHECKS_FIRST.index(check.state),
            ),
            Cell(check.label, Tone.STRONG if check.state is not CheckState.OK else Tone.PLAIN),
            Cell(value_text(check.value, check.unit), rank=-check.value if check.value is not None else None),
            Cell(limits_text(check), Tone.DIM),
            Cell(tone=Tone.DIM, since=check.since) if check.since else Cell(),
            Cell(tone=Tone.DIM, since=check.seen),
            Cell(check.summary if check.state is not CheckState.OK else EMPTY),
            Cell(safe(check.source), Tone.DIM),
        ),
    )
