"""A desk in memory: implements the whole protocol, remembers what was asked of it, and changes when told to."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping, Sequence
from datetime import datetime, timedelta

from msgspec.structs import replace

from backends.desk.protocol import NO_DEVICES, Approval, DeskError, DeskErrorKind, Interest
from backends.fleet.changes import Changes, Delta, Picture, apply
from backends.fleet.model import (
    Device,
    DeviceId,
    FixId,
    Issue,
    IssueId,
    IssueState,
    Note,
    RunId,
    SafeText,
    SourceName,
    safe,
)
from backends.fleet.opinion import Opinion
from backends.fleet.run import (
    AuditRecord,
    AuditReport,
    Consent,
    DeviceCard,
    FixCard,
    Offer,
    Plan,
    PlanTarget,
    Risk,
    Run,
    RunOutput,
    RunState,
    ShellCommand,
    Verified,
)
from tests.support import pictures


class MemoryDesk:
    def __init__(self, picture: Picture = pictures.PICTURE) -> None:
        self.picture_now = picture
        self.calls: list[tuple[str, ...]] = []
        """Every verb that was asked for, with its target."""
        self.plans: dict[str, Plan] = {}
        self.approved: list[str] = []
        self.refuse: DeskError | None = None
        """Raised by the next verb."""
        self.says = safe("")
        """What a snooze would do in the sources."""
        self.consent = Consent.CONFIRM
        self.type_name = ""
        self.printed: dict[RunId, list[str]] = {}
        self.hold_runs = False
        """Runs stay running until `finish`."""
        self._held = asyncio.Event()
        self._queues: list[asyncio.Queue[Changes | DeskError | None]] = []
        self._notes: list[Note] = []
        self.opinion: Opinion | None = None
        """What came of the last look from here."""

    # -- what tests do with it --------------------------------------------------------------------------------

    def change(self, changes: Changes) -> None:
        self.picture_now = apply(self.picture_now, changes)
        for queue in self._queues:
            queue.put_nowait(changes)

    def put(self, *issues: Issue, gone: Sequence[IssueId] = ()) -> None:
        self.change(Changes(seq=self.picture_now.seq + 1, at=self.picture_now.at, issues=Delta(issues, tuple(gone))))

    def put_run(self, run: Run) -> None:
        self.change(Changes(seq=self.picture_now.seq + 1, at=self.picture_now.at, runs=Delta((run,))))

    def lose(self, sentence: str = "The engine has gone away.") -> None:
        for queue in self._queues:
            queue.put_nowait(DeskError(DeskErrorKind.UNAVAILABLE, sentence))

    def finish(self) -> None:
        self._held.set()

    def verbs(self) -> list[str]:
        return [call[0] for call in self.calls]

    def _asked(self, *call: str) -> None:
        self.calls.append(call)
        if self.refuse is not None:
            error, self.refuse = self.refuse, None
            raise error

    # -- views ------------------------------------------------------------------------------------------------

    async def picture(self, interest: Interest = NO_DEVICES) -> Picture:
        return self.picture_now

    async def changes(self, interest: Interest = NO_DEVICES) -> AsyncIterator[Changes]:
        queue: asyncio.Queue[Changes | DeskError | None] = asyncio.Queue()
        self._queues.append(queue)
        now = self.picture_now
        try:
            yield Changes(
                seq=now.seq,
                at=now.at,
                clients=Delta(tuple(now.clients.values())),
                sites=Delta(tuple(now.sites.values())),
                devices=Delta(tuple(now.devices.values()) if interest.devices else ()),
                issues=Delta(tuple(now.issues.values())),
                sources=Delta(tuple(now.sources.values())),
                runs=Delta(tuple(now.runs.values())),
            )
            while (changes := await queue.get()) is not None:
                if isinstance(changes, DeskError):
                    raise changes
                yield changes
        finally:
            self._queues.remove(queue)

    async def devices(self, query: str = "", limit: int = 0) -> list[Device]:
        return list(pictures.DEVICES.values())

    async def device(self, device: DeviceId) -> DeviceCard:
        if device not in pictures.DEVICES:
            raise DeskError(DeskErrorKind.NOT_FOUND, "There is no such device.")
        return replace(pictures.card(device), notes=tuple(self._notes), opinion=self.opinion)

    async def runs(self, query: str = "", limit: int = 200) -> list[Run]:
        return list(self.picture_now.runs.values())

    async def run(self, run: RunId) -> Run:
        return self.picture_now.runs[run]

    async def output(self, run: RunId) -> AsyncIterator[RunOutput]:
        for text in self.printed.get(run, ["Restarting …\n", "done\n"]):
            yield RunOutput(
                run=run, text=safe(text) if "\n" not in text else safe(text[:-1]) + "\n", total_bytes=len(text)
            )  # type: ignore[arg-type]
        if self.hold_runs:
            await self._held.wait()
        ended = self.picture_now.runs[run]
        self.put_run(
            replace(
                ended,
                state=RunState.SUCCEEDED,
                verified=Verified.FIXED,
                ended=pictures.NOW,
                exit=0,
                sentence=safe("The service is active again."),
            )
        )

    async def fixes(self) -> list[FixCard]:
        return []

    async def offers(self, issue: IssueId) -> list[Offer]:
        return list(pictures.OFFERS.get(issue, ()))

    async def notes(self, issue: IssueId) -> list[Note]:
        return [note for note in self._notes if note.issue == issue]

    async def audit(self, limit: int = 200) -> list[AuditRecord]:
        return [
            AuditRecord(
                seq=2, at=pictures.ago(minutes=3), by="tech1", event="claimed", subject="abc", previous="00", hash="11"
            ),
            AuditRecord(
                seq=1, at=pictures.ago(minutes=9), by="tech2", event="noted", subject="abc", previous="", hash="00"
            ),
        ]

    async def audit_verify(self) -> AuditReport:
        return AuditReport(ok=True, records=2, head="11", sentence=safe("The record is whole."))

    async def close(self) -> None:
        for queue in self._queues:
            queue.put_nowait(None)

    # -- verbs ------------------------------------------------------------------------------------------------

    async def refresh(self, source: SourceName | None = None) -> None:
        self._asked("refresh", source or "")

    async def reload(self) -> SafeText:
        self._asked("reload", "")
        return safe("The engine has taken the configuration in: 1 source new.")

    async def plan(
        self,
        fix: FixId,
        targets: Sequence[DeviceId],
        by: str,
        issue: IssueId | None = None,
        parameters: Mapping[str, str] | None = None,
    ) -> Plan:
        self._asked("plan", fix, *targets)
        one = pictures.DEVICES[targets[0]]
        plan = Plan(
            id=f"plan-{len(self.plans) + 1}",
            fix=fix,
            title=safe(f"{fix} on {one.name}"),
            risk=Risk.DISRUPTIVE,
            by=by,
            made=pictures.NOW,
            expires=pictures.NOW + timedelta(seconds=60),
            targets=(
                PlanTarget(
                    device=one.id,
                    client=one.client,
                    client_name=one.client_name,
                    site=one.site,
                    site_name=one.site_name,
                    name=one.name,
                    kind=one.kind,
                    platform=one.platform,
                    address=one.address,
                    source=one.sources[0],
                    native=one.natives[0],
                    identity=one.identity,
                    health=one.health,
                    seen=one.seen,
                    issue=issue,
                    parameters=dict(parameters or {}),
                    consent=self.consent,
                ),
            ),
            consent=self.consent,
            reason=safe("No fixes on Sundays.") if self.consent is Consent.REFUSE else safe(""),
            type_name=safe(self.type_name),
            does=(safe("Restart the service and wait until it is active."),),
            script=safe("systemctl restart -- $1"),
            affects=safe("Connections to the service are cut for some seconds."),
            undo=safe(""),
            verify=safe("the check is asked again"),
        )
        self.plans[plan.id] = plan
        return plan

    async def second_opinion(self, device: DeviceId) -> Opinion:
        self._asked("second_opinion", device)
        self.opinion = pictures.opinion(device)
        return self.opinion

    async def approve(self, plan: str, approval: Approval) -> list[Run]:
        self._asked("approve", plan, approval.typed)
        if plan in self.approved:
            raise DeskError(DeskErrorKind.REFUSED, "That plan was started already.")
        self.approved.append(plan)
        made = self.plans[plan]
        target = made.targets[0]
        run = Run(
            id=RunId(f"run-{plan}"),
            plan=plan,
            fix=made.fix,
            title=made.title,
            risk=made.risk,
            device=target.device,
            device_name=target.name,
            client=target.client,
            client_name=target.client_name,
            site=target.site,
            site_name=target.site_name,
            source=target.source,
            native=target.native,
            address=target.address,
            issue=target.issue,
            state=RunState.RUNNING,
            by=made.by,
            planned=pictures.NOW,
            started=pictures.NOW,
        )
        self.put_run(run)
        return [run]

    async def check_run(self, run: RunId) -> Run:
        self._asked("check_run", run)
        return replace(self.picture_now.runs[run], checked=True)

    async def acknowledge(self, issue: IssueId, by: str, text: str = "") -> None:
        self._asked("acknowledge", issue, by)
        self.put(replace(self._open(issue), state=IssueState.ACKED, acked_by=by, acked_at=pictures.NOW))

    async def unacknowledge(self, issue: IssueId, by: str) -> None:
        self._asked("unacknowledge", issue, by)
        self.put(replace(self._open(issue), state=IssueState.OPEN, acked_by="", acked_at=None))

    async def claim(self, issue: IssueId, by: str) -> None:
        self._asked("claim", issue, by)
        owner = self._open(issue).owner
        self.put(replace(self._open(issue), owner="" if owner == by else by))

    async def snooze_says(self, issue: IssueId) -> SafeText:
        return self.says

    async def close_issue(self, issue: IssueId, by: str, text: str) -> None:
        self._asked("close_issue", issue, text)
        self.put(gone=(issue,))

    async def recheck(self, issue: IssueId, by: str) -> None:
        self._asked("recheck", issue, by)

    async def snooze(self, issue: IssueId, by: str, until: datetime, reason: str) -> None:
        self._asked("snooze", issue, until.isoformat(), reason)
        self.put(
            replace(
                self._open(issue),
                state=IssueState.SNOOZED,
                snoozed_by=by,
                snoozed_until=until,
                snooze_reason=safe(reason),
            )
        )

    async def wake(self, issue: IssueId, by: str) -> None:
        self._asked("wake", issue, by)
        self.put(replace(self._open(issue), state=IssueState.OPEN, snoozed_until=None))

    async def note(self, issue: IssueId, by: str, text: str) -> None:
        self._asked("note", issue, text)
        self._notes.append(Note(issue=issue, by=by, at=pictures.NOW, text=safe(text)))

    async def shell(self, device: DeviceId, by: str) -> ShellCommand:
        self._asked("shell", device)
        return ShellCommand(title=safe(f"the shell on {device}"), argv=("true",))

    def _open(self, issue: IssueId) -> Issue:
        """As the engine says it of an issue that is over."""
        known = self.picture_now.issues.get(issue)
        if known is None:
            raise DeskError(DeskErrorKind.NOT_FOUND, f"There is no open issue {issue}; it may be over.")
        return known
