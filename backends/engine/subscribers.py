"""Who follows the fleet, each at its own pace: what it has not taken yet is combined, never dropped, and bounded."""

from __future__ import annotations

import asyncio
from typing import Final

import msgspec

from backends.engine.clock import Clock
from backends.fleet.changes import Changes, Delta, combine

PACE_S: Final = 0.25
"""Least time between two changes for one subscriber."""
SLACK: Final = 20_000
"""Facts and keys beyond the size of the fleet that may wait for one subscriber before it has to begin anew."""


class Subscription:
    """One follower. `changes()` gives what came since it was last asked."""

    def __init__(self, clock: Clock, first: Changes, *, devices: bool) -> None:
        self._clock = clock
        self._devices = devices
        self._pending: Changes | None = first
        self._wake = asyncio.Event()
        self._wake.set()
        self._next_s = clock.boot_s()
        self._ended = False
        self._behind = False

    @property
    def wants_devices(self) -> bool:
        return self._devices

    @property
    def fell_behind(self) -> bool:
        """It was cut off because what waited for it had grown too large; it may subscribe again."""
        return self._behind

    async def next(self) -> Changes | None:
        """The next changes, as soon as there are some and the pace allows; None when there will be none any more."""
        while True:
            await self._wake.wait()
            rest_s = self._next_s - self._clock.boot_s()
            if rest_s > 0 and not self._ended:
                await self._clock.sleep(rest_s)
            pending, self._pending = self._pending, None
            if not self._ended:
                self._wake.clear()
            if pending is not None:
                self._next_s = self._clock.boot_s() + PACE_S
                return pending
            if self._ended:
                return None

    def offer(self, changes: Changes, facts: int) -> None:
        """Add to what waits. `facts` is how many there are in all: gone keys may not pile up far beyond that."""
        if not self._devices and changes.devices:
            changes = msgspec.structs.replace(changes, devices=Delta())
        if self._ended or not changes:
            return
        self._pending = changes if self._pending is None else combine(self._pending, changes)
        self._wake.set()
        if _size(self._pending) > facts + SLACK:
            self._pending, self._behind = None, True
            self.end()

    def end(self) -> None:
        """What waits is still given, then it is over."""
        self._ended = True
        self._wake.set()


class Subscribers:
    """All followers of one engine."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._all: set[Subscription] = set()

    def __len__(self) -> int:
        return len(self._all)

    @property
    def want_devices(self) -> bool:
        return any(subscription.wants_devices for subscription in self._all)

    def add(self, first: Changes, *, devices: bool) -> Subscription:
        """A new follower that is given `first` before anything else."""
        subscription = Subscription(self._clock, first, devices=devices)
        self._all.add(subscription)
        return subscription

    def remove(self, subscription: Subscription) -> None:
        self._all.discard(subscription)
        subscription.end()

    def offer(self, changes: Changes, facts: int) -> None:
        """Tell everybody. `facts` is how many there are in all."""
        for subscription in self._all:
            subscription.offer(changes, facts)

    def end(self) -> None:
        for subscription in self._all:
            subscription.end()


def _size(changes: Changes) -> int:
    """Facts and keys that `changes` carries."""
    deltas = (changes.clients, changes.sites, changes.devices, changes.issues, changes.sources, changes.runs)
    return sum(len(delta.put) + len(delta.gone) for delta in deltas)
