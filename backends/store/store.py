"""All that rounds keeps: the cache of facts and the journal, behind one asynchronous face."""

from __future__ import annotations

import functools
from collections.abc import Iterable, Mapping
from datetime import datetime
from pathlib import Path

from backends.fleet.changes import Changes
from backends.fleet.glance import Summary
from backends.fleet.model import DeviceId, Episode, IssueId, Mark, Note, RunId, SafeText, SourceName, safe
from backends.fleet.run import Run
from backends.fleet.trend import Trend
from backends.store import facts, journal
from backends.store.db import Database
from backends.store.errors import StoreError
from backends.store.facts import Seen
from backends.store.journal import Key
from backends.store.migrations import FACTS, JOURNAL

__all__ = ["Store", "StoreError"]


class Store:
    """One profile's memory. Reading never raises, where it does not say so: what cannot be read is not there, and
    `trouble` says why. Writing raises `StoreError` when nothing was written."""

    def __init__(self, folder: Path) -> None:
        self._facts = Database(folder / facts.NAME, FACTS, durable=False)
        self._journal = Database(folder / journal.NAME, JOURNAL, durable=True, kept=journal.TABLES)
        self._spoiled = 0

    @classmethod
    def open(cls, folder: Path) -> Store:
        """Open, or make, the store in `folder`. Never raises: see `trouble` and `writable`."""
        store = cls(folder)
        store._facts.open()
        store._journal.open()
        store._spoiled = store._journal.write_now(journal.set_spoiled_aside, 0)
        return store

    @property
    def trouble(self) -> SafeText:
        """What is wrong, or was put right since the start, in sentences; empty when all is well."""
        spoiled = f"{self._spoiled} damaged records of the journal were set aside." if self._spoiled else ""
        parts = (self._journal.trouble, self._facts.trouble, self._journal.healed, spoiled, self._facts.healed)
        return safe(" ".join(part for part in dict.fromkeys(parts) if part), 1024)

    @property
    def lost(self) -> SafeText:
        """What people decided and did that was damaged and is gone since the start, in sentences; empty when nothing
        is. What was only seen is seen again and is no loss."""
        spoiled = f"{self._spoiled} damaged records of the journal were set aside." if self._spoiled else ""
        parts = " ".join(part for part in (self._journal.healed, spoiled) if part)
        after = "A run whose outcome was not known may be missing: check before you repeat one."
        return safe(f"{parts} {after}" if parts else "", 1024)

    @property
    def writable(self) -> bool:
        """Whether the journal takes records: without it no fix may run. A write is tried again all the same, and sets
        this right when it succeeds."""
        return self._journal.writable

    async def save_facts(self, put: Iterable[Seen], gone: Iterable[tuple[SourceName, str]] = ()) -> None:
        """Replace what is known of the devices in `put`, forget those in `gone` (source and native id)."""
        await self._facts.write(functools.partial(facts.save, put=tuple(put), gone=tuple(gone)))

    async def load_facts(self) -> list[Seen]:
        """Everything that was seen last, devices that were damaged on the disk left out."""
        return await self._facts.read(facts.load, [])

    async def save_trends(self, put: Mapping[Key, tuple[Trend, ...]], gone: Iterable[Key] = ()) -> None:
        """Replace what is known of how the values of the devices in `put` went, forget it for those in `gone`."""
        await self._facts.write(functools.partial(facts.save_trends, put=dict(put), gone=tuple(gone)))

    async def load_trends(self) -> list[Trend]:
        """All trends, those that were damaged on the disk left out."""
        return await self._facts.read(facts.load_trends, [])

    async def save_picture(self, changes: Changes, summary: Summary | None = None, *, whole: bool = False) -> None:
        """Bring the stored picture up to `changes`, and what is kept of it for the first paint to `summary`; with
        `whole` nothing of the earlier picture stays. Devices are not part of it."""
        await self._facts.write(functools.partial(facts.save_picture, changes=changes, summary=summary, whole=whole))

    async def put_run(self, run: Run) -> None:
        """On the disk when this returns."""
        await self._journal.write(functools.partial(journal.put_run, run=run))

    async def runs(self, limit: int) -> list[Run]:
        """Latest first."""
        return await self._journal.read(functools.partial(journal.runs, limit=limit), [])

    async def run(self, run_id: RunId) -> Run | None:
        return await self._journal.read(functools.partial(journal.run, run_id=run_id), None)

    async def unsettled_runs(self) -> list[Run]:
        """Runs that were not settled when they were last written, however long ago; oldest first. Raises `StoreError`:
        that they cannot be read must not pass for there being none."""
        return await self._journal.write(journal.unsettled_runs)

    async def put_mark(self, mark: Mark) -> None:
        await self._journal.write(functools.partial(journal.put_mark, mark=mark))

    async def delete_mark(self, issue: IssueId) -> None:
        await self._journal.write(functools.partial(journal.delete_mark, issue=issue))

    async def marks(self) -> list[Mark]:
        return await self._journal.read(journal.marks, [])

    async def add_note(self, note: Note) -> None:
        await self._journal.write(functools.partial(journal.add_note, note=note))

    async def notes(self, issue: IssueId) -> list[Note]:
        """Oldest first."""
        return await self._journal.read(functools.partial(journal.notes, issue=issue), [])

    async def put_episodes(self, episodes: Iterable[Episode]) -> None:
        """One condition and beginning is one episode: putting it again replaces it. All of them or none."""
        await self._journal.write(functools.partial(journal.put_episodes, episodes=tuple(episodes)))

    async def episodes(self, since: datetime) -> list[Episode]:
        """Those that had not ended by `since`, oldest first."""
        return await self._journal.read(functools.partial(journal.episodes, since=since), [])

    async def prune_episodes(self, before: datetime) -> None:
        """Forget those that ended before."""
        await self._journal.write(functools.partial(journal.prune_episodes, before=before))

    async def put_identities(self, mapping: Mapping[Key, DeviceId]) -> None:
        """Which sighting (source and native id) belongs to which device; adds to what is there and replaces."""
        await self._journal.write(functools.partial(journal.put_identities, mapping=dict(mapping)))

    async def delete_identities(self, keys: Iterable[Key]) -> None:
        await self._journal.write(functools.partial(journal.delete_identities, keys=tuple(keys)))

    async def identities(self) -> dict[Key, DeviceId]:
        return await self._journal.read(journal.identities, {})

    async def close(self) -> None:
        await self._facts.close()
        await self._journal.close()
