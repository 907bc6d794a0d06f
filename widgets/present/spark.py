"""Values over time as a line of blocks, `▂▃▄▆▇`: gaps are blank, what is beyond a limit has its tone.

The scale is the trend's own, from its lowest to its highest value, though what hardly moves is drawn flat.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from itertools import groupby
from math import isfinite
from typing import Final

from backends.fleet.model import Check, CheckState, SafeText
from backends.fleet.trend import Point, Trend
from widgets.present.age import span_text
from widgets.present.row import Cell, plain, since
from widgets.present.tone import Tone

BLOCKS: Final = "▁▂▃▄▅▆▇"
BLANK: Final = " "
SHORT: Final = 8
"""Columns of a trend beside other words."""
LONG: Final = 48
_FLAT: Final = 0.2
"""Moves by a smaller part of the value are nothing to look at."""
_FLAT_PERCENT: Final = 10.0

Columns = tuple[float | None, ...]


def columns(points: Sequence[Point], width: int) -> Columns:
    """The values at equal steps of time, the last one last; never more columns than there are points. Of several in
    one step the one stands that is furthest from the value before; a gap is seen however short it was."""
    if not points or width < 1:
        return ()
    count = min(width, len(points))
    first, span = points[0][0], points[-1][0] - points[0][0]
    boxes: list[list[float | None]] = [[] for _ in range(count)]
    for at, value in points:
        boxes[min(count - 1, (at - first) * count // span) if span else 0].append(_number(value))
    out: list[float | None] = []
    held: float | None = None
    for box in boxes:
        out.append(_told(box, held) if box else held)
        held = box[-1] if box else held
    out[-1] = _number(points[-1][1])
    return tuple(out)


def spark(values: Columns, unit: str = "") -> SafeText:
    """One block for each value, a blank for what is not known."""
    known = [value / 4 for value in values if value is not None]  # a quarter: the span of huge ones is a number too
    if not known:
        return SafeText(BLANK * len(values))
    low, high = min(known), max(known)
    least = _FLAT_PERCENT / 4 if unit == "%" else max(abs(low), abs(high)) * _FLAT
    span = max(high - low, least)
    base = low - (span - (high - low)) / 2
    base = max(base, 0.0) if low >= 0 else base
    top = len(BLOCKS) - 1
    return SafeText(
        "".join(
            BLANK if value is None else BLOCKS[min(top, round((value / 4 - base) / span * top)) if span > 0 else 0]
            for value in values
        )
    )


def spark_cells(trend: Trend, check: Check, width: int, quiet: Tone | None = None) -> tuple[Cell, ...]:
    """The trend in at most `width` columns, each with the tone of its value; in one tone where `quiet` says so."""
    values = columns(trend.points, width)
    text = spark(values, trend.unit)
    tones = [quiet or _tone(value, check) for value in values]
    cells, start = [], 0
    for tone, same in groupby(tones):
        end = start + len(list(same))
        cells.append(Cell(SafeText(text[start:end]), tone))
        start = end
    return tuple(cells)


def drawn_spans(trend: Trend, check: Check, width: int, *, now: bool) -> tuple[Cell, ...]:
    """The trend; one that does not go on until `now` says until when it was so, and has no tone of now."""
    if now:
        return spark_cells(trend, check, width)
    old = spark_cells(trend, check, width, Tone.UNKNOWN)
    return (*old, plain(" until ", Tone.UNKNOWN), since(last_known(trend), Tone.UNKNOWN))


def last_known(trend: Trend) -> datetime | None:
    """When there was a value for the last time."""
    known = [at for at, value in trend.points if value is not None]
    return datetime.fromtimestamp(known[-1], UTC) if known else None


def extremes(trend: Trend) -> tuple[Point, Point, Point] | None:
    """The lowest, the highest (each when it was so last) and the first point; None where nothing is known."""
    known = [(at, value) for at, value in trend.points if value is not None and isfinite(value)]
    if not known:
        return None
    return min(known, key=lambda one: (one[1], -one[0])), max(known, key=lambda one: (one[1], one[0])), known[0]


def moved(trend: Trend) -> float:
    """How far the value has gone since the first, as a share of the larger: from 0 to 2."""
    known = [value / 4 for value in trend.values if value is not None and isfinite(value)]
    most = max(abs(known[0]), abs(known[-1])) if known else 0.0
    return abs(known[-1] - known[0]) / most if most else 0.0


def length_text(trend: Trend) -> SafeText:
    """How much time it covers: `3h`."""
    return span_text(trend.times[-1] - trend.times[0]) if trend.times else SafeText("")


def beyond(value: float, check: Check) -> CheckState:
    """What the check's limits say of a value."""
    bad = -1.0 if _low_is_bad(check) else 1.0
    if check.crit is not None and value * bad >= check.crit * bad:
        return CheckState.CRITICAL
    if check.warn is not None and value * bad >= check.warn * bad:
        return CheckState.WARNING
    return CheckState.OK


def _low_is_bad(check: Check) -> bool:
    if check.warn is not None and check.crit is not None:
        return check.crit < check.warn
    limit = check.warn if check.warn is not None else check.crit
    wrong = check.state in (CheckState.WARNING, CheckState.CRITICAL)
    return wrong and limit is not None and check.value is not None and check.value < limit


def _tone(value: float | None, check: Check) -> Tone:
    if value is None:
        return Tone.DIM
    return {CheckState.CRITICAL: Tone.CRITICAL, CheckState.WARNING: Tone.WARNING}.get(beyond(value, check), Tone.DIM)


def _told(box: Sequence[float | None], before: float | None) -> float | None:
    known = [value for value in box if value is not None]
    if len(known) < len(box):
        return None
    return known[-1] if before is None else max(known, key=lambda value: abs(value - before))


def _number(value: float | None) -> float | None:
    return value if value is not None and isfinite(value) else None
