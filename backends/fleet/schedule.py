"""When to ask next: pure arithmetic. A random number between 0 and 1 is handed in as `chance`.

The rest is counted from the end of a poll, so that two polls of one source never overlap.
"""

from __future__ import annotations

import math
from typing import Final

JITTER: Final = 0.1
"""Part of the interval by which a rest is longer or shorter, so that sources do not march in step."""
FIRST_S: Final = 1.0
LONGEST_S: Final = 300.0
"""Shortest and longest rest after failures."""
LONGEST_AWAY_S: Final = 25.0
"""Longest rest where nothing answered at all: what comes back is seen within half a minute, and a connection that
nobody takes burdens nobody."""
LONGEST_ASKED_S: Final = 3600.0
"""However long a server asks to be left alone, it is asked again after this."""


def next_rest(
    *,
    every_s: float,
    failures: int,
    chance: float,
    retry_after_s: float | None = None,
    needs_hand: bool = False,
    away: bool = False,
) -> float:
    """Seconds to rest after a poll that was the `failures`-th failure in a row; 0 failures is a good answer. `away`
    says that nothing answered, rather than something that failed."""
    chance = min(max(chance, 0.0), 1.0)
    if failures <= 0:
        rest_s = every_s * (1 + JITTER * (2 * chance - 1))
    elif needs_hand:
        # Trying does not help, and wrong credentials tried often lock an account.
        rest_s = LONGEST_S * (1 - JITTER * chance)
    elif away:
        # Never longer than what is healthy rests, and hardly sooner.
        longest_s = min(LONGEST_AWAY_S, max(every_s, FIRST_S), FIRST_S * 2.0 ** min(failures, 16))
        rest_s = longest_s * (1 - 2 * JITTER * (1 - chance))
    else:
        rest_s = backoff(failures, chance)
    return rest_s if retry_after_s is None else max(rest_s, clamped(retry_after_s))


def backoff(failures: int, chance: float) -> float:
    """Full jitter: anything from a second to a ceiling that doubles with every failure up to five minutes."""
    ceiling = min(LONGEST_S, FIRST_S * 2.0 ** min(max(failures, 1), 16))
    return FIRST_S + (ceiling - FIRST_S) * chance


def clamped(retry_after_s: float) -> float:
    """What a server asks for, within reason; nonsense counts as nothing asked."""
    if math.isnan(retry_after_s) or retry_after_s < 0:
        return 0.0
    return min(retry_after_s, LONGEST_ASKED_S)
