"""Performance data of monitoring plugins, and which of its numbers tells most of a check.

A plugin writes `'label'=value[unit];[warn];[crit];[min];[max]`, several of them with blanks between; limits are ranges
such as `10`, `10:`, `~:10`, `@5:9` (Monitoring Plugins, development guidelines).
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from math import isfinite
from typing import Final

from msgspec import Struct

LONGEST: Final = 4096
"""Characters of performance data that are looked at."""
_PAIR: Final = re.compile(r"\s*(?:'((?:[^']|'')*)'|([^='\s][^=']*))=(\S*)")
_NUMBER: Final = re.compile(r"(-?[0-9]{1,30}(?:[.,][0-9]{1,30})?(?:[eE][-+]?[0-9]{1,3})?)(.{0,12})")
_SHARE: Final = frozenset({"disk", "inode", "memory", "swap"})
"""Families whose values are told as a share elsewhere, by which sources are compared."""
_BYTES: Final = frozenset({"B", "KB", "MB", "GB", "TB", "KIB", "MIB", "GIB", "TIB", "BYTES", ""})


class Value(Struct, frozen=True, gc=False):
    """One number with its limits; None for those that it does not have."""

    label: str
    value: float
    unit: str
    warn: float | None = None
    crit: float | None = None
    most: float | None = None

    @property
    def over(self) -> bool:
        """Whether it is beyond a limit."""
        low = self.warn is not None and self.crit is not None and self.crit < self.warn
        limits = [limit for limit in (self.warn, self.crit) if limit is not None]
        return any(self.value <= limit if low else self.value >= limit for limit in limits)


def values(text: str) -> list[Value]:
    """The numbers in performance data, in their order; what is no number is left out."""
    out = []
    for quoted, bare, told in _PAIR.findall(text[:LONGEST]):
        number_text, *limits = told.split(";")
        found = _NUMBER.fullmatch(number_text)
        number = _number(found[1]) if found else None
        if found is not None and number is not None:
            warn, crit, _, most = [*limits, "", "", "", ""][:4]
            label = quoted.replace("''", "'") if quoted else bare.strip()
            out.append(Value(label, number, found[2], _limit(warn), _limit(crit), _number(most)))
    return out


def telling(told: Sequence[Value], family: str, subject: str) -> Value | None:
    """The value that is called as the subject is, else the first one beyond a limit, else the first with a limit, else
    the first one. Disks and memories are told as a share of the whole where the whole is told."""
    if not told:
        return None
    best = min(told, key=lambda one: (one.label != subject or not subject, not one.over, _free(one)))
    return _shared(best) if family in _SHARE else best


def _free(value: Value) -> bool:
    return value.warn is None and value.crit is None


def _shared(value: Value) -> Value:
    whole = value.most
    if not whole or whole <= 0 or value.unit.upper() not in _BYTES:
        return value
    warn, crit = (100 * limit / whole if limit is not None else None for limit in (value.warn, value.crit))
    share = 100 * value.value / whole
    return Value(value.label, share, "%", warn, crit, 100.0) if isfinite(share) else value


def _limit(told: str) -> float | None:
    """The one number at which a range is left; None where there is none or there are two."""
    if ":" not in told:
        return _number(told)
    low, _, high = told.partition(":")
    if low in ("~", "0", "") and high:
        return _number(high)
    return _number(low) if not high else None


def _number(told: str) -> float | None:
    found = _NUMBER.fullmatch(told)
    if not found:
        return None
    number = float(found[1].replace(",", "."))
    return number if isfinite(number) else None
