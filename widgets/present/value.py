"""Values with their units, and the limits they are held against: `97.2 %`, `1.1 GiB`, `warn 80 · crit 90 %`."""

from __future__ import annotations

from math import isfinite
from typing import Final

from backends.fleet.model import Check, SafeText, safe
from widgets.present.age import span_text

_BYTES: Final = ("B", "KiB", "MiB", "GiB", "TiB", "PiB")


def value_text(value: float | None, unit: str) -> SafeText:
    """A measured value for people; empty when there is none, and never `nan`."""
    if value is None or not isfinite(value):
        return SafeText("")
    if unit in ("B", "bytes"):
        return bytes_text(value)
    if unit in ("s", "seconds"):
        return SafeText(
            ("-" if value < 0 else "") + (f"{abs(value):.1f}s" if abs(value) < 10 else span_text(abs(value)))
        )
    number = (
        f"{value:.0f}"
        if value == int(value) and abs(value) < 1e15
        else f"{value:.1f}"
        if abs(value) >= 1
        else f"{value:.2f}"
    )
    return SafeText(f"{number} {safe(unit, 16)}".rstrip())


def bytes_text(value: float) -> SafeText:
    """`1.1 GiB`."""
    size, unit = abs(value), 0
    while size >= 1024 and unit < len(_BYTES) - 1:
        size, unit = size / 1024, unit + 1
    sign = "-" if value < 0 else ""
    return SafeText(
        f"{sign}{size:.0f} {_BYTES[unit]}" if size >= 100 or not unit else f"{sign}{size:.1f} {_BYTES[unit]}"
    )


def limits_text(check: Check) -> SafeText:
    """`warn 80 % · crit 90 %`; empty when the check has none."""
    parts = []
    if check.warn is not None:
        parts.append(f"warn {value_text(check.warn, check.unit)}")
    if check.crit is not None:
        parts.append(f"crit {value_text(check.crit, check.unit)}")
    return SafeText(" · ".join(parts))
