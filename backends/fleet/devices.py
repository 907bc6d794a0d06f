"""One device from what all its sources say."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from functools import lru_cache
from typing import TypeVar

from backends.fleet.model import (
    Check,
    CheckState,
    Client,
    ClientId,
    Device,
    DeviceId,
    Health,
    Identity,
    SafeText,
    Severity,
    SiteId,
    Source,
    SourceName,
)
from backends.fleet.told import Told
from backends.fleet.worth import device_worth

REACHABLE = "reachable"

Text = TypeVar("Text", bound=str)


def device_from(
    name: DeviceId,
    told: Sequence[Told],
    sources: Mapping[SourceName, Source],
    clients: Mapping[ClientId, Client],
    now: datetime,
    *,
    spelled: Callable[[SiteId, SafeText], SafeText],
) -> Device:
    """The device that `told` (at least one, one a source) speak of. Who knows the platform knows the device best.
    `spelled` says how a site is called that a source calls so."""
    ranked = sorted(told, key=lambda word: (not word.standing.platform, word.standing.source, word.standing.native))
    sightings = [word.standing for word in ranked]
    first = sightings[0]
    client = clients.get(first.client)
    booted = next((sighting for sighting in sightings if sighting.boot_id), first)
    keys = sorted((sighting.source, sighting.native) for sighting in sightings)
    health = health_of(ranked)
    return Device(
        id=name,
        client=first.client,
        client_name=client.name if client else first.client_name,
        site=first.site,
        site_name=spelled(first.site, first.site_name),
        name=first.name,
        kind=_first((sighting.kind for sighting in sightings if sighting.kind != "other"), first.kind),
        platform=first.platform,
        address=_first((sighting.address for sighting in sightings), first.address),
        system=_first((sighting.system for sighting in sightings), first.system),
        health=health,
        freshness=device_worth(health, ranked, sources, now),
        seen=max(word.seen for word in told),
        sources=_shared(*(source for source, _ in keys)),
        natives=tuple(native for _, native in keys),
        identity=_together([sighting.identity for sighting in sightings]),
        boot_id=booted.boot_id,
        booted=booted.booted or next((sighting.booted for sighting in sightings if sighting.booted), None),
    )


def health_of(told: Sequence[Told]) -> Health:
    """The worst of what its sources say on reachability, made worse by checks that are not ok."""
    words = [word_of(word) for word in told]
    if Health.MAINTENANCE in words:
        return Health.MAINTENANCE
    known = [word for word in words if word is not Health.UNKNOWN]
    if known and all(word is Health.DOWN for word in known):
        return Health.DOWN
    if Health.DOWN in known or Health.DEGRADED in known or any(_hurts(check) for word in told for check in word.words):
        return Health.DEGRADED
    return Health.OK if known else Health.UNKNOWN


def unreachable(told: Iterable[Told]) -> bool:
    """Whether a source says that the device does not answer."""
    return any(is_unreachable(check) for word in told for check in word.words)


def is_unreachable(check: Check) -> bool:
    return check.family == REACHABLE and check.state is CheckState.CRITICAL


def word_of(told: Told) -> Health:
    """What one source says on whether the device is there."""
    health = told.standing.health
    if health is Health.MAINTENANCE:
        return health
    for check in told.words:
        if check.family == REACHABLE and not check.subject:
            if check.state is CheckState.CRITICAL:
                return Health.DOWN
            if check.state is CheckState.OK and health is Health.UNKNOWN:
                return Health.OK
    return health


def _hurts(check: Check) -> bool:
    if check.family == REACHABLE and check.state is CheckState.UNKNOWN:
        return False  # nobody can tell whether it answers: that is no harm known
    return check.state is not CheckState.OK and check.severity is not Severity.INFO


def _together(identities: Sequence[Identity]) -> Identity:
    if len(identities) == 1:
        return identities[0]
    return Identity(
        serial=_first((identity.serial for identity in identities), ""),
        macs=tuple(sorted({mac for identity in identities for mac in identity.macs})),
        agent=_first((identity.agent for identity in identities), ""),
        machine=_first((identity.machine for identity in identities), ""),
        host_key=_first((identity.host_key for identity in identities), ""),
        records=tuple(sorted({record for identity in identities for record in identity.records})),
    )


@lru_cache(maxsize=1024)
def _shared(*names: SourceName) -> tuple[SourceName, ...]:
    """The names as one tuple for all devices that have the same sources."""
    return names


def _first(found: Iterable[Text], otherwise: Text) -> Text:
    return next((text for text in found if text), otherwise)
