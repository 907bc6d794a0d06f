"""The order of the list: severity x contract x SLA minutes left x how far it spreads x age.

A score is a product of factors, each of which can be said in words. Break-fix clients have a lane of their own below
managed ones; what is acknowledged, snoozed or explained by another issue sinks below what waits for somebody. Factors
move in steps, so that the order is still while nothing happens.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from datetime import datetime
from typing import Final

from backends.fleet.hours import HoursError, add_open_seconds, parse_hours
from backends.fleet.model import Client, ClientId, Contract, Issue, IssueId, IssueState, SafeText, Severity, safe

_SEVERITY: Final = {Severity.CRITICAL: 1000.0, Severity.HIGH: 300.0, Severity.WARNING: 60.0, Severity.INFO: 10.0}
_LANE: Final = 1.0e6
"""More than any product of the factors: whoever is in an upper lane is always above."""
_AGES: Final = ((60.0, 1.0), (600.0, 1.05), (3600.0, 1.1), (4 * 3600.0, 1.15), (24 * 3600.0, 1.2), (math.inf, 1.25))
"""Seconds open, and what that multiplies."""
_LEFT: Final = ((0.0, 2.0), (300.0, 1.8), (900.0, 1.6), (3600.0, 1.35), (4 * 3600.0, 1.15), (math.inf, 1.0))
"""Seconds left of the SLA, and what that multiplies."""


def order(issues: Iterable[Issue], now: datetime) -> list[IssueId]:
    """Ids, most urgent first: a total order that depends on nothing but the issues and the time."""
    ranked = sorted((-urgency(issue, now), issue.since, issue.client, issue.device_name, issue.id) for issue in issues)
    return [name for *_, name in ranked]


def standing(issue: Issue) -> tuple[float, datetime, ClientId, SafeText, IssueId]:
    """What decides on its place in the list: most urgent first, as it was last weighed; then the oldest."""
    return -issue.urgency, issue.since, issue.client, issue.device_name, issue.id


def urgency(issue: Issue, now: datetime) -> float:
    """Higher is more urgent."""
    score = _SEVERITY[issue.severity] * _sla(issue, now) * _spread(issue) * _age(issue, now)
    return round(score + _lane(issue) * _LANE, 3)


def why(issue: Issue, now: datetime) -> SafeText:
    """The score in one sentence."""
    words = [str(issue.severity)]
    if issue.contract is Contract.BREAK_FIX:
        words.append("a break-fix client, below managed ones")
    until = due(issue)
    if until is not None:
        words.append(_left_in_words(issue, until, now))
    if issue.behind:
        words.append(f"{issue.behind} more behind it")
    words.append(f"open for {_span((now - issue.since).total_seconds())}")
    if issue.times > 1:
        words.append(f"{issue.times} times in 30 days")
    if issue.incident is not None:
        words.append("explained by another issue")
    if issue.state is not IssueState.OPEN:
        words.append(f"{issue.state} by {issue.snoozed_by or issue.acked_by or 'somebody'}, so it waits below")
    text = ", ".join(words)
    return safe(f"{text[0].upper()}{text[1:]}.", 512)


def deadlines(client: Client | None, severity: Severity, since: datetime) -> tuple[datetime | None, datetime | None]:
    """When the SLA wants a response and a repair, counted in the client's business hours."""
    if client is None or not client.sla:
        return None, None
    target = next((one for one in client.sla if one.severity is severity), None)
    if target is None:
        return None, None
    try:
        hours = parse_hours(client.hours)
    except HoursError:
        hours = parse_hours("")  # the configuration is checked where it is read; never later than promised
    respond = None if target.respond_s is None else add_open_seconds(hours, since, target.respond_s)
    resolve = None if target.resolve_s is None else add_open_seconds(hours, since, target.resolve_s)
    return respond, resolve


def _lane(issue: Issue) -> int:
    """Open above explained by another above acknowledged above snoozed; in each, managed above break-fix."""
    managed = issue.contract is Contract.MANAGED
    if issue.state is IssueState.SNOOZED:
        return 0 + managed
    if issue.state is not IssueState.OPEN:
        return 2 + managed
    return (4 if issue.incident is not None else 6) + managed


def due(issue: Issue) -> datetime | None:
    """When the SLA wants the next thing done: a response while nobody has it, then the repair."""
    if issue.respond_by is not None and not (issue.owner or issue.acked_by):
        return min(issue.respond_by, issue.resolve_by) if issue.resolve_by is not None else issue.respond_by
    return issue.resolve_by


def _sla(issue: Issue, now: datetime) -> float:
    until = due(issue)
    if until is None:
        return 1.0
    left = (until - now).total_seconds()
    return next(factor for limit, factor in _LEFT if left <= limit)


def _spread(issue: Issue) -> float:
    """Half as much again for the first one behind it, slowly more for many."""
    if not issue.behind:
        return 1.0
    return round(1.0 + 0.5 * math.log2(1 + min(issue.behind, 10_000)), 3)


def _age(issue: Issue, now: datetime) -> float:
    seconds = max(0.0, (now - issue.since).total_seconds())
    return next(factor for limit, factor in _AGES if seconds <= limit)


def _left_in_words(issue: Issue, until: datetime, now: datetime) -> str:
    what = "response" if until == issue.respond_by else "repair"
    left = (until - now).total_seconds()
    return f"{what} due in {_span(left)}" if left > 0 else f"{what} overdue by {_span(-left)}"


def _span(seconds: float) -> str:
    for size, unit in ((86_400, "d"), (3_600, "h"), (60, "min")):
        if seconds >= size:
            return f"{int(seconds // size)} {unit}"
    return f"{max(0, int(seconds))} s"
