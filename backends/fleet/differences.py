"""Fleets as the screens see them: a whole picture, and what changed between two."""

from __future__ import annotations

from collections.abc import Hashable
from datetime import datetime
from typing import TypeVar

from msgspec.structs import replace

from backends.fleet.changes import Changes, Delta, Picture, difference
from backends.fleet.fleet import Fleet
from backends.fleet.model import Issue, Source

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


def only_heard_again(before: Fleet, changes: Changes) -> bool:
    """Whether `changes` tell those who know `before` only that sources were heard, and issues seen, once more."""
    others = (changes.clients, changes.sites, changes.devices, changes.runs)
    if any(others) or changes.issues.gone or changes.sources.gone:
        return False
    return all(_seen_again(before.issues.get(now.id), now) for now in changes.issues.put) and all(
        _heard_again(before.sources.get(now.name), now) for now in changes.sources.put
    )


def _seen_again(known: Issue | None, now: Issue) -> bool:
    return known is not None and replace(now, seen=known.seen) == known


def _heard_again(known: Source | None, now: Source) -> bool:
    return known is not None and known.polls > 0 and replace(now, seen=known.seen, polls=known.polls) == known


def _delta(before: dict[Key, Fact], after: dict[Key, Fact]) -> Delta[Key, Fact]:
    if before is after:
        return Delta()
    return difference(before, after, lambda one, other: one is other or one == other)
