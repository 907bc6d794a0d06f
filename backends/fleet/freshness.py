"""Facts grow old: `aged(fleet, now)`, called every second and cheap while nothing is due."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

import msgspec

from backends.fleet.draft import Draft
from backends.fleet.fleet import NEVER, Fleet
from backends.fleet.issues import conditions, issue_worth
from backends.fleet.model import Device, Source
from backends.fleet.settle import put_device, settled, watch
from backends.fleet.sources import put_source
from backends.fleet.worth import device_worth, turns_at

_WEIGH_EVERY: Final = timedelta(minutes=1)
"""Urgency grows in steps; this often is looked whether one is due."""


def aged(fleet: Fleet, now: datetime) -> Fleet:
    """The fleet as it is worth at `now`; the same object while nothing turns."""
    if now < fleet.due and now < fleet.weigh:
        return fleet
    draft = Draft(fleet, now)
    if now >= fleet.due:
        draft.due = NEVER
        for source in fleet.sources.values():
            put_source(draft, source)
            if source.seen is not None:
                draft.due = min(draft.due, turns_at(source.seen, source.every_s, now))
        rescan(draft)
    if now >= fleet.weigh or now >= fleet.due:
        draft.weigh = now + _WEIGH_EVERY
        draft.undressed.update(draft.issues.facts)
    return settled(draft)


def with_source(fleet: Fleet, source: Source, now: datetime) -> Fleet:
    """With a source as it is configured, or as its last poll left it; its state is found from its facts."""
    draft = Draft(fleet, now)
    if put_source(draft, source):
        rescan(draft)
    if source.seen is not None:
        draft.due = min(draft.due, turns_at(source.seen, source.every_s, now))
    return settled(draft)


def rescan(draft: Draft) -> None:
    """Look at every device again: what it is worth, and what its issues are worth."""
    for device in list(draft.devices.facts.values()):
        told = draft.told_of(device)
        worth = device_worth(device.health, told, draft.sources.facts, draft.now)
        if worth is not device.freshness:
            put_device(draft, device, msgspec.structs.replace(device, freshness=worth))
        watch(draft, told)
        if device.id in draft.device_issues.facts:
            _age_issues(draft, draft.devices.facts[device.id])


def _age_issues(draft: Draft, device: Device) -> None:
    told = draft.told_of(device)
    for key, checks in conditions(check for word in told for check in word.checks).items():
        for name in draft.device_issues.facts.get(device.id, ()):
            issue = draft.issues.facts[name]
            if issue.key == key:
                worth = issue_worth(draft, device, checks, told)
                if worth is not issue.freshness:
                    draft.issues.put(name, msgspec.structs.replace(issue, freshness=worth))
                    draft.undressed.add(name)
