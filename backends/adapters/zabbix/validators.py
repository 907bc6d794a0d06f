"""Whether a pattern that somebody else wrote may be tried here, on a value that may be theirs too.

Zabbix compares again in any case; what is not tried here is refused there.
"""

from __future__ import annotations

import re
from typing import Final

LONGEST: Final = 2048
"""Characters of a validator; Zabbix takes no more."""
MOST_STEPS: Final = 20_000_000
"""Ways to match that are tried at worst: a fraction of a second."""
_VALUE: Final = 4096
"""Characters of a value at most."""
_BACK: Final = re.compile(r"\\[1-9gk]|\(\?P=|\(\?\(")
_ESCAPED: Final = re.compile(r"\\.", re.DOTALL)
_CLASS: Final = re.compile(r"\[\^?\]?[^\]]*\]")
_OPENED: Final = re.compile(r"\(\?(?:P?<[A-Za-z_]\w*>|<?[=!]|[:>])")
_REPEATED: Final = re.compile(r"(\)?)(?:([*+?])|\{(\d*)(,?)(\d*)\})[?+]?")


def harmless(validator: str) -> bool:
    """Whether Python knows it, and needs few steps for whatever it is tried on. Careful: of the patterns that people
    write it leaves out those that repeat a group without end, or refer back."""
    if len(validator) > LONGEST:
        return False
    try:
        re.compile(validator)
    except (re.error, RecursionError, OverflowError):
        return False
    return not _BACK.search(validator) and _steps(validator) <= MOST_STEPS


def _steps(validator: str) -> float:
    bare = _OPENED.sub("(", _CLASS.sub("c", _ESCAPED.sub("e", validator)))
    within, groups = 1.0 + bare.count("|"), []
    for closes, sign, least, comma, most in _REPEATED.findall(bare):
        endless = sign in ("*", "+") or (comma and not most)
        if closes and endless:
            return float("inf")
        times = 2 if sign == "?" else _VALUE if endless else int(most or least or 1)
        if closes and sign != "?":
            groups.append(times)
        elif sign or comma:
            within *= times
        if within > MOST_STEPS:
            return float("inf")
    if len(groups) > 1 or (groups and groups[0] > 32):
        return float("inf")
    return float(within ** (groups[0] if groups else 1))
