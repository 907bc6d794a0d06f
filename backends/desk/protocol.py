"""The one facade: all that a front end can see and do, in-process or over the socket alike.

`Views` changes nothing; a wall is given no more than that. `Desk` adds the verbs. Each raises `DeskError` with one
sentence for the technician. `backends/desk/inprocess.py` implements it over an engine, `backends/wire/client.py` over
the socket; `tests/backends/desk_contract.py` holds for both.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence
from datetime import datetime
from enum import StrEnum
from typing import Final, Protocol

from msgspec import Struct

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


class DeskErrorKind(StrEnum):
    NOT_FOUND = "not-found"
    WRONG_USE = "wrong-use"
    """The arguments make no sense: a filter with an error, a parameter that does not fit."""
    REFUSED = "refused"
    """A guard, a lease or a missing capability says no."""
    CHANGED = "changed"
    """What was agreed to is no longer so; ask again with a new plan."""
    PARTLY = "partly"
    """Done here, and not, or not for certain, in a source that was to be told; the sentence says which."""
    UNAVAILABLE = "unavailable"
    """The engine cannot be reached, or cannot write its record."""


class DeskError(Exception):
    """A request that was not carried out. The sentence is shown as it is."""

    def __init__(self, kind: DeskErrorKind, sentence: str) -> None:
        super().__init__(sentence)
        self.kind = kind
        self.sentence = safe(sentence, 512)


class EngineLost(DeskError):  # noqa: N818 - what became of the engine
    """The engine went away before it answered: what was asked for may have been done."""

    def __init__(self) -> None:
        super().__init__(DeskErrorKind.UNAVAILABLE, "The engine has gone; what is shown here is no longer live.")


class Interest(Struct, frozen=True, kw_only=True):
    """What a subscriber wants beside issues, sites, sources and runs."""

    devices: bool = False


NO_DEVICES: Final = Interest()


class Approval(Struct, frozen=True, kw_only=True):
    """A technician's consent to a plan."""

    confirmed: bool = False
    typed: str = ""
    """What was typed when the plan asked for a name."""


class Views(Protocol):
    """Everything that only looks."""

    async def picture(self, interest: Interest = NO_DEVICES) -> Picture: ...

    def changes(self, interest: Interest = NO_DEVICES) -> AsyncIterator[Changes]:
        """First one `Changes` with the whole picture (everything in `put`), then differences as they come. The engine
        batches; a subscriber that falls behind gets them combined, never dropped. Ends when the desk closes; raises
        `DeskError(UNAVAILABLE)` when the engine is lost."""
        ...

    async def devices(self, query: str = "", limit: int = 0) -> list[Device]:
        """Devices that match, worst first; `limit` 0 is all."""
        ...

    async def device(self, device: DeviceId) -> DeviceCard: ...

    async def runs(self, query: str = "", limit: int = 200) -> list[Run]:
        """Latest first."""
        ...

    async def run(self, run: RunId) -> Run: ...

    def output(self, run: RunId) -> AsyncIterator[RunOutput]:
        """What is kept of the output so far, then live until the run has ended."""
        ...

    async def fixes(self) -> list[FixCard]: ...

    async def offers(self, issue: IssueId) -> list[Offer]: ...

    async def notes(self, issue: IssueId) -> list[Note]:
        """Oldest first."""
        ...

    async def audit(self, limit: int = 200) -> list[AuditRecord]:
        """Latest first."""
        ...

    async def audit_verify(self) -> AuditReport: ...

    async def close(self) -> None: ...


class Desk(Views, Protocol):
    """Everything, verbs included. `by` is the technician's name."""

    async def refresh(self, source: SourceName | None = None) -> None:
        """Ask one source, or all, now; returns when they were asked."""
        ...

    async def reload(self) -> SafeText:
        """Read the configuration again: new sources are opened, those that are no longer in it go, changed ones are
        opened again with their last facts kept as stale. Returns what came of it in a sentence. `REFUSED` with what is
        wrong where the configuration has an error: then nothing is changed."""
        ...

    async def second_opinion(self, device: DeviceId) -> Opinion:
        """Look at the device's own address from here, now: pings, the TCP ports that such a device has, its name.
        `REFUSED` where it has no address, or one that would be another machine's."""
        ...

    async def plan(
        self,
        fix: FixId,
        targets: Sequence[DeviceId],
        by: str,
        issue: IssueId | None = None,
        parameters: Mapping[str, str] | None = None,
    ) -> Plan:
        """What would be done. A refusal is a plan too (consent `refuse`, with the reason). Without `issue`, each
        target's parameters come from its one open issue that the fix answers; several such issues, or none where a
        parameter is needed, are `WRONG_USE` with a sentence that lists them."""
        ...

    async def approve(self, plan: str, approval: Approval) -> list[Run]:
        """Start the plan of that id, once. Returns one run a target, each at least `approved` and on record. Raises
        `DeskError(CHANGED)` when a target is no longer what the plan says, `REFUSED` when consent is missing."""
        ...

    async def check_run(self, run: RunId) -> Run:
        """Ask for the evidence of an unknown run again; afterwards it no longer blocks its device."""
        ...

    async def acknowledge(self, issue: IssueId, by: str, text: str = "") -> None:
        """Here, and in each source of its evidence that can be told; so are the next four. What one of these does not
        take counts here all the same, and is `DeskError(PARTLY)`."""
        ...

    async def unacknowledge(self, issue: IssueId, by: str) -> None:
        """Also what others acknowledged in a source."""
        ...

    async def claim(self, issue: IssueId, by: str) -> None:
        """Claiming what is already one's own lets it go; what is another's is refused with their name."""
        ...

    async def snooze_says(self, issue: IssueId) -> SafeText:
        """What `snooze` would do in the sources, in sentences; empty where none is told."""
        ...

    async def snooze(self, issue: IssueId, by: str, until: datetime, reason: str) -> None: ...

    async def wake(self, issue: IssueId, by: str) -> None: ...

    async def close_issue(self, issue: IssueId, by: str, text: str) -> None:
        """Close the problem in its sources, by hand and with a reason. `REFUSED` where none of them can."""
        ...

    async def recheck(self, issue: IssueId, by: str) -> None:
        """Have its sources check it again now, out of their turn. `REFUSED` where none of them can."""
        ...

    async def note(self, issue: IssueId, by: str, text: str) -> None: ...

    async def shell(self, device: DeviceId, by: str) -> ShellCommand:
        """How to open a shell there; put on record."""
        ...
