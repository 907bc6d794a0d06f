"""A desk on which every word that somebody else chose is a payload: one of each noun for each payload."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence
from datetime import timedelta
from typing import Final

from msgspec.structs import replace

from backends.adapters.demo.hostile import PAYLOADS
from backends.desk.protocol import DeskError, DeskErrorKind
from backends.fleet.changes import Changes, Delta, Picture
from backends.fleet.model import (
    Can,
    Check,
    CheckState,
    Client,
    ClientId,
    Contract,
    Device,
    DeviceId,
    Fault,
    FaultKind,
    FixId,
    Freshness,
    Handling,
    Health,
    HealthCounts,
    Issue,
    IssueId,
    IssueState,
    Note,
    RunId,
    SafeText,
    Severity,
    Site,
    SiteId,
    Source,
    SourceName,
)
from backends.fleet.opinion import Glimpse, Opinion, Seen, Verdict
from backends.fleet.run import (
    AuditRecord,
    Consent,
    DeviceCard,
    Offer,
    Plan,
    PlanTarget,
    Risk,
    Run,
    RunOutput,
    RunState,
    ShellCommand,
    SourceVoice,
    Verified,
)
from backends.text import safe, safe_lines
from tests.support.desk import MemoryDesk
from tests.support.pictures import NOW, ago

BUNDLE: Final = 160
"""Length of a text that carries many payloads."""

PIECE: Final = 48
"""No payload needs more to do its harm; the long ones are for the lists."""

RAW: Final = 400
"""Length of texts that are data by contract and come unfiltered: ids, kinds, technicians, parameters."""


def payloads() -> list[str]:
    return [text for _, text in PAYLOADS]


def bundles() -> list[str]:
    """All payloads again, as many as go into one line: for what takes too long to be opened for each of them."""
    out = [""]
    for text in payloads():
        piece = f"{text[:PIECE]} "
        if len(out[-1]) + len(piece) > BUNDLE:
            out.append("")
        out[-1] += piece
    return out


class HostileDesk(MemoryDesk):
    """Fact number n says text number n wherever it says anything. The bundles come last, in every list."""

    def __init__(self) -> None:
        self.texts = (*payloads(), *bundles())
        self.last = len(bundles())
        """How many of them are bundles."""
        numbers = range(len(self.texts))
        super().__init__(
            Picture(
                seq=1,
                at=NOW,
                clients={one.id: one for one in map(self._client, numbers)},
                sites={one.id: one for one in map(self._site, numbers)},
                issues={one.id: one for one in map(self._issue, numbers)},
                sources={one.name: one for one in map(self._source, numbers)},
                runs={one.id: one for one in map(self._run, numbers)},
            )
        )

    def raw(self, number: int) -> str:
        return self.texts[number][:RAW]

    def number(self, fact: str) -> int:
        """Which payload an id of ours belongs to."""
        return int(fact[1:4])

    # -- facts ------------------------------------------------------------------------------------------------

    def _client(self, number: int) -> Client:
        text = self.texts[number]
        contract = Contract.BREAK_FIX if number % 9 == 8 else Contract.MANAGED
        return Client(id=ClientId(f"c{number:03}"), name=safe(text), hours=self.raw(number), contract=contract)

    def _site(self, number: int) -> Site:
        name = safe(self.texts[number])
        return Site(
            id=SiteId(f"c{number:03}/{self.raw(number)}"),
            client=ClientId(f"c{number:03}"),
            client_name=name,
            name=name,
            health=Health.DEGRADED,
            devices=HealthCounts(degraded=1),
        )

    def _device(self, number: int) -> Device:
        shown, raw, site = safe(self.texts[number]), self.raw(number), self._site(number)
        return Device(
            id=DeviceId(f"d{number:03}{raw}"),
            client=site.client,
            client_name=site.client_name,
            site=site.id,
            site_name=site.name,
            name=shown,
            kind=raw,
            platform=raw,
            address=shown,
            system=shown if number % 2 else safe(""),
            health=Health.DEGRADED,
            seen=ago(seconds=12),
            sources=(SourceName(f"s{number:03}{raw}"),),
            natives=(raw,),
            booted=ago(days=1),
            look_alike=number % 2 == 0,
        )

    def _source(self, number: int) -> Source:
        shown, raw = safe(self.texts[number]), self.raw(number)
        fault = Fault(
            kind=FaultKind.PROTOCOL, sentence=shown, since=ago(minutes=3), retry_at=NOW + timedelta(seconds=9)
        )
        return Source(
            name=SourceName(f"s{number:03}{raw}"),
            kind=raw,
            state=Freshness.FAILED if number % 2 else Freshness.FRESH,
            seen=ago(seconds=12),
            fault=fault if number % 2 else None,
            note=shown,
            devices=1,
            version=shown,
            skew_s=-240.0,
            unplaced=number % 3,
            capabilities=(raw, Can.CLOSE, Can.RECHECK),  # type: ignore[arg-type]  # a newer engine may know more
        )

    def _issue(self, number: int) -> Issue:
        shown, raw, device = safe(self.texts[number]), self.raw(number), self._device(number)
        handling = Handling(acked=True, acked_by=shown, quiet=True, quiet_by=shown, text=shown)
        return Issue(
            id=IssueId(f"i{number:03}"),
            device=device.id,
            source=device.sources[0],
            sources=device.sources,
            client=device.client,
            client_name=shown,
            site=device.site,
            site_name=shown,
            device_name=shown,
            kind=raw,
            family="service",
            key=f"service/{raw}",
            severity=Severity.HIGH,
            state=IssueState.ACKED if number % 2 else IssueState.OPEN,
            title=shown,
            advice=shown,
            since=ago(minutes=number),
            seen=ago(seconds=12),
            freshness=Freshness.STALE if number % 3 == 1 else Freshness.FRESH,
            handled=((device.sources[0], handling),),
            owner=raw,
            acked_by=raw,
            acked_at=ago(minutes=1),
            snooze_reason=shown,
            snoozed_by=raw,
            reason=shown,
            behind=number % 4,
            next_fix=FixId("fix"),
            next_fix_title=shown if number % 2 else safe(""),
            times=3,
            last_fix=shown,
            urgency=float(len(self.texts) - number),
        )

    def _check(self, number: int) -> Check:
        shown, raw, device = safe(self.texts[number]), self.raw(number), self._device(number)
        return Check(
            source=device.sources[0],
            native=raw,
            family="service",
            subject=raw,
            label=shown,
            state=CheckState.CRITICAL,
            summary=shown,
            advice=shown,
            value=9.0,
            unit=raw,
            warn=1.0,
            crit=2.0,
            seen=ago(seconds=12),
        )

    def _offers(self, number: int) -> tuple[Offer, ...]:
        parameters = {self.raw(number): self.raw(number)}
        return (Offer(fix=FixId("fix"), title=safe(self.texts[number]), risk=Risk.SAFE, parameters=parameters),)

    def _run(self, number: int) -> Run:
        shown, raw, device = safe(self.texts[number]), self.raw(number), self._device(number)
        return Run(
            id=RunId(f"r{number:03}"),
            plan=raw,
            fix=FixId("fix"),
            title=shown,
            risk=Risk.SAFE,
            device=device.id,
            device_name=shown,
            client=device.client,
            client_name=shown,
            site=device.site,
            site_name=shown,
            source=device.sources[0],
            native=raw,
            address=shown,
            parameters={raw: raw},
            issue=IssueId(f"i{number:03}"),
            state=RunState.UNKNOWN if number % 2 else RunState.SUCCEEDED,
            verified=Verified.NOT_VERIFIED,
            by=raw,
            planned=ago(minutes=number),
            sentence=shown,
            output=safe_lines(self.texts[number]),
        )

    async def snooze_says(self, issue: IssueId) -> SafeText:
        return safe(self.texts[self.number(issue)])

    # -- what is asked for beside the picture -----------------------------------------------------------------

    async def devices(self, query: str = "", limit: int = 0) -> list[Device]:
        return [self._device(number) for number in range(len(self.texts))]

    async def device(self, device: DeviceId) -> DeviceCard:
        number = self.number(device)
        shown, raw = safe(self.texts[number]), self.raw(number)
        issue = IssueId(f"i{number:03}")
        return DeviceCard(
            at=NOW,
            device=self._device(number),
            checks=(self._check(number),),
            voices=(SourceVoice(source=self._source(number), name=shown, seen=NOW, health=Health.DOWN),),
            offers={issue: self._offers(number)},
            fixes=self._offers(number),
            runs=(self._run(number),),
            notes=(Note(issue=issue, by=raw, at=NOW, text=safe_lines(self.texts[number])),),
            opinion=self._opinion(device),
        )

    async def offers(self, issue: IssueId) -> list[Offer]:
        return list(self._offers(self.number(issue)))

    async def audit(self, limit: int = 200) -> list[AuditRecord]:
        return [
            AuditRecord(seq=number, at=NOW, by=raw, event=raw, subject=raw, data={raw: raw}, previous=raw, hash=raw)
            for number, raw in ((number, self.raw(number)) for number in range(len(self.texts)))
        ]

    async def output(self, run: RunId) -> AsyncIterator[RunOutput]:
        text = safe_lines(self.texts[self.number(run)])
        yield RunOutput(run=run, text=text, total_bytes=len(text))

    async def check_run(self, run: RunId) -> Run:
        raise DeskError(DeskErrorKind.REFUSED, self.texts[self.number(run)])

    # -- verbs ------------------------------------------------------------------------------------------------

    async def plan(
        self,
        fix: FixId,
        targets: Sequence[DeviceId],
        by: str,
        issue: IssueId | None = None,
        parameters: Mapping[str, str] | None = None,
    ) -> Plan:
        number = self.number(targets[0])
        shown, raw, device = safe(self.texts[number]), self.raw(number), self._device(number)
        target = PlanTarget(
            device=device.id,
            client=device.client,
            client_name=shown,
            site=device.site,
            site_name=shown,
            name=shown,
            kind=raw,
            platform=raw,
            address=safe(f"at {shown}"),
            source=device.sources[0],
            native=raw,
            identity=device.identity,
            health=Health.DOWN,
            seen=NOW,
            issue=issue,
            issue_title=shown,
            owner=raw,
            parameters=dict(parameters or {}),
            consent=Consent.TYPE_NAME,
            reason=safe(f"for {shown}"),
        )
        return Plan(
            id=f"p{number:03}",
            fix=FixId(raw),
            title=shown,
            risk=Risk.DESTRUCTIVE,
            by=by,
            made=NOW,
            expires=NOW + timedelta(seconds=60),
            targets=(target,),
            consent=Consent.TYPE_NAME if number % 2 else Consent.REFUSE,
            reason=shown,
            type_name=shown,
            does=(shown,),
            script=safe_lines(self.texts[number]),
            affects=shown,
            undo=shown,
            verify=shown,
            changed=(shown,),
        )

    async def acknowledge(self, issue: IssueId, by: str, text: str = "") -> None:
        raise DeskError(DeskErrorKind.REFUSED, self.texts[self.number(issue)])

    unacknowledge = acknowledge  # type: ignore[assignment]

    async def second_opinion(self, device: DeviceId) -> Opinion:
        return self._opinion(device)

    def _opinion(self, device: DeviceId) -> Opinion:
        """Every part of it in the device's own words."""
        shown = safe(self.texts[self.number(device)])
        look = Glimpse(kind="dns", what=shown, seen=Seen.UNTRIED, sentence=shown)
        return Opinion(
            device=device, at=NOW, address=shown, verdict=Verdict.SILENT, sentence=shown, careful=shown, looks=(look,)
        )

    async def claim(self, issue: IssueId, by: str) -> None:
        """Done, and said."""

    async def shell(self, device: DeviceId, by: str) -> ShellCommand:
        text = self.texts[self.number(device)]
        return ShellCommand(title=safe(text), argv=(text[:20].replace("\0", "") + "-no-such-program",))

    def finish_one(self, number: int, by: str) -> None:
        """The run of that number comes to its end under the technician's eyes."""
        run = replace(self._run(number), id=RunId(f"r{number:03}-mine"), by=by)
        began = replace(run, state=RunState.RUNNING)
        for state in (began, run):
            self.change(Changes(seq=self.picture_now.seq + 1, at=NOW, runs=Delta((state,))))
