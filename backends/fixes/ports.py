"""What running fixes needs from its surroundings; the engine's desk hands in the real ones, tests their own."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Protocol

from backends.api import RunsFixes, Timing
from backends.fixes.aim import Aim
from backends.fixes.errors import Unrecorded
from backends.fixes.guard import Policy
from backends.fixes.model import Fix
from backends.fleet.model import DeviceId, IssueId, RunId, SourceName
from backends.fleet.reading import Reading
from backends.fleet.run import Run, RunOutput
from backends.store.errors import StoreError


class Journal(Protocol):
    """Runs on the disk (`backends.store`). Each call raises `StoreError` when it cannot be done."""

    async def put_run(self, run: Run) -> None:
        """On the disk when this returns."""
        ...

    async def run(self, run_id: RunId) -> Run | None: ...

    async def unsettled_runs(self) -> list[Run]:
        """Oldest first."""
        ...


class Record(Protocol):
    """The audit. Raises `StoreError` when it cannot be written."""

    async def append(self, *, by: str, event: str, subject: str, data: Mapping[str, str]) -> object:
        """On the disk when this returns."""
        ...


class Agreement(Protocol):
    """A technician's consent to a plan, as `backends.desk.protocol.Approval` has it."""

    @property
    def confirmed(self) -> bool: ...

    @property
    def typed(self) -> str: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Ports:
    """Everything outside of the fixes that a run touches."""

    journal: Journal
    record: Record
    clock: Timing
    policy: Policy
    executor: Callable[[SourceName, Fix], RunsFixes | None]
    """The hands of a source for a fix; None when it has none with these credentials, or is gone."""
    aim: Callable[[DeviceId, IssueId | None, SourceName], Aim | None]
    """A device as it is known now, by way of that source where it still has that way, with the issue if it is still
    there; None when the device is gone."""
    learn: Callable[[Reading], None]
    """What was read for verification is news for the fleet too."""
    publish: Callable[[Run], None]
    """Called with every state of every run, after it is on the disk."""
    output: Callable[[RunOutput], None]
    new_id: Callable[[], str]


async def keep(ports: Ports, run: Run, event: str, data: Mapping[str, str]) -> None:
    """`run` in the journal and `event` in the audit, both on the disk, then published. Raises `Unrecorded`."""
    about = {"fix": run.fix, "device": run.device, "client": run.client, "plan": run.plan, **data}
    try:
        await ports.journal.put_run(run)
        await ports.record.append(by=run.by, event=event, subject=run.id, data=about)
    except (StoreError, OSError) as error:
        raise Unrecorded(getattr(error, "sentence", "") or "The record cannot be written.") from error
    ports.publish(run)
