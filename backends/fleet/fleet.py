"""All that the engine knows, as one value. Every change gives a new `Fleet` that shares what did not change."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Final, TypeAlias, TypeVar

from msgspec import Struct

from backends.fleet.bearers import Share
from backends.fleet.confirmed import Confirmed, as_confirmed
from backends.fleet.identity import Key
from backends.fleet.model import (
    Check,
    Client,
    ClientId,
    Device,
    DeviceId,
    Episode,
    Issue,
    IssueId,
    Mark,
    RunId,
    Sighting,
    Site,
    SiteId,
    Source,
    SourceName,
)
from backends.fleet.run import FixCard, OwnFix, Run
from backends.fleet.told import Told

NEVER: Final = datetime.max.replace(tzinfo=UTC)
ALWAYS: Final = datetime.min.replace(tzinfo=UTC)


Member = TypeVar("Member")

Bucket: TypeAlias = tuple[Member, ...] | dict[Member, None]
"""A set in the order in which it was filled."""


class Index(Struct, frozen=True):
    """Ways into the facts that would be slow to walk; made from them, never stored."""

    tokens: dict[int, Share] = {}
    """Sightings by `place` of their evidence: see `Bearers`."""
    skeletons: dict[str, Bucket[DeviceId]] = {}
    sites: dict[SiteId, Bucket[DeviceId]] = {}
    issues: dict[DeviceId, tuple[IssueId, ...]] = {}


class Fleet(Struct, frozen=True, kw_only=True):
    """The engine's whole knowledge at one moment."""

    configured: dict[ClientId, Client] = {}
    """The configuration's clients: its word wins."""
    introduced: dict[SourceName, tuple[Client, ...]] = {}
    """Clients that sources know by themselves."""
    clients: dict[ClientId, Client] = {}
    sites: dict[SiteId, Site] = {}
    sources: dict[SourceName, Source] = {}
    told: dict[SourceName, dict[str, Told]] = {}
    """What each source last told, by its own id of the device. Whoever asks how old it is asks `told_of`, which knows
    what was confirmed since."""
    confirmed: dict[SourceName, Confirmed] = {}
    """Until when all that a source told still stood, where it said so."""
    identity: dict[Key, DeviceId] = {}
    """The device of every sighting; to be kept over restarts, so that ids survive."""
    hanging: dict[Key, str] = {}
    """Sightings that a source says cannot be reached without another of its devices, with the native id of that one."""
    devices: dict[DeviceId, Device] = {}
    issues: dict[IssueId, Issue] = {}
    marks: dict[IssueId, Mark] = {}
    episodes: dict[IssueId, tuple[Episode, ...]] = {}
    """Oldest first; the last one of an open issue has no end."""
    runs: dict[RunId, Run] = {}
    own: dict[SourceName, tuple[OwnFix, ...]] = {}
    """What each source runs on its devices by its own means."""
    remedies: tuple[FixCard, ...] = ()
    """Fixes that may be offered, best first."""
    index: Index = Index()
    at: datetime = ALWAYS
    """The latest time that it was told."""
    due: datetime = ALWAYS
    """Before this time, nothing is worth less by getting older."""
    weigh: datetime = ALWAYS
    """Before this time, no urgency is weighed again."""

    def told_of(self, device: Device) -> Iterator[Told]:
        """What each source of the device last said, as it was last confirmed."""
        for source, native in zip(device.sources, device.natives, strict=True):
            told = self.told.get(source, {}).get(native)
            if told is not None:
                yield as_confirmed(told, self.confirmed.get(source))

    def checks_of(self, device: DeviceId) -> tuple[Check, ...]:
        """All checks of a device, from all its sources; empty when it is not known."""
        known = self.devices.get(device)
        return () if known is None else tuple(check for told in self.told_of(known) for check in told.checks)

    def sightings_of(self, device: DeviceId) -> tuple[Sighting, ...]:
        known = self.devices.get(device)
        return () if known is None else tuple(told.sighting for told in self.told_of(known))

    def device_of(self, source: SourceName, native: str) -> Device | None:
        """The device that the source knows by that id."""
        name = self.identity.get((source, native))
        return None if name is None else self.devices.get(name)

    def issues_of(self, device: DeviceId) -> tuple[Issue, ...]:
        return tuple(self.issues[issue] for issue in self.index.issues.get(device, ()))

    def site_devices(self, site: SiteId) -> tuple[Device, ...]:
        return tuple(self.devices[device] for device in self.index.sites.get(site, ()))
