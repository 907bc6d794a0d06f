"""Decisions as they are kept: put on record, then into the store, and only then do they count."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Mapping, Sequence
from typing import Final
from weakref import WeakValueDictionary

import msgspec

from backends.api import Check
from backends.desk.aims import Aims
from backends.desk.record import Record, kept
from backends.engine.engine import Engine
from backends.fleet.model import Issue, IssueId, Mark, Note, SafeText
from backends.store.errors import StoreError
from backends.store.store import Store

log = logging.getLogger("rounds.desk")

_NOTHING: Final = SafeText("")


class Keeping:
    """Marks of issues, changed one at a time."""

    def __init__(self, engine: Engine, store: Store, record: Record, aims: Aims) -> None:
        self._engine = engine
        self._store = store
        self._record = record
        self._aims = aims
        self._turns: WeakValueDictionary[IssueId, asyncio.Lock] = WeakValueDictionary()

    async def decided(
        self,
        mark: Mark,
        by: str,
        event: str,
        data: Mapping[str, str],
        *,
        said: SafeText = _NOTHING,
        told: Sequence[Check] = (),
    ) -> None:
        """Put it on record, keep what was said with it as a note, and let it count."""
        await self.on_record(mark.issue, by, event, data, told)
        async with kept():
            if said:
                mark = msgspec.structs.replace(mark, notes=mark.notes + 1)
                await self._store.add_note(Note(issue=mark.issue, by=by, at=self._engine.clock.now(), text=said))
            await self._put(mark)

    async def undone(self, known: Issue, mark: Mark, by: str, event: str, told: Sequence[Check]) -> bool:
        """Take a decision back; put on record only where it was made in sources alone. Whether it was made here."""
        here = mark != self.mark(known.id)
        if here:
            await self.decided(mark, by, event, {}, told=told)
        elif told:
            await self.on_record(known.id, by, event, {}, told)
        return here

    async def on_record(
        self, issue: IssueId, by: str, event: str, data: Mapping[str, str], told: Sequence[Check]
    ) -> None:
        """That it was decided, and which sources are told of it: before any of them is."""
        known = self._aims.issue(issue)
        about = {"title": known.title, "device": known.device_name, "client": known.client_name, **data}
        if told:
            about["sources"] = ", ".join(check.source for check in told)
        async with kept():
            await self._record.append(by=by, event=event, subject=issue, data=about)

    async def _put(self, mark: Mark) -> None:
        if mark == Mark(issue=mark.issue):
            await self._store.delete_mark(mark.issue)
        else:
            await self._store.put_mark(mark)
        self._engine.marked(mark)

    async def remembered(self, mark: Mark) -> None:
        """Which sources took it; where that cannot be kept, none of them can take it back here."""
        try:
            await self._put(mark)
        except StoreError as error:
            log.warning("which sources were told of %s cannot be kept: %s", mark.issue, error)

    def turn(self, issue: IssueId) -> asyncio.Lock:
        """Lasts for as long as somebody holds it or waits for it."""
        lock = self._turns.get(issue)
        if lock is None:
            lock = self._turns[issue] = asyncio.Lock()
        return lock

    def mark(self, issue: IssueId) -> Mark:
        self._aims.issue(issue)
        return self.mark_now(issue)

    def mark_now(self, issue: IssueId) -> Mark:
        """Also of an issue that is over by now."""
        return self._engine.fleet.marks.get(issue, Mark(issue=issue))
