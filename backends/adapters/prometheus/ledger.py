"""Which silences are ours: kept in the profile's folder, since Alertmanager knows only the name that we gave."""

from __future__ import annotations

import asyncio
import contextlib
from pathlib import Path
from typing import Final

import msgspec
from msgspec import Struct

from backends.api import SourceName, slug
from backends.private import write_file

_MOST: Final = 5000
"""The oldest are forgotten beyond that."""


class Entry(Struct, frozen=True, kw_only=True):
    """A silence that was made for a condition."""

    native: str
    key: str
    silence: str


class Ledger:
    """The silences that rounds made at one source and has not ended. Waits for the disk in a thread."""

    def __init__(self, folder: Path, source: SourceName) -> None:
        self._path = folder / f"silences-{slug(source)}.json"
        self._turn = asyncio.Lock()

    async def of(self, native: str, key: str) -> list[str]:
        """The ids of the silences for a condition, oldest first."""
        found = await asyncio.to_thread(self._read)
        return [entry.silence for entry in found if (entry.native, entry.key) == (native, key)]

    async def keep(self, native: str, key: str, silence: str) -> None:
        """From now on this is the condition's silence. Raises `OSError`."""
        await self._change(native, key, [Entry(native=native, key=key, silence=silence)])

    async def forget(self, native: str, key: str) -> None:
        """Raises `OSError`."""
        await self._change(native, key, [])

    async def _change(self, native: str, key: str, now: list[Entry]) -> None:
        async with self._turn:
            found = await asyncio.to_thread(self._read)
            kept = [entry for entry in found if (entry.native, entry.key) != (native, key)]
            await asyncio.to_thread(write_file, self._path, msgspec.json.encode([*kept, *now][-_MOST:]))

    def _read(self) -> list[Entry]:
        with contextlib.suppress(FileNotFoundError, msgspec.DecodeError, UnicodeDecodeError):
            return msgspec.json.decode(self._path.read_bytes(), type=list[Entry])
        return []
