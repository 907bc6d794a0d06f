"""What a failed request that was to change something means: nothing was sent, or nobody knows."""

from __future__ import annotations

from typing import Final

import httpx

from backends.api import FaultKind, NotSent, OutcomeUnknown, SourceError

_NEVER_SENT: Final = frozenset(
    {
        FaultKind.REFUSED,
        FaultKind.NAME,
        FaultKind.TLS,
        FaultKind.CREDENTIALS,
        FaultKind.FORBIDDEN,
        FaultKind.RATE_LIMITED,
        FaultKind.SECRET,
        FaultKind.CONFIGURATION,
    }
)
"""Kinds by which the request was refused, or did not get as far as the server."""
_NO_CONNECTION: Final = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout, httpx.ProxyError)


def outcome_of(error: SourceError) -> NotSent | OutcomeUnknown:
    """To be raised `from error`. Where it cannot be told for certain that nothing was sent, the outcome is unknown."""
    if error.kind in _NEVER_SENT or isinstance(error.__cause__, _NO_CONNECTION):
        return NotSent(error.sentence)
    return OutcomeUnknown(f"{error.sentence} It may have been done all the same: look there before you try again.")
