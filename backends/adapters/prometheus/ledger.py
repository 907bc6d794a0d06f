"""Which silences are ours: kept in the profile's folder, since Alertmanager knows only the name that we gave."""

from __future__ import annotations

import asyncio
import contextlib
from pathlib import Path
from typing import Final

import msgspec
from msgspec import Struct

from backends.adapters.prometheus.records import NewSilence
from backends.api import SourceName
from backends.private import write_file

_MOST: Final = 5000
"""The oldest are forgotten beyond that."""


class Entry(Struct, frozen=True, kw_only=True):
    """A silence for a condition. Written down before it is sent, and once more when its id is known."""

    native: str
    key: str
    sent: NewSilence
    silence: str = ""
    """Its id; empty while nobody knows whether it was made."""


class Ledger:
    """The silences that rounds made at one source and has not ended. Waits for the disk in a thread."""

    def __init__(self, folder: Path, source: SourceName) -> None:
        self._path = folder / f"silences-{source}.json"
        self._turn = asyncio.Lock()

    async def of(self, native: str, key: str) -> list[Entry]:
        """The silences for a condition, oldest first."""
        found = await asyncio.to_thread(self._read)
        return [entry for entry in found if (entry.native, entry.key) == (native, key)]

    async def keep(self, *entries: Entry) -> None:
        """From now on these are the silences of their condition. Raises `OSError`."""
        await self._change(entries[0].native, entries[0].key, entries)

    async def forget(self, native: str, key: str) -> None:
        """Raises `OSError`."""
        await self._change(native, key, ())

    async def _change(self, native: str, key: str, now: tuple[Entry, ...]) -> None:
        async with self._turn:
            found = await asyncio.to_thread(self._read)
            kept = [entry for entry in found if (entry.native, entry.key) != (native, key)]
            await asyncio.to_thread(write_file, self._path, msgspec.json.encode([*kept, *now][-_MOST:]))

    def _read(self) -> list[Entry]:
        with contextlib.suppress(FileNotFoundError, msgspec.DecodeError, UnicodeDecodeError):
            return msgspec.json.decode(self._path.read_bytes(), type=list[Entry])
        return []
