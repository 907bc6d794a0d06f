"""One reading folded into the fleet: `fold(fleet, reading) -> Fleet`.

Folding a reading twice is folding it once, and readings of different sources may come in any order. What a source says
touches its own words only; devices are put together from the words of all their sources.
"""

from __future__ import annotations

from collections.abc import Iterable

import msgspec

from backends.fleet.devices import is_unreachable, same_but_seen
from backends.fleet.draft import Draft
from backends.fleet.fleet import Fleet
from backends.fleet.freshness import rescanning
from backends.fleet.model import Check, CheckState, Client, Sighting
from backends.fleet.places import said_of
from backends.fleet.reading import Reading
from backends.fleet.settle import settling
from backends.fleet.sources import answered, put_source, suspicious
from backends.fleet.steps import Steps, finished, parted
from backends.fleet.telling import JUST_NOW, folding_told, rebuild_all
from backends.fleet.told import Told, told_of

_PLAIN = (CheckState.OK,)


def fold(fleet: Fleet, reading: Reading, *, polled: bool = True) -> Fleet:
    """The fleet after `reading`, at the time of the reading. One that was not polled says nothing of its source."""
    return finished(folding(fleet, reading, polled=polled))


def folding(fleet: Fleet, reading: Reading, *, polled: bool = True) -> Steps[Fleet]:
    """`fold` in steps: a reading of a hundred thousand devices takes seconds."""
    draft = Draft(fleet, reading.at)
    known = draft.told_by(reading.source).facts
    source = answered(fleet.sources.get(reading.source), reading) if polled else fleet.sources[reading.source]
    if reading.complete and not reading.sightings and known:
        source = suspicious(source if source.seen else answered(None, reading), reading, len(known))
        if put_source(draft, source):
            yield from rescanning(draft)
        return (yield from settling(draft))
    _meet_clients(draft, reading)
    if reading.fixes is not None and reading.fixes != draft.own.facts.get(reading.source, ()):
        draft.own.put(reading.source, reading.fixes)
    arrived = yield from _arrived(reading, known)
    gone = [native for native in _covered(reading, known) if native not in arrived and known[native].at <= reading.at]
    if reading.complete and _older(fleet, reading):
        arrived = {native: told for native, told in arrived.items() if native in known}
    worth_changed = put_source(draft, source)
    yield from folding_told(draft, reading.source, arrived, gone)
    if worth_changed:
        yield from rescanning(draft)
    return (yield from settling(draft))


def _older(fleet: Fleet, reading: Reading) -> bool:
    source = fleet.sources.get(reading.source)
    return source is not None and source.seen is not None and reading.at < source.seen


def _covered(reading: Reading, known: dict[str, Told]) -> Iterable[str]:
    return known if reading.complete else [native for native in reading.covers if native in known]


def _arrived(reading: Reading, known: dict[str, Told]) -> Steps[dict[str, Told]]:
    """What the reading tells that was not known or is not older than what is known. Words in another source's name
    are not heard."""
    checks: dict[str, list[Check]] = {}
    for part in parted(reading.checks, 10):
        yield
        for check in part:
            if check.source == reading.source:
                checks.setdefault(check.native, []).append(check)
    sightings: dict[str, Sighting] = {}
    for sighting in reading.sightings:
        if sighting.source == reading.source:
            twin = sightings.get(sighting.native)
            if twin is None or (twin.seen, twin.name) < (sighting.seen, sighting.name):
                sightings[sighting.native] = sighting
    if not reading.complete:  # checks alone are news of a device that is known
        for native in checks:
            if native not in sightings and native in known and native not in reading.covers:
                sightings[native] = msgspec.structs.replace(known[native].sighting, partial=True)
    out = {}
    for seen in parted(sightings.values()):
        yield
        for sighting in seen:
            native = sighting.native
            before = known.get(native)
            if before is None or before.at <= reading.at:
                out[native] = _told(reading, sighting, checks.pop(native, []), before)
    return out


def _told(reading: Reading, sighting: Sighting, checks: list[Check], before: Told | None) -> Told:
    # A device that does not answer says nothing of its other checks: what is left out is not over.
    lost = any(check.state not in _PLAIN and is_unreachable(check) for check in checks)
    heard = sighting.seen
    if reading.at - heard > JUST_NOW and checks:
        heard = max(heard, *(check.seen for check in checks))
    if (sighting.partial or lost) and before is not None:
        merged = {check.key: check for check in before.checks}
        merged.update({check.key: check for check in checks})
        checks = list(merged.values())
        sighting = _remembered(sighting, before.sighting, lost=lost)
    if before is not None and same_but_seen(before.sighting, sighting):
        # The texts of before: the device has them, and nobody needs them twice.
        sighting = msgspec.structs.replace(before.sighting, seen=sighting.seen, partial=sighting.partial)
    return told_of(sighting, checks, reading.at, heard)


def _remembered(sighting: Sighting, before: Sighting, *, lost: bool) -> Sighting:
    """A source that was started while a device was away knows nothing of it yet: what was known before stands, and
    nobody has seen the device since."""
    nameless = sighting.name == sighting.address
    return msgspec.structs.replace(
        sighting,
        name=before.name if nameless else sighting.name,
        kind=before.kind if nameless else sighting.kind,
        platform=sighting.platform or before.platform,
        system=sighting.system or before.system,
        identity=before.identity if sighting.identity.empty else sighting.identity,
        boot_id=sighting.boot_id or before.boot_id,
        booted=sighting.booted or before.booted,
        seen=min(sighting.seen, before.seen) if lost else sighting.seen,
    )


def _meet_clients(draft: Draft, reading: Reading) -> None:
    """Clients as the source knows them, where the configuration is silent."""
    if not reading.clients and reading.source not in draft.introduced.facts:
        return
    met = tuple(sorted(reading.clients, key=lambda client: client.id))
    if reading.complete or met:
        before = {client.id for client in draft.introduced.facts.get(reading.source, ())}
        draft.introduce(reading.source, met)
        refresh_clients(draft, before | {client.id for client in met})


def refresh_clients(draft: Draft, names: Iterable[str]) -> None:
    """Bring these clients up to date, with the devices and issues that carry their names."""
    changed: set[str] = set()
    for name in names:
        client: Client | None = said_of(draft, name)  # type: ignore[arg-type]
        if client is not None and draft.clients.facts.get(client.id) != client:
            draft.clients.put(client.id, client)
            changed.add(client.id)
    if changed:
        rebuild_all(draft, {device.id for device in draft.devices.facts.values() if device.client in changed}, ())
