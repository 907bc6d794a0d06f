"""What technicians decide about issues: who has it, who knows of it, until when it may rest, what was said of it.

Of one issue one decision is made at a time, so that two who claim the same issue cannot both have it. What sources can
be told of is told to them after it was kept, once: what one of them does not take counts here all the same, and the
technician is told.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Final

import msgspec

from backends.api import Can, Check
from backends.desk.aims import Aims
from backends.desk.complaints import complain
from backends.desk.keeping import Keeping
from backends.desk.outside import READ_BACK_S, Outcome, Outside, Took
from backends.desk.protocol import DeskError, DeskErrorKind
from backends.desk.requests import Request, acknowledging, snoozing, unacknowledging, waking
from backends.engine.engine import Engine
from backends.fleet.marks import unacked, unsnoozed
from backends.fleet.model import Handling, Issue, IssueId, SafeText, SourceName
from backends.text import safe, safe_lines

LONGEST_SNOOZE: Final = timedelta(days=90)
"""Longer is no snooze but forgetting."""


class Decisions:
    """The verbs that change how an issue stands."""

    def __init__(self, engine: Engine, aims: Aims, keeping: Keeping, outside: Outside) -> None:
        self._engine = engine
        self._aims = aims
        self._keeping = keeping
        self._outside = outside
        self._clock = engine.clock

    async def acknowledge(self, issue: IssueId, by: str, text: str) -> None:
        async with self._keeping.turn(issue):
            checks = self._outside.able(self._aims.issue(issue), Can.ACKNOWLEDGE)
            said, now = safe_lines(text.strip()), self._clock.now()
            mark = msgspec.structs.replace(self._keeping.mark(issue), acked_by=by, acked_at=now, acked_told=())
            about = {"text": said} if said else {}
            await self._keeping.decided(mark, by, "acknowledged", about, said=said, told=checks)
            outcomes, says = await self._told(issue, by, acknowledging(by, said), checks, lambda word: word.acked)
            took = _took(outcomes, says)
            if took and (mark := self._keeping.mark_now(issue)).acked_at == now:
                await self._keeping.remembered(msgspec.structs.replace(mark, acked_told=took))
            complain("Acknowledged here", outcomes, says)

    async def unacknowledge(self, issue: IssueId, by: str) -> None:
        async with self._keeping.turn(issue):
            known, mark = self._aims.issue(issue), self._keeping.mark(issue)
            there = [source for source, word in known.handled if word.acked]
            if not mark.acked_by and not there:
                raise DeskError(DeskErrorKind.WRONG_USE, "Nobody has acknowledged this issue.")
            checks, deaf = self._concerned(known, Can.ACKNOWLEDGE, [*there, *mark.acked_told], there)
            here = await self._keeping.undone(known, unacked(mark), by, "unacknowledged", checks)
            outcomes, says = await self._told(issue, by, unacknowledging(by), checks, lambda word: not word.acked)
            await self._outside.looked(outcomes)
            complain("No longer acknowledged here" if here else "", outcomes, says, deaf)

    async def claim(self, issue: IssueId, by: str) -> None:
        async with self._keeping.turn(issue):
            mark = self._keeping.mark(issue)
            if mark.owner not in ("", by):
                raise DeskError(DeskErrorKind.REFUSED, f"{mark.owner} has claimed this issue: ask them to let it go.")
            if mark.owner == by:
                await self._keeping.decided(msgspec.structs.replace(mark, owner=""), by, "let-go", {})
            else:
                await self._keeping.decided(msgspec.structs.replace(mark, owner=by), by, "claimed", {})

    async def snooze(self, issue: IssueId, by: str, until: datetime, reason: str) -> None:
        async with self._keeping.turn(issue):
            known = self._aims.issue(issue)
            why, until = self._snoozable(until, reason)
            checks, now = self._outside.able(known, Can.SNOOZE), self._clock.now()
            mark = msgspec.structs.replace(
                self._keeping.mark(issue),
                snoozed_by=by,
                snoozed_at=now,
                snoozed_until=until,
                snooze_reason=why,
                snoozed_severity=known.severity,
                snoozed_behind=known.behind,
                snoozed_told=(),
            )
            await self._keeping.decided(mark, by, "snoozed", {"until": until.isoformat(), "reason": why}, told=checks)
            outcomes, says = await self._told(issue, by, snoozing(by, until, why), checks, lambda word: word.quiet)
            took = _took(outcomes, says)
            if took and (mark := self._keeping.mark_now(issue)).snoozed_at == now:
                await self._keeping.remembered(msgspec.structs.replace(mark, snoozed_told=took))
            complain("Snoozed here", outcomes, says)

    async def wake(self, issue: IssueId, by: str) -> None:
        async with self._keeping.turn(issue):
            known, mark = self._aims.issue(issue), self._keeping.mark(issue)
            there = [source for source, word in known.handled if word.quiet]
            if mark.snoozed_until is None and not there:
                raise DeskError(DeskErrorKind.WRONG_USE, "This issue is not snoozed.")
            checks, deaf = self._concerned(known, Can.SNOOZE, [*there, *mark.snoozed_told], there)
            here = await self._keeping.undone(known, unsnoozed(mark), by, "woken", checks)
            outcomes, says = await self._told(issue, by, waking(by), checks, lambda word: not word.quiet)
            looked = await self._outside.looked(outcomes)
            complain("Awake here" if here else "", outcomes, says, deaf)
            self._still_quiet(issue, [source for source in there if source not in mark.snoozed_told], looked=looked)

    async def note(self, issue: IssueId, by: str, text: str) -> None:
        async with self._keeping.turn(issue):
            mark = self._keeping.mark(issue)
            said = safe_lines(text.strip())
            if not said:
                raise DeskError(DeskErrorKind.WRONG_USE, "A note needs a text.")
            await self._keeping.decided(mark, by, "noted", {"text": said}, said=said)

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

    # What counts there.

    async def _told(
        self, issue: IssueId, by: str, request: Request, checks: Sequence[Check], taken: Callable[[Handling], bool]
    ) -> tuple[list[Outcome], dict[SourceName, bool]]:
        """What came of the request at each source; where nobody knows, whether the source says, asked again, that it
        has taken it."""
        outcomes = await self._outside.asked(issue, by, request, checks)
        doubtful = [outcome for outcome in outcomes if outcome.took is Took.UNKNOWN]
        if not doubtful or not await self._outside.looked(doubtful, READ_BACK_S):
            return outcomes, {}
        words = {check.source: check.handling or Handling() for check in self._outside.evidence(issue)}
        return outcomes, {one.source: taken(words[one.source]) for one in doubtful if one.source in words}

    def _concerned(
        self, issue: Issue, can: Can, sources: Sequence[SourceName], there: Sequence[SourceName]
    ) -> tuple[list[Check], list[SourceName]]:
        """The checks of those of `sources` that can be told, and those of `there` that cannot. Raises `DeskError` when
        that leaves nothing that can be done."""
        checks = [check for check in self._outside.able(issue, can) if check.source in sources]
        deaf = [source for source in there if source not in {check.source for check in checks}]
        mark = self._keeping.mark(issue.id)
        if not checks and not (mark.acked_by if can is Can.ACKNOWLEDGE else mark.snoozed_until):
            names = ", ".join(deaf)
            raise DeskError(
                DeskErrorKind.REFUSED,
                f"That was decided in {names}, which cannot be told from here with the credentials it has: undo it"
                " there.",
            )
        return checks, deaf

    def _still_quiet(self, issue: IssueId, others: Sequence[SourceName], *, looked: bool) -> None:
        """What others began in a source, waking may not end."""
        quiet = [one.source for one in self._outside.evidence(issue) if one.handling is not None and one.handling.quiet]
        left = ", ".join(source for source in quiet if source in others)
        if left and looked:
            sentence = f"{left} goes on to say that it is quiet: what others began there is ended there."
            raise DeskError(DeskErrorKind.PARTLY, sentence)


def _took(outcomes: Sequence[Outcome], says: Mapping[SourceName, bool]) -> tuple[SourceName, ...]:
    """The sources that are known to have taken it."""
    return tuple(
        one.source
        for one in outcomes
        if one.took is Took.DONE or (one.took is Took.UNKNOWN and says.get(one.source, False))
    )
