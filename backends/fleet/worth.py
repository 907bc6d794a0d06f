"""What facts are worth at a given time: the one place that compares ages with limits."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Final

from backends.fleet.fleet import NEVER
from backends.fleet.model import Device, Fault, FaultKind, Freshness, Health, Source, SourceName
from backends.fleet.told import Told

SHORTEST_LIMIT_S: Final = 15.0
AHEAD: Final = timedelta(seconds=2)
"""A time further ahead than this is a clock that is wrong: such facts are not fresh."""
JUST_NOW: Final = timedelta(seconds=2)
"""So far from now, in either direction, facts are fresh whatever the interval of their source."""

_WORST_FIRST: Final = (Freshness.FAILED, Freshness.SILENT, Freshness.STALE, Freshness.FRESH)
_RANK: Final = {freshness: rank for rank, freshness in enumerate(_WORST_FIRST)}
_NEEDS_HAND: Final = frozenset(
    {
        FaultKind.CREDENTIALS,
        FaultKind.CONFIGURATION,
        FaultKind.HOST_KEY_CHANGED,
        FaultKind.HOST_KEY_UNKNOWN,
        FaultKind.SECRET,
    }
)


@lru_cache(maxsize=1024)
def limit(every_s: float) -> timedelta:
    """How long facts of a source with that interval are worth something."""
    return timedelta(seconds=max(SHORTEST_LIMIT_S, 2 * every_s))


def needs_hand(fault: Fault) -> bool:
    """Whether trying again cannot help until somebody changes something."""
    return fault.kind in _NEEDS_HAND


def by_age(heard: datetime, every_s: float, now: datetime) -> Freshness:
    if heard > now + AHEAD:
        return Freshness.STALE
    return Freshness.SILENT if now - heard >= limit(every_s) else Freshness.FRESH


def state_of(source: Source, now: datetime) -> Freshness:
    """What a source's facts are worth now."""
    if source.fault is not None and (source.seen is None or needs_hand(source.fault)):
        return Freshness.FAILED
    if source.seen is None:
        return Freshness.STALE
    aged = by_age(source.seen, source.every_s, now)
    return Freshness.STALE if aged is Freshness.FRESH and source.fault is not None else aged


def turns_at(heard: datetime, every_s: float, now: datetime) -> datetime:
    """When `by_age` says something else; `NEVER` when it has said its last."""
    if heard > now + AHEAD:
        return heard - AHEAD
    ends = heard + limit(every_s)
    return ends if ends > now else NEVER


def worst(found: Iterable[Freshness]) -> Freshness:
    return min(found, key=_RANK.__getitem__, default=Freshness.FAILED)


def best(found: Iterable[Freshness]) -> Freshness:
    return max(found, key=_RANK.__getitem__, default=Freshness.FAILED)


def worth(source: Source | None, heard: datetime, now: datetime) -> Freshness:
    """What one fact of a source is worth that was last confirmed at `heard`."""
    if source is None:
        return Freshness.SILENT
    return worst((source.state, by_age(heard, source.every_s, now)))


def device_worth(
    health: Health, told: Iterable[Told], sources: Mapping[SourceName, Source], now: datetime
) -> Freshness:
    """The worst of what its sources' words are worth: what one of them knew and no longer tells is unknown.

    A device that is down and not asked so often for that reason grows stale, not silent: it stays down.
    """
    found = []
    for word in told:
        source = sources.get(word.standing.source)
        state = worth(source, word.heard, now)
        lives = source is not None and source.state in (Freshness.FRESH, Freshness.STALE)
        found.append(Freshness.STALE if state is Freshness.SILENT and lives and health is Health.DOWN else state)
    return worst(found)


def counts_as(device: Device) -> Health:
    """The health under which a device is counted: only fresh facts count, but what was last down is not yet up."""
    if device.freshness is Freshness.FRESH:
        return device.health
    return Health.DOWN if device.health is Health.DOWN and device.freshness is Freshness.STALE else Health.UNKNOWN
