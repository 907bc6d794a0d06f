"""How a value went: the rows of a chart as the values of a check. Pure."""

from __future__ import annotations

import math
from datetime import UTC, datetime, timedelta
from typing import Final

from backends.adapters.netdata.measures import Measure
from backends.adapters.netdata.records import Data
from backends.api import Past

LATE: Final = timedelta(seconds=30)
"""A chart is collected every few seconds: that the last of them have no value yet says nothing."""


def past_of(data: Data, measure: Measure, span: tuple[datetime, datetime], skew: timedelta, points: int) -> list[Past]:
    """Oldest first, by our clock, within `span`, from when to when. A row's time is the end of what it is of."""
    since, now = span
    names, found = data.labels[1:], dict[datetime, float | None]()
    for row in data.data:
        if len(row) != len(data.labels) or row[0] is None or not 1e9 < row[0] < 1e10:
            continue
        values = {
            name: value
            for name, value in zip(names, row[1:], strict=True)
            if value is not None and math.isfinite(value)
        }
        when = min(datetime.fromtimestamp(row[0], UTC) - skew, now)
        if when >= since:
            found[when] = measure.value(values)
    ordered = sorted(found.items())[-points:] if points > 0 else []
    first = next((n for n, (_, value) in enumerate(ordered) if value is not None), len(ordered))
    while ordered and ordered[-1][1] is None and now - ordered[-1][0] < LATE:
        ordered.pop()
    return ordered[first:]
