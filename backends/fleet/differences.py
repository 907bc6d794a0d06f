"""Fleets as the screens see them: a whole picture, and what changed between two."""

from __future__ import annotations

from collections.abc import Hashable
from datetime import datetime
from typing import TypeVar

from msgspec.structs import replace

from backends.fleet.changes import Changes, Delta, Picture, difference
from backends.fleet.fleet import Fleet

Key = TypeVar("Key", bound=Hashable)
Fact = TypeVar("Fact")


def picture_of(fleet: Fleet, seq: int, at: datetime, *, devices: bool = True) -> Picture:
    """What a front end shows; without devices where nobody asked for them."""
    return Picture(
        seq=seq,
        at=at,
        clients=fleet.clients,
        sites=fleet.sites,
        issues=fleet.issues,
        sources=fleet.sources,
        runs=fleet.runs,
        devices=fleet.devices if devices else {},
    )


def changes_between(before: Fleet, after: Fleet, seq: int, at: datetime, *, devices: bool = True) -> Changes:
    """What turns the picture of `before` into that of `after`, without devices where nobody asked for them. Tables and
    facts that are shared cost nothing."""
    return Changes(
        seq=seq,
        at=at,
        clients=_delta(before.clients, after.clients),
        sites=_delta(before.sites, after.sites),
        devices=_delta(before.devices, after.devices) if devices else Delta(),
        issues=_delta(before.issues, after.issues),
        sources=_delta(before.sources, after.sources),
        runs=_delta(before.runs, after.runs),
    )


def only_heard_again(before: Fleet, after: Fleet) -> bool:
    """Whether all that differs is when sources were heard."""
    if before.sources.keys() != after.sources.keys():
        return False
    tables = ("clients", "sites", "devices", "issues", "runs")
    if any(getattr(before, table) is not getattr(after, table) for table in tables):
        return False
    pairs = ((known, after.sources[name]) for name, known in before.sources.items())
    return all(
        known is now or (known.polls > 0 and replace(now, seen=known.seen, polls=known.polls) == known)
        for known, now in pairs
    )


def _delta(before: dict[Key, Fact], after: dict[Key, Fact]) -> Delta[Key, Fact]:
    if before is after:
        return Delta()
    return difference(before, after, lambda one, other: one is other or one == other)
