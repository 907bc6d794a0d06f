"""The story: which trouble is upon which machine when. A pure function of the seed and the world, without an end.

Some of it is written by hand (`opening`: what is already wrong when the technician looks up, and the first twenty
minutes); the rest is dealt hour by hour, for as long as somebody watches.
"""

from __future__ import annotations

from collections import defaultdict
from functools import lru_cache

from msgspec import Struct

from backends.adapters.demo.machines import ICINGA, RMM
from backends.adapters.demo.opening import DAY, Opening, opening_of
from backends.adapters.demo.trouble import Trouble
from backends.adapters.demo.weather import HOUR, ambient_of, hour_of
from backends.adapters.demo.world import World, world_of

_MEMORY_H = 3
"""No trouble of an hour lasts longer than this many hours."""


class Window(Struct, frozen=True, kw_only=True):
    """All troubles that can be present within one hour of the story."""

    by_machine: dict[int, tuple[Trouble, ...]]
    edges: tuple[tuple[float, int], ...]
    """When a trouble begins or ends on which machine, in order of time."""
    restless: tuple[Trouble, ...]


class Story:
    def __init__(self, world: World) -> None:
        self.world = world
        self.opening: Opening = opening_of(world)
        self._standing = self.opening.standing + ambient_of(world, self.opening.taken)
        self._windows: dict[int, Window] = {}
        self._hours: dict[int, tuple[Trouble, ...]] = {}
        self._restarts: dict[int, list[float]] = defaultdict(list)
        self._told = 0  # hours whose restarts are known

    @property
    def tempers(self) -> dict[int, str]:
        """Machines on which fixes misbehave: fails, hangs, late, unreachable, stubborn."""
        return self.opening.tempers

    def troubles(self, machine: int, t: float) -> tuple[Trouble, ...]:
        """What may be upon `machine` around `t`; ask each whether it is present."""
        return self.window(t).by_machine.get(machine, ())

    def window(self, t: float) -> Window:
        hour = max(int(t // HOUR), 0)
        found = self._windows.get(hour)
        if found is None:
            if len(self._windows) > 8:
                self._windows.clear()
            found = self._windows[hour] = self._window(hour)
        return found

    def restarts(self, machine: int, t: float) -> list[float]:
        """When, up to `t`, the machine came back by itself after it had stopped."""
        while self._told <= t // HOUR:
            hour = self._told
            self._told += 1
            found = self._hour(hour)
            if hour * HOUR % DAY == 0:
                found += self.opening.played(int(hour * HOUR // DAY))
            for trouble in found:
                if trouble.reboots:
                    self._restarts[trouble.machine].append(trouble.end)
        return sorted(moment for moment in self._restarts.get(machine, ()) if moment <= t)

    def silent(self, source: str, t: float) -> bool:
        """Whether that source says nothing at `t`: one of them every hour, for some minutes."""
        hour, within = divmod(t, HOUR)
        if hour < 0:
            return False
        if source == ICINGA:
            return hour % 2 == 0 and 660.0 <= within < 840.0
        return source == RMM and hour % 2 == 1 and 1500.0 <= within < 1680.0

    def valued(self) -> tuple[int, ...]:
        """Machines whose standing troubles have a value in their words; extra changes are played on them."""
        return tuple(sorted({trouble.machine for trouble in self._standing if "{value}" in trouble.summary}))

    def _hour(self, hour: int) -> tuple[Trouble, ...]:
        """What begins in that hour; the last few are kept."""
        found = self._hours.get(hour)
        if found is None:
            if len(self._hours) > 2 * _MEMORY_H:
                self._hours.clear()
            found = self._hours[hour] = hour_of(self.world, hour)
        return found

    def _window(self, hour: int) -> Window:
        begin, end = hour * HOUR, (hour + 1) * HOUR
        troubles = [trouble for trouble in self._standing if trouble.end > begin]
        troubles += [
            trouble
            for day in range(int(begin // DAY) + 1)
            if day >= begin // DAY - 1
            for trouble in self.opening.played(day)
        ]
        for one in range(max(hour - _MEMORY_H, 0), hour + 1):
            troubles += self._hour(one)
        by_machine: dict[int, list[Trouble]] = defaultdict(list)
        for trouble in troubles:
            if trouble.start < end and trouble.end > begin - HOUR:
                by_machine[trouble.machine].append(trouble)
        return Window(
            by_machine={machine: tuple(found) for machine, found in by_machine.items()},
            edges=tuple(sorted(_edges(troubles, begin, end))),
            restless=tuple(trouble for trouble in troubles if trouble.restless and trouble.start < end),
        )


def _edges(troubles: list[Trouble], begin: float, end: float) -> set[tuple[float, int]]:
    return {
        (moment, trouble.machine)
        for trouble in troubles
        for moment in (trouble.start, trouble.end)
        if begin - 1.0 <= moment <= end
    }


@lru_cache(maxsize=4)
def story_of(seed: int, clients: int, devices: int) -> Story:
    """The story of that fleet; shared by all sources of a demo, for it never changes."""
    return Story(world_of(seed, clients, devices))
