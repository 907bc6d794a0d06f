"""Facts grow old: `aged(fleet, now)`, called every second and cheap while nothing is due."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Final

import msgspec

from backends.fleet.draft import Draft
from backends.fleet.fleet import ALWAYS, NEVER, Fleet
from backends.fleet.issues import conditions, is_shut, issue_worth, last_seen, watch_checks
from backends.fleet.model import Device, DeviceId, Freshness, Source, SourceName
from backends.fleet.settle import put_device, settled, settling, watch
from backends.fleet.sources import put_source
from backends.fleet.steps import Steps, finished, parted
from backends.fleet.told import Told
from backends.fleet.worth import AHEAD, device_worth, limit, turns_at

_WEIGH_EVERY: Final = timedelta(minutes=1)
"""Urgency grows in steps; this often is looked whether one is due."""


def aged(fleet: Fleet, now: datetime) -> Fleet:
    """The fleet as it is worth at `now`; the same object while nothing turns."""
    return fleet if not due(fleet, now) else finished(aging(fleet, now))


def due(fleet: Fleet, now: datetime) -> bool:
    """Whether something may turn by getting older."""
    return now >= fleet.due or now >= fleet.weigh


def aging(fleet: Fleet, now: datetime) -> Steps[Fleet]:
    """`aged` in steps, where something is due."""
    draft = Draft(fleet, now)
    if now >= fleet.due:
        draft.due = NEVER
        for source in fleet.sources.values():
            put_source(draft, source)
            if source.seen is not None:
                draft.due = min(draft.due, turns_at(source.seen, source.every_s, now))
        yield from rescanning(draft)
    draft.weigh = now + _WEIGH_EVERY
    draft.undressed.update(draft.issues.facts)
    return (yield from settling(draft))


def with_source(fleet: Fleet, source: Source, now: datetime) -> Fleet:
    """With a source as it is configured, or as its last poll left it; its state is found from its facts."""
    draft = Draft(fleet, now)
    if put_source(draft, source):
        rescan(draft)
    if source.seen is not None:
        draft.due = min(draft.due, turns_at(source.seen, source.every_s, now))
    return settled(draft)


def rescan(draft: Draft) -> None:
    """Find what is worth something else than it was: devices, and their issues. Most are as fresh as before, and are
    passed over with one comparison."""
    finished(rescanning(draft))


def rescanning(draft: Draft) -> Steps[None]:
    """`rescan` in steps."""
    suspects = {device.id for device in draft.devices.facts.values() if device.freshness is not Freshness.FRESH}
    for name in {**draft.before.told, **draft.told}:
        yield
        suspects.update(_suspects(draft, name, draft.words_of(name)))
    for devices in parted(sorted(suspects)):
        yield
        for device in devices:
            known = draft.devices.facts.get(device)
            if known is not None:
                _age_device(draft, known)
    for devices in parted(list(draft.device_issues.facts)):
        yield
        for device in devices:
            age_issues(draft, draft.devices.facts[device])


def _suspects(draft: Draft, name: SourceName, words: Mapping[str, Told]) -> set[DeviceId]:
    """Devices of a source whose words are not plainly fresh; the others are told when they will grow old."""
    source = draft.sources.facts.get(name)
    identity = draft.identity.facts
    if source is None or source.state is not Freshness.FRESH:
        return {identity[name, native] for native in words}
    oldest, youngest = draft.now - limit(source.every_s), draft.now + AHEAD
    found, first = set(), draft.now
    until = draft.confirmed.facts.get(name)
    stood = ALWAYS if until is None else until.at
    for native, word in words.items():
        heard = word.heard
        if heard < stood and heard == word.at:  # it `rides`; not called, for it is asked of everybody
            heard = stood
        if heard <= oldest or heard > youngest:
            found.add(identity[name, native])
        elif heard < first:
            first = heard
    draft.due = min(draft.due, first + limit(source.every_s))
    return found


def _age_device(draft: Draft, device: Device) -> None:
    told = draft.told_of(device)
    worth = device_worth(device.health, told, draft.sources.facts, draft.now)
    if worth is not device.freshness:
        put_device(draft, device, msgspec.structs.replace(device, freshness=worth))
    watch(draft, told)


def age_issues(draft: Draft, device: Device, *, seen: bool = False) -> None:
    """Find what the device's issues are worth now; with `seen` also when their evidence was seen last."""
    told = draft.told_of(device)
    found = conditions(check for word in told if not word.well for check in word.checks)
    shut = is_shut(told)
    for name in draft.device_issues.facts.get(device.id, ()):
        issue = draft.issues.facts[name]
        checks = found.get(issue.key)
        if checks is None:
            continue
        watch_checks(draft, checks)
        worth = issue_worth(draft, device, checks, shut)
        if worth is not issue.freshness:
            draft.issues.put(name, msgspec.structs.replace(issue, freshness=worth))
            draft.undressed.add(name)
        if seen:
            draft.issues.put(name, msgspec.structs.replace(draft.issues.facts[name], seen=last_seen(checks)))
