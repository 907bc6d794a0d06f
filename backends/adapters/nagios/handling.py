"""What was decided in Nagios about a host or service: acknowledged, in a downtime."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Final

from backends.adapters.nagios.records import Checkable, Comment, Downtime
from backends.api import Handling, SafeText, safe

When = Callable[[float], datetime | None]
"""A time of the server in milliseconds as one of ours; None for never."""

TAG: Final = " (snoozed in rounds)"
"""Ends the comment of every downtime that we make: Nagios tells no id when it takes one, and by this they are known
again, also after a restart."""


def handling_of(one: Checkable, comment: Comment | None, resting: Sequence[Downtime], when: When) -> Handling | None:
    """None where nothing was decided."""
    acked, quiet = one.problem_has_been_acknowledged, one.scheduled_downtime_depth > 0
    if not acked and not quiet:
        return None
    left = comment if acked else None
    longest = max(resting, key=lambda one: one.ends, default=None) if quiet else None
    return Handling(
        acked=acked,
        acked_by=safe(left.author, 80) if left else SafeText(""),
        acked_at=when(left.entry_time) if left else None,
        quiet=quiet,
        quiet_until=when(longest.ends) if longest else None,
        quiet_by=safe(longest.author, 80) if longest else SafeText(""),
        text=_text(left, longest),
    )


def is_ours(downtime: Downtime) -> bool:
    return downtime.comment.endswith(TAG)


def _text(left: Comment | None, longest: Downtime | None) -> SafeText:
    if left is not None:
        return safe(left.comment_data)
    return safe(longest.comment.removesuffix(TAG)) if longest is not None else SafeText("")
