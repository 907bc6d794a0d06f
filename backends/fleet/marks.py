"""What technicians decided about an issue, laid over it: acknowledged, claimed, snoozed until it is due or worse."""

from __future__ import annotations

from datetime import datetime

import msgspec

from backends.fleet.model import Issue, IssueState, Mark, SafeText


def wakes(mark: Mark, issue: Issue, now: datetime) -> SafeText:
    """Why a snooze is over, in a few words; empty while it holds."""
    if mark.snoozed_until is None:
        return SafeText("")
    if now >= mark.snoozed_until:
        return SafeText("its time is over")
    if mark.snoozed_severity is not None and issue.severity.rank < mark.snoozed_severity.rank:
        return SafeText("it got worse")
    return SafeText("it spread") if issue.behind > mark.snoozed_behind else SafeText("")


def woken(mark: Mark) -> Mark | None:
    """The mark without its snooze; None when nothing is left of it."""
    left = msgspec.structs.replace(
        mark,
        snoozed_by="",
        snoozed_at=None,
        snoozed_until=None,
        snooze_reason=SafeText(""),
        snoozed_severity=None,
        snoozed_behind=0,
    )
    return None if left == Mark(issue=mark.issue) else left


def marked(issue: Issue, mark: Mark | None) -> Issue:
    """The issue as it stands with a mark that holds."""
    if mark is None:
        mark = Mark(issue=issue.id)
    state = IssueState.ACKED if mark.acked_by else IssueState.OPEN
    return msgspec.structs.replace(
        issue,
        state=IssueState.SNOOZED if mark.snoozed_until is not None else state,
        owner=mark.owner,
        acked_by=mark.acked_by,
        acked_at=mark.acked_at,
        snoozed_until=mark.snoozed_until,
        snooze_reason=mark.snooze_reason,
        snoozed_by=mark.snoozed_by,
        notes=mark.notes,
    )


def completed(mark: Mark, issue: Issue) -> Mark:
    """A snooze with what it has to be compared with later, where whoever made it did not say."""
    if mark.snoozed_until is None or mark.snoozed_severity is not None:
        return mark
    return msgspec.structs.replace(mark, snoozed_severity=issue.severity, snoozed_behind=issue.behind)
