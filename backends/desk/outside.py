"""Decisions carried out at the sources of an issue: one request a source, with a deadline, on record with what came of
it, and never repeated by us."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Iterable, Sequence
from enum import StrEnum
from typing import Any, Final

from msgspec import Struct

from backends.api import Can, Check, DoneInPart, NotSent, OutcomeUnknown, Snoozes
from backends.desk.aims import Aims
from backends.desk.record import Record
from backends.desk.requests import Request
from backends.engine.engine import Engine
from backends.fleet.model import Issue, IssueId, SafeText, SourceName
from backends.store.errors import StoreError
from backends.text import safe

log = logging.getLogger("rounds.desk")

DEADLINE_S: Final = 20.0
"""How long a source may take for one request."""
LOOK_S: Final = 2.0
"""How long it is waited for the source to be asked again, so that what it says now is seen at once."""
READ_BACK_S: Final = 15.0
"""The same where nobody knows whether it took the request."""
EFFECT_S: Final = 4.0
"""After so long it is asked once more: most products do it a moment after they said yes, and would be seen to have done
nothing until their next turn."""


class Took(StrEnum):
    """What became of a request."""

    DONE = "done"
    NOT_SENT = "not sent"
    UNKNOWN = "unknown"


class Outcome(Struct, frozen=True):
    """What became of a request at one source; the sentence says why it is not done, or what is left."""

    source: SourceName
    took: Took
    sentence: SafeText = SafeText("")


class Outside:
    """Reaches the sources of an issue's evidence."""

    def __init__(self, engine: Engine, record: Record, aims: Aims) -> None:
        self._engine = engine
        self._record = record
        self._aims = aims
        self._polls: dict[SourceName, asyncio.Task[None]] = {}
        """The latest poll that was asked for of each source."""
        self._effects: dict[SourceName, asyncio.Task[None]] = {}
        """The one that is to come after it."""

    def able(self, issue: Issue, can: Can) -> list[Check]:
        """The issue's checks at sources that can do that with these credentials, one a source."""
        return [check for check in self._aims.evidence(issue) if self._may(check, can)]

    def evidence(self, issue: IssueId) -> list[Check]:
        """Its checks that are not ok, one a source; none when it is over by now."""
        known = self._engine.fleet.issues.get(issue)
        return self._aims.evidence(known) if known is not None else []

    async def asked(self, issue: IssueId, by: str, request: Request, checks: Sequence[Check]) -> list[Outcome]:
        """Put the request to the source of each check, all at the same time; what came of it is on record. The sources
        are polled again afterwards."""
        outcomes = await asyncio.gather(*(self._one(request, check) for check in checks))
        for outcome in outcomes:
            await self._put_on_record(issue, by, request, outcome)
        self._poll_again(outcome.source for outcome in outcomes if outcome.took is not Took.NOT_SENT)
        return outcomes

    async def looked(self, outcomes: Iterable[Outcome], seconds: float = LOOK_S) -> bool:
        """Wait until the sources that were reached have been polled again, for some seconds at most. Whether they
        were."""
        polls = [self._polls[one.source] for one in outcomes if one.source in self._polls]
        return not polls or await self._within(asyncio.wait(polls), seconds)

    def snooze_says(self, issue: Issue) -> SafeText:
        """What a snooze would do at the sources, a sentence for each; empty where it is told to none."""
        said = []
        for check in self.able(issue, Can.SNOOZE):
            adapter: object = self._aims.able(check.source, Can.SNOOZE)
            if isinstance(adapter, Snoozes):
                said.append(f"{check.source}: {_said(adapter, check).rstrip('. ')}.")
        return safe(" ".join(said), 600)

    async def close(self) -> None:
        """Nobody waits for polls any more."""
        polls = [*self._polls.values(), *self._effects.values()]
        for poll in polls:
            poll.cancel()
        await asyncio.gather(*polls, return_exceptions=True)

    def _may(self, check: Check, can: Can) -> bool:
        adapter: object = self._aims.able(check.source, can)
        if can is Can.SNOOZE and isinstance(adapter, Snoozes):
            return bool(_said(adapter, check))  # the source may have nothing there that could be put to rest
        return adapter is not None

    async def _one(self, request: Request, check: Check) -> Outcome:
        adapter = self._aims.able(check.source, request.can)
        if adapter is None:
            return Outcome(check.source, Took.NOT_SENT, safe(f"{check.source} cannot {request.can}."))
        try:
            if await self._within(request.call(adapter, check), DEADLINE_S):
                return Outcome(check.source, Took.DONE)
        except DoneInPart as error:
            return Outcome(check.source, Took.DONE, safe(str(error), 300))
        except NotSent as error:
            return Outcome(check.source, Took.NOT_SENT, safe(str(error), 300))
        except OutcomeUnknown as error:
            return Outcome(check.source, Took.UNKNOWN, safe(str(error), 300))
        except Exception:  # code of an adapter: the decision stands, and the other sources are asked
            log.exception("source %s met an error of its own when it was told to %s", check.source, request.name)
            sentence = f"The {check.source} adapter met an error of its own; the log says more."
            return Outcome(check.source, Took.UNKNOWN, safe(sentence))
        return Outcome(check.source, Took.UNKNOWN, safe(f"No answer within {DEADLINE_S:.0f} s."))

    async def _within(self, work: Awaitable[object], seconds: float) -> bool:
        """Whether `work` ended in time. Raises what it raised; it is cancelled, and not waited for, when it did not."""
        task = asyncio.ensure_future(work)
        timer = asyncio.ensure_future(self._engine.clock.sleep(seconds))
        try:
            await asyncio.wait({task, timer}, return_when=asyncio.FIRST_COMPLETED)
            if not task.done() or task.cancelled():
                return False
            task.result()
            return True
        finally:
            timer.cancel()
            if not task.done():
                task.add_done_callback(_forgotten)
                task.cancel()

    async def _put_on_record(self, issue: IssueId, by: str, request: Request, outcome: Outcome) -> None:
        data = {"source": outcome.source, "request": request.name, "outcome": outcome.took.value}
        if outcome.sentence:
            data["said"] = outcome.sentence
        try:
            await self._record.append(by=by, event="source-told", subject=issue, data=data)
        except StoreError as error:
            # That it was asked is on record; what came of it can be seen in the source.
            log.warning("what came of %s at %s is not on record: %s", request.name, outcome.source, error)

    def _poll_again(self, sources: Iterable[SourceName]) -> None:
        for source in sources:
            if source in self._effects:
                self._effects[source].cancel()
            self._polls[source] = asyncio.create_task(self._engine.polling.refreshed(source))
            self._effects[source] = asyncio.create_task(self._effect(source, self._polls[source]))
            for poll in (self._polls[source], self._effects[source]):
                poll.add_done_callback(_forgotten)

    async def _effect(self, source: SourceName, poll: asyncio.Task[None]) -> None:
        await asyncio.wait({poll})
        await self._engine.clock.sleep(EFFECT_S)
        await self._engine.polling.refreshed(source)


def _said(adapter: Snoozes, check: Check) -> SafeText:
    try:
        return adapter.snooze_says(check.native, check.key)
    except Exception:  # code of an adapter: the snooze can be asked for all the same
        log.exception("source %s met an error of its own when it was asked what a snooze does", check.source)
        return SafeText("it cannot say what it would do")


def _forgotten(task: asyncio.Future[Any]) -> None:
    """What comes of it is nobody's business any more."""
    if not task.cancelled():
        task.exception()
