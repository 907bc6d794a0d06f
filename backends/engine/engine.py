"""The engine: owns the current fleet, folds in what pollers hear, lets it grow old, tells who follows, and remembers.

Every way to a new fleet goes through `become`; everything else reads `fleet`.
"""

from __future__ import annotations

import asyncio
import random
from collections.abc import Sequence
from typing import Final

import msgspec

from backends.api import Fault, Reading, SourceName
from backends.engine.clock import Clock
from backends.engine.memory import Memory
from backends.engine.polling import Polled, Polling
from backends.engine.subscribers import PACE_S, Subscribers, Subscription
from backends.engine.trends import Trends
from backends.engine.trouble import with_trouble
from backends.fleet.changes import Changes, Delta, Picture
from backends.fleet.decisions import with_fix, with_mark, with_run, without_run
from backends.fleet.differences import changes_between, picture_of
from backends.fleet.fleet import Fleet
from backends.fleet.freshness import aged, with_source
from backends.fleet.merge import fold
from backends.fleet.model import FixId, IssueId, Mark
from backends.fleet.run import Run
from backends.store.store import Store

TICK_S: Final = 1.0
"""How often it is looked whether facts have grown old."""
RUNS_SHOWN: Final = 200
"""Runs that have ended and are still part of the picture."""


class Engine:
    """One profile's picture of the world, kept up to date while `run` runs."""

    def __init__(
        self,
        fleet: Fleet,
        sources: Sequence[Polled],
        store: Store,
        clock: Clock,
        *,
        trends: Trends | None = None,
        chance: random.Random | None = None,
    ) -> None:
        self.clock = clock
        self.fleet = fleet
        self.polling = Polling(sources, self, clock, chance or random.SystemRandom())
        self.trends = trends if trends is not None else Trends()
        self.trends.forget([key for key in self.trends.known() if key[1] not in fleet.told.get(key[0], {})])
        self._memory = Memory(store, clock, lambda: self.fleet, self.trends)
        self._memory.begin(fleet)
        self._subscribers = Subscribers(clock)
        self._published = fleet
        self._seq = 0
        self._dirty = asyncio.Event()

    async def run(self) -> None:
        """Poll, age, publish and remember until cancelled; then remember a last time and let the sources go."""
        try:
            async with asyncio.TaskGroup() as tasks:
                tasks.create_task(self.polling.run(), name="polling")
                tasks.create_task(self._tick(), name="tick")
                tasks.create_task(self._publish(), name="publish")
                tasks.create_task(self._memory.run(), name="memory")
        finally:
            self._subscribers.end()
            await self.polling.close()
            await self._memory.flush()
            await self._memory.keep_trends(whole=True)

    def become(self, fleet: Fleet) -> None:
        """From now on this is the fleet."""
        if fleet is not self.fleet:
            self.fleet = fleet
            self._dirty.set()

    # What pollers tell.

    def heard(self, reading: Reading) -> None:
        """Fold one reading in. Also for readings that were asked for to verify a fix."""
        self.become(fold(self.fleet, reading))
        self.trends.heard(reading, self.fleet.sources[reading.source].every_s)

    def failed(self, source: SourceName, fault: Fault) -> None:
        """A source could not be read: its last facts stay, and are worth less."""
        known = self.fleet.sources[source]
        broken = msgspec.structs.replace(known, fault=fault, failures=known.failures + 1)
        self.become(with_source(self.fleet, broken, self.clock.now()))

    def counted(self, source: SourceName, polls: int) -> None:
        """So many times was the whole source asked since the start."""
        known = self.fleet.sources[source]
        if known.polls != polls:
            self.become(with_source(self.fleet, msgspec.structs.replace(known, polls=polls), self.clock.now()))

    # What technicians and fixes do; each was written to the store before.

    def marked(self, mark: Mark) -> None:
        self.become(with_mark(self.fleet, mark, self.clock.now()))

    def ran(self, run: Run) -> None:
        """A run as it stands now. Of those that have ended, only the latest stay in the picture."""
        fleet = with_run(self.fleet, run)
        ended = [one for one in fleet.runs.values() if one.state.ended]
        if len(ended) > RUNS_SHOWN:
            fleet = without_run(fleet, min(ended, key=lambda one: one.planned).id)
        self.become(fleet)

    def fixed(self, issue: IssueId, fix: FixId) -> None:
        self.become(with_fix(self.fleet, issue, fix))

    # Who looks.

    def picture(self, *, devices: bool) -> Picture:
        """What a front end shows, as of now."""
        self.publish()
        return picture_of(self.fleet, self._seq, self.clock.now(), devices=devices)

    def follow(self, *, devices: bool) -> Subscription:
        """A subscription that begins with the whole picture."""
        picture = self.picture(devices=devices)
        return self._subscribers.add(_whole(picture), devices=devices)

    def leave(self, subscription: Subscription) -> None:
        self._subscribers.remove(subscription)

    def publish(self) -> None:
        """Tell everybody what changed since the last time."""
        before, self._published = self._published, self.fleet
        changes = changes_between(before, self.fleet, self._seq + 1, self.clock.now())
        if changes:
            self._seq += 1
            self._subscribers.offer(changes, _facts(self.fleet))

    async def _publish(self) -> None:
        while True:
            await self._dirty.wait()
            self._dirty.clear()
            self.publish()
            await self.clock.sleep(PACE_S)

    async def _tick(self) -> None:
        while True:
            now = self.clock.now()
            self.become(with_trouble(aged(self.fleet, now), self._memory.trouble, now))
            await self.clock.sleep(TICK_S)


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
