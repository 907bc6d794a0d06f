"""The number that tells most of a check: one of its performance values, with its limits.

A plugin writes `'label'=value[unit];[warn];[crit];[min];[max]`; limits are ranges such as `10`, `10:`, `~:10`, `@5:9`
(Monitoring Plugins, development guidelines).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache
from math import isfinite
from typing import Final

from msgspec import Struct

from backends.adapters.icinga2.records import Metric

_PAIR: Final = re.compile(r"\s*(?:'((?:[^']|'')*)'|([^=']+))=(\S*)")
_NUMBER: Final = re.compile(r"(-?[0-9]{1,30}(?:[.,][0-9]{1,30})?(?:[eE][-+]?[0-9]{1,3})?)(.{0,12})")
_SHARE: Final = frozenset({"disk", "inode", "memory", "swap"})
"""Families whose values are told as a share elsewhere, by which sources are compared."""
_BYTES: Final = frozenset({"B", "KB", "MB", "GB", "TB", "KIB", "MIB", "GIB", "TIB", "BYTES", ""})
_UNITS: Final = {"seconds": "s", "percent": "%", "bytes": "B"}


class Value(Struct, frozen=True, gc=False):
    """One number with its limits; None for those that it does not have."""

    label: str
    value: float
    unit: str
    warn: float | None
    crit: float | None
    most: float | None

    @property
    def over(self) -> bool:
        """Whether it is beyond a limit."""
        warn, crit = self.warn, self.crit
        if warn is not None and crit is not None and crit < warn:
            return self.value <= warn
        return (warn is not None and self.value >= warn) or (crit is not None and self.value >= crit)


def telling(told: Sequence[str | Metric] | None, family: str, subject: str) -> Value | None:
    """The value that is named as the subject is, else the first one beyond a limit, else the first with a limit, else
    the first one. Disks and memories are told as a share of the whole where the whole is told."""
    values = [value for one in told or () for value in _values(one)]
    if not values:
        return None
    best = values[0]
    if len(values) > 1:
        best = min(values, key=lambda one: (one.label != subject or not subject, not one.over, _free(one)))
    return _shared(best) if family in _SHARE else best


def _free(value: Value) -> bool:
    return value.warn is None and value.crit is None


def _shared(value: Value) -> Value:
    if not value.most or value.most <= 0 or value.unit.upper() not in _BYTES:
        return value
    whole = value.most
    warn, crit = (100 * limit / whole if limit is not None else None for limit in (value.warn, value.crit))
    return Value(value.label, 100 * value.value / whole, "%", warn, crit, 100.0)


def _values(told: str | Metric) -> Iterator[Value]:
    if isinstance(told, Metric):
        number = _number(told.value)
        if number is not None:
            unit = told.unit or ""
            unit = _UNITS.get(unit, unit[:12])
            yield Value(told.label, number, unit, _limit(told.warn), _limit(told.crit), _number(told.max))
        return
    for label, text in _pairs(told):
        number_text, *limits = text.split(";")
        found = _NUMBER.fullmatch(number_text)
        number = _number(found[1]) if found else None
        if found and number is not None:
            warn, crit, _, most = (*limits, "", "", "", "")[:4]
            yield Value(label, number, found[2], _limit_of(warn), _limit_of(crit), _limit_of(most))


def _pairs(told: str) -> Iterable[tuple[str, str]]:
    """Labels and what is told of them. Nearly always there is one, and nothing is quoted."""
    label, equals, text = told.partition("=")
    if label and equals and " " not in text and "=" not in text and "'" not in label:
        return ((label.strip(), text),)
    found = _PAIR.findall(told[:4096])
    return [(quoted.replace("''", "'") if quoted else bare.strip(), text) for quoted, bare, text in found]


def _limit(told: float | str | None) -> float | None:
    return _limit_of(told) if isinstance(told, str) else _number(told)


@lru_cache(maxsize=4096)
def _limit_of(told: str) -> float | None:
    """The one number at which a range is left; None where there is none or there are two."""
    low, colon, high = told.partition(":")
    if not colon:
        return _number(told) if told else None
    if low in ("~", "0", "") and high:
        return _number(high)
    return _number(low) if not high else None


def _number(told: float | str | None) -> float | None:
    if isinstance(told, str):
        if not (found := _NUMBER.fullmatch(told)):
            return None
        told = float(found[1].replace(",", "."))
    return told if told is not None and isfinite(told) else None
