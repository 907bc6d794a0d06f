"""The engine: owns the current fleet, folds in what pollers hear, lets it grow old, tells who follows, and remembers.

Every way to a new fleet goes through `become`; everything else reads `fleet`.
"""

from __future__ import annotations

import asyncio
import random
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Final

import msgspec

from backends.api import Fault, Reading, SourceName, Spreads, in_turns
from backends.engine.clock import Clock
from backends.engine.memory import Memory
from backends.engine.polling import Polled, Polling
from backends.engine.publishing import Publisher
from backends.engine.subscribers import Subscription
from backends.engine.trends import Trends
from backends.engine.trouble import with_trouble
from backends.fleet.changes import Picture
from backends.fleet.confirming import disbelieved, showing_devices
from backends.fleet.decisions import with_fix, with_mark, with_run, without_run
from backends.fleet.fleet import Fleet
from backends.fleet.freshness import aging, due, with_source
from backends.fleet.hearing import Hearing
from backends.fleet.merge import fold, folding, folding_heard
from backends.fleet.model import Can, Client, ClientId, FixId, IssueId, Mark, Source
from backends.fleet.reconfigure import reconfigured
from backends.fleet.run import Run
from backends.fleet.start import with_only
from backends.fleet.steps import Steps, finished, parted
from backends.store.store import Store

TICK_S: Final = 1.0
"""How often it is looked whether facts have grown old."""
AT_ONCE: Final = 200
"""Devices of a reading that is folded without letting others have their turn: some ten milliseconds."""
SLICE_S: Final = 0.02
"""After so long others get their turn."""
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
        self.fleet = fleet = _without_strangers(remembered := fleet, sources, clock.now())
        self.polling = Polling(sources, self, clock, chance or random.SystemRandom())
        self.trends = trends if trends is not None else Trends()
        self.trends.forget([key for key in self.trends.known() if key[1] not in fleet.told.get(key[0], {})])
        self._memory = Memory(store, clock, lambda: self.fleet, self.trends)
        self._memory.begin(remembered)
        self._publisher = Publisher(clock, lambda: self.fleet, self._show_devices)
        self._folding = asyncio.Lock()
        """Held while another fleet is in the making."""
        self._meanwhile: list[Callable[[Fleet], Fleet]] | None = None
        """What changed since that was begun."""
        self._gone: set[SourceName] = set()
        """Sources that were taken out while it ran."""

    async def run(self) -> None:
        """Poll, age, publish and remember until cancelled; then remember a last time and let the sources go."""
        try:
            async with asyncio.TaskGroup() as tasks:
                tasks.create_task(self.polling.run(), name="polling")
                tasks.create_task(self._tick(), name="tick")
                tasks.create_task(self._publisher.run(), name="publish")
                tasks.create_task(self._memory.run(), name="memory")
        finally:
            self._publisher.end()
            await self.polling.close()
            await self._memory.flush(ages=True)
            await self._memory.keep_trends(whole=True)

    def become(self, fleet: Fleet) -> None:
        """From now on this is the fleet."""
        if fleet is not self.fleet:
            self.fleet = fleet
            self._publisher.changed()

    # What pollers tell.

    async def hear(self, heard: Hearing, piece: Reading) -> None:
        """A slice of a reading, of which nothing counts before `took`. Values are values, though, whatever comes
        after."""
        fleet, source = self.fleet, heard.source
        await in_turns(heard.hearing(piece, fleet.told.get(source, {}), fleet.confirmed.get(source)), SLICE_S)
        self._learn(piece)

    async def took(self, reading: Reading | Hearing) -> None:
        """What a poll brought. A large reading is folded in turns with whatever else there is to do; until all of it
        is, everybody sees the fleet without it. Raises what folding raises: then what the source confirms afterwards
        is an answer that nobody has."""
        source = reading.source
        try:
            await (self._took_slices(reading) if isinstance(reading, Hearing) else self._took(reading))
        except Exception:
            self._change(lambda fleet: disbelieved(fleet, source))
            raise

    async def _took(self, reading: Reading) -> None:
        if len(reading.sightings) <= AT_ONCE and not reading.confirms:
            self.heard(reading)
            return
        async with self._folding:
            await self._in_turns(lambda fleet: folding(fleet, reading))
        for checks in parted(reading.checks, 10):
            self._learn(msgspec.structs.replace(reading, checks=tuple(checks)))
            await asyncio.sleep(0)
        if reading.confirms:
            await self._confirmed(reading)

    async def _confirmed(self, reading: Reading) -> None:
        """Values that stand become trends now and then, else there would be a gap."""
        for checks in parted(self.trends.standing(reading, self.fleet), 10):
            self._learn(msgspec.structs.replace(reading, checks=tuple(checks)))
            await asyncio.sleep(0)

    async def streamed(self, reading: Reading) -> None:
        """What a source told as it changed: news of devices, nothing of the source."""
        reading = msgspec.structs.replace(reading, complete=False, confirms=False)
        if len(reading.sightings) <= AT_ONCE:
            self._change(lambda fleet: fold(fleet, reading, polled=False))
        else:
            async with self._folding:
                await self._in_turns(lambda fleet: folding(fleet, reading, polled=False))
        self._learn(reading)

    def may_stream(self, source: SourceName) -> bool:
        return Can.STREAM not in self.fleet.sources[source].lacking

    async def _took_slices(self, heard: Hearing) -> None:
        if len(heard.arrived) <= AT_ONCE and not heard.frame.confirms:
            self._change(lambda fleet: finished(folding_heard(fleet, heard)))
            return
        async with self._folding:
            await self._in_turns(lambda fleet: folding_heard(fleet, heard))
        if heard.frame.confirms:
            await self._confirmed(heard.frame)

    def _learn(self, reading: Reading) -> None:
        """Values become trends."""
        self.trends.heard(reading, self.fleet.sources[reading.source].every_s)

    def heard(self, reading: Reading) -> None:
        """Fold one polled reading in now; nothing of a source that is gone."""
        if reading.source in self._gone:
            return
        self._change(lambda fleet: fold(fleet, reading))
        self._learn(reading)

    def looked(self, reading: Reading) -> None:
        """Fold in what a source said of one device, asked to verify a fix: that it answers to this says nothing of its
        polls, nor of its other devices; and the source may be gone meanwhile."""
        if reading.source in self._gone or reading.source not in self.fleet.sources:
            return
        reading = msgspec.structs.replace(reading, complete=False, confirms=False)
        self._change(lambda fleet: fold(fleet, reading, polled=False))
        self._learn(reading)

    def failed(self, source: SourceName, fault: Fault) -> None:
        """A source could not be read: its last facts stay, and are worth less."""
        now = self.clock.now()

        def broken(fleet: Fleet) -> Fleet:
            known = fleet.sources[source]
            worse = msgspec.structs.replace(known, fault=fault, failures=known.failures + 1)
            return with_source(fleet, worse, now)

        self._change(broken)

    def counted(self, source: SourceName, polls: int) -> None:
        """So many times was the whole source asked since the start."""
        now = self.clock.now()

        def more(fleet: Fleet) -> Fleet:
            known = fleet.sources[source]
            if known.polls == polls:
                return fleet
            return with_source(fleet, msgspec.structs.replace(known, polls=polls), now)

        self._change(more)

    # What technicians and fixes do; each was written to the store before.

    def marked(self, mark: Mark) -> None:
        now = self.clock.now()
        self._change(lambda fleet: with_mark(fleet, mark, now))

    def ran(self, run: Run) -> None:
        """A run as it stands now. Of those that have ended, only the latest stay in the picture."""
        self._change(lambda fleet: _with_latest(fleet, run))

    def fixed(self, issue: IssueId, fix: FixId) -> None:
        self._change(lambda fleet: with_fix(fleet, issue, fix))

    # What the configuration says.

    async def reconfigured(
        self,
        clients: Mapping[ClientId, Client],
        gone: Collection[SourceName],
        opened: Sequence[tuple[Polled, Source]],
    ) -> None:
        """Go by another configuration: without the sources that are `gone`, and with those that were `opened`, which
        may take the place of others of their names."""
        self._gone = (self._gone | set(gone)) - {source.name for _, source in opened}
        for name in [*gone, *(source.name for _, source in opened if source.name in self.fleet.sources)]:
            await self.polling.drop(name)
        now = self.clock.now()
        polled = [one for one, _ in opened]

        def another(fleet: Fleet) -> Fleet:
            fleet = reconfigured(fleet, clients, gone, [source for _, source in opened], now)
            return _without_strangers(fleet, polled, now)

        self._change(another)
        self.trends.forget([key for key in self.trends.known() if key[0] in gone])
        for one in polled:
            self.polling.add(one)

    # Who looks.

    def picture(self, *, devices: bool) -> Picture:
        """What a front end shows, as of now."""
        self._seen_now(devices=devices)
        return self._publisher.picture(devices=devices)

    def follow(self, *, devices: bool) -> Subscription:
        """A subscription that begins with the whole picture."""
        self._seen_now(devices=devices)
        return self._publisher.follow(devices=devices)

    def leave(self, subscription: Subscription) -> None:
        self._publisher.leave(subscription)

    def _seen_now(self, *, devices: bool) -> None:
        if devices:
            self._change(lambda fleet: finished(showing_devices(fleet)))

    async def _show_devices(self) -> None:
        async with self._folding:
            await self._in_turns(showing_devices)

    async def _tick(self) -> None:
        while True:
            async with self._folding:
                await self._grow_old()
            self._publisher.remind()
            await self.clock.sleep(TICK_S)

    async def _grow_old(self) -> None:
        now = self.clock.now()
        if due(self.fleet, now):
            await self._in_turns(lambda fleet: aging(fleet, now))
        trouble = self._memory.trouble
        self._change(lambda fleet: with_trouble(fleet, trouble, now))

    # How the fleet changes.

    def _change(self, change: Callable[[Fleet], Fleet]) -> None:
        """Change the fleet now, and also the one that is in the making."""
        self.become(change(self.fleet))
        if self._meanwhile is not None:
            self._meanwhile.append(change)

    async def _in_turns(self, work: Callable[[Fleet], Steps[Fleet]]) -> None:
        """Make another fleet in turns with everything else; what changes meanwhile is changed in both, too."""
        meanwhile: list[Callable[[Fleet], Fleet]] = []
        self._meanwhile = meanwhile
        try:
            fleet = await in_turns(work(self.fleet), SLICE_S)
        finally:
            self._meanwhile = None
        for change in meanwhile:
            fleet = change(fleet)
        self.become(fleet)


def _without_strangers(fleet: Fleet, sources: Iterable[Polled], now: datetime) -> Fleet:
    """Without devices that a source which spreads has no part for: they were taken out of the configuration."""
    for source in sources:
        adapter = source.adapter
        if isinstance(adapter, Spreads):
            fleet = with_only(fleet, adapter.name, {part.native for part in adapter.parts()}, now)
    return fleet


def _with_latest(fleet: Fleet, run: Run) -> Fleet:
    fleet = with_run(fleet, run)
    ended = [one for one in fleet.runs.values() if one.state.ended]
    return without_run(fleet, min(ended, key=lambda one: one.planned).id) if len(ended) > RUNS_SHOWN else fleet
