"""One reading folded into the fleet: `fold(fleet, reading) -> Fleet`.

Folding a reading twice is folding it once, and readings of different sources may come in any order. What a source says
touches its own words only; devices are put together from the words of all their sources.
"""

from __future__ import annotations

from collections.abc import Iterable

from backends.fleet.confirming import confirm, disbelieve, showing_issues
from backends.fleet.draft import Draft
from backends.fleet.fleet import Fleet
from backends.fleet.freshness import rescanning
from backends.fleet.hearing import Hearing
from backends.fleet.model import Client
from backends.fleet.places import said_of
from backends.fleet.reading import Reading
from backends.fleet.settle import settling
from backends.fleet.sources import answered, put_source, suspicious
from backends.fleet.steps import Steps, finished
from backends.fleet.telling import folding_told, rebuild_all
from backends.fleet.told import Told


def fold(fleet: Fleet, reading: Reading, *, polled: bool = True) -> Fleet:
    """The fleet after `reading`, at the time of the reading. One that was not polled says nothing of its source."""
    return finished(folding(fleet, reading, polled=polled))


def folding(fleet: Fleet, reading: Reading, *, polled: bool = True) -> Steps[Fleet]:
    """`fold` in steps: a reading of a hundred thousand devices takes seconds."""
    heard = Hearing(reading.source)
    known = fleet.told.get(reading.source, {})
    yield from heard.hearing(reading, known, fleet.confirmed.get(reading.source))
    return (yield from folding_heard(fleet, heard, polled=polled))


def folding_heard(fleet: Fleet, heard: Hearing, *, polled: bool = True) -> Steps[Fleet]:
    """The fleet after a reading that came in slices and has ended well, in steps."""
    reading = heard.frame
    draft = Draft(fleet, reading.at)
    known = draft.told_by(reading.source).facts
    source = answered(fleet.sources.get(reading.source), reading) if polled else fleet.sources[reading.source]
    if known and heard.empty and (reading.complete or (reading.confirms and _void(fleet, reading))):
        source = suspicious(source if source.seen else answered(None, reading), reading, len(known))
        disbelieve(draft, reading.source)
        if put_source(draft, source):
            yield from rescanning(draft)
        return (yield from settling(draft))
    _meet_clients(draft, reading)
    if reading.fixes is not None and reading.fixes != draft.own.facts.get(reading.source, ()):
        draft.own.put(reading.source, reading.fixes)
    arrived = _still_news(heard.arrived, known)
    gone = [native for native in _covered(reading, known) if native not in arrived and known[native].at <= heard.first]
    if reading.complete and _older(fleet, reading):
        arrived = {native: told for native, told in arrived.items() if native in known}
    worth_changed = put_source(draft, source)
    confirm(draft, reading)
    yield from folding_told(draft, reading.source, arrived, gone)
    if worth_changed:
        yield from rescanning(draft)
    yield from showing_issues(draft, reading.source)
    return (yield from settling(draft))


def _void(fleet: Fleet, reading: Reading) -> bool:
    """Whether the answer that it confirms is one that was not believed."""
    known = fleet.confirmed.get(reading.source)
    return known is not None and known.void


def _older(fleet: Fleet, reading: Reading) -> bool:
    source = fleet.sources.get(reading.source)
    return source is not None and source.seen is not None and reading.at < source.seen


def _covered(reading: Reading, known: dict[str, Told]) -> Iterable[str]:
    return known if reading.complete else [native for native in reading.covers if native in known]


def _still_news(arrived: dict[str, Told], known: dict[str, Told]) -> dict[str, Told]:
    """Without what is older than what somebody looked at while the slices came."""
    late = {native for native, told in arrived.items() if native in known and known[native].at > told.at}
    return {native: told for native, told in arrived.items() if native not in late} if late else arrived


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
