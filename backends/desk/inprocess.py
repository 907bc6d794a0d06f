"""The desk where the engine is: every verb over engine, store, runner and record. Made by `bootstrap`."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from datetime import datetime
from typing import Final

from backends.api import Adapter, NotSent, OpensShell
from backends.desk.aims import Aims
from backends.desk.cards import Cards
from backends.desk.catalogue import Catalogue
from backends.desk.decisions import Decisions
from backends.desk.fixing import Fixing
from backends.desk.histories import Histories
from backends.desk.keeping import Keeping
from backends.desk.opinions import Opinions, Prober
from backends.desk.outside import Outside
from backends.desk.problems import Problems
from backends.desk.protocol import NO_DEVICES, Approval, DeskError, DeskErrorKind, Interest
from backends.desk.record import Record, kept
from backends.desk.reloading import Read, Reloading, Wanted
from backends.desk.search import matching_devices, matching_runs
from backends.engine.engine import Engine
from backends.fixes.guard import Policy
from backends.fixes.model import Fix
from backends.fleet.changes import Changes, Picture
from backends.fleet.confirming import shown
from backends.fleet.model import Device, DeviceId, FixId, IssueId, Note, RunId, SafeText, SourceName
from backends.fleet.opinion import Opinion
from backends.fleet.query import Context
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
from backends.store.store import Store
from backends.text import safe

LONGEST_NAME: Final = 64
SEARCHED: Final = 5000
"""Latest runs among which a query looks."""


class InProcessDesk:
    """The whole desk. `start` sets the engine going; `close` brings everything to its end."""

    def __init__(
        self,
        *,
        engine: Engine,
        store: Store,
        record: Record,
        fixes: Mapping[FixId, Fix],
        policy: Policy,
        adapters: Mapping[SourceName, Adapter],
        prober: Prober,
        me: str = "",
        released: Callable[[], None] = lambda: None,
        wanted: Wanted | None = None,
        read: Read | None = None,
    ) -> None:
        """`wanted` is the configuration that all this was made by, and `read` reads it again."""
        self._me = me
        self._released = released
        self._engine = engine
        self._store = store
        self._record = record
        self._fixes = Catalogue(fixes, lambda: engine.fleet)
        self._adapters = adapters
        self._aims = Aims(lambda: engine.fleet, adapters)
        self._histories = Histories(engine.trends, adapters, engine.clock)
        self._opinions = Opinions(engine, self._aims, prober)
        self._cards = Cards(
            engine, store, self._aims, histories=self._histories, fixes=self._fixes, opinions=self._opinions
        )
        self._outside = Outside(engine, record, self._aims)
        keeping = Keeping(engine, store, record, self._aims)
        self._decisions = Decisions(engine, self._aims, keeping, self._outside)
        self._problems = Problems(self._aims, keeping, self._outside)
        self._fixing = Fixing(
            engine=engine, store=store, record=record, aims=self._aims, fixes=self._fixes, policy=policy
        )
        self._reloading = Reloading(engine, adapters, self._fixing, wanted, read)
        self._running: asyncio.Task[None] | None = None
        self._closed = False

    async def start(self) -> None:
        """Bring to their end what an earlier engine left behind, then poll."""
        await self._record.resume()
        if self._store.lost:
            await self._record.damaged(self._store.lost)
        await self._fixing.recover()
        self._running = asyncio.get_running_loop().create_task(self._engine.run(), name="engine")

    async def failed(self) -> None:
        """Wait until the engine ends by itself, which it never does in order. Raises what ended it."""
        if self._running is not None:
            await asyncio.shield(self._running)

    @property
    def busy(self) -> bool:
        """Whether a run is under way."""
        return self._fixing.under_way > 0

    async def first_round(self) -> None:
        """Wait until every source was asked once."""
        await self._engine.polling.first_round()

    async def close(self) -> None:
        if self._closed:
            return
        self._closed = True
        await self._fixing.close()
        await self._histories.close()
        await self._opinions.close()
        await self._outside.close()
        if self._running is not None:
            self._running.cancel()
            await asyncio.gather(self._running, return_exceptions=True)
        await self._store.close()
        self._released()

    # What only looks.

    async def picture(self, interest: Interest = NO_DEVICES) -> Picture:
        return self._engine.picture(devices=interest.devices)

    async def changes(self, interest: Interest = NO_DEVICES) -> AsyncIterator[Changes]:
        subscription = self._engine.follow(devices=interest.devices)
        try:
            while (changes := await subscription.next()) is not None:
                yield changes
        finally:
            self._engine.leave(subscription)
        if subscription.fell_behind:
            raise DeskError(DeskErrorKind.UNAVAILABLE, "This screen fell too far behind and has to begin anew.")

    async def devices(self, query: str = "", limit: int = 0) -> list[Device]:
        fleet = self._engine.fleet
        found = matching_devices(fleet.devices.values(), query, self._context())
        return [shown(fleet, one) for one in (found[:limit] if limit > 0 else found)]

    async def device(self, device: DeviceId) -> DeviceCard:
        return await self._cards.card(device)

    async def runs(self, query: str = "", limit: int = 200) -> list[Run]:
        stored = await self._store.runs(max(limit, 0) if not query else SEARCHED)
        runs = {run.id: run for run in stored} | self._engine.fleet.runs
        found = matching_runs(runs.values(), query, self._context())
        return found[:limit] if limit > 0 else found

    async def run(self, run: RunId) -> Run:
        return await self._fixing.run(run)

    def output(self, run: RunId) -> AsyncIterator[RunOutput]:
        return self._fixing.output(run)

    async def fixes(self) -> list[FixCard]:
        return [fix.card for fix in self._fixes.values()]

    async def offers(self, issue: IssueId) -> list[Offer]:
        return list(self._cards.offers(issue))

    async def notes(self, issue: IssueId) -> list[Note]:
        return await self._store.notes(issue)

    async def audit(self, limit: int = 200) -> list[AuditRecord]:
        return await self._record.latest(limit)

    async def audit_verify(self) -> AuditReport:
        async with kept():
            return await self._record.verify()

    # What changes something.

    async def refresh(self, source: SourceName | None = None) -> None:
        try:
            await self._engine.polling.refreshed(source)
        except KeyError:
            raise DeskError(DeskErrorKind.NOT_FOUND, f"There is no source {safe(source or '', 64)}.") from None

    async def reload(self) -> SafeText:
        said = await self._reloading.reload()
        self._me = self._reloading.me
        return said

    async def second_opinion(self, device: DeviceId) -> Opinion:
        return await self._opinions.second_opinion(device)

    async def plan(
        self,
        fix: FixId,
        targets: Sequence[DeviceId],
        by: str,
        issue: IssueId | None = None,
        parameters: Mapping[str, str] | None = None,
    ) -> Plan:
        return await self._fixing.plan(fix, targets, _name(by), issue, parameters or {})

    async def approve(self, plan: str, approval: Approval) -> list[Run]:
        return await self._fixing.approve(plan, approval)

    async def check_run(self, run: RunId) -> Run:
        return await self._fixing.check_run(run)

    async def acknowledge(self, issue: IssueId, by: str, text: str = "") -> None:
        await self._decisions.acknowledge(issue, _name(by), text)

    async def unacknowledge(self, issue: IssueId, by: str) -> None:
        await self._decisions.unacknowledge(issue, _name(by))

    async def claim(self, issue: IssueId, by: str) -> None:
        await self._decisions.claim(issue, _name(by))

    async def snooze_says(self, issue: IssueId) -> SafeText:
        return self._outside.snooze_says(self._aims.issue(issue))

    async def snooze(self, issue: IssueId, by: str, until: datetime, reason: str) -> None:
        await self._decisions.snooze(issue, _name(by), until, reason)

    async def wake(self, issue: IssueId, by: str) -> None:
        await self._decisions.wake(issue, _name(by))

    async def close_issue(self, issue: IssueId, by: str, text: str) -> None:
        await self._problems.close(issue, _name(by), text)

    async def recheck(self, issue: IssueId, by: str) -> None:
        await self._problems.recheck(issue, _name(by))

    async def note(self, issue: IssueId, by: str, text: str) -> None:
        await self._decisions.note(issue, _name(by), text)

    async def shell(self, device: DeviceId, by: str) -> ShellCommand:
        known = self._aims.device(device)
        source, argv = self._way_in(known)
        async with kept():
            data = {"source": source, "client": known.client, "device": known.name}
            await self._record.append(by=_name(by), event="shell-opened", subject=device, data=data)
        return ShellCommand(title=safe(f"{known.client_name} / {known.site_name} / {known.name}"), argv=argv)

    def _way_in(self, device: Device) -> tuple[SourceName, tuple[str, ...]]:
        why = f"None of the sources of {device.name} can open a shell there."
        for source, native in zip(device.sources, device.natives, strict=True):
            adapter: object = self._adapters.get(source)
            if isinstance(adapter, OpensShell):
                try:
                    return source, adapter.shell(native)
                except NotSent as error:
                    why = str(error)
        raise DeskError(DeskErrorKind.REFUSED, why)

    def _context(self) -> Context:
        """`me` in a filter is the technician of the configuration."""
        return Context(me=self._me, now=self._engine.clock.now())


def _name(by: str) -> str:
    """A technician's name as it goes on record."""
    name = safe(by.strip(), LONGEST_NAME)
    if not name:
        raise DeskError(DeskErrorKind.WRONG_USE, "Say who acts: set technician.name in the configuration.")
    return name
