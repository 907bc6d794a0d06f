"""Tells those who follow what changed in the fleet: differences only, and nothing before it is news."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime
from typing import Final

from backends.engine.clock import Clock
from backends.engine.subscribers import PACE_S, Subscribers, Subscription
from backends.fleet.changes import Changes, Delta, Picture
from backends.fleet.confirmed import SHOWN_EVERY
from backends.fleet.differences import changes_between, only_heard_again, picture_of
from backends.fleet.fleet import Fleet

HEARD_S: Final = 10.0
"""That a source was heard again, and said nothing new, is told after so long at most: one message for all of them."""


class Publisher:
    """Follows `fleet` for all who follow it, while `run` runs. `show_devices` brings devices up to when they were seen,
    which is done only where somebody looks at them."""

    def __init__(self, clock: Clock, fleet: Callable[[], Fleet], show_devices: Callable[[], Awaitable[None]]) -> None:
        self._clock = clock
        self._fleet = fleet
        self._show_devices = show_devices
        self._subscribers = Subscribers(clock)
        self._published = fleet()
        self._seq = 0
        self._dirty = asyncio.Event()
        self._devices_shown: datetime = clock.now()
        self._told_s = clock.boot_s()
        """When anything was told last."""
        self._held = False
        """Something is to be told yet that may wait."""

    async def run(self) -> None:
        """Until cancelled."""
        while True:
            await self._dirty.wait()
            self._dirty.clear()
            await self._show()
            changes = self._changes()
            if not self._may_wait(changes):
                self._tell(changes)
            await self._clock.sleep(PACE_S)

    def changed(self) -> None:
        """There is another fleet."""
        self._dirty.set()

    def remind(self) -> None:
        """What was held back may have waited long enough."""
        if self._held:
            self._dirty.set()

    def picture(self, *, devices: bool) -> Picture:
        """What a front end shows, as of now; everybody else is told as much."""
        self._tell(self._changes())
        return picture_of(self._fleet(), self._seq, self._clock.now(), devices=devices)

    def follow(self, *, devices: bool) -> Subscription:
        """A subscription that begins with the whole picture."""
        picture = self.picture(devices=devices)
        return self._subscribers.add(_whole(picture), devices=devices)

    def leave(self, subscription: Subscription) -> None:
        self._subscribers.remove(subscription)

    def end(self) -> None:
        """Nothing will be told any more."""
        self._subscribers.end()

    def _changes(self) -> Changes:
        devices = self._subscribers.want_devices
        return changes_between(self._published, self._fleet(), self._seq + 1, self._clock.now(), devices=devices)

    def _tell(self, changes: Changes) -> None:
        self._published, self._held = self._fleet(), False
        self._told_s = self._clock.boot_s()
        if changes:
            self._seq += 1
            self._subscribers.offer(changes, _facts(self._published))

    def _may_wait(self, changes: Changes) -> bool:
        """That sources were heard again is no news by itself: it is told with the next, or after some seconds."""
        late = self._clock.boot_s() - self._told_s >= HEARD_S
        self._held = not late and only_heard_again(self._published, changes)
        return self._held

    async def _show(self) -> None:
        """Where somebody looks at devices, let them be seen as late as they were."""
        now = self._clock.now()
        if self._subscribers.want_devices and now - self._devices_shown >= SHOWN_EVERY:
            self._devices_shown = now
            await self._show_devices()


def _whole(picture: Picture) -> Changes:
    """The changes that turn nothing into `picture`."""
    return Changes(
        seq=picture.seq,
        at=picture.at,
        clients=Delta(tuple(picture.clients.values())),
        sites=Delta(tuple(picture.sites.values())),
        devices=Delta(tuple(picture.devices.values())),
        issues=Delta(tuple(picture.issues.values())),
        sources=Delta(tuple(picture.sources.values())),
        runs=Delta(tuple(picture.runs.values())),
    )


def _facts(fleet: Fleet) -> int:
    tables: Sequence[dict[object, object]] = (
        fleet.clients, fleet.sites, fleet.devices, fleet.issues, fleet.sources, fleet.runs,
    )  # type: ignore[assignment]  # fmt: skip
    return sum(map(len, tables))
