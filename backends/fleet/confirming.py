"""A confirmation put into a draft, and what devices and issues show of it."""

from __future__ import annotations

import msgspec

from backends.fleet.confirmed import SHOWN_EVERY, Confirmed, seen_of
from backends.fleet.draft import Draft
from backends.fleet.fleet import ALWAYS, Fleet
from backends.fleet.freshness import age_issues
from backends.fleet.model import Device, SourceName
from backends.fleet.reading import Reading
from backends.fleet.steps import Steps, parted
from backends.fleet.worth import turns_at


def confirm(draft: Draft, reading: Reading) -> None:
    """What the source said before stands at the time of the reading, where it says so. One that said nothing yet, since
    this engine began, confirms nothing."""
    name, known = reading.source, draft.confirmed.facts.get(reading.source)
    if reading.complete:
        if known is not None and known.void:
            draft.confirmed.drop(name)
        return
    before = draft.before.sources.get(name)
    if not reading.confirms or before is None or before.seen is None or (known is not None and known.void):
        return
    at = reading.at if known is None else max(reading.at, known.at)
    draft.confirmed.put(name, Confirmed(at, before.seen if known is None else known.shown))
    draft.due = min(draft.due, turns_at(at, before.every_s, draft.now))


def disbelieve(draft: Draft, source: SourceName) -> None:
    """The answer was not taken for true: while the source sticks to it, it confirms nothing that it said before."""
    known = draft.confirmed.facts.get(source)
    at = ALWAYS if known is None else known.at
    draft.confirmed.put(source, Confirmed(at, at, void=True))


def disbelieved(fleet: Fleet, source: SourceName) -> Fleet:
    """The fleet after an answer that could not be taken in: until a complete one is, none confirms what was before."""
    if not fleet.told.get(source):
        return fleet
    draft = Draft(fleet, fleet.at)
    disbelieve(draft, source)
    return draft.fleet()


def showing_issues(draft: Draft, name: SourceName) -> Steps[None]:
    """Bring the issues of a source up to what it confirmed, where they lag so far behind that people would see it."""
    known = draft.confirmed.facts.get(name)
    if known is None or known.void or known.at - known.shown < SHOWN_EVERY:
        return
    draft.confirmed.put(name, Confirmed(known.at, known.at))
    for devices in parted(list(draft.device_issues.facts)):
        yield
        for device in devices:
            fact = draft.devices.facts[device]
            if name in fact.sources:
                age_issues(draft, fact, seen=True)


def showing_devices(fleet: Fleet) -> Steps[Fleet]:
    """The fleet with every device as it is `shown`."""
    devices = None
    for some in parted(fleet.devices.values() if fleet.confirmed else ()):
        yield
        for device in some:
            now = shown(fleet, device)
            if now is not device:
                devices = dict(fleet.devices) if devices is None else devices
                devices[device.id] = now
    return fleet if devices is None else msgspec.structs.replace(fleet, devices=devices)


def shown(fleet: Fleet, device: Device) -> Device:
    """The device as it was seen last, by what its sources confirmed."""
    seen = device.seen
    for source, native in zip(device.sources, device.natives, strict=True):
        until, told = fleet.confirmed.get(source), fleet.told.get(source, {}).get(native)
        if until is not None and told is not None and (seen is None or until.at > seen):
            found = seen_of(told, until)
            seen = found if seen is None else max(seen, found)
    return device if seen == device.seen else msgspec.structs.replace(device, seen=seen)
