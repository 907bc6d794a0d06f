"""Which machines changed since the last look, found without looking at any: the world knows when what is due.

Between two such moments a machine is as it was, but for the time at which it was seen.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from datetime import datetime, timedelta
from math import inf

from backends.adapters.demo.acts import BOOT_S, Acts
from backends.adapters.demo.moment import Moment
from backends.adapters.demo.story import Story, Window
from backends.adapters.demo.trouble import Trouble
from backends.adapters.demo.values import Values
from backends.adapters.demo.weather import HOUR


class Dues:
    """What is due between two moments, by the story, the good day's values and what fixes did."""

    def __init__(self, story: Story, acts: Acts, values: Values) -> None:
        self._story = story
        self._acts = acts
        self._values = values
        self._shown = 0
        """Acts whose effect has long shown."""

    def between(self, last: Moment, at: Moment) -> list[int] | None:
        """Machines that are others at `at` than at `last`, in order; None when that may be any."""
        if not 0.0 <= at.t - last.t <= HOUR:
            return None
        now, then = self._story.window(at.t), self._story.window(last.t)
        found = _edged(now, last.t, at.t)
        if then is not now:
            found |= _edged(then, last.t, at.t)
        found |= {trouble.machine for trouble in now.restless if self._stirred(trouble, last.t, at.t)}
        found |= self._values.jittered(last.t, at.t)
        found |= self._values.walked(last.t, at.t)
        found |= self._touched(last.now, at)
        return sorted(found)

    def _stirred(self, trouble: Trouble, before: float, after: float) -> bool:
        """Whether it reads otherwise than before, where it may do so while it lasts."""
        if trouble.start > after or trouble.end <= before:
            return False
        return self._values.played or _reads(trouble, before) != _reads(trouble, after)

    def _touched(self, since: datetime, at: Moment) -> set[int]:
        """Machines on which a fix shows or showed its effect since then."""
        longest = timedelta(seconds=(BOOT_S + 10.0) / at.speed)
        fresh = self._acts.all()[self._shown :]
        while fresh and fresh[0].at + longest < since:
            self._shown += 1
            fresh = fresh[1:]
        return {act.machine for act in fresh}


def _edged(window: Window, before: float, after: float) -> set[int]:
    """Machines on which a trouble begins or ends between two story times."""
    edges = window.edges
    return {machine for _, machine in edges[bisect_left(edges, (before, -1)) : bisect_right(edges, (after, inf))]}


def _reads(trouble: Trouble, t: float) -> tuple[object, ...]:
    value = trouble.value_at(t)
    return trouble.present(t), trouble.since(t), trouble.state_at(t), None if value is None else round(value, 1)
