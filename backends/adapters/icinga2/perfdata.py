"""The number that tells most of a check: one of its performance values, which Icinga tells as text or as an object."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from backends.adapters.icinga2.records import Metric
from backends.fleet import perfdata
from backends.fleet.perfdata import Value, limit, number, values

_UNITS: Final = {"seconds": "s", "percent": "%", "bytes": "B"}


def telling(told: Sequence[str | Metric] | None, family: str, subject: str) -> Value | None:
    """See `backends.fleet.perfdata.telling`."""
    found = [value for one in told or () for value in (values(one) if isinstance(one, str) else _measured(one))]
    return perfdata.telling(found, family, subject)


def _measured(told: Metric) -> list[Value]:
    value = number(told.value)
    if value is None:
        return []
    unit = told.unit or ""
    unit = _UNITS.get(unit, unit[:12])
    return [Value(told.label, value, unit, _limit(told.warn), _limit(told.crit), number(told.max))]


def _limit(told: float | str | None) -> float | None:
    return limit(told) if isinstance(told, str) else number(told)
