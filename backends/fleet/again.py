"""A device of which a source says again what it said before, in the same or in other words: nothing is built anew.

What is found here is what building the device anew would find; where that is not certain, it is built anew.
"""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from backends.fleet.devices import REACHABLE
from backends.fleet.draft import Draft
from backends.fleet.issues import since_of
from backends.fleet.model import Check, CheckState, Device, DeviceId, Freshness, Issue, SourceName
from backends.fleet.settle import put_device, watch
from backends.fleet.told import Told, same_but_seen
from backends.fleet.urgency import urgency
from backends.fleet.worth import JUST_NOW, device_worth, turns_at


def told_again(draft: Draft, name: DeviceId, before: Told, told: Told) -> bool:
    """Put what is new in these words into the draft: times, values, texts. False, and nothing is put, where more than
    that may follow."""
    device = draft.devices.facts.get(name)
    if device is None or not same_but_seen(before.standing, told.standing):
        return False
    if draft.sources.facts[told.standing.source].state is not Freshness.FRESH:
        return False
    if abs(draft.now - told.heard) > JUST_NOW:
        return False
    if name in draft.device_issues.facts:
        return _unwell_again(draft, device, before, told)
    return told.well and _well_again(draft, device, before, told)


def _well_again(draft: Draft, device: Device, before: Told, told: Told) -> bool:
    """A device on which all was and is well, whatever its values."""
    words = [told] if len(device.sources) == 1 else draft.told_of(device)
    if len(words) == 1:
        if device.health.value != told.standing.health.value:
            return False
        seen, worth = told.seen, Freshness.FRESH
    else:
        if len(words) != len(device.sources) or not _knocks_alike(before, told):
            return False
        seen = max(word.seen for word in words)
        worth = device_worth(device.health, words, draft.sources.facts, draft.now)
    if seen != device.seen or worth is not device.freshness:
        put_device(draft, device, msgspec.structs.replace(device, seen=seen, freshness=worth))
    watch(draft, words)
    return True


def _unwell_again(draft: Draft, device: Device, before: Told, told: Told) -> bool:
    """A device of one source with issues, each of them seen again."""
    if len(device.sources) != 1 or not _stand_alike(before, told) or not _same_source(draft, told.standing.source):
        return False
    checks = [check for check in told.words if check.state is not CheckState.OK]
    found = _issues_again(draft, device, checks)
    if found is None:
        return False
    for issue in found:
        draft.issues.put(issue.id, issue)
    if told.seen != device.seen or device.freshness is not Freshness.FRESH:
        put_device(draft, device, msgspec.structs.replace(device, seen=told.seen, freshness=Freshness.FRESH))
    watch(draft, [told])
    every_s = draft.sources.facts[told.standing.source].every_s
    draft.due = min(draft.due, turns_at(min(check.seen for check in checks), every_s, draft.now))
    return True


def _stand_alike(before: Told, now: Told) -> bool:
    """Whether the same checks, not all of them well, are in the same states since the same times: all that their texts
    and values decide on is what is read."""
    if before.values is not None or now.values is not None or len(before.words) != len(now.words):
        return False
    for known, check in zip(before.words, now.words, strict=True):
        if known.state is not check.state or known.subject != check.subject:
            return False
        if (
            msgspec.structs.replace(
                known,
                seen=check.seen,
                summary=check.summary,
                advice=check.advice,
                value=check.value,
                unit=check.unit,
                warn=check.warn,
                crit=check.crit,
            )
            != check
        ):
            return False
    return True


def _same_source(draft: Draft, name: SourceName) -> bool:
    """Whether what its source offers, and so the next fix of an issue, is what it was."""
    before, now = draft.before.sources.get(name), draft.sources.facts[name]
    if before is None or draft.own.facts.get(name) != draft.before.own.get(name):
        return False
    return before.capabilities == now.capabilities and before.lacking == now.lacking


def _issues_again(draft: Draft, device: Device, checks: Sequence[Check]) -> list[Issue] | None:
    """All issues of a device that one source looks after, after these checks of it were seen again; None where more may
    follow for one of them."""
    names, now = draft.device_issues.facts[device.id], draft.now
    if len(names) != len(checks):
        return None
    known = {issue.key: issue for issue in map(draft.issues.facts.__getitem__, names)}
    shut = any(check.family == REACHABLE for check in checks)
    found = []
    for check in checks:
        issue = known.pop(check.key, None)
        if issue is None or abs(now - check.seen) > JUST_NOW or not _is_plain(draft, issue, check):
            return None
        worth = Freshness.STALE if shut and check.family != REACHABLE else Freshness.FRESH
        weight = urgency(issue, now)
        found.append(
            msgspec.structs.replace(
                issue,
                title=check.summary or check.label,
                advice=check.advice,
                seen=check.seen,
                freshness=worth,
                urgency=weight,
            )
        )
    return found


def _is_plain(draft: Draft, issue: Issue, check: Check) -> bool:
    """Whether nobody decided anything about an issue that began once, and not earlier than is known: time changes it in
    no other way than its age."""
    return (
        not issue.handled
        and issue.id not in draft.marks.facts
        and len(draft.episodes.facts.get(issue.id, ())) == 1
        and since_of(check, draft.now) >= issue.since
    )


def _knocks_alike(before: Told, now: Told) -> bool:
    """Whether both, all well, say as much of whether the device answers."""
    return before.well and any(map(_knocks, before.words)) == any(map(_knocks, now.words))


def _knocks(check: Check) -> bool:
    return check.family == REACHABLE and not check.subject
