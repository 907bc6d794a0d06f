"""What differs between two pictures, and how differences add up. The only thing that travels from engine to screens."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from datetime import datetime
from typing import Generic, TypeVar

from msgspec import Struct

from backends.fleet.model import (
    Client,
    ClientId,
    Device,
    DeviceId,
    Issue,
    IssueId,
    RunId,
    Site,
    SiteId,
    Source,
    SourceName,
)
from backends.fleet.run import Run

Key = TypeVar("Key", bound=Hashable)
Fact = TypeVar("Fact")


class Delta(Struct, Generic[Key, Fact], frozen=True):
    """Facts that are new or different, and keys that are gone. No key is in both."""

    put: tuple[Fact, ...] = ()
    gone: tuple[Key, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.put or self.gone)


class Changes(Struct, frozen=True, kw_only=True):
    """All that changed between picture `seq - n` and picture `seq`."""

    seq: int
    at: datetime
    """The engine's time; a front end counts ages from here by its own boot-time clock."""
    clients: Delta[ClientId, Client] = Delta()
    sites: Delta[SiteId, Site] = Delta()
    devices: Delta[DeviceId, Device] = Delta()
    issues: Delta[IssueId, Issue] = Delta()
    sources: Delta[SourceName, Source] = Delta()
    runs: Delta[RunId, Run] = Delta()

    def __bool__(self) -> bool:
        return any((self.clients, self.sites, self.devices, self.issues, self.sources, self.runs))


class Picture(Struct, frozen=True, kw_only=True):
    """What a front end shows without asking again: everything but devices and checks, which are asked for by need."""

    seq: int
    at: datetime
    clients: dict[ClientId, Client] = {}
    sites: dict[SiteId, Site] = {}
    issues: dict[IssueId, Issue] = {}
    sources: dict[SourceName, Source] = {}
    runs: dict[RunId, Run] = {}
    """Runs in flight and those ended lately."""
    devices: dict[DeviceId, Device] = {}
    """Filled only where the subscriber asked for devices."""


def difference(
    before: dict[Key, Fact], after: dict[Key, Fact], same: Callable[[Fact, Fact], bool] | None = None
) -> Delta[Key, Fact]:
    """What turns `before` into `after`."""
    equal = same or (lambda one, other: one == other)
    put = tuple(fact for key, fact in after.items() if key not in before or not equal(before[key], fact))
    gone = tuple(key for key in before if key not in after)
    return Delta(put, gone)


def replaced(before: dict[Key, Fact], after: dict[Key, Fact]) -> list[tuple[Fact | None, Fact | None]]:
    """Facts that are not the same object as before, each behind what stood in its place; gone ones before None. Facts
    that are shared cost next to nothing."""
    if before is after:
        return []
    known = before.get
    pairs: list[tuple[Fact | None, Fact | None]] = [
        (known(key), fact) for key, fact in after.items() if known(key) is not fact
    ]
    if len(before) + sum(1 for old, _ in pairs if old is None) != len(after):
        pairs += [(before[key], None) for key in before.keys() - after.keys()]
    return pairs


def patched(facts: dict[Key, Fact], delta: Delta[Key, Fact], key: Callable[[Fact], Key]) -> dict[Key, Fact]:
    """`facts` with `delta` applied; the same object when there is nothing to do."""
    if not delta:
        return facts
    out = dict(facts)
    for gone in delta.gone:
        out.pop(gone, None)
    for fact in delta.put:
        out[key(fact)] = fact
    return out


def added(first: Delta[Key, Fact], then: Delta[Key, Fact], key: Callable[[Fact], Key]) -> Delta[Key, Fact]:
    """One delta with the effect of `first` and then `then`."""
    if not first:
        return then
    if not then:
        return first
    put = {key(fact): fact for fact in first.put}
    gone = dict.fromkeys(first.gone)
    for name in then.gone:
        put.pop(name, None)
        gone[name] = None
    for fact in then.put:
        put[key(fact)] = fact
        gone.pop(key(fact), None)
    return Delta(tuple(put.values()), tuple(gone))


def combine(first: Changes, then: Changes) -> Changes:
    """One `Changes` with the effect of both, in order."""
    return Changes(
        seq=then.seq,
        at=then.at,
        clients=added(first.clients, then.clients, lambda fact: fact.id),
        sites=added(first.sites, then.sites, lambda fact: fact.id),
        devices=added(first.devices, then.devices, lambda fact: fact.id),
        issues=added(first.issues, then.issues, lambda fact: fact.id),
        sources=added(first.sources, then.sources, lambda fact: fact.name),
        runs=added(first.runs, then.runs, lambda fact: fact.id),
    )


def apply(picture: Picture, changes: Changes) -> Picture:
    """The picture after `changes`."""
    return Picture(
        seq=changes.seq,
        at=changes.at,
        clients=patched(picture.clients, changes.clients, lambda fact: fact.id),
        sites=patched(picture.sites, changes.sites, lambda fact: fact.id),
        devices=patched(picture.devices, changes.devices, lambda fact: fact.id),
        issues=patched(picture.issues, changes.issues, lambda fact: fact.id),
        sources=patched(picture.sources, changes.sources, lambda fact: fact.name),
        runs=patched(picture.runs, changes.runs, lambda fact: fact.id),
    )
