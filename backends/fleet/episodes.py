"""When conditions began and ended: how often, and how long the last fix held."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

import msgspec

from backends.fleet.model import Episode, FixId, IssueId, SafeText, safe

MONTH: Final = timedelta(days=30)
KEPT: Final = 50
"""Most episodes kept of one condition."""

Episodes = tuple[Episode, ...]


def begun(episodes: Episodes, issue: IssueId, since: datetime) -> Episodes:
    """With an open episode at the end: the one that is there, or a new one that began at `since`."""
    if episodes and episodes[-1].ended is None:
        last = episodes[-1]
        return episodes if last.began <= since else (*episodes[:-1], msgspec.structs.replace(last, began=since))
    return (*_recent(episodes, since), Episode(issue=issue, began=since))


def ended(episodes: Episodes, at: datetime) -> Episodes:
    """With the last episode over."""
    if not episodes or episodes[-1].ended is not None:
        return episodes
    return (*episodes[:-1], msgspec.structs.replace(episodes[-1], ended=max(at, episodes[-1].began)))


def fixed(episodes: Episodes, fix: FixId) -> Episodes:
    """With the last episode on the account of a fix that was verified."""
    return (*episodes[:-1], msgspec.structs.replace(episodes[-1], fix=fix)) if episodes else episodes


def open_since(episodes: Episodes) -> datetime | None:
    """When the episode that is not over began."""
    return episodes[-1].began if episodes and episodes[-1].ended is None else None


def times(episodes: Episodes, now: datetime) -> int:
    """How often the condition began in the last 30 days; an episode that is still open counts whenever it began."""
    return max(1, len(_recent(episodes, now)))


def held(episodes: Episodes) -> tuple[SafeText, float | None]:
    """The last verified fix, in words, and the seconds until the condition came back; nothing when none is known."""
    for index in range(len(episodes) - 1, -1, -1):
        last = episodes[index]
        if last.fix is not None and last.ended is not None:
            back = episodes[index + 1].began if index + 1 < len(episodes) else None
            return fix_in_words(last.fix), None if back is None else max(0.0, (back - last.ended).total_seconds())
    return SafeText(""), None


def fix_in_words(fix: FixId) -> SafeText:
    """`restart-service` as people say it: `Restart service`."""
    return safe(fix.replace("-", " ").capitalize())


def _recent(episodes: Episodes, now: datetime) -> Episodes:
    return tuple(one for one in episodes[-KEPT:] if one.ended is None or now - one.began <= MONTH)
