"""Rows of devices and of the checks of one device."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Final

from msgspec import Struct

from backends.fleet.model import Check, CheckState, Device, Freshness, Health, SafeText, safe
from backends.fleet.run import DeviceCard
from backends.fleet.trend import Trend
from backends.fleet.worth import worth
from widgets.present.row import EMPTY, Cell, Column, Row, plain
from widgets.present.spark import columns, last_known, moved, spark
from widgets.present.tone import CHECK_GLYPH, CHECK_TONE, HEALTH_TONE, Tone, health_word
from widgets.present.value import limits_text, value_text

TREND_WIDTH: Final = 12
OLD_WIDTH: Final = TREND_WIDTH - 5
"""What an age leaves of it."""
LATELY: Final = timedelta(seconds=30)
"""A card is asked for every few seconds while somebody looks; one that is older is of an engine that was lost."""

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
    Column(name=SafeText("Trend"), width=TREND_WIDTH, from_width=120),
    Column(name=SafeText("Limits"), width=21, grow=1, most=24, from_width=92),
    Column(name=SafeText("For"), width=4, right=True, time=True),
    Column(name=SafeText("Seen"), width=4, right=True, time=True, from_width=70),
    Column(name=SafeText("Finding"), width=12, grow=3),
    Column(name=SafeText("Source"), width=10, grow=1, most=20, from_width=136),
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


def trend_of(check: Check, known: DeviceCard) -> Trend | None:
    """How the check's value went, also where it has none just now; None where less than two values are known."""
    for trend in known.trends:
        if (trend.source, trend.native, trend.key) == (check.source, check.native, check.key):
            values = sum(1 for value in trend.values if value is not None)
            same = check.value is None or trend.unit == check.unit
            return trend if values > 1 and same else None
    return None


def is_fresh(check: Check, known: DeviceCard, now: datetime) -> bool:
    """Whether the check was so a moment ago: its source told it lately, and the card was asked for lately."""
    source = next((voice.source for voice in known.voices if voice.source.name == check.source), None)
    return worth(source, check.seen, known.at) is Freshness.FRESH and now - known.at <= LATELY


def goes_on(check: Check, known: DeviceCard, now: datetime) -> bool:
    """Whether the last value of its trend is the value now."""
    return check.value is not None and is_fresh(check, known, now)


class KnownCheck(Struct, frozen=True):
    """A check as a list shows it."""

    check: Check
    trend: Trend | None
    goes_on: bool
    """Whether the trend goes on until now."""


def known_checks(checks: Iterable[Check], known: DeviceCard, now: datetime) -> list[KnownCheck]:
    return [KnownCheck(check, trend_of(check, known), goes_on(check, known, now)) for check in checks]


def check_row(shown: KnownCheck) -> Row:
    check = shown.check
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
            _trend_cell(shown),
            Cell(limits_text(check), Tone.DIM),
            Cell(tone=Tone.DIM, since=check.since) if check.since else Cell(),
            Cell(tone=Tone.DIM, since=check.seen),
            Cell(check.summary if check.state is not CheckState.OK else EMPTY),
            Cell(safe(check.source), Tone.DIM),
        ),
    )


def _trend_cell(shown: KnownCheck) -> Cell:
    """What is old begins with its age. A list sorted by it begins with what moved most."""
    if shown.trend is None:
        return Cell()
    rank = -moved(shown.trend)
    if not shown.goes_on:
        text = spark(columns(shown.trend.points, OLD_WIDTH), shown.trend.unit)
        return Cell(SafeText(f" {text}"), Tone.UNKNOWN, last_known(shown.trend), rank=rank)
    tone = Tone.DIM if shown.check.state is CheckState.OK else CHECK_TONE[shown.check.state]
    return Cell(spark(columns(shown.trend.points, TREND_WIDTH), shown.trend.unit), tone, rank=rank)
