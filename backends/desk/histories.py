"""What a source itself remembers of a device's values, asked for once when somebody looks at the device.

It is asked beside everything else: a source that is slow, fails or answers nonsense costs the history, and nothing
more.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from math import isfinite
from typing import Final

from backends.api import Adapter, Check, GivesHistory, Past, SourceError, SourceName
from backends.engine.clock import Clock
from backends.engine.trends import Trends
from backends.fleet.identity import Key
from backends.fleet.trend import Point

log = logging.getLogger("rounds.desk")

BACK: Final = timedelta(hours=3)
"""How far back is asked."""
ASKED: Final = 40
"""Points of one check; leaves room for what is heard from now on."""
DEADLINE_S: Final = 10.0
"""For all checks of one device together."""
WAIT_S: Final = 0.3
"""So long may somebody who looks have to wait for it; what comes later is there at the next look."""
AGAIN_S: Final = 600.0
"""A device whose history could not be had is asked for again after so long."""
AT_ONCE: Final = 2
"""Devices of all sources that are asked for at one time."""
REMEMBERED: Final = 20_000
"""Devices of which it is known that they were asked for."""


class Histories:
    """Asks the sources that give history, and hands what they say to the trends."""

    def __init__(self, trends: Trends, adapters: Mapping[SourceName, Adapter], clock: Clock) -> None:
        self._trends = trends
        self._adapters = adapters
        self._clock = clock
        self._asked: dict[Key, float] = {}
        """When a device may be asked for again, in seconds since boot."""
        self._tasks: dict[Key, asyncio.Task[None]] = {}
        self._turn = asyncio.Semaphore(AT_ONCE)
        self._failing: set[SourceName] = set()

    async def looked(self, keys: Iterable[Key], checks: Sequence[Check]) -> None:
        """Somebody looks at a device: have its history asked for, if that was not done yet, and wait a moment."""
        self._trends.look(checks, self._clock.now())
        for key in keys:
            numbers = [check.key for check in checks if (check.source, check.native) == key and check.value is not None]
            adapter: object = self._adapters.get(key[0])
            due = self._clock.boot_s() >= self._asked.get(key, 0.0)
            if numbers and due and isinstance(adapter, GivesHistory) and key not in self._tasks:
                self._begin(key, adapter, numbers)
        waiting = [self._tasks[key] for key in keys if key in self._tasks]
        timer = asyncio.ensure_future(self._clock.sleep(WAIT_S))
        try:
            while waiting and not timer.done():
                await asyncio.wait({*waiting, timer}, return_when=asyncio.FIRST_COMPLETED)
                waiting = [task for task in waiting if not task.done()]
        finally:
            timer.cancel()

    async def close(self) -> None:
        """Ask no more."""
        tasks = list(self._tasks.values())
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    def _begin(self, key: Key, adapter: GivesHistory, checks: Sequence[str]) -> None:
        if len(self._asked) >= REMEMBERED:
            self._asked.clear()
        self._asked[key] = float("inf")
        task = asyncio.get_running_loop().create_task(self._ask(key, adapter, checks), name=f"history {key[0]}")
        self._tasks[key] = task
        task.add_done_callback(lambda _: self._tasks.pop(key, None))

    async def _ask(self, key: Key, adapter: GivesHistory, checks: Sequence[str]) -> None:
        """All checks of one device, within the deadline. Never raises."""
        async with self._turn:
            asking = asyncio.ensure_future(self._ask_all(key, adapter, checks))
            timer = asyncio.ensure_future(self._clock.sleep(DEADLINE_S))
            try:
                await asyncio.wait({asking, timer}, return_when=asyncio.FIRST_COMPLETED)
                if not asking.done():
                    self._failed(key, f"no answer within {DEADLINE_S:.0f} s")
            finally:
                timer.cancel()
                asking.cancel()

    async def _ask_all(self, key: Key, adapter: GivesHistory, checks: Sequence[str]) -> None:
        source, native = key
        try:
            for check in checks:
                now = self._clock.now()
                told = await adapter.history(native, check, now - BACK, ASKED)
                self._trends.remember(key, check, believed(told, now - BACK, self._clock.now()))
        except SourceError as error:
            self._failed(key, error.sentence)
        except Exception as error:  # noqa: BLE001 - code of an adapter; its mistake costs the history
            self._failed(key, f"the adapter met an error of its own ({type(error).__name__})")
        else:
            self._failing.discard(source)

    def _failed(self, key: Key, why: str) -> None:
        """In the log once a source, until it answers again."""
        self._asked[key] = self._clock.boot_s() + AGAIN_S
        if key[0] not in self._failing:
            log.warning("source %s does not tell how values went: %s", key[0], why)
            self._failing.add(key[0])


def believed(told: Sequence[Past], since: datetime, now: datetime) -> list[Point]:
    """Of what a source tells, what can be: within the time that was asked for, and in order."""
    points: list[Point] = []
    first, last = int(since.timestamp()), int(now.timestamp())
    for when, value in sorted(told, key=lambda one: one[0])[-4 * ASKED :]:
        at = int(when.timestamp())
        if first <= at <= last and (not points or at > points[-1][0]):
            points.append((at, float(value) if value is not None and isfinite(value) else None))
    return points
