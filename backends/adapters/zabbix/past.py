"""How the number behind a condition went: `history.get` for the last day, `trend.get` for what is older.

Trends are kept by the hour: the average of each hour stands for it, from its beginning.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any, Final

from backends.adapters.zabbix.records import Average, Item, Value, moment, number
from backends.adapters.zabbix.session import Session
from backends.api import Past

SHORT: Final = timedelta(hours=24)
"""Single values are asked for no further back: they are many, and are thrown away after some days."""
BEFORE: Final = timedelta(hours=2)
"""How long before the beginning the value is looked for that held then."""
MOST_VALUES: Final = 5_000


async def past_of(session: Session, item: Item, since: datetime, until: datetime, points: int) -> Sequence[Past]:
    """Its values, oldest first. Raises `SourceError`."""
    skew_s = session.skew_s or 0.0
    begins = max(since, until - SHORT)
    found = await _history(session, item, since - BEFORE if begins == since else begins, until, skew_s)
    if len(found) >= MOST_VALUES:
        begins = max(begins, min(when for when, _ in found))  # so many that they do not go back any further
    if since < begins:
        found += await _trend(session, item, since - BEFORE, begins, skew_s)
    return thinned(found, since, until, points)


async def _history(
    session: Session, item: Item, since: datetime, until: datetime, skew_s: float
) -> list[tuple[datetime, float]]:
    asked = _asked(item, since, until, skew_s)
    asked |= {"history": int(item.value_type), "output": ["clock", "value"], "limit": MOST_VALUES}
    asked |= {"sortfield": "clock", "sortorder": "DESC"}
    values, _ = await session.records("history.get", asked, Value)
    return _told(((one.clock, one.value) for one in values), skew_s)


async def _trend(
    session: Session, item: Item, since: datetime, until: datetime, skew_s: float
) -> list[tuple[datetime, float]]:
    asked = _asked(item, since, until, skew_s)
    averages, _ = await session.records("trend.get", {**asked, "output": ["clock", "value_avg"]}, Average)
    told = _told(((one.clock, one.value_avg) for one in averages), skew_s)
    return [(when, value) for when, value in told if when < until]


def _asked(item: Item, since: datetime, until: datetime, skew_s: float) -> dict[str, Any]:
    return {
        "itemids": [item.itemid],
        "time_from": int(since.timestamp() + skew_s),
        "time_till": int(until.timestamp() + skew_s) + 1,
    }


def _told(pairs: Any, skew_s: float) -> list[tuple[datetime, float]]:
    told = ((moment(clock, skew_s), number(value)) for clock, value in pairs)
    return [(when, value) for when, value in told if when is not None and value is not None]


def thinned(found: Sequence[tuple[datetime, float]], since: datetime, until: datetime, points: int) -> Sequence[Past]:
    """At most `points` of the values, in order, one a moment; the one that held at `since` as of then."""
    by_time = dict(sorted(found))
    inside: list[Past] = [(when, value) for when, value in by_time.items() if since <= when <= until]
    before = [value for when, value in by_time.items() if when < since]
    if before and (not inside or inside[0][0] > since):
        inside.insert(0, (since, before[-1]))
    if points <= 0:
        return ()
    if len(inside) <= points:
        return inside
    if points == 1:
        return inside[-1:]
    step = (len(inside) - 1) / (points - 1)
    return [inside[round(number * step)] for number in range(points)]
