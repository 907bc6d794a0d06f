"""The adapter: one tool of the imaginary MSP, which knows some of the machines and can act on them."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Iterator, Sequence
from datetime import datetime
from itertools import islice
from typing import TYPE_CHECKING

from backends.adapters.demo.acts import Acts
from backends.adapters.demo.dues import Dues
from backends.adapters.demo.hands import Hands
from backends.adapters.demo.machines import Machine
from backends.adapters.demo.moment import Moment
from backends.adapters.demo.observe import Eye
from backends.adapters.demo.options import DemoSettings
from backends.adapters.demo.story import story_of
from backends.adapters.demo.values import Values
from backends.adapters.demo.when import Calendar
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


class DemoSource:
    """A first complete reading, then what changed, and a word that the others are as they were."""

    def __init__(self, settings: SourceSettings, options: DemoSettings) -> None:
        self.name = settings.name
        self._timing = settings.timing
        self._options = options
        self._story = story_of(*options.fleet)
        self._world = self._story.world
        self._calendar = Calendar(settings, options)
        self._only = options.only
        self._state_dir = settings.state_dir
        self._last: Moment | None = None
        self._mask = _mask() if options.hostile else None
        self._acts: Acts | None = None
        self._open: Eye | None = None
        self._dues: Dues | None = None
        self._asked_for: dict[str, int] = {}
        """Indexes of machines that were asked for by their native ids."""

    async def poll(self) -> Reading:
        return joined([piece async for piece in self.slices()])

    async def slices(self) -> AsyncGenerator[Reading, None]:
        at = self._moment()
        if self._silent(at):
            self._last = None
            raise self._no_answer()
        last, self._last = self._last, None  # one that is cut short is none: the next tells everything
        due = self._due(last, at)
        complete = due is None
        machines = self._mine() if due is None else iter(due)
        clients = self._eye.clients(self._mine()) if complete else ()
        yield Reading(
            source=SourceName(self.name), at=at.now, clients=clients, complete=complete, confirms=not complete
        )
        while part := list(islice(machines, BREATH)):
            yield self._slice(part, at, complete=complete)
            await self._timing.sleep(0)
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
            confirms=not complete,
        )

    def _due(self, last: Moment | None, at: Moment) -> list[Machine] | None:
        """Machines that changed since `last`; None for all."""
        assert self._dues is not None  # noqa: S101 - made by `_moment`
        due = self._dues.between(last, at) if last is not None else None
        if due is None:
            return None
        machines = [self._world.machines[index] for index in due]
        return [machine for machine in machines if not self._only or self._only in machine.sources]

    async def close(self) -> None:
        """There is nothing to let go of."""

    async def identify(self, native: str) -> tuple[Identity, str]:
        at = self._moment()
        machine = self._hands(at).reached(self._named(native), at)
        return self._eye.identity(machine, self._only), self._eye.boots(machine.index, at)[0]

    async def execute(self, native: str, script: Script, run: RunId, emit: Emit) -> Executed:
        at = self._moment()
        hands = self._hands(at)
        machine = hands.reached(self._named(native), at)
        return await hands.execute(machine, native, script, run, emit=emit, at=at)

    async def look(self, native: str) -> Reading:
        at = self._moment()
        machine = self._named(native)
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
        machine = self._named(native)
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
            values = Values(self._story, self._options.changes)
            self._dues = Dues(self._story, self._acts, values)
            self._open = Eye(self._story, self._acts, self._mask, values)
        self._acts.refresh()
        return at

    def _hands(self, at: Moment) -> Hands:
        assert self._acts is not None  # noqa: S101 - made by `_moment`
        return Hands(
            self.name, self._timing, self._story, eye=self._eye, acts=self._acts, mask=self._mask, speed=at.speed
        )

    def _mine(self) -> Iterator[Machine]:
        return map(self._world.machines.__getitem__, self._world.machines.known_to(self._only))

    def _named(self, native: str) -> Machine | None:
        """The machine that this source knows by that id. Looked for among all: nobody asks for many."""
        index = self._asked_for.get(native)
        if index is not None:
            return self._world.machines[index]
        machine = next((one for one in self._mine() if self._eye.native(one, self._only) == native), None)
        if machine is not None:
            self._asked_for[native] = machine.index
        return machine

    def _see(self, machine: Machine, at: Moment) -> tuple[Sighting, list[Check]]:
        return self._eye.see(machine, self.name, self._only, at)


def _mask() -> Mask:
    """Loaded by those who wear it: its texts take megabytes."""
    from backends.adapters.demo.hostile import Mask  # noqa: PLC0415

    return Mask()
