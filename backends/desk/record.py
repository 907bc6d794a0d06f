"""The audit as the desk writes it: off the loop, one record at a time, and no deed without its record."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
from collections.abc import AsyncIterator, Mapping
from pathlib import Path

from backends.desk.protocol import DeskError, DeskErrorKind
from backends.engine.clock import Clock
from backends.fleet.run import AuditRecord, AuditReport
from backends.store.audit import AuditLog
from backends.store.errors import StoreError

log = logging.getLogger("rounds.desk")


class Record:
    """Appends to an audit log."""

    def __init__(self, log: AuditLog, clock: Clock) -> None:
        self._log = log
        self._clock = clock
        self._turn = asyncio.Lock()

    async def append(self, *, by: str, event: str, subject: str, data: Mapping[str, str]) -> AuditRecord:
        """One record, on the disk when this returns. Raises `StoreError`."""
        async with self._turn:
            return await asyncio.to_thread(self._log.append, by, event, subject, data, self._clock.now())

    async def resume(self) -> None:
        """When a crash cut the last record off: let the log put it aside now, and not only at the next record."""
        if await asyncio.to_thread(_is_torn, self._log.path):
            with contextlib.suppress(StoreError):
                await self.append(by="rounds", event="resumed", subject="audit", data={})

    async def damaged(self, what: str) -> None:
        """Records of the store are lost: on record as far as that can be, so that it is known after the next start."""
        log.warning("%s", what)
        with contextlib.suppress(StoreError):
            await self.append(by="rounds", event="store-damaged", subject="store", data={"what": what})

    async def latest(self, limit: int) -> list[AuditRecord]:
        """Latest first."""
        return await asyncio.to_thread(self._log.records, limit)

    async def verify(self) -> AuditReport:
        """Raises `StoreError` when it cannot be read."""
        return await asyncio.to_thread(self._log.verify)


def _is_torn(path: Path) -> bool:
    """Whether the file ends inside a line."""
    try:
        with path.open("rb") as file:
            size = file.seek(0, os.SEEK_END)
            file.seek(max(0, size - 1))
            return size > 0 and file.read(1) != b"\n"
    except OSError:
        return False


@contextlib.asynccontextmanager
async def kept() -> AsyncIterator[None]:
    """What is written inside is on the disk when it ends; else `DeskError(UNAVAILABLE)` tells the technician why."""
    try:
        yield
    except StoreError as error:
        raise DeskError(
            DeskErrorKind.UNAVAILABLE, f"Nothing was done, since it could not be put on record: {error}"
        ) from error
