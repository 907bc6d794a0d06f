"""What technicians ask of the sources of an issue that is nothing to be kept here: close it, check it again."""

from __future__ import annotations

from backends.api import Can, Check
from backends.desk.aims import Aims
from backends.desk.complaints import complain
from backends.desk.keeping import Keeping
from backends.desk.outside import READ_BACK_S, Outside, Took
from backends.desk.protocol import DeskError, DeskErrorKind
from backends.desk.requests import closing, rechecking
from backends.fleet.model import Issue, IssueId
from backends.text import safe_lines


class Problems:
    """Put on record before, with what came of it after."""

    def __init__(self, aims: Aims, keeping: Keeping, outside: Outside) -> None:
        self._aims = aims
        self._keeping = keeping
        self._outside = outside

    async def close(self, issue: IssueId, by: str, text: str) -> None:
        async with self._keeping.turn(issue):
            said = safe_lines(text.strip())
            if not said:
                raise DeskError(
                    DeskErrorKind.WRONG_USE, "Closing needs a text, so that the next person understands it."
                )
            checks = self._all_able(self._aims.issue(issue), Can.CLOSE)
            await self._keeping.on_record(issue, by, "close-asked", {"text": said}, checks)
            outcomes = await self._outside.asked(issue, by, closing(by, said), checks)
            unknown = any(outcome.took is Took.UNKNOWN for outcome in outcomes)
            looked = await (self._outside.looked(outcomes, READ_BACK_S) if unknown else self._outside.looked(outcomes))
            open_at = {check.source for check in self._outside.evidence(issue)}
            complain("", outcomes, {one.source: one.source not in open_at for one in outcomes} if looked else {})

    async def recheck(self, issue: IssueId, by: str) -> None:
        async with self._keeping.turn(issue):
            checks = self._all_able(self._aims.issue(issue), Can.RECHECK)
            await self._keeping.on_record(issue, by, "recheck-asked", {}, checks)
            outcomes = await self._outside.asked(issue, by, rechecking(), checks)
            await self._outside.looked(outcomes)
            complain("", outcomes, None)

    def _all_able(self, issue: Issue, can: Can) -> list[Check]:
        """Raises `DeskError` when no source of the issue can do that."""
        checks = self._outside.able(issue, can)
        if not checks:
            names = ", ".join(issue.sources)
            raise DeskError(DeskErrorKind.REFUSED, f"No source of this issue can {can} with its credentials ({names}).")
        return checks
