"""One loop per source, or per part of a source that spreads: ask, wait at most a deadline, say what became of it, rest.

A poll is due when the rest after the one before is over, so that two never overlap. A failure becomes a `Fault`, the
rest grows with failures in a row and honours what the source asked for. A refresh by hand waits its turn; any number
of them in one rest are one. Nothing here knows of other sources, and so one can neither stop nor slow another.
"""

from __future__ import annotations

import asyncio
import logging
import random
from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Final

from backends.api import Fault, FaultKind, Reading, SourceError, SourceName, safe
from backends.engine.clock import Clock
from backends.fleet.hearing import Hearing
from backends.fleet.schedule import next_rest

log = logging.getLogger("rounds.engine")

Poll = Callable[[], Awaitable[Reading | Hearing]]
"""Gives a reading, or all that there is to keep of one that came in slices."""

DEADLINE_S: Final = (15.0, 60.0)
"""Least and most time for one poll of a whole source; between them it is the source's interval."""
AWAY: Final = frozenset((FaultKind.UNREACHABLE, FaultKind.REFUSED, FaultKind.TIMEOUT, FaultKind.NAME))
"""Kinds of fault where nothing answered."""
PART_DEADLINE_S: Final = 180.0
"""Backstop for one part. Parts keep shorter deadlines of their own; this one includes waiting for their turn."""


def deadline_of(every_s: float) -> float:
    """How long one poll of a source may take, in seconds."""
    least, most = DEADLINE_S
    return min(max(every_s, least), most)


class Poller:
    """The loop of one source or part."""

    def __init__(
        self,
        source: SourceName,
        poll: Poll,
        *,
        every_s: float,
        deadline_s: float,
        clock: Clock,
        took: Callable[[Reading | Hearing], Awaitable[None]],
        failed: Callable[[Fault], None],
        trouble: Callable[[], SourceError | None] = lambda: None,
        ended: Callable[[Poller], None] = lambda _: None,
        chance: random.Random,
        native: str = "",
        first_s: float = 0.0,
    ) -> None:
        self.source = source
        self.native = native
        """The part's native id; empty for a whole source."""
        self._poll = poll
        self._every_s = every_s
        self._deadline_s = deadline_s
        self._clock = clock
        self._took = took
        self._failed = failed
        self._trouble = trouble
        """What a part that did answer with a reading says against polling it soon again."""
        self._chance = chance
        self._first_s = first_s
        self._ended = ended
        self.fault: Fault | None = None
        """Why the last poll did not get through; None when it did."""
        self.unheard = False
        """The last poll that did not get through brought no reading either."""
        self.polls = 0
        """How many have ended."""
        self._failures = 0
        self._asked = asyncio.Event()
        self._waiting: list[asyncio.Future[None]] = []
        self._closed_until_s = 0.0
        """Boot time until which the source asked to be left alone."""

    async def run(self) -> None:
        """Until cancelled."""
        waiting: list[asyncio.Future[None]] = []
        try:
            await self._clock.sleep(self._first_s)
            while True:
                self._asked.clear()
                waiting, self._waiting = self._waiting, []
                rest_s = await self._once()
                _tell(waiting)
                await self._rested(rest_s)
        finally:
            _tell([*waiting, *self._waiting])  # nobody waits for a loop that has ended

    async def refreshed(self) -> None:
        """Ask for a poll now and wait until one that begins after this moment has ended. Returns at once while the
        source has asked to be left alone."""
        if self._clock.boot_s() < self._closed_until_s:
            return
        future: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiting.append(future)
        self._asked.set()
        await future

    async def _once(self) -> float:
        """One poll, and what follows from it. Returns the seconds to rest."""
        task = asyncio.ensure_future(self._poll())
        timer = asyncio.ensure_future(self._clock.sleep(self._deadline_s))
        try:
            await asyncio.wait({task, timer}, return_when=asyncio.FIRST_COMPLETED)
            if task.done():
                return self._over(*await self._result(task))
            # Said at once: a poll that does not even let itself be cancelled may end much later.
            rest_s = self._over(SourceError(FaultKind.TIMEOUT, f"No answer within {self._deadline_s:.0f} s."))
            await _let_end(task)
            return rest_s
        finally:
            timer.cancel()
            task.cancel()

    async def _result(self, task: asyncio.Future[Reading | Hearing]) -> tuple[SourceError | None, bool]:
        """What went wrong, and whether there was a reading all the same."""
        try:
            reading = task.result()
        except SourceError as error:
            return error, False
        except (TimeoutError, asyncio.CancelledError):
            return SourceError(FaultKind.TIMEOUT, "The source did not answer in time."), False
        except Exception as error:  # noqa: BLE001 - code of an adapter; its mistake is its own source's fault
            return self._mistake(error), False
        if reading.source != self.source:
            return self._mistake(ValueError(f"it speaks for {safe(reading.source)}")), False
        try:
            await self._took(reading)
        except Exception as error:  # noqa: BLE001 - what an adapter put together may be nothing that can be folded
            return self._mistake(error), False
        return self._trouble(), True

    def _mistake(self, error: Exception) -> SourceError:
        if self._failures == 0:
            log.error("source %s met an error of its own", self.source, exc_info=error)
        return SourceError(FaultKind.INTERNAL, f"The {self.source} adapter met an error of its own; the log says more.")

    def _over(self, error: SourceError | None, heard: bool = False) -> float:
        """Count the poll, say what became of it, and find how long to rest."""
        self.polls += 1
        self._failures = 0 if error is None else self._failures + 1
        asked_s = error.retry_after_s if error is not None else None
        rest_s = next_rest(
            every_s=self._every_s,
            failures=self._failures,
            retry_after_s=asked_s,
            needs_hand=error is not None and error.needs_hand,
            away=error is not None and error.kind in AWAY,
            chance=self._chance.random(),
        )
        if self.polls == 1 and error is None and self.native:
            rest_s *= self._chance.uniform(0.5, 1.0)  # parts that began together drift apart
        self._closed_until_s = self._clock.boot_s() + rest_s if asked_s is not None else 0.0
        self._report(error, rest_s, heard)
        self._ended(self)
        return rest_s

    def _report(self, error: SourceError | None, rest_s: float, heard: bool) -> None:
        """In the log once when it breaks and once when it heals; to the engine whenever there was no reading."""
        where = f"{self.source} ({safe(self.native)})" if self.native else self.source
        if error is None:
            if self.fault is not None:
                log.info("source %s answers again", where)
            self.fault, self.unheard = None, False
            return
        now = self._clock.now()
        if self.fault is None or self.fault.kind is not error.kind:
            log.warning("source %s: %s", where, error.sentence)
        since = self.fault.since if self.fault is not None else now
        self.fault = Fault(
            kind=error.kind, sentence=error.sentence, since=since, retry_at=now + timedelta(seconds=rest_s)
        )
        self.unheard = not heard
        if not heard:
            self._failed(self.fault)

    async def _rested(self, rest_s: float) -> None:
        """Rest, or less when asked to poll by hand."""
        timer = asyncio.ensure_future(self._clock.sleep(rest_s))
        asked = asyncio.ensure_future(self._asked.wait())
        try:
            await asyncio.wait({timer, asked}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            timer.cancel()
            asked.cancel()


def _tell(waiting: list[asyncio.Future[None]]) -> None:
    """The poll that these waited for is over."""
    for future in waiting:
        if not future.done():
            future.set_result(None)


async def _let_end(task: asyncio.Future[Reading | Hearing]) -> None:
    """Cancel and wait until it is over, however long it takes: the next poll must not overlap it."""
    task.cancel()
    await asyncio.wait({task})
    if not task.cancelled():
        task.exception()
