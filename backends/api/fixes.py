"""Capabilities by which something is done on a device."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Protocol, runtime_checkable

from msgspec import Struct

from backends.fleet.model import Identity, RunId
from backends.fleet.reading import Reading
from backends.fleet.run import OwnFix


class Script(Struct, frozen=True, kw_only=True):
    """One step of a fix, ready to run: fixed code, and parameters as arguments."""

    code: str
    """POSIX sh. Contains no data."""
    arguments: tuple[str, ...] = ()
    """`$1` and on; quoted by the adapter."""
    deadline_s: float = 60.0
    disconnects: bool = False
    """The step is expected to end the connection (reboot): a connection lost after it was sent is then success."""
    action: str = ""
    """The fix's name, for adapters that do not run scripts (demo)."""


class Executed(Struct, frozen=True, kw_only=True):
    """A step that came to its end."""

    exit: int


Emit = Callable[[bytes], None]
"""Takes raw output as it comes; bounded by the caller."""


@runtime_checkable
class RunsFixes(Protocol):
    """Fixes run on the source's devices."""

    async def identify(self, native: str) -> tuple[Identity, str]:
        """Who answers there right now, and its boot id; asked just before anything is sent. Raises `NotSent`."""
        ...

    async def execute(self, native: str, script: Script, run: RunId, emit: Emit) -> Executed:
        """Run one step. Raises `NotSent` or `OutcomeUnknown`; never retries."""
        ...

    async def look(self, native: str) -> Reading:
        """Read this one device again now, for verification. Raises `SourceError`."""
        ...


@runtime_checkable
class OpensShell(Protocol):
    """The technician's terminal can be put on a device."""

    def shell(self, native: str) -> tuple[str, ...]:
        """The program and its arguments; no secret in them. Raises `NotSent` with a sentence when it cannot be."""
        ...


@runtime_checkable
class RunsOwnFixes(Protocol):
    """The source runs things of its own on its devices: scripts and commands that are defined there. Its readings tell
    which (`Reading.fixes`). `identify` and `look` are those of `RunsFixes`."""

    async def identify(self, native: str) -> tuple[Identity, str]:
        """Who is known there by that id right now, and its boot id where the source tells it; asked just before
        anything is sent. Raises `NotSent`."""
        ...

    async def perform(self, native: str, fix: OwnFix, arguments: Mapping[str, str], run: RunId, emit: Emit) -> Executed:
        """Have `fix` done on one device. A source that tells no exit code gives 0 when it says that it went well, 1
        when it says that it did not. Raises `NotSent` or `OutcomeUnknown`; never retries."""
        ...

    async def look(self, native: str) -> Reading:
        """Read this one device again now, for verification. Raises `SourceError`."""
        ...
