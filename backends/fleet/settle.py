"""What follows from changed facts: devices, their issues, their sites, what explains what, marks and urgency.

Every way to a new fleet (a reading, the passing of time, a decision of a technician) ends here.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

import msgspec

from backends.fleet.correlate import explained
from backends.fleet.devices import device_from
from backends.fleet.draft import Draft
from backends.fleet.fleet import Fleet
from backends.fleet.hanging import Group, touched_groups, uplinks
from backends.fleet.issues import derive, drop_all
from backends.fleet.looks import rename, settle_looks
from backends.fleet.marks import marked, wakes, woken
from backends.fleet.model import Device, DeviceId, Issue, SafeText
from backends.fleet.places import account, settle_places
from backends.fleet.steps import Steps, finished, parted
from backends.fleet.told import Told
from backends.fleet.urgency import deadlines, urgency
from backends.fleet.worth import turns_at


def rebuild(draft: Draft, name: DeviceId, told: list[Told]) -> None:
    """The device as its sources tell it now, with its issues; gone when nobody tells of it."""
    before = draft.devices.facts.get(name)
    if not told:
        if before is not None:
            forget(draft, before)
        return
    device = device_from(name, told, draft.sources.facts, draft.clients.facts, draft.now, spelled=draft.spelled)
    if before is not None:
        device = msgspec.structs.replace(device, look_alike=before.look_alike)
        _say_if_moved(draft, before, device)
    if device != before:
        put_device(draft, before, device)
    derive(draft, device, told)
    watch(draft, told)


def put_device(draft: Draft, before: Device | None, device: Device) -> None:
    draft.devices.put(device.id, device)
    account(draft, before, device)
    old_name = before.name if before is not None else None
    if old_name != device.name:
        rename(draft, device.id, old_name, device.name)


def forget(draft: Draft, device: Device) -> None:
    """Nobody tells of the device any more."""
    drop_all(draft, device.id)
    draft.devices.drop(device.id)
    account(draft, device, None)
    rename(draft, device.id, device.name, None)
    draft.unplaced.add(device.site)


def watch(draft: Draft, told: Iterable[Told]) -> None:
    """Remember when these words grow old."""
    for word in told:
        source = draft.sources.facts.get(word.standing.source)
        if source is not None:
            draft.due = min(draft.due, turns_at(word.heard, source.every_s, draft.now))


def settled(draft: Draft) -> Fleet:
    """The fleet of a draft, after all that follows from what was touched."""
    return finished(settling(draft))


def settling(draft: Draft) -> Steps[Fleet]:
    """`settled` in steps."""
    yield from _respell(draft)
    yield from settle_places(draft)
    yield from settle_looks(draft)
    for groups in parted(touched_groups(draft)):
        for group in groups:
            _place(draft, group)
        yield
    for names in parted(draft.undressed):
        for name in names:
            issue = draft.issues.facts.get(name)
            if issue is not None:
                _dress(draft, issue)
        yield
    return draft.fleet()


def _say_if_moved(draft: Draft, before: Device, device: Device) -> None:
    """Whether a device answers, and where it is, decides on what explains what."""
    if (before.health, before.site) != (device.health, device.site):
        draft.unplaced.update((before.site, device.site))


def _respell(draft: Draft) -> Steps[None]:
    """Let all devices of a site, and their issues, call it the same."""
    for site in draft.respelled:
        for names in parted(draft.site_devices.of(site)):
            for device in [draft.devices.facts[name] for name in names]:
                spelled = draft.spelled(site, device.site_name)
                if device.site_name != spelled:
                    _call_site(draft, device, spelled)
            yield


def _call_site(draft: Draft, device: Device, spelled: SafeText) -> None:
    put_device(draft, device, msgspec.structs.replace(device, site_name=spelled))
    for name in draft.device_issues.facts.get(device.id, ()):
        draft.issues.put(name, msgspec.structs.replace(draft.issues.facts[name], site_name=spelled))
        draft.undressed.add(name)


def _place(draft: Draft, group: Group) -> None:
    sites = {site: [draft.devices.facts[name] for name in draft.site_devices.of(site)] for site in group}
    devices = [device for here in sites.values() for device in here]
    open_here = [draft.issues.facts[one] for device in devices for one in draft.device_issues.facts.get(device.id, ())]
    for name, issue in explained(sites, open_here, uplinks(draft, devices)).items():
        draft.issues.put(name, issue)
        draft.undressed.add(name)


def _dress(draft: Draft, issue: Issue) -> None:
    """Lay marks and deadlines over an issue and weigh it."""
    mark = draft.marks.facts.get(issue.id)
    if mark is not None and wakes(mark, issue, draft.now):
        mark = woken(mark)
        if mark is None:
            draft.marks.drop(issue.id)
        else:
            draft.marks.put(issue.id, mark)
    dressed = weighed(draft, marked(issue, mark, draft.now), draft.now)
    if dressed.snoozed_until is not None:
        draft.due = min(draft.due, dressed.snoozed_until)
    if dressed != draft.before.issues.get(issue.id):
        draft.issues.put(issue.id, dressed)
    else:
        draft.issues.put(issue.id, draft.before.issues[issue.id])


def weighed(draft: Draft, issue: Issue, now: datetime) -> Issue:
    respond_by, resolve_by = deadlines(draft.clients.facts.get(issue.client), issue.severity, issue.since)
    if (respond_by, resolve_by) != (issue.respond_by, issue.resolve_by):
        issue = msgspec.structs.replace(issue, respond_by=respond_by, resolve_by=resolve_by)
    return msgspec.structs.replace(issue, urgency=urgency(issue, now))
