"""The adapter: one tool of the imaginary MSP, which knows some of the machines and can act on them."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Sequence
from datetime import datetime, timedelta
from itertools import islice
from typing import TYPE_CHECKING

from backends.adapters.demo.acts import BOOT_S, Acts
from backends.adapters.demo.hands import Hands
from backends.adapters.demo.moment import Moment
from backends.adapters.demo.observe import WALK_S, WALKERS, Eye, walk_step
from backends.adapters.demo.options import DemoSettings
from backends.adapters.demo.story import story_of
from backends.adapters.demo.when import Calendar
from backends.adapters.demo.world import Machine
from backends.api import (
    Check,
    Emit,
    Executed,
    FaultKind,
    Identity,
    Past,
    Reading,
    Script,
    Sighting,
    SourceError,
    SourceName,
    SourceSettings,
    joined,
)
from backends.fleet.model import RunId

if TYPE_CHECKING:
    from backends.adapters.demo.hostile import Mask

BREATH = 250
"""Machines that are looked at before others get a turn."""
_LIMIT_S = 15.0
"""A device that is not seen for this long, or for two intervals, counts as silent; see design section 7."""


class DemoSource:
    """A first complete reading, then what changed, and everybody seen again before the facts grow old."""

    def __init__(self, settings: SourceSettings, options: DemoSettings) -> None:
        self.name = settings.name
        self._timing = settings.timing
        self._options = options
        self._story = story_of(*options.fleet)
        self._world = self._story.world
        self._calendar = Calendar(settings, options)
        self._only = options.only
        self._state_dir = settings.state_dir
        self._mine = tuple(
            machine for machine in self._world.machines if not self._only or self._only in machine.sources
        )
        self._rounds = max(int(max(_LIMIT_S, 2 * settings.every_s) / settings.every_s) - 1, 1)
        self._polls = 0
        self._last: Moment | None = None
        self._mask = _mask() if options.hostile else None
        self._acts: Acts | None = None
        self._seen_acts = 0
        self._open: Eye | None = None
        self._by_native: dict[str, Machine] = {}

    async def poll(self) -> Reading:
        return joined([piece async for piece in self.slices()])

    async def slices(self) -> AsyncGenerator[Reading, None]:
        at = self._moment()
        if self._silent(at):
            self._last = None
            raise self._no_answer()
        last = self._last
        complete = last is None
        machines = iter(self._mine if last is None else self._due(last, at))
        clients = self._eye.clients(self._mine) if complete else ()
        yield Reading(source=SourceName(self.name), at=at.now, clients=clients, complete=complete)
        while part := list(islice(machines, BREATH)):
            yield self._slice(part, at, complete=complete)
            await self._timing.sleep(0)
        self._polls += 1
        self._last = at

    def _slice(self, machines: Sequence[Machine], at: Moment, *, complete: bool) -> Reading:
        seen = [self._see(machine, at) for machine in machines]
        return Reading(
            source=SourceName(self.name),
            at=at.now,
            sightings=tuple(sighting for sighting, _ in seen),
            checks=tuple(check for _, checks in seen for check in checks),
            complete=complete,
            covers=() if complete else tuple(sighting.native for sighting, _ in seen),
        )

    async def close(self) -> None:
        """There is nothing to let go of."""

    async def identify(self, native: str) -> tuple[Identity, str]:
        at = self._moment()
        machine = self._hands(at).reached(self._by_native, native, at)
        return self._eye.identity(machine, self._only), self._eye.boots(machine.index, at)[0]

    async def execute(self, native: str, script: Script, run: RunId, emit: Emit) -> Executed:
        at = self._moment()
        hands = self._hands(at)
        machine = hands.reached(self._by_native, native, at)
        return await hands.execute(machine, native, script, run, emit=emit, at=at)

    async def look(self, native: str) -> Reading:
        at = self._moment()
        machine = self._by_native.get(native)
        if machine is None:
            return Reading(source=SourceName(self.name), at=at.now, complete=False, covers=(native,))
        if self._silent(at):
            raise self._no_answer()
        sighting, checks = self._see(machine, at)
        return Reading(
            source=SourceName(self.name),
            at=at.now,
            sightings=(sighting,),
            checks=tuple(checks),
            complete=False,
            covers=(native,),
        )

    async def history(self, native: str, key: str, since: datetime, points: int) -> Sequence[Past]:
        at = self._moment()
        if self._silent(at):
            raise self._no_answer()
        machine = self._by_native.get(native)
        if machine is None or points < 1:
            return ()
        unit, _ = self._eye.measured(machine, key, at)
        step = (at.now - since) / max(points - 1, 1)
        past: list[Past] = []
        for place in range(points):
            when = at.now - (points - 1 - place) * step
            then, value = self._eye.measured(machine, key, at.earlier(when))
            past.append((when, value if then == unit else None))
        await self._timing.sleep(0)
        return past if any(value is not None for _, value in past) else ()

    def _silent(self, at: Moment) -> bool:
        return bool(self._only) and self._story.silent(self._only, at.t)

    def _no_answer(self) -> SourceError:
        return SourceError(FaultKind.TIMEOUT, f"{self.name} accepted the connection and did not answer for 10 s.")

    @property
    def _eye(self) -> Eye:
        assert self._open is not None  # noqa: S101 - `_moment` comes first everywhere
        return self._open

    def _moment(self) -> Moment:
        """Now; the file of what was done is up to date with it."""
        at = self._calendar.moment()
        if self._acts is None:
            story = "/".join(map(str, (*self._options.fleet, at.began.isoformat())))
            self._acts = Acts(self._state_dir, story)
            self._open = Eye(self._story, self._acts, self._mask, self._options.changes)
            self._by_native = {self._open.native(machine, self._only): machine for machine in self._mine}
        self._acts.refresh()
        return at

    def _hands(self, at: Moment) -> Hands:
        assert self._acts is not None  # noqa: S101 - made by `_moment`
        return Hands(
            self.name, self._timing, self._story, eye=self._eye, acts=self._acts, mask=self._mask, speed=at.speed
        )

    def _see(self, machine: Machine, at: Moment) -> tuple[Sighting, list[Check]]:
        return self._eye.see(machine, self.name, self._only, at)

    def _due(self, last: Moment, at: Moment) -> list[Machine]:
        """Machines that changed since `last`, and the part of the others whose turn it is to be seen again."""
        changed = self._changed(last, at)
        part = self._polls % self._rounds
        return [
            machine
            for place, machine in enumerate(self._mine)
            if place % self._rounds == part or machine.index in changed
        ]

    def _changed(self, last: Moment, at: Moment) -> set[int]:
        window = self._story.window(at.t)
        found = {machine for moment, machine in window.edges if last.t <= moment <= at.t}
        found |= {trouble.machine for trouble in window.restless if trouble.start <= at.t and trouble.end > last.t}
        found |= self._eye.jittered(last.t, at.t)
        found |= self._touched(last.now, at)
        if self._story.window(last.t) is not window:
            found |= {machine for moment, machine in self._story.window(last.t).edges if moment >= last.t}
        seed = self._world.seed
        if at.t - last.t >= WALK_S:
            return found | set(range(WALKERS))
        walkers = range(min(WALKERS, len(self._world.machines)))
        return found | {one for one in walkers if walk_step(seed, one, last.t) != walk_step(seed, one, at.t)}

    def _touched(self, since: datetime, at: Moment) -> set[int]:
        """Machines on which a fix shows or showed its effect since then."""
        assert self._acts is not None  # noqa: S101 - made by `_moment`
        longest = timedelta(seconds=(BOOT_S + 10.0) / at.speed)
        fresh = self._acts.all()[self._seen_acts :]
        while fresh and fresh[0].at + longest < since:
            self._seen_acts += 1
            fresh = fresh[1:]
        return {act.machine for act in fresh}


def _mask() -> Mask:
    """Loaded by those who wear it: its texts take megabytes."""
    from backends.adapters.demo.hostile import Mask  # noqa: PLC0415

    return Mask()
