"""The number at which a trigger goes off, where its expression is no more than one comparison with a number."""

from __future__ import annotations

import re
from typing import Final

_COMPARISON: Final = re.compile(
    r"(?:last|min|max|avg)\(/[^()]*\)\s*(?:>=|<=|>|<)\s*(-?[0-9]{1,15}(?:\.[0-9]{1,9})?)([KMGTsmhdw]?)"
)
_SUFFIX: Final = {
    "": 1.0,
    "K": 2.0**10,
    "M": 2.0**20,
    "G": 2.0**30,
    "T": 2.0**40,
    "s": 1.0,
    "m": 60.0,
    "h": 3600.0,
    "d": 86400.0,
    "w": 604800.0,
}


def limit_of(expression: str) -> float | None:
    """`last(/host/disk.used)>90` is 90; None for everything that is not so plain."""
    found = _COMPARISON.fullmatch(expression.strip())
    return float(found[1]) * _SUFFIX[found[2]] if found else None
