"""Plans and runs as facts: what would be done to which device, and what became of it."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from msgspec import Struct

from backends.fleet.happened import Happened
from backends.fleet.model import (
    Check,
    ClientId,
    Device,
    DeviceId,
    Episode,
    FixId,
    Health,
    Identity,
    IssueId,
    Note,
    RunId,
    SiteId,
    Source,
    SourceName,
)
from backends.fleet.opinion import Opinion
from backends.fleet.trend import Trend
from backends.text import SafeText, safe


class Risk(StrEnum):
    SAFE = "safe"
    """Can be undone or does nothing that a user notices."""
    DISRUPTIVE = "disruptive"
    """Somebody may notice: a service or a machine is away for a moment."""
    DESTRUCTIVE = "destructive"
    """Something is gone for good."""

    @property
    def rank(self) -> int:
        """0 is mildest."""
        return list(Risk).index(self)


class Consent(StrEnum):
    """What a guard wants before a plan may run, in rising order."""

    NONE = "none"
    CONFIRM = "confirm"
    TYPE_NAME = "type-name"
    REFUSE = "refuse"


class RunState(StrEnum):
    PLANNED = "planned"
    APPROVED = "approved"
    """Written down, nothing sent yet. After a crash: failed, nothing was sent."""
    RUNNING = "running"
    """Written down before the first byte is sent. After a crash: unknown."""
    SUCCEEDED = "succeeded"
    FAILED = "failed"
    UNKNOWN = "unknown"
    """It may have run: time-out, lost connection or crash. Never repeated by us."""

    @property
    def ended(self) -> bool:
        return self in (RunState.SUCCEEDED, RunState.FAILED, RunState.UNKNOWN)


class Verified(StrEnum):
    """What the evidence said when it was asked for again."""

    PENDING = "pending"
    FIXED = "fixed"
    NOT_FIXED = "not fixed"
    NOT_VERIFIED = "not verified"


class Parameter(Struct, frozen=True, kw_only=True):
    """One typed parameter of a fix. Its value is data: a quoted argument, never part of the script."""

    name: str
    label: SafeText
    pattern: str
    """A regular expression that the whole value has to match."""
    default: str = ""
    source: str = ""
    """Where a value is taken from when none is given: `subject` or `target` of the issue's check; else empty."""


class OwnFix(Struct, frozen=True, kw_only=True):
    """Something that a source can run on its devices by its own means: a script or command that is defined there."""

    id: str
    """The source's own id of it; with the source's name it becomes the fix's id, `zabbix-eu/12`."""
    title: SafeText
    about: SafeText = SafeText("")
    confirmation: SafeText = SafeText("")
    """What the source itself asks before it is run; shown in the plan."""
    risk: Risk = Risk.DISRUPTIVE
    """What is known of it; a script that nobody has described may do anything that a user notices."""
    families: tuple[str, ...] = ("device",)
    """Families of checks that it answers; `device` offers it on every device."""
    natives: tuple[str, ...] | None = None
    """The devices that it is for, by native id; None is all of them."""
    parameters: tuple[Parameter, ...] = ()
    deadline_s: float = 60.0
    disconnects: bool = False
    """The device is away for a moment afterwards (reboot)."""
    away: bool = False
    """The source does it by itself: also for a device that does not answer, whatever the age of what is known of it."""


def own_fix_id(source: SourceName, own: OwnFix) -> FixId:
    """`zabbix-eu/12`; no bundled fix has a slash in its id."""
    return FixId(f"{source}/{safe(own.id)}")


class FixCard(Struct, frozen=True, kw_only=True):
    """A fix as people see it."""

    id: FixId
    title: SafeText
    about: SafeText
    risk: Risk
    families: tuple[str, ...]
    """The families of checks that it answers."""
    platforms: tuple[str, ...]
    parameters: tuple[Parameter, ...] = ()
    undo: SafeText = SafeText("")
    verify: SafeText = SafeText("")
    """How it is verified, for people."""
    scripts: dict[str, SafeText] = {}
    """What runs, by the platforms that it is for: `linux, freebsd`."""
    source: SourceName | None = None
    """The source that runs it by its own means; None for the bundled ones."""


class Offer(Struct, frozen=True, kw_only=True):
    """A fix offered on an issue, its parameters filled in from the evidence. Number keys open its plan."""

    fix: FixId
    title: SafeText
    risk: Risk
    parameters: dict[str, str] = {}


class PlanTarget(Struct, frozen=True, kw_only=True):
    """One device as it was when the plan was made. The run goes to this device or not at all."""

    device: DeviceId
    client: ClientId
    client_name: SafeText
    site: SiteId
    site_name: SafeText
    name: SafeText
    kind: str
    platform: str
    address: SafeText
    source: SourceName
    native: str
    identity: Identity
    boot_id: str = ""
    health: Health
    seen: datetime | None
    issue: IssueId | None = None
    issue_key: str = ""
    """The condition that the run is meant to end; its check is asked for again afterwards."""
    issue_title: SafeText = SafeText("")
    owner: str = ""
    """Who had claimed the issue."""
    parameters: dict[str, str] = {}
    consent: Consent
    """What the guards want for this target."""
    reason: SafeText = SafeText("")
    """Why, in a sentence; for a refusal what to do instead."""


class Plan(Struct, frozen=True, kw_only=True):
    """What will run where. Made by the engine, runs at most once, expires."""

    id: str
    fix: FixId
    title: SafeText
    risk: Risk
    by: str
    made: datetime
    expires: datetime
    targets: tuple[PlanTarget, ...]
    consent: Consent
    """The strictest of the targets' consents, and of the number of targets."""
    reason: SafeText = SafeText("")
    type_name: SafeText = SafeText("")
    """The text to be typed when consent is `type-name`."""
    does: tuple[SafeText, ...] = ()
    """The steps in words."""
    script: SafeText = SafeText("")
    """The exact script for the first target, for those who want to read it."""
    affects: SafeText = SafeText("")
    """Blast radius in a sentence: what else notices."""
    undo: SafeText = SafeText("")
    verify: SafeText = SafeText("")
    changed: tuple[SafeText, ...] = ()
    """What changed since the plan that this one replaces: renamed, recovered, claimed by someone else …"""


class Run(Struct, frozen=True, kw_only=True):
    """One execution of a fix on one target."""

    id: RunId
    plan: str
    fix: FixId
    title: SafeText
    risk: Risk
    device: DeviceId
    device_name: SafeText
    client: ClientId
    client_name: SafeText
    site: SiteId
    site_name: SafeText
    source: SourceName
    native: str
    address: SafeText
    parameters: dict[str, str] = {}
    issue: IssueId | None = None
    issue_key: str = ""
    state: RunState
    verified: Verified = Verified.PENDING
    by: str
    planned: datetime
    started: datetime | None = None
    ended: datetime | None = None
    exit: int | None = None
    sentence: SafeText = SafeText("")
    """What came out, for people: `Restarted nginx; the service is active again.`"""
    output: SafeText = SafeText("")
    """The last part of what it printed."""
    output_bytes: int = 0
    """All that it printed, in bytes."""
    boot_id: str = ""
    """The device's boot id just before anything was sent; a reboot is proved against it."""
    checked: bool = False
    """An unknown run whose evidence was asked for again by hand; it no longer blocks the device."""

    @property
    def settled(self) -> bool:
        """Over for good: ended, its evidence asked for, and nobody has to look at what it may have done. What is not
        settled holds its device."""
        doubtful = self.state is RunState.UNKNOWN and not self.checked
        return self.state.ended and self.verified is not Verified.PENDING and not doubtful


class RunOutput(Struct, frozen=True, kw_only=True):
    """A piece of live output of a run, already safe to show."""

    run: RunId
    text: SafeText
    total_bytes: int


class SourceVoice(Struct, frozen=True, kw_only=True):
    """What one source says of a device, for the card."""

    source: Source
    name: SafeText
    seen: datetime | None
    health: Health


class DeviceCard(Struct, frozen=True, kw_only=True):
    """All that is known of one device, asked for when somebody looks at it."""

    at: datetime
    device: Device
    checks: tuple[Check, ...]
    voices: tuple[SourceVoice, ...] = ()
    offers: dict[IssueId, tuple[Offer, ...]] = {}
    """Fixes that apply to each open issue of the device."""
    fixes: tuple[Offer, ...] = ()
    """Fixes that apply to the device as such: reboot, open a shell."""
    runs: tuple[Run, ...] = ()
    """Latest first."""
    notes: tuple[Note, ...] = ()
    episodes: tuple[Episode, ...] = ()
    """Of the device's conditions in the last 30 days, latest first; also of those that are over."""
    trends: tuple[Trend, ...] = ()
    """How the values of its checks went, where that is known."""
    nearby: tuple[Happened, ...] = ()
    """What happened at its site in the two hours before one of its open issues began, latest first."""
    opinion: Opinion | None = None
    """What it looked like from here when somebody last asked, if that was lately."""


class ShellCommand(Struct, frozen=True, kw_only=True):
    """A program for the technician's own terminal that opens a shell on a device."""

    title: SafeText
    argv: tuple[str, ...]


class AuditRecord(Struct, frozen=True, kw_only=True):
    """One line of the record of who did what. Each carries the hash of the one before."""

    seq: int
    at: datetime
    by: str
    event: str
    """plan-refused, run-approved, run-sent, run-ended, run-verified, acknowledged, claimed, snoozed, noted,
    woken, close-asked, recheck-asked, source-told, shell-opened, host-key-accepted, torn-tail …"""
    subject: str
    """The id of the run, issue, device or source."""
    data: dict[str, str] = {}
    previous: str
    hash: str


class AuditReport(Struct, frozen=True, kw_only=True):
    """What `audit verify` found."""

    ok: bool
    records: int
    head: str
    bad_seq: int | None = None
    sentence: SafeText
