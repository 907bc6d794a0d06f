"""A desk that answers by heart, for tests of what carries it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping, Sequence
from datetime import UTC, datetime

from backends.desk.protocol import NO_DEVICES, Approval, DeskError, DeskErrorKind, Interest
from backends.fleet.changes import Changes, Picture
from backends.fleet.model import Device, DeviceId, FixId, IssueId, Note, RunId, SafeText, SourceName, safe
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

AT = datetime(2026, 1, 5, 9, 0, tzinfo=UTC)


class PlainDesk:
    """Knows nothing, remembers what it was asked, streams as many changes as it is told to."""

    def __init__(self) -> None:
        self.asked: list[tuple[str, tuple[object, ...]]] = []
        self.feed: asyncio.Queue[Changes | None] = asyncio.Queue()
        self.taken = 0
        """Changes that were taken from the feed."""
        self.hold: asyncio.Event | None = None
        """When set, `note` waits for it."""
        self.noted = 0

    async def picture(self, interest: Interest = NO_DEVICES) -> Picture:
        self.asked.append(("picture", (interest,)))
        return Picture(seq=1, at=AT)

    async def changes(self, interest: Interest = NO_DEVICES) -> AsyncIterator[Changes]:
        self.asked.append(("changes", (interest,)))
        while (changes := await self.feed.get()) is not None:
            self.taken += 1
            yield changes

    async def devices(self, query: str = "", limit: int = 0) -> list[Device]:
        self.asked.append(("devices", (query, limit)))
        return []

    async def device(self, device: DeviceId) -> DeviceCard:
        raise DeskError(DeskErrorKind.NOT_FOUND, f"There is no device {device}.")

    async def runs(self, query: str = "", limit: int = 200) -> list[Run]:
        raise ZeroDivisionError

    async def run(self, run: RunId) -> Run:
        raise DeskError(DeskErrorKind.NOT_FOUND, "There is no such run.")

    async def output(self, run: RunId) -> AsyncIterator[RunOutput]:
        yield RunOutput(run=run, text=safe("one"), total_bytes=3)
        yield RunOutput(run=run, text=safe("two"), total_bytes=6)
        raise DeskError(DeskErrorKind.UNAVAILABLE, "The end of it is lost.")

    async def fixes(self) -> list[FixCard]:
        return []

    async def offers(self, issue: IssueId) -> list[Offer]:
        return []

    async def notes(self, issue: IssueId) -> list[Note]:
        return [Note(issue=issue, by="tech1", at=AT, text=safe("seen"))]

    async def audit(self, limit: int = 200) -> list[AuditRecord]:
        return []

    async def audit_verify(self) -> AuditReport:
        return AuditReport(ok=True, records=0, head="", sentence=safe("Nothing is on record yet."))

    async def close(self) -> None:
        self.asked.append(("close", ()))

    async def refresh(self, source: SourceName | None = None) -> None:
        self.asked.append(("refresh", (source,)))

    async def reload(self) -> SafeText:
        self.asked.append(("reload", ()))
        return SafeText("")

    async def plan(
        self,
        fix: FixId,
        targets: Sequence[DeviceId],
        by: str,
        issue: IssueId | None = None,
        parameters: Mapping[str, str] | None = None,
    ) -> Plan:
        raise DeskError(DeskErrorKind.WRONG_USE, "There is no such fix.")

    async def second_opinion(self, device: DeviceId) -> Opinion:
        self.asked.append(("second_opinion", (device,)))
        raise DeskError(DeskErrorKind.NOT_FOUND, "There is no such device.")

    async def approve(self, plan: str, approval: Approval) -> list[Run]:
        self.asked.append(("approve", (plan, approval)))
        return []

    async def check_run(self, run: RunId) -> Run:
        raise DeskError(DeskErrorKind.NOT_FOUND, "There is no such run.")

    async def acknowledge(self, issue: IssueId, by: str, text: str = "") -> None:
        self.asked.append(("acknowledge", (issue, by, text)))

    async def unacknowledge(self, issue: IssueId, by: str) -> None:
        self.asked.append(("unacknowledge", (issue, by)))

    async def claim(self, issue: IssueId, by: str) -> None:
        self.asked.append(("claim", (issue, by)))

    async def snooze_says(self, issue: IssueId) -> SafeText:
        self.asked.append(("snooze_says", (issue,)))
        return safe("")

    async def close_issue(self, issue: IssueId, by: str, text: str) -> None:
        self.asked.append(("close_issue", (issue, by, text)))

    async def recheck(self, issue: IssueId, by: str) -> None:
        self.asked.append(("recheck", (issue, by)))

    async def snooze(self, issue: IssueId, by: str, until: datetime, reason: str) -> None:
        self.asked.append(("snooze", (issue, by, until, reason)))

    async def wake(self, issue: IssueId, by: str) -> None:
        self.asked.append(("wake", (issue, by)))

    async def note(self, issue: IssueId, by: str, text: str) -> None:
        if self.hold is not None:
            await self.hold.wait()
        self.noted += 1

    async def shell(self, device: DeviceId, by: str) -> ShellCommand:
        return ShellCommand(title=safe("ssh"), argv=("ssh", str(device)))
