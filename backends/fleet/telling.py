"""One source's words put into a draft, with the devices and issues that follow from them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import msgspec

from backends.fleet.again import told_again
from backends.fleet.draft import Draft
from backends.fleet.evidence import place, tokens
from backends.fleet.hanging import hang
from backends.fleet.identity import Key, assigned, minted
from backends.fleet.model import UNPLACED, DeviceId, Sighting, SourceName
from backends.fleet.settle import rebuild
from backends.fleet.steps import STEP, Steps, finished, parted
from backends.fleet.told import Told


def fold_told(draft: Draft, source: SourceName, arrived: dict[str, Told], gone: Sequence[str] = ()) -> None:
    """Put one source's words into the draft, with the devices and issues that follow from them."""
    finished(folding_told(draft, source, arrived, gone))


def folding_told(draft: Draft, source: SourceName, arrived: dict[str, Told], gone: Sequence[str] = ()) -> Steps[None]:
    """`fold_told` in steps."""
    table = draft.told_by(source)
    touched: set[DeviceId] = set()
    keys: set[Key] = set()
    strange: list[Key] = []
    unplaced = 0
    for number, (native, told) in enumerate(arrived.items(), 1):
        if number % STEP == 0:
            yield
        key = (source, native)
        before = table.facts.get(native)
        if told == before:
            continue
        table.put(native, told)
        unplaced += _is_unplaced(told) - _is_unplaced(before)
        hang(draft, key, before, told)
        name = draft.identity.facts.get(key)
        if name is None or before is None or _says_otherwise(before.standing, told.standing):
            _index(draft, key, before.standing if before else None, told.standing)
            strange.append(key)
        elif not told_again(draft, name, before, told):
            touched.add(name)
            keys.add(key)
    for native in gone:
        unplaced -= _is_unplaced(table.facts.get(native))
        touched.update(_gone(draft, (source, native)))
    related: set[Key] = set()
    for some in parted(strange):
        yield
        # All evidence is in the index by now: what belongs together is found whole from whichever end.
        found = _related(draft, [key for key in some if key not in related])
        related |= found
        touched |= _identify(draft, found)
    yield from _rebuilding(draft, touched, keys | related)
    known = draft.sources.facts.get(source)
    if known is not None and (unplaced or known.devices != len(table.facts)):
        counted = msgspec.structs.replace(known, devices=len(table.facts), unplaced=known.unplaced + unplaced)
        draft.sources.put(source, counted)


def _is_unplaced(told: Told | None) -> bool:
    return told is not None and told.standing.client == UNPLACED


def _says_otherwise(before: Sighting, now: Sighting) -> bool:
    """Whether a sighting speaks of its identity in another way than before."""
    return before is not now and (
        before.name != now.name
        or before.client != now.client
        or before.kind != now.kind
        or before.identity != now.identity
    )


def _index(draft: Draft, key: Key, before: Sighting | None, now: Sighting | None) -> None:
    """Keep the index of evidence in step with one sighting."""
    old = {place(before.client, token) for token in tokens(before)} if before is not None else set()
    new = {place(now.client, token) for token in tokens(now)} if now is not None else set()
    for where in old - new:
        draft.tokens.remove(where, key)
    for where in new - old:
        draft.tokens.add(where, key)


def _gone(draft: Draft, key: Key) -> list[DeviceId]:
    """One source does not know the device any more. A device that others know lives on under its id."""
    source, native = key
    told = draft.told_at(key)
    if told is not None:
        _index(draft, key, told.standing, None)
        hang(draft, key, told, None)
    draft.told_by(source).drop(native)
    name = draft.identity.facts.get(key)
    if name is None:
        return []
    device = draft.devices.facts.get(name)
    alone = device is None or set(zip(device.sources, device.natives, strict=True)) <= {key}
    if alone and minted(key) == name:
        draft.identity.drop(key)  # it would be given again
    return [name]


def _identify(draft: Draft, found: set[Key]) -> set[DeviceId]:
    """Say which devices these related sightings belong to; returns every device that this touches."""
    sightings = {key: told.standing for key in found if (told := draft.told_at(key)) is not None}
    before = {key: draft.identity.facts[key] for key in sightings if key in draft.identity.facts}
    touched = set(before.values())

    def taken(name: DeviceId) -> bool:
        device = draft.devices.facts.get(name)
        if device is None:
            return False
        keys = zip(device.sources, device.natives, strict=True)
        return any(key not in sightings and draft.told_at(key) is not None for key in keys)

    for key, name in assigned(sightings, before, taken).items():
        touched.add(name)
        if before.get(key) != name:
            draft.identity.put(key, name)
    return touched


def _related(draft: Draft, keys: list[Key]) -> set[Key]:
    """All sightings that share evidence or a device with `keys`, near or far."""
    found: set[Key] = set()
    followed: set[int] = set()
    waiting = list(keys)
    while waiting:
        key = waiting.pop()
        told = draft.told_at(key)
        if key in found or told is None:
            continue
        found.add(key)
        for token in tokens(told.standing):
            where = place(told.standing.client, token)
            if where not in followed:
                followed.add(where)
                waiting.extend(draft.tokens.of(where))
        device = draft.devices.facts.get(draft.identity.facts.get(key, DeviceId("")))
        if device is not None:
            waiting.extend(zip(device.sources, device.natives, strict=True))
    return found


def rebuild_all(draft: Draft, names: set[DeviceId], keys: Iterable[Key]) -> None:
    """Build devices anew from the sightings that are theirs now: those that they had, and those among `keys`, which
    has to hold all that came to them from elsewhere."""
    finished(_rebuilding(draft, names, keys))


def _rebuilding(draft: Draft, names: set[DeviceId], keys: Iterable[Key]) -> Steps[None]:
    whose = draft.identity.facts
    rest = sorted((key for key in keys if whose.get(key) in names), key=whose.__getitem__, reverse=True)
    for number, name in enumerate(sorted(names), 1):
        if number % STEP == 0:
            yield
        theirs = {key for key in _members(draft, name) if whose.get(key) == name}
        while rest and whose[rest[-1]] == name:
            theirs.add(rest.pop())
        rebuild(draft, name, [told for key in theirs if (told := draft.told_at(key)) is not None])


def _members(draft: Draft, name: DeviceId) -> Iterable[Key]:
    """Who the device was put together from until now."""
    device = draft.devices.facts.get(name)
    return () if device is None else zip(device.sources, device.natives, strict=True)
