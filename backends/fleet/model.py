"""The nouns of rounds: frozen facts, every one with who said it and when.

Times are aware and in UTC. Durations are seconds. Text that came from outside is `SafeText`; ids are opaque. All
structs encode to MessagePack and JSON as they are (msgspec), which is how they reach the store and the wire.
"""

from __future__ import annotations

import base64
import hashlib
from datetime import datetime
from typing import Final, NewType

from msgspec import Struct

from backends.fleet.kinds import Can, CheckState, Contract, FaultKind, Freshness, Health, IssueState, Severity
from backends.text import SafeText, columns_of, safe

# The words belong to the facts; the view models know the facts, and with them the type of their text.
__all__ = [
    "Can",
    "CheckState",
    "Contract",
    "FaultKind",
    "Freshness",
    "Health",
    "IssueState",
    "SafeText",
    "Severity",
    "columns_of",
    "safe",
]

ClientId = NewType("ClientId", str)
"""A client's key in the configuration, or a slug of the name that a source gave: `acme`."""
SiteId = NewType("SiteId", str)
"""`client/site`, both slugs: `acme/hq`. Never shared between clients."""
DeviceId = NewType("DeviceId", str)
"""`source:native id` of the sighting that first named the device: `acme-hq:10.0.0.11`. Stable for its life."""
UNPLACED: Final = ClientId("unplaced")
"""The client of all devices that no rule gave one: they may be anybody's, and are never taken for one another."""
IssueId = NewType("IssueId", str)
"""Eight characters derived from device (or source) and condition, so that one condition keeps one id for ever."""
SourceName = NewType("SourceName", str)
"""A source's key in the configuration: `zabbix-eu`."""
FixId = NewType("FixId", str)
"""A fix's name: `restart-service`."""
RunId = NewType("RunId", str)
"""One execution of a fix on one target; made before anything is sent, unique for ever."""


class Fault(Struct, frozen=True, kw_only=True):
    """Failure as data: one clear sentence that says what is wrong and what to do."""

    kind: FaultKind
    sentence: SafeText
    since: datetime
    retry_at: datetime | None = None


class SlaTarget(Struct, frozen=True, kw_only=True):
    severity: Severity
    respond_s: float | None = None
    resolve_s: float | None = None


class Client(Struct, frozen=True, kw_only=True):
    id: ClientId
    name: SafeText
    contract: Contract = Contract.MANAGED
    hours: str = ""
    """Business hours as configured: `Mon-Fri 08:00-18:00 America/Chicago`; empty means around the clock."""
    sla: tuple[SlaTarget, ...] = ()


class HealthCounts(Struct, frozen=True, kw_only=True, gc=False):
    """How many devices are in each health; facts that are not fresh count as unknown."""

    ok: int = 0
    degraded: int = 0
    down: int = 0
    unknown: int = 0
    maintenance: int = 0

    @property
    def total(self) -> int:
        return self.ok + self.degraded + self.down + self.unknown + self.maintenance


class Site(Struct, frozen=True, kw_only=True, gc=False):
    id: SiteId
    client: ClientId
    client_name: SafeText
    name: SafeText
    health: Health = Health.UNKNOWN
    """Worst of its devices; `ok` only when each of them is ok by fresh facts."""
    devices: HealthCounts = HealthCounts()


class Identity(Struct, frozen=True, kw_only=True, gc=False):
    """Strong evidence of what a device is, for merging and for knowing it again before a fix. Empty means unknown."""

    serial: str = ""
    macs: tuple[str, ...] = ()
    agent: str = ""
    machine: str = ""
    """The operating system's own machine id."""
    host_key: str = ""
    """SHA256 fingerprint of the SSH host key."""
    records: tuple[str, ...] = ()
    """`source:mark`, where a source that knows devices by name alone marks when it made or changed its record of this
    one. Tells a record that was made anew before a fix, and nothing of what other sources see."""

    @property
    def empty(self) -> bool:
        return not (self.serial or self.macs or self.agent or self.machine or self.host_key or self.records)


class Handling(Struct, frozen=True, kw_only=True, gc=False):
    """What was decided about a condition in the source itself: there, not here."""

    acked: bool = False
    acked_by: SafeText = SafeText("")
    acked_at: datetime | None = None
    quiet: bool = False
    """In a downtime, suppressed or silenced."""
    quiet_until: datetime | None = None
    """None is without an end, or one that the source does not tell."""
    quiet_by: SafeText = SafeText("")
    text: SafeText = SafeText("")
    """The comment or reason that was given there."""


class Sighting(Struct, frozen=True, kw_only=True, gc=False):
    """What one source says of one device at one moment."""

    source: SourceName
    native: str
    """The source's own id of it; never shown without `safe`."""
    client: ClientId
    client_name: SafeText
    site: SiteId
    site_name: SafeText
    name: SafeText
    kind: str = "server"
    """server, workstation, firewall, switch, access-point, printer, ups, nas, vm, cloud, other."""
    platform: str = ""
    """What fixes care about: linux, darwin, freebsd, openbsd, netbsd, windows, or empty."""
    address: SafeText = SafeText("")
    health: Health = Health.UNKNOWN
    """The source's own word on reachability; the checks can only make it worse."""
    boot_id: str = ""
    """Changes with every boot: the kernel's boot id, or the boot time as an ISO string."""
    booted: datetime | None = None
    identity: Identity = Identity()
    system: SafeText = SafeText("")
    """Operating system and version for people: `Debian GNU/Linux 12 (bookworm)`."""
    seen: datetime
    """When the source last really saw it (for a host that does not answer: the last time that it did). A source that
    checks by a rhythm of its own vouches for what it says until a check is overdue: till then it is the time
    of the reading."""
    behind: str = ""
    """The native id, at the same source, of the device that this one cannot be reached without, where the source says
    that this is why it does not answer: a router that is down."""
    partial: bool = False
    """True: checks of this device that the reading leaves out are kept as they were, and age."""


class Check(Struct, frozen=True, kw_only=True, gc=False):
    """One observed property of a device."""

    source: SourceName
    native: str
    """The device's native id at `source`."""
    family: str
    """What kind of property: reachable, load, memory, swap, disk, inode, network, temperature, battery, uptime, reboot,
    service, process, file, certificate, clock, kernel, job, link, backup, printer, ups, raid …"""
    subject: str = ""
    """Which one of them: the mount point, service, process, file. Data as it is, never shown without `safe`, never
    part of a command but as a quoted argument."""
    label: SafeText
    """For the list of checks: `Disk /var`."""
    state: CheckState
    severity: Severity | None = None
    """How bad it is while the state is not ok; None means the state's default."""
    summary: SafeText = SafeText("")
    """The finding as a title of an issue: `Disk /var is 97.2 % full, 1.1 GiB left`."""
    advice: SafeText = SafeText("")
    """What to do about it, in a few words, when no fix says it better."""
    value: float | None = None
    unit: str = ""
    warn: float | None = None
    crit: float | None = None
    since: datetime | None = None
    """When the source says that the state began; None lets the engine date it from its first sight."""
    seen: datetime
    target: str = ""
    """What a fix acts on when it is not the subject: the pid of a runaway process, the interface of a lease."""
    handling: Handling | None = None
    """What was decided about it in the source; None where nothing was."""

    @property
    def key(self) -> str:
        """The condition's name on its device; carries no value, so that 95.1 % and 95.2 % are one condition."""
        return f"{self.family}/{self.subject}" if self.subject else self.family


class Device(Struct, frozen=True, kw_only=True, gc=False):
    """A thing at a site, merged from what all its sources say."""

    id: DeviceId
    client: ClientId
    client_name: SafeText
    site: SiteId
    site_name: SafeText
    name: SafeText
    kind: str
    platform: str
    address: SafeText
    system: SafeText = SafeText("")
    health: Health
    freshness: Freshness = Freshness.FRESH
    seen: datetime | None
    sources: tuple[SourceName, ...]
    natives: tuple[str, ...]
    """The native id at each of `sources`, in the same order."""
    identity: Identity = Identity()
    boot_id: str = ""
    booted: datetime | None = None
    look_alike: bool = False
    """Another device's name differs from this one only by characters that look the same."""


class Issue(Struct, frozen=True, kw_only=True, gc=False):
    """An open problem on a device or a source."""

    id: IssueId
    device: DeviceId | None
    """None when the source itself is the problem."""
    source: SourceName
    """The source whose evidence is worst, or the source that is the problem."""
    sources: tuple[SourceName, ...]
    client: ClientId
    client_name: SafeText
    site: SiteId
    site_name: SafeText
    device_name: SafeText
    kind: str = ""
    """The device's kind."""
    family: str
    key: str
    """The condition: `disk//var`, `service/nginx`, `source`."""
    severity: Severity
    state: IssueState = IssueState.OPEN
    title: SafeText
    advice: SafeText = SafeText("")
    since: datetime
    seen: datetime | None
    freshness: Freshness = Freshness.FRESH
    handled: tuple[tuple[SourceName, Handling], ...] = ()
    """What was decided about it in the sources of its evidence, by those that tell of a decision."""
    owner: str = ""
    acked_by: str = ""
    """Who knows of it, here or in a source; a source that does not tell who gives its own name."""
    acked_at: datetime | None = None
    snoozed_until: datetime | None = None
    """None also while it is quiet in its sources, and they tell no end."""
    snooze_reason: SafeText = SafeText("")
    snoozed_by: str = ""
    notes: int = 0
    incident: IssueId | None = None
    """The issue that explains this one."""
    behind: int = 0
    """How many open issues this one explains."""
    reason: SafeText = SafeText("")
    """Why this issue stands for others, or why another one explains it, in a sentence; empty when it stands alone."""
    next_fix: FixId | None = None
    next_fix_title: SafeText = SafeText("")
    times: int = 1
    """How often the condition began in the last 30 days, this time included."""
    held_s: float | None = None
    """How long the last successful fix of this condition held before it came back."""
    last_fix: SafeText = SafeText("")
    contract: Contract = Contract.MANAGED
    respond_by: datetime | None = None
    resolve_by: datetime | None = None
    urgency: float = 0.0
    """Higher is more urgent; see `urgency.py`."""


class Source(Struct, frozen=True, kw_only=True):
    """A configured connection and what its facts are worth."""

    name: SourceName
    kind: str
    state: Freshness
    seen: datetime | None = None
    """The last good answer."""
    every_s: float = 30.0
    fault: Fault | None = None
    devices: int = 0
    polls: int = 0
    failures: int = 0
    """Failures in a row."""
    quarantined: int = 0
    """Records of the last answer that could not be understood and were set aside."""
    note: SafeText = SafeText("")
    version: SafeText = SafeText("")
    """What answers there: `Zabbix 6.0.14`."""
    skew_s: float | None = None
    """How far its clock is ahead of ours; None where it does not tell."""
    unplaced: int = 0
    """Devices of its last complete answer that no rule gave a client."""
    capabilities: tuple[Can, ...] = ()
    """What its kind offers."""
    lacking: tuple[Can, ...] = ()
    """What of that it cannot do with these credentials, as far as it is known."""

    def can(self, what: Can) -> bool:
        return what in self.capabilities and what not in self.lacking


class Note(Struct, frozen=True, kw_only=True):
    """What a technician said about an issue."""

    issue: IssueId
    by: str
    at: datetime
    text: SafeText


class Mark(Struct, frozen=True, kw_only=True):
    """What technicians decided about a condition; kept by issue id, outlives restarts."""

    issue: IssueId
    owner: str = ""
    acked_by: str = ""
    acked_at: datetime | None = None
    snoozed_by: str = ""
    snoozed_at: datetime | None = None
    snoozed_until: datetime | None = None
    snooze_reason: SafeText = SafeText("")
    snoozed_severity: Severity | None = None
    """Severity when it was snoozed: it wakes when it gets worse."""
    snoozed_behind: int = 0
    """How many issues were behind it when it was snoozed: it wakes when it spreads."""
    acked_told: tuple[SourceName, ...] = ()
    """Sources that took the acknowledgement: one that says later that it is not so any more overrules it."""
    snoozed_told: tuple[SourceName, ...] = ()
    """Sources that took the snooze."""
    notes: int = 0


class Episode(Struct, frozen=True, kw_only=True, gc=False):
    """One time that a condition began and, when `ended` is set, ended."""

    issue: IssueId
    began: datetime
    ended: datetime | None = None
    fix: FixId | None = None
    """The fix that was verified to have ended it."""


def slug(name: str) -> str:
    """A stable key from a name: lower case, runs of anything but letters, digits and dots become one dash."""
    out = "".join(char if char.isalnum() or char == "." else "-" for char in name.casefold())
    return "-".join(part for part in out.split("-") if part) or "unnamed"


def device_id(source: SourceName, native: str) -> DeviceId:
    return DeviceId(f"{source}:{safe(native)}")


def issue_id(subject: str, key: str) -> IssueId:
    """The id of condition `key` on a device id or source name."""
    digest = hashlib.blake2b(f"{len(subject)}:{subject}{key}".encode("utf-8", "replace"), digest_size=5).digest()
    return IssueId(base64.b32encode(digest).decode("ascii").lower())
