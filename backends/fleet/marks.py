"""What technicians decided about an issue, laid over it: acknowledged, claimed, snoozed until it is due or worse.

Decisions are made here and in the sources. A mark of ours counts; so does what the sources of the evidence say, an
acknowledgement when one of them has it, quiet when all of them are. A mark that a source was told of lasts for as long
as that source does not say otherwise: who takes it back there takes it back here.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import datetime, timedelta
from typing import Final

import msgspec

from backends.fleet.model import Check, Handling, Issue, IssueState, Mark, SafeText, SourceName, safe

SETTLED: Final = timedelta(seconds=60)
"""So long after a source took a decision, what it says may still be from before."""


def wakes(mark: Mark, issue: Issue, now: datetime) -> SafeText:
    """Why a snooze is over, in a few words; empty while it holds."""
    if mark.snoozed_until is None:
        return SafeText("")
    if now >= mark.snoozed_until:
        return SafeText("its time is over")
    if mark.snoozed_severity is not None and issue.severity.rank < mark.snoozed_severity.rank:
        return SafeText("it got worse")
    return SafeText("it spread") if issue.behind > mark.snoozed_behind else SafeText("")


def unacked(mark: Mark) -> Mark:
    """The mark without its acknowledgement."""
    return msgspec.structs.replace(mark, acked_by="", acked_at=None, acked_told=())


def unsnoozed(mark: Mark) -> Mark:
    """The mark without its snooze."""
    return msgspec.structs.replace(
        mark,
        snoozed_by="",
        snoozed_at=None,
        snoozed_until=None,
        snooze_reason=SafeText(""),
        snoozed_severity=None,
        snoozed_behind=0,
        snoozed_told=(),
    )


def woken(mark: Mark) -> Mark | None:
    """The mark without its snooze; None when nothing is left of it."""
    return _kept(unsnoozed(mark))


def overruled(mark: Mark, evidence: Iterable[Check]) -> Mark | None:
    """What is left of a mark after what its condition's checks say now: a decision that a source took and has no longer
    was taken back there. None when nothing is left."""
    checks = list(evidence)
    if _denied(mark.acked_told, mark.acked_at, checks, lambda handling: handling.acked):
        mark = unacked(mark)
    if _denied(mark.snoozed_told, mark.snoozed_at, checks, lambda handling: handling.quiet):
        mark = unsnoozed(mark)
    return _kept(mark)


def handled(evidence: Iterable[Check]) -> tuple[tuple[SourceName, Handling], ...]:
    """What the sources of a condition's checks say of decisions that were made there, in the order of their names."""
    found = {check.source: check.handling for check in evidence if check.handling is not None}
    if not found:
        return ()
    return tuple((source, found[source]) for source in sorted(found) if found[source] != Handling())


def marked(issue: Issue, mark: Mark | None, now: datetime) -> Issue:
    """The issue as it stands with a mark that holds, and with what its sources say."""
    if mark is None and not issue.handled:
        return _open(issue)
    if mark is None:
        mark = Mark(issue=issue.id)
    issue = _acked(issue, mark)
    return _snoozed(msgspec.structs.replace(issue, owner=mark.owner, notes=mark.notes), mark, now)


def _open(issue: Issue) -> Issue:
    """The issue where nobody decided anything: nearly every one."""
    return msgspec.structs.replace(
        issue,
        state=IssueState.OPEN,
        acked_by="",
        acked_at=None,
        owner="",
        notes=0,
        snoozed_until=None,
        snooze_reason=SafeText(""),
        snoozed_by="",
    )


def completed(mark: Mark, issue: Issue) -> Mark:
    """A snooze with what it has to be compared with later, where whoever made it did not say."""
    if mark.snoozed_until is None or mark.snoozed_severity is not None:
        return mark
    return msgspec.structs.replace(mark, snoozed_severity=issue.severity, snoozed_behind=issue.behind)


def quiet_in(issue: Issue, now: datetime) -> tuple[tuple[SourceName, Handling], ...]:
    """What makes it quiet in its sources; empty unless it is in all of them."""
    quiet = tuple((source, word) for source, word in issue.handled if word.quiet and _lasts(word, now))
    return quiet if {source for source, _ in quiet} == set(issue.sources) else ()


def _acked(issue: Issue, mark: Mark) -> Issue:
    there = next(((source, word) for source, word in issue.handled if word.acked), None)
    by, when = mark.acked_by, mark.acked_at
    if not by and there is not None:
        by, when = there[1].acked_by or safe(there[0]), there[1].acked_at
    state = IssueState.ACKED if by else IssueState.OPEN
    return msgspec.structs.replace(issue, state=state, acked_by=by, acked_at=when)


def _snoozed(issue: Issue, mark: Mark, now: datetime) -> Issue:
    by, until, reason = mark.snoozed_by, mark.snoozed_until, mark.snooze_reason
    quiet = quiet_in(issue, now) if until is None else ()
    if quiet:
        source, first = min(quiet, key=_ends)
        by, until, reason = first.quiet_by or safe(source), first.quiet_until, first.text
    asleep = bool(quiet) or mark.snoozed_until is not None
    return msgspec.structs.replace(
        issue,
        state=IssueState.SNOOZED if asleep else issue.state,
        snoozed_until=until,
        snooze_reason=reason,
        snoozed_by=by,
    )


def _lasts(word: Handling, now: datetime) -> bool:
    return word.quiet_until is None or word.quiet_until > now


def _ends(quiet: tuple[SourceName, Handling]) -> tuple[bool, float, SourceName]:
    """The one that ends first, and then wakes the issue, is first; those that tell no end are last."""
    until = quiet[1].quiet_until
    return until is None, until.timestamp() if until is not None else 0.0, quiet[0]


def _denied(
    told: tuple[SourceName, ...], when: datetime | None, checks: Iterable[Check], has: Callable[[Handling], bool]
) -> bool:
    """Whether a source that took a decision says that it is not so any more."""
    if when is None or not told:
        return False
    later = [check for check in checks if check.source in told and check.seen > when + SETTLED]
    return any(check.handling is None or not has(check.handling) for check in later)


def _kept(mark: Mark) -> Mark | None:
    return None if mark == Mark(issue=mark.issue) else mark
