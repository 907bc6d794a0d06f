"""How a fleet begins: with the configuration's clients and fixes, and with what was known when it last ended."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from datetime import datetime

import msgspec

from backends.fleet.draft import Draft
from backends.fleet.fleet import Fleet
from backends.fleet.freshness import rescan
from backends.fleet.identity import Key
from backends.fleet.model import Check, Client, ClientId, DeviceId, Episode, IssueId, Mark, Sighting, Source, SourceName
from backends.fleet.run import FixCard
from backends.fleet.settle import settled
from backends.fleet.sources import put_source
from backends.fleet.telling import fold_told
from backends.fleet.told import Told, told_of


def begun(
    clients: Mapping[ClientId, Client],
    sources: Iterable[Source],
    now: datetime,
    remedies: Iterable[FixCard] = (),
) -> Fleet:
    """A fleet that has heard nothing yet: what is configured, and the fixes that may be named, best first."""
    draft = Draft(Fleet(configured=dict(clients), clients=dict(clients), remedies=tuple(remedies)), now)
    for source in sources:
        put_source(draft, source)
    return settled(draft)


def restored(  # noqa: PLR0917 - one argument for each table of the store
    fleet: Fleet,
    seen: Iterable[tuple[Sighting, tuple[Check, ...]]],
    identity: Mapping[Key, DeviceId],
    marks: Mapping[IssueId, Mark],
    episodes: Mapping[IssueId, tuple[Episode, ...]],
    now: datetime,
) -> Fleet:
    """`fleet` with what was known when the last engine ended, shown at once and as old as it is. What was said by a
    source that is not configured any more is left out."""
    spells = {issue: tuple(sorted(times, key=lambda one: one.began)) for issue, times in episodes.items()}
    kept = msgspec.structs.replace(fleet, identity=dict(identity), marks=dict(marks), episodes=spells)
    draft = Draft(kept, now)
    words: dict[SourceName, dict[str, Told]] = {}
    for sighting, checks in seen:
        if sighting.source in draft.sources.facts:
            words.setdefault(sighting.source, {})[sighting.native] = _remembered(sighting, checks, now)
    for name in sorted(words):
        fold_told(draft, name, words[name])
    rescan(draft)
    return settled(draft)


def without_source(fleet: Fleet, name: SourceName, now: datetime) -> Fleet:
    """Without a source and all that it said: it is configured no more, or its emptiness was accepted."""
    draft = Draft(fleet, now)
    fold_told(draft, name, {}, gone=list(draft.told_by(name).facts))
    source = draft.sources.facts.get(name)
    if source is not None:
        put_source(draft, msgspec.structs.replace(source, fault=None, polls=0))
        draft.sources.drop(name)
    draft.own.drop(name)
    draft.introduced.drop(name)
    draft.confirmed.drop(name)
    return settled(draft)


def with_only(fleet: Fleet, name: SourceName, natives: Collection[str], now: datetime) -> Fleet:
    """Without what a source said of devices other than `natives`: it is not configured to look at them any more, and
    nobody would ever say that they are gone."""
    draft = Draft(fleet, now)
    gone = [native for native in draft.told_by(name).facts if native not in natives]
    if not gone:
        return fleet
    fold_told(draft, name, {}, gone)
    return settled(draft)


def _remembered(sighting: Sighting, checks: tuple[Check, ...], now: datetime) -> Told:
    heard = max((check.seen for check in checks), default=sighting.seen)
    heard = min(max(heard, sighting.seen), now)
    return told_of(sighting, checks, heard, heard)
