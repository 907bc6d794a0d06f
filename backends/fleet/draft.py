"""A fleet being changed: tables that are copied when first written to, and what has been touched so far."""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from datetime import datetime
from typing import Final, Generic, TypeVar

import msgspec

from backends.fleet.bearers import Bearers
from backends.fleet.confirmed import as_confirmed
from backends.fleet.fleet import Bucket, Fleet, Index
from backends.fleet.identity import Key
from backends.fleet.model import (
    Client,
    ClientId,
    Device,
    Health,
    HealthCounts,
    IssueId,
    SafeText,
    SiteId,
    SourceName,
)
from backends.fleet.told import Told

Name = TypeVar("Name", bound=Hashable)
Fact = TypeVar("Fact")
Member = TypeVar("Member", bound=Hashable)

_SMALL: Final = 8
"""A bucket with more members is a dict."""


class Table(Generic[Name, Fact]):
    """A dict that is shared until it is written to."""

    __slots__ = ("facts", "written")

    def __init__(self, facts: dict[Name, Fact]) -> None:
        self.facts = facts
        self.written = False

    def put(self, name: Name, fact: Fact) -> None:
        if not self.written:
            self.facts, self.written = dict(self.facts), True
        self.facts[name] = fact

    def drop(self, name: Name) -> None:
        if name not in self.facts:
            return
        if not self.written:
            self.facts, self.written = dict(self.facts), True
        del self.facts[name]


class Buckets(Generic[Name, Member]):
    """Sets by name that are shared until they are written to. Nearly all have one member: a small one is a tuple, which
    takes a quarter of the memory. A bucket of thousands is copied once, not once a member: one name on ten thousand
    devices must not bring the engine to a halt."""

    __slots__ = ("_own", "_table")

    def __init__(self, facts: dict[Name, Bucket[Member]]) -> None:
        self._table = Table(facts)
        self._own: set[Name] = set()

    @property
    def facts(self) -> dict[Name, Bucket[Member]]:
        return self._table.facts

    def of(self, name: Name) -> Bucket[Member]:
        return self._table.facts.get(name, ())

    def add(self, name: Name, member: Member) -> None:
        bucket = self.of(name)
        if member in bucket:
            return
        if isinstance(bucket, tuple) and len(bucket) < _SMALL:
            self._table.put(name, (*bucket, member))
        else:
            self._writable(name)[member] = None

    def remove(self, name: Name, member: Member) -> None:
        bucket = self.of(name)
        if member not in bucket:
            return
        if len(bucket) == 1:
            self._own.discard(name)
            self._table.drop(name)
        elif isinstance(bucket, tuple):
            self._table.put(name, tuple(one for one in bucket if one != member))
        else:
            del self._writable(name)[member]

    def _writable(self, name: Name) -> dict[Member, None]:
        bucket = self._table.facts.get(name, ())
        if name not in self._own or isinstance(bucket, tuple):
            bucket = dict.fromkeys(bucket)
            self._table.put(name, bucket)
            self._own.add(name)
        return bucket


class Draft:
    """The next fleet in the making."""

    def __init__(self, fleet: Fleet, now: datetime) -> None:
        self.before = fleet
        self.now = max(now, fleet.at)
        """Time never runs back."""
        self.due = fleet.due
        self.weigh = fleet.weigh
        self.configured = fleet.configured
        self.introduced = Table(fleet.introduced)
        self._introduced: dict[ClientId, Client] | None = None
        self.clients = Table(fleet.clients)
        self.sites = Table(fleet.sites)
        self.sources = Table(fleet.sources)
        self.told: dict[SourceName, Table[str, Told]] = {}
        self.confirmed = Table(fleet.confirmed)
        self.identity = Table(fleet.identity)
        self.hanging = Table(fleet.hanging)
        self.devices = Table(fleet.devices)
        self.issues = Table(fleet.issues)
        self.marks = Table(fleet.marks)
        self.episodes = Table(fleet.episodes)
        self.own = Table(fleet.own)
        self.tokens = Bearers(fleet.index.tokens)
        self.skeletons = Buckets(fleet.index.skeletons)
        self.site_devices = Buckets(fleet.index.sites)
        self.device_issues = Table(fleet.index.issues)
        self.moved_counts: dict[SiteId, dict[Health, int]] = {}
        self._site_names: dict[SiteId, SafeText] = {}
        self.respelled: set[SiteId] = set()
        """Sites of which some devices may say another spelling than the others."""
        self.looks: set[str] = set()
        """Looks of names that came or went."""
        self.unplaced: set[SiteId] = set()
        """Sites whose issues changed in a way that another explanation may fit."""
        self.rehung: set[Key] = set()
        """Sightings that hang behind another device than before, or behind none."""
        self.undressed: set[IssueId] = set()
        """Issues whose marks and urgency are to be looked at again."""

    def introduce(self, source: SourceName, clients: tuple[Client, ...]) -> None:
        self.introduced.put(source, clients)
        self._introduced = None

    def introduced_by_name(self) -> Mapping[ClientId, Client]:
        """Clients as the first source by name knows each."""
        told = self.introduced.facts
        if self._introduced is None:
            known: dict[ClientId, Client] = {}
            for source in sorted(told, reverse=True):
                known.update((client.id, client) for client in reversed(told[source]))
            self._introduced = known
        return self._introduced

    def told_by(self, source: SourceName) -> Table[str, Told]:
        if source not in self.told:
            self.told[source] = Table(self.before.told.get(source, {}))
        return self.told[source]

    def words_of(self, source: SourceName) -> Mapping[str, Told]:
        """What the source tells, for reading, without what it confirmed since."""
        table = self.told.get(source)
        return table.facts if table is not None else self.before.told.get(source, {})

    def told_at(self, key: Key) -> Told | None:
        """What was told there, as it was last confirmed."""
        source, native = key
        told = self.words_of(source).get(native)
        return told if told is None else as_confirmed(told, self.confirmed.facts.get(source))

    def told_of(self, device: Device) -> list[Told]:
        keys = zip(device.sources, device.natives, strict=True)
        return [told for key in keys if (told := self.told_at(key)) is not None]

    def count(self, site: SiteId, health: Health, by: int) -> None:
        """Note that `by` more devices of the site count as `health`."""
        moved = self.moved_counts.setdefault(site, {})
        moved[health] = moved.get(health, 0) + by

    def spelled(self, site: SiteId, name: SafeText) -> SafeText:
        """How the site is called wherever it is shown, when one of its sources calls it `name`: they may differ in
        case, and the first in the order of texts is as good for all of them as any."""
        settled = self.sites.facts.get(site)
        known = self._site_names.get(site, name if settled is None else settled.name)
        if name < known:
            self.respelled.add(site)
        spelled = self._site_names[site] = min(known, name)
        return spelled

    def fleet(self) -> Fleet:
        """The result. Tables that nobody wrote to are the old ones."""
        told = self.before.told
        changed = {source: table.facts for source, table in self.told.items() if table.written}
        return msgspec.structs.replace(
            self.before,
            introduced=self.introduced.facts,
            clients=self.clients.facts,
            sites=self.sites.facts,
            sources=self.sources.facts,
            told={**told, **changed} if changed else told,
            confirmed=self.confirmed.facts,
            identity=self.identity.facts,
            hanging=self.hanging.facts,
            devices=self.devices.facts,
            issues=self.issues.facts,
            marks=self.marks.facts,
            episodes=self.episodes.facts,
            own=self.own.facts,
            index=Index(self.tokens.shares, self.skeletons.facts, self.site_devices.facts, self.device_issues.facts),
            at=self.now,
            due=self.due,
            weigh=self.weigh,
        )


def bumped(counts: HealthCounts, moved: dict[Health, int]) -> HealthCounts:
    return HealthCounts(
        ok=counts.ok + moved.get(Health.OK, 0),
        degraded=counts.degraded + moved.get(Health.DEGRADED, 0),
        down=counts.down + moved.get(Health.DOWN, 0),
        unknown=counts.unknown + moved.get(Health.UNKNOWN, 0),
        maintenance=counts.maintenance + moved.get(Health.MAINTENANCE, 0),
    )
