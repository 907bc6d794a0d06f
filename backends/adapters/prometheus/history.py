"""How the value behind a check went, by the expression of its rule."""

from __future__ import annotations

import math
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final

from msgspec import Struct

from backends.adapters.prometheus import promql
from backends.adapters.prometheus.reading import Evidence
from backends.adapters.prometheus.records import Labels, Series
from backends.adapters.prometheus.rules import Origin
from backends.adapters.prometheus.server import Server
from backends.api import Past

SHORTEST_STEP_S: Final = 1.0


class Span(Struct, frozen=True, kw_only=True):
    """The times at which values are asked for, by our clock."""

    start: datetime
    end: datetime
    step_s: float
    steps: int

    @classmethod
    def of(cls, since: datetime, now: datetime, points: int) -> Span:
        """At most `points` times from `since` to `now`, the last of them now; none is `steps` of -1."""
        span_s = (now - since).total_seconds()
        if points < 1 or span_s <= 0:
            return cls(start=now, end=now, step_s=SHORTEST_STEP_S, steps=-1)
        step_s = max(SHORTEST_STEP_S, math.ceil(span_s / max(points - 1, 1) * 1000) / 1000)
        steps = min(points - 1, int(span_s / step_s))
        return cls(start=now - timedelta(seconds=steps * step_s), end=now, step_s=step_s, steps=steps)


async def past(server: Server, evidence: Evidence, family: str, span: Span) -> Sequence[Past]:
    """The values of a check over a span. Raises `SourceError`."""
    series = await _series(server, evidence, family, span) if span.steps >= 0 else None
    return _along(series, server.skew, span) if series is not None else ()


async def _series(server: Server, evidence: Evidence, family: str, span: Span) -> Series | None:
    origin = next((one.origin for one in evidence.firing if one.origin is not None), None)
    if origin is not None:
        return await _of_rule(server, origin, span)
    if evidence.target is None:
        return None
    metric = "up" if family == "reachable" else "scrape_duration_seconds"
    labels = evidence.target.labels
    return _fitting(await _asked(server, promql.selector(metric, labels), span), labels)


async def _of_rule(server: Server, origin: Origin, span: Span) -> Series | None:
    """The one series of the rule's expression that the alert is of."""
    query, labels = origin.measured.query, origin.series_labels
    if instance := labels.get("instance"):
        found = _fitting(await _asked(server, promql.only_of(query, instance), span), labels)
        if found is not None:
            return found
    return _fitting(await _asked(server, query, span), labels)


async def _asked(server: Server, query: str, span: Span) -> Sequence[Series]:
    return await server.values(query, span.start, span.end, span.step_s)


def _fitting(found: Sequence[Series], labels: Labels) -> Series | None:
    """The series with these labels; else the only one whose labels are among them."""
    told = [(series, {name: value for name, value in series.metric.items() if name != "__name__"}) for series in found]
    same = [series for series, metric in told if metric == dict(labels)]
    among = [series for series, metric in told if metric.items() <= labels.items()]
    return same[0] if same else among[0] if len(among) == 1 else None


def _along(series: Series, skew: timedelta, span: Span) -> Sequence[Past]:
    """The values at the steps, by our clock; where a value ends and none follows, from then on nothing is known."""
    first = (span.start + skew).timestamp()
    values: dict[int, float | None] = {}
    for seconds, text in series.values:
        at = (seconds - first) / span.step_s
        if math.isfinite(at) and -0.5 <= at <= span.steps + 0.5:
            values[round(at)] = promql.number(text)
    out: list[Past] = []
    for step in range(span.steps + 1):
        value = values.get(step)
        if value is not None or (out and out[-1][1] is not None):
            out.append((span.start + timedelta(seconds=step * span.step_s), value))
    return out
