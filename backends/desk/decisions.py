"""What technicians decide about issues: who has it, who knows of it, until when it may rest, what was said of it.

Each decision is put on record, then into the store, and only then does it count; one at a time, so that two who claim
the same issue cannot both have it.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Final

import msgspec

from backends.desk.aims import Aims
from backends.desk.protocol import DeskError, DeskErrorKind
from backends.desk.record import Record, kept
from backends.engine.engine import Engine
from backends.fleet.model import IssueId, Mark, Note, SafeText
from backends.store.store import Store
from backends.text import safe, safe_lines

LONGEST_SNOOZE: Final = timedelta(days=90)
"""Longer is no snooze but forgetting."""
_NOTHING: Final = SafeText("")


class Decisions:
    """The verbs that change how an issue stands."""

    def __init__(self, engine: Engine, store: Store, record: Record, aims: Aims) -> None:
        self._engine = engine
        self._store = store
        self._record = record
        self._aims = aims
        self._clock = engine.clock
        self._turn = asyncio.Lock()

    async def acknowledge(self, issue: IssueId, by: str, text: str) -> None:
        async with self._turn:
            mark = self._mark(issue)
            said = safe_lines(text.strip())
            mark = msgspec.structs.replace(mark, acked_by=by, acked_at=self._clock.now())
            await self._decided(mark, by, "acknowledged", {"text": said} if said else {}, said)

    async def unacknowledge(self, issue: IssueId, by: str) -> None:
        async with self._turn:
            mark = self._mark(issue)
            if not mark.acked_by:
                raise DeskError(DeskErrorKind.WRONG_USE, "Nobody has acknowledged this issue.")
            await self._decided(msgspec.structs.replace(mark, acked_by="", acked_at=None), by, "unacknowledged", {})

    async def claim(self, issue: IssueId, by: str) -> None:
        async with self._turn:
            mark = self._mark(issue)
            if mark.owner not in ("", by):
                raise DeskError(DeskErrorKind.REFUSED, f"{mark.owner} has claimed this issue: ask them to let it go.")
            if mark.owner == by:
                await self._decided(msgspec.structs.replace(mark, owner=""), by, "let-go", {})
            else:
                await self._decided(msgspec.structs.replace(mark, owner=by), by, "claimed", {})

    async def snooze(self, issue: IssueId, by: str, until: datetime, reason: str) -> None:
        async with self._turn:
            known = self._aims.issue(issue)
            why, until = self._snoozable(until, reason)
            mark = msgspec.structs.replace(
                self._mark(issue),
                snoozed_by=by,
                snoozed_at=self._clock.now(),
                snoozed_until=until,
                snooze_reason=why,
                snoozed_severity=known.severity,
                snoozed_behind=known.behind,
            )
            await self._decided(mark, by, "snoozed", {"until": until.isoformat(), "reason": why})

    async def wake(self, issue: IssueId, by: str) -> None:
        async with self._turn:
            mark = self._mark(issue)
            if mark.snoozed_until is None:
                raise DeskError(DeskErrorKind.WRONG_USE, "This issue is not snoozed.")
            awake = msgspec.structs.replace(
                mark,
                snoozed_by="",
                snoozed_at=None,
                snoozed_until=None,
                snooze_reason=SafeText(""),
                snoozed_severity=None,
                snoozed_behind=0,
            )
            await self._decided(awake, by, "woken", {})

    async def note(self, issue: IssueId, by: str, text: str) -> None:
        async with self._turn:
            mark = self._mark(issue)
            said = safe_lines(text.strip())
            if not said:
                raise DeskError(DeskErrorKind.WRONG_USE, "A note needs a text.")
            await self._decided(mark, by, "noted", {"text": said}, said)

    async def _decided(
        self, mark: Mark, by: str, event: str, data: Mapping[str, str], said: SafeText = _NOTHING
    ) -> None:
        """Put it on record, keep what was said with it as a note, and let it count."""
        known = self._aims.issue(mark.issue)
        about = {"title": known.title, "device": known.device_name, "client": known.client_name, **data}
        async with kept():
            await self._record.append(by=by, event=event, subject=mark.issue, data=about)
            if said:
                mark = msgspec.structs.replace(mark, notes=mark.notes + 1)
                await self._store.add_note(Note(issue=mark.issue, by=by, at=self._clock.now(), text=said))
            if mark == Mark(issue=mark.issue):
                await self._store.delete_mark(mark.issue)
            else:
                await self._store.put_mark(mark)
        self._engine.marked(mark)

    def _mark(self, issue: IssueId) -> Mark:
        self._aims.issue(issue)
        return self._engine.fleet.marks.get(issue, Mark(issue=issue))

    def _snoozable(self, until: datetime, reason: str) -> tuple[SafeText, datetime]:
        """The reason and the end, fit to be kept."""
        why = safe(reason.strip())
        if not why:
            raise DeskError(DeskErrorKind.WRONG_USE, "A snooze needs a reason, so that the next person understands it.")
        if until.tzinfo is None:
            raise DeskError(DeskErrorKind.WRONG_USE, "The end of a snooze needs a time zone.")
        now = self._clock.now()
        if until <= now:
            raise DeskError(DeskErrorKind.WRONG_USE, "The end of a snooze has to lie ahead.")
        if until > now + LONGEST_SNOOZE:
            days = LONGEST_SNOOZE.days
            raise DeskError(DeskErrorKind.WRONG_USE, f"A snooze lasts at most {days} days; choose an earlier end.")
        return why, until.astimezone(UTC)
