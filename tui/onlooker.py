"""A desk that only looks: questions are passed on, every verb is refused. For a picture of the screen."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence
from datetime import datetime
from typing import NoReturn

from backends.desk.protocol import NO_DEVICES, Approval, Desk, DeskError, DeskErrorKind, Interest
from backends.fleet.changes import Changes, Picture
from backends.fleet.model import Device, DeviceId, FixId, IssueId, Note, RunId, SafeText, SourceName
from backends.fleet.opinion import Opinion
from backends.fleet.run import (
    AuditRecord,
    AuditReport,
    DeviceCard,
    FixCard,
    Offer,
    Plan,
    Run,
    RunOutput,
    ShellCommand,
)


class Onlooker:
    """A `Desk`. A plan is a question too; approving it is not."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    async def picture(self, interest: Interest = NO_DEVICES) -> Picture:
        return await self._desk.picture(interest)

    def changes(self, interest: Interest = NO_DEVICES) -> AsyncIterator[Changes]:
        return self._desk.changes(interest)

    async def devices(self, query: str = "", limit: int = 0) -> list[Device]:
        return await self._desk.devices(query, limit)

    async def device(self, device: DeviceId) -> DeviceCard:
        return await self._desk.device(device)

    async def runs(self, query: str = "", limit: int = 200) -> list[Run]:
        return await self._desk.runs(query, limit)

    async def run(self, run: RunId) -> Run:
        return await self._desk.run(run)

    def output(self, run: RunId) -> AsyncIterator[RunOutput]:
        return self._desk.output(run)

    async def fixes(self) -> list[FixCard]:
        return await self._desk.fixes()

    async def offers(self, issue: IssueId) -> list[Offer]:
        return await self._desk.offers(issue)

    async def notes(self, issue: IssueId) -> list[Note]:
        return await self._desk.notes(issue)

    async def audit(self, limit: int = 200) -> list[AuditRecord]:
        return await self._desk.audit(limit)

    async def audit_verify(self) -> AuditReport:
        return await self._desk.audit_verify()

    async def close(self) -> None:
        await self._desk.close()

    async def plan(
        self,
        fix: FixId,
        targets: Sequence[DeviceId],
        by: str,
        issue: IssueId | None = None,
        parameters: Mapping[str, str] | None = None,
    ) -> Plan:
        return await self._desk.plan(fix, targets, by, issue, parameters)

    async def refresh(self, source: SourceName | None = None) -> None:  # noqa: ARG002 - the desk's shape, as below
        _refuse()

    async def reload(self) -> SafeText:
        _refuse()

    async def second_opinion(self, device: DeviceId) -> Opinion:  # noqa: ARG002
        _refuse()

    async def approve(self, plan: str, approval: Approval) -> list[Run]:  # noqa: ARG002
        _refuse()

    async def check_run(self, run: RunId) -> Run:  # noqa: ARG002
        _refuse()

    async def acknowledge(self, issue: IssueId, by: str, text: str = "") -> None:  # noqa: ARG002
        _refuse()

    async def unacknowledge(self, issue: IssueId, by: str) -> None:  # noqa: ARG002
        _refuse()

    async def claim(self, issue: IssueId, by: str) -> None:  # noqa: ARG002
        _refuse()

    async def snooze_says(self, issue: IssueId) -> SafeText:
        return await self._desk.snooze_says(issue)

    async def close_issue(self, issue: IssueId, by: str, text: str) -> None:  # noqa: ARG002
        _refuse()

    async def recheck(self, issue: IssueId, by: str) -> None:  # noqa: ARG002
        _refuse()

    async def snooze(self, issue: IssueId, by: str, until: datetime, reason: str) -> None:  # noqa: ARG002
        _refuse()

    async def wake(self, issue: IssueId, by: str) -> None:  # noqa: ARG002
        _refuse()

    async def note(self, issue: IssueId, by: str, text: str) -> None:  # noqa: ARG002
        _refuse()

    async def shell(self, device: DeviceId, by: str) -> ShellCommand:  # noqa: ARG002
        _refuse()


def _refuse() -> NoReturn:
    raise DeskError(DeskErrorKind.REFUSED, "A snapshot only looks: nothing was done.")
