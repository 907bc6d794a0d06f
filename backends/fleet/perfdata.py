"""Performance data of monitoring plugins, and which of its numbers tells most of a check.

A plugin writes `'label'=value[unit];[warn];[crit];[min];[max]`, several of them with blanks between; limits are ranges
such as `10`, `10:`, `~:10`, `@5:9` (Monitoring Plugins, development guidelines).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache
from math import isfinite
from typing import Final

from msgspec import Struct

LONGEST: Final = 4096
"""Characters of performance data that are looked at."""
LONGEST_LIMIT: Final = 64
_BLANK: Final = re.compile(r"\s")
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
        warn, crit = self.warn, self.crit
        if warn is not None and crit is not None and crit < warn:
            return self.value <= warn
        return (warn is not None and self.value >= warn) or (crit is not None and self.value >= crit)


def values(text: str) -> list[Value]:
    """The numbers in performance data, in their order; what is no number is left out."""
    out = []
    for label, told in _pairs(text[:LONGEST]):
        number_text, *limits = told.split(";")
        found = _NUMBER.fullmatch(number_text)
        value = number(found[1]) if found else None
        if found is not None and value is not None:
            warn, crit, _, most = (*limits, "", "", "", "")[:4]
            out.append(Value(label, value, found[2], limit(warn), limit(crit), limit(most)))
    return out


def telling(told: Sequence[Value], family: str, subject: str) -> Value | None:
    """The value that is called as the subject is, else the first one beyond a limit, else the first with a limit, else
    the first one. Disks and memories are told as a share of the whole where the whole is told."""
    if not told:
        return None
    best = told[0]
    if len(told) > 1:
        best = min(told, key=lambda one: (one.label != subject or not subject, not one.over, _free(one)))
    return _shared(best) if family in _SHARE else best


def limit(told: str) -> float | None:
    """The one number at which a range is left; None where there is none or there are two."""
    return _limit(told) if len(told) <= LONGEST_LIMIT else None  # what is remembered must not be large


@lru_cache(maxsize=4096)
def _limit(told: str) -> float | None:
    low, colon, high = told.partition(":")
    if not colon:
        return number(told) if told else None
    if low in ("~", "0", "") and high:
        return number(high)
    return number(low) if not high else None


def number(told: float | str | None) -> float | None:
    """A finite number, also from a text, where it may have a unit; else None."""
    if isinstance(told, str):
        if not (found := _NUMBER.fullmatch(told)):
            return None
        told = float(found[1].replace(",", "."))
    return told if told is not None and isfinite(told) else None


def _free(value: Value) -> bool:
    return value.warn is None and value.crit is None


def _shared(value: Value) -> Value:
    whole = value.most
    if not whole or whole <= 0 or value.unit.upper() not in _BYTES:
        return value
    share, warn, crit = (
        100 * one / whole if one is not None else None for one in (value.value, value.warn, value.crit)
    )
    if share is None or not all(one is None or isfinite(one) for one in (share, warn, crit)):
        return value
    return Value(value.label, share, "%", warn, crit, 100.0)


def _pairs(told: str) -> Iterable[tuple[str, str]]:
    """Labels and what is told of them. Nearly always there is one, and nothing is quoted."""
    label, equals, text = told.partition("=")
    if label and equals and " " not in text and "=" not in text and "'" not in label:
        return ((label.strip(), text),)
    return _found(told)


def _found(told: str) -> Iterator[tuple[str, str]]:
    """From left to right, so that nothing is looked at twice."""
    at = 0
    while at < len(told):
        if told[at].isspace():
            at += 1
            continue
        if told.startswith("'", at):
            ends = _end_of_quote(told, at + 1)
            if ends < 0:
                return
            label, equals = told[at + 1 : ends].replace("''", "'"), ends + 1
            if not told.startswith("=", equals):
                at = equals
                continue
        else:
            equals = told.find("=", at)
            if equals < 0:
                return
            label = told[at:equals].rpartition("'")[2].strip()
        blank = _BLANK.search(told, equals + 1)
        at = blank.start() if blank else len(told)
        if label:
            yield label, told[equals + 1 : at]


def _end_of_quote(told: str, at: int) -> int:
    """Where the quoted label that begins at `at` ends; two quotes are one of it. -1 where it does not."""
    while (ends := told.find("'", at)) >= 0 and told.startswith("'", ends + 1):
        at = ends + 2
    return ends
