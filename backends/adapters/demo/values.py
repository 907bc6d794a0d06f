"""The numbers of a good day: where each value rests, when it moves, and what is played on top of it for benchmarks."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from functools import lru_cache
from typing import Final

from backends.adapters.demo.gauges import Gauge
from backends.adapters.demo.luck import quick
from backends.adapters.demo.story import Story

WALKERS: Final = 1_000
"""Machines beyond this number have values that stand still."""
_OFTEN: Final = 240
"""Machines, as many as an ordinary demo has, whose values move every `_OFTEN_S`; others do every `_SELDOM_S`."""
_OFTEN_S: Final = 60.0
_SELDOM_S: Final = 300.0
_HAIR_S: Final = 1e-6
"""Two ways to the same moment of the story differ by less."""


class Values:
    """What is measured on machines that are well."""

    def __init__(self, story: Story, changes: float) -> None:
        self._seed = story.world.seed
        self._changes = changes
        self._valued = {machine: place for place, machine in enumerate(story.valued())} if changes else {}
        walkers = range(min(WALKERS, len(story.world.machines)))
        turns = [(_step_s(one), -_phase_s(self._seed, one) % _step_s(one), one) for one in walkers]
        self._walks = [
            (period_s, sorted((turn, one) for step_s, turn, one in turns if step_s == period_s))
            for period_s in (_OFTEN_S, _SELDOM_S)
        ]
        """By period: when within it which machine's values move."""

    def value(self, machine: int, gauge: Gauge, low: float, t: float) -> float:
        rest = quick(f"{self._seed}/{machine}/{gauge.key}")
        if not gauge.steady and machine < WALKERS:
            walk = quick(f"{self._seed}/{machine}/{gauge.key}/{walk_step(self._seed, machine, t)}")
            rest = 0.75 * rest + 0.25 * walk
        return round(low + (gauge.high - low) * rest, 1)

    def walked(self, before: float, after: float) -> set[int]:
        """Machines whose values moved between two story times."""
        found: set[int] = set()
        for period_s, walks in self._walks:
            first, last = before % period_s - _HAIR_S, after % period_s + _HAIR_S
            if after - before >= period_s:
                turns = walks
            elif first <= last:
                turns = walks[bisect_left(walks, (first, 0)) : bisect_right(walks, (last, WALKERS))]
            else:
                turns = walks[bisect_left(walks, (first, 0)) :] + walks[: bisect_right(walks, (last, WALKERS))]
            found.update(machine for _, machine in turns)
        return found

    @property
    def played(self) -> bool:
        """Whether there are extra changes."""
        return bool(self._valued)

    def jitter(self, machine: int, t: float) -> float:
        """Extra changes, dealt round to the machines whose words have a value."""
        place = self._valued.get(machine)
        if place is None:
            return 0.0
        tick = int(t * self._changes)
        last = tick - (tick - place) % len(self._valued)
        return round(quick(f"{machine}/{last}") * 0.9, 1) if last >= 0 else 0.0

    def jittered(self, before: float, after: float) -> set[int]:
        """Machines whose extra change falls between two story times."""
        if not self._valued:
            return set()
        machines = list(self._valued)
        first, last = int(before * self._changes) + 1, int(after * self._changes)
        if last - first >= len(machines):
            return set(machines)
        return {machines[tick % len(machines)] for tick in range(max(first, 0), last + 1)}


def walk_step(seed: int, machine: int, t: float) -> int:
    """Counts up once every period of the machine, each machine in its own phase."""
    return int((t + _phase_s(seed, machine)) // _step_s(machine))


def _step_s(machine: int) -> float:
    return _OFTEN_S if machine < _OFTEN else _SELDOM_S


@lru_cache(maxsize=2 * WALKERS)
def _phase_s(seed: int, machine: int) -> float:
    return _step_s(machine) * quick(f"{seed}/{machine}/phase")
