"""A front end's end of the socket: the desk as it is, asked over the wire. Imports nothing heavy.

When the engine is lost every call and every stream raises `DeskError(UNAVAILABLE)`; connecting again is the caller's
decision (`bootstrap.attach`).
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Final, TypeVar

import backends
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
from backends.wire.codec import (
    ANSWER_BYTES,
    PROTOCOL,
    Farewell,
    Hello,
    Role,
    Welcome,
    WireError,
    framed,
    read_frame,
    server_message,
)
from backends.wire.line import Line

Answer = TypeVar("Answer")

CONNECT_S: Final = 5.0
"""An engine that does not greet by then counts as lost."""


class WireDesk:
    """The desk of an engine in another process. Made by `connect`."""

    def __init__(self, line: Line, welcome: Welcome) -> None:
        self._line = line
        self.engine_pid = welcome.pid

    @property
    def engine_time(self) -> tuple[datetime, float]:
        """The engine's time when it was last heard, and how many seconds ago that was."""
        return self._line.heard

    async def picture(self, interest: Interest = NO_DEVICES) -> Picture:
        return await self._line.ask("picture", Picture, interest=interest)

    def changes(self, interest: Interest = NO_DEVICES) -> AsyncIterator[Changes]:
        return self._line.stream("changes", Changes, interest=interest)

    async def devices(self, query: str = "", limit: int = 0) -> list[Device]:
        return await self._line.ask("devices", list[Device], query=query, limit=limit)

    async def device(self, device: DeviceId) -> DeviceCard:
        return await self._line.ask("device", DeviceCard, device=device)

    async def runs(self, query: str = "", limit: int = 200) -> list[Run]:
        return await self._line.ask("runs", list[Run], query=query, limit=limit)

    async def run(self, run: RunId) -> Run:
        return await self._line.ask("run", Run, run=run)

    def output(self, run: RunId) -> AsyncIterator[RunOutput]:
        return self._line.stream("output", RunOutput, run=run)

    async def fixes(self) -> list[FixCard]:
        return await self._line.ask("fixes", list[FixCard])

    async def offers(self, issue: IssueId) -> list[Offer]:
        return await self._line.ask("offers", list[Offer], issue=issue)

    async def notes(self, issue: IssueId) -> list[Note]:
        return await self._line.ask("notes", list[Note], issue=issue)

    async def audit(self, limit: int = 200) -> list[AuditRecord]:
        return await self._line.ask("audit", list[AuditRecord], limit=limit)

    async def audit_verify(self) -> AuditReport:
        return await self._line.ask("audit_verify", AuditReport)

    async def close(self) -> None:
        await self._line.close()

    async def refresh(self, source: SourceName | None = None) -> None:
        await self._line.do("refresh", source=source)

    async def reload(self) -> SafeText:
        return await self._line.ask("reload", SafeText)

    async def second_opinion(self, device: DeviceId) -> Opinion:
        return await self._line.ask("second_opinion", Opinion, device=device)

    async def plan(
        self,
        fix: FixId,
        targets: Sequence[DeviceId],
        by: str,
        issue: IssueId | None = None,
        parameters: Mapping[str, str] | None = None,
    ) -> Plan:
        return await self._line.ask(
            "plan", Plan, fix=fix, targets=list(targets), by=by, issue=issue, parameters=parameters
        )

    async def approve(self, plan: str, approval: Approval) -> list[Run]:
        return await self._line.ask("approve", list[Run], plan=plan, approval=approval)

    async def check_run(self, run: RunId) -> Run:
        return await self._line.ask("check_run", Run, run=run)

    async def acknowledge(self, issue: IssueId, by: str, text: str = "") -> None:
        await self._line.do("acknowledge", issue=issue, by=by, text=text)

    async def unacknowledge(self, issue: IssueId, by: str) -> None:
        await self._line.do("unacknowledge", issue=issue, by=by)

    async def claim(self, issue: IssueId, by: str) -> None:
        await self._line.do("claim", issue=issue, by=by)

    async def snooze_says(self, issue: IssueId) -> SafeText:
        return safe(await self._line.ask("snooze_says", str, issue=issue), 600)

    async def snooze(self, issue: IssueId, by: str, until: datetime, reason: str) -> None:
        await self._line.do("snooze", issue=issue, by=by, until=until, reason=reason)

    async def wake(self, issue: IssueId, by: str) -> None:
        await self._line.do("wake", issue=issue, by=by)

    async def close_issue(self, issue: IssueId, by: str, text: str) -> None:
        await self._line.do("close_issue", issue=issue, by=by, text=text)

    async def recheck(self, issue: IssueId, by: str) -> None:
        await self._line.do("recheck", issue=issue, by=by)

    async def note(self, issue: IssueId, by: str, text: str) -> None:
        await self._line.do("note", issue=issue, by=by, text=text)

    async def shell(self, device: DeviceId, by: str) -> ShellCommand:
        return await self._line.ask("shell", ShellCommand, device=device, by=by)


async def connect(path: Path, role: Role = Role.DESK) -> WireDesk:
    """A desk at the engine that listens on `path`. Raises `OSError` when nobody listens there or hangs up at once, and
    `DeskError(UNAVAILABLE)` when somebody does but does not serve us."""
    reader, writer = await asyncio.open_unix_connection(str(path))
    try:
        async with asyncio.timeout(CONNECT_S):
            writer.write(framed(Hello(protocol=PROTOCOL, version=backends.__version__, role=role)))
            await writer.drain()
            body = await read_frame(reader, ANSWER_BYTES)
        greeting = server_message(body) if body is not None else None
    except (WireError, TimeoutError) as error:
        writer.transport.abort()
        raise DeskError(DeskErrorKind.UNAVAILABLE, "The engine does not answer as an engine should.") from error
    except BaseException:
        writer.transport.abort()
        raise
    match greeting:
        case Welcome():
            return WireDesk(Line(reader, writer, greeting.at), greeting)
        case Farewell(sentence=sentence):
            writer.transport.abort()
            raise DeskError(DeskErrorKind.UNAVAILABLE, sentence)
        case _:
            writer.transport.abort()
            raise ConnectionResetError("the engine hung up instead of greeting")
