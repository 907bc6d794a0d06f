"""What was decided in Icinga about a host or service: acknowledged, in a downtime."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import datetime
from typing import Final

from backends.adapters.icinga2.records import Checkable, Comment, Downtime
from backends.api import Handling, SafeText, safe

When = Callable[[float], datetime | None]
"""A time of the server as one of ours; None for never."""

TAG: Final = " (snoozed in rounds)"
"""Ends the comment of every downtime that we make, so that they are known again after a restart."""


def handling_of(
    checkable: Checkable, comment: Comment | None, downtimes: Iterable[Downtime], now: float, when: When
) -> Handling | None:
    """`now` is by the server's clock. None where nothing was decided."""
    acked = acknowledged(checkable, now)
    quiet = checkable.downtime_depth > 0
    if not acked and not quiet:
        return None
    resting = max((one for one in downtimes if one.in_effect(now)), key=Downtime.ends, default=None) if quiet else None
    left = comment if acked else None
    acked_at = when(checkable.acknowledgement_last_change) or (when(left.entry_time) if left else None)
    return Handling(
        acked=acked,
        acked_by=safe(left.author, 80) if left else SafeText(""),
        acked_at=acked_at if acked else None,
        quiet=quiet,
        quiet_until=when(resting.ends()) if resting else None,
        quiet_by=safe(resting.author, 80) if resting else SafeText(""),
        text=_text(left, resting),
    )


def acknowledged(checkable: Checkable, now: float) -> bool:
    """Whether it is now; one that has expired may stand there until Icinga looks again."""
    ends = checkable.acknowledgement_expiry
    return checkable.acknowledgement > 0 and (ends <= 0 or ends > now)


def _text(left: Comment | None, resting: Downtime | None) -> SafeText:
    if left is not None:
        return safe(left.text)
    return safe(resting.comment.removesuffix(TAG)) if resting is not None else SafeText("")
