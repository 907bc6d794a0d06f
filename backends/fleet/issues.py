"""Issues from checks that are not ok: one condition, one id, whatever its value does."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from typing import Final

import msgspec

from backends.fleet.devices import REACHABLE
from backends.fleet.draft import Draft
from backends.fleet.episodes import begun, ended, held, open_since, times
from backends.fleet.marks import handled, overruled
from backends.fleet.model import (
    Check,
    CheckState,
    Contract,
    Device,
    DeviceId,
    Freshness,
    Issue,
    IssueId,
    SafeText,
    Severity,
    issue_id,
)
from backends.fleet.remedies import own_remedy, remedy
from backends.fleet.told import Told
from backends.fleet.worth import AHEAD, best, turns_at, worth

_LONG_AGO: Final = datetime(2000, 1, 1, tzinfo=UTC)
"""No source means a time before this one: it is a zero or a dead battery."""


def severity_of(check: Check) -> Severity:
    """How bad a check is that is not ok."""
    if check.severity is not None:
        return check.severity
    if check.state is CheckState.CRITICAL:
        return Severity.CRITICAL if check.family == REACHABLE else Severity.HIGH
    return Severity.WARNING


def since_of(check: Check, now: datetime) -> datetime:
    """When the state began, as far as the source can be believed; else when the check was seen."""
    latest = now + AHEAD
    for time in (check.since, check.seen):
        if time is not None and _LONG_AGO <= time <= latest:
            return time if time < now else now
    return now


def derive(draft: Draft, device: Device, told: Sequence[Told]) -> None:
    """Put the device's issues into the draft: new, changed and gone ones."""
    old = draft.device_issues.facts.get(device.id, ())
    found = conditions(check for word in told if not word.well for check in word.checks)
    named = {draft.issues.facts[name].key: name for name in old} if found else {}
    shut = is_shut(told) if found else False
    new: list[IssueId] = []
    for key, checks in found.items():
        name = named.get(key) or issue_id(device.id, key)
        new.append(name)
        watch_checks(draft, checks)
        _heed(draft, name, checks)
        put(draft, _issue(draft, device, name, checks, shut))
    for name in old:
        if name not in new:
            drop(draft, name)
    names = tuple(sorted(new))
    if names != old:
        if names:
            draft.device_issues.put(device.id, names)
        else:
            draft.device_issues.drop(device.id)


def _heed(draft: Draft, name: IssueId, checks: Sequence[Check]) -> None:
    """A decision that was taken back in a source holds no longer."""
    mark = draft.marks.facts.get(name)
    if mark is None or (left := overruled(mark, checks)) == mark:
        return
    if left is None:
        draft.marks.drop(name)
    else:
        draft.marks.put(name, left)


def conditions(checks: Iterable[Check]) -> dict[str, list[Check]]:
    """Checks that are not ok, by condition; the worst first."""
    found: dict[str, list[Check]] = {}
    for check in checks:
        if check.state is not CheckState.OK:
            found.setdefault(check.key, []).append(check)
    for same in found.values():
        if len(same) > 1:
            same.sort(key=lambda check: (severity_of(check).rank, check.source, check.native, check.summary))
    return found


def put(draft: Draft, issue: Issue) -> None:
    """Into the draft, with what is known of it from before; begins an episode where it is new."""
    before = draft.issues.facts.get(issue.id)
    episodes = draft.episodes.facts.get(issue.id, ())
    began = open_since(episodes)
    since = min([time for time in (issue.since, began, before.since if before else None) if time is not None])
    spells = begun(episodes, issue.id, since)
    if spells is not episodes:
        draft.episodes.put(issue.id, spells)
    last_fix, held_s = held(spells)
    known = issue if before is None else before
    issue = msgspec.structs.replace(
        issue,
        since=since,
        times=times(spells, draft.now),
        last_fix=last_fix,
        held_s=held_s,
        incident=known.incident,
        behind=known.behind,
        reason=known.reason,
        notes=known.notes,
    )
    if before is None or not _alike(before, issue):
        draft.unplaced.add(issue.site)
        if before is not None and before.site != issue.site:
            draft.unplaced.add(before.site)
    draft.issues.put(issue.id, issue)
    draft.undressed.add(issue.id)


def _alike(before: Issue, now: Issue) -> bool:
    """Whether what explains what cannot be otherwise by it."""
    return (
        before.severity is now.severity
        and before.since == now.since
        and before.family == now.family
        and before.site == now.site
        and before.device_name == now.device_name
    )


def drop(draft: Draft, name: IssueId) -> None:
    """The condition is over: its episode ends, and with it what was decided about it."""
    issue = draft.issues.facts.get(name)
    if issue is None:
        return
    draft.issues.drop(name)
    draft.undressed.discard(name)
    draft.unplaced.add(issue.site)
    episodes = draft.episodes.facts.get(name, ())
    over = ended(episodes, draft.now)
    if over is not episodes:
        draft.episodes.put(name, over)
    mark = draft.marks.facts.get(name)
    if mark is None:
        return
    if mark.notes:
        draft.marks.put(name, type(mark)(issue=name, notes=mark.notes))
    else:
        draft.marks.drop(name)


def drop_all(draft: Draft, device: DeviceId) -> None:
    for name in draft.device_issues.facts.get(device, ()):
        drop(draft, name)
    draft.device_issues.drop(device)


def is_shut(told: Iterable[Told]) -> bool:
    """Whether nobody gets to look at the device."""
    return any(check.family == REACHABLE and check.state is not CheckState.OK for word in told for check in word.words)


def issue_worth(draft: Draft, device: Device, checks: Sequence[Check], shut: bool) -> Freshness:
    """The best of what its evidence is worth. On a device that `is_shut`, everything else is stale."""
    sources = draft.sources.facts
    found = best([worth(sources.get(check.source), check.seen, draft.now) for check in checks])
    if checks[0].family == REACHABLE:
        return found
    lives = device.freshness in (Freshness.FRESH, Freshness.STALE)
    if found is Freshness.FRESH:
        return Freshness.STALE if shut else found
    return Freshness.STALE if found is Freshness.SILENT and lives else found


def last_seen(checks: Iterable[Check]) -> datetime:
    """The youngest of an issue's evidence."""
    return max([check.seen for check in checks])


def watch_checks(draft: Draft, checks: Iterable[Check]) -> None:
    """Remember when this evidence grows old."""
    for check in checks:
        source = draft.sources.facts.get(check.source)
        if source is not None:
            draft.due = min(draft.due, turns_at(check.seen, source.every_s, draft.now))


def _issue(draft: Draft, device: Device, name: IssueId, checks: list[Check], shut: bool) -> Issue:
    first = checks[0]
    client = draft.clients.facts.get(device.client)
    fix = remedy(first, device, draft.before.remedies, draft.sources.facts)
    own = own_remedy(first, device, draft.own.facts, draft.sources.facts) if fix is None else None
    return Issue(
        id=name,
        device=device.id,
        source=first.source,
        sources=(first.source,) if len(checks) == 1 else tuple(sorted({check.source for check in checks})),
        client=device.client,
        client_name=device.client_name,
        site=device.site,
        site_name=device.site_name,
        device_name=device.name,
        kind=device.kind,
        family=first.family,
        key=first.key,
        severity=severity_of(first),
        title=first.summary or first.label,
        advice=first.advice,
        since=min([since_of(check, draft.now) for check in checks]),
        seen=last_seen(checks),
        freshness=issue_worth(draft, device, checks, shut),
        handled=handled(checks),
        next_fix=fix.id if fix else own[0] if own else None,
        next_fix_title=fix.title if fix else own[1] if own else SafeText(""),
        contract=client.contract if client else Contract.MANAGED,
    )
