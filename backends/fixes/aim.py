"""What a fix is aimed at, as the engine knows it at this moment: the input of offers, guards and plans."""

from __future__ import annotations

from collections.abc import Callable

from msgspec import Struct

from backends.fleet.model import Check, Client, Device, Issue, SourceName
from backends.fleet.run import Run

RunsFixesOn = Callable[[SourceName], bool]
"""Whether fixes can be run through a source, with its credentials."""


class Aim(Struct, frozen=True, kw_only=True):
    """One device, the way to it, and the problem that is to end."""

    device: Device
    source: SourceName
    """The source that the fix goes through."""
    native: str
    """The device's id there."""
    client: Client | None = None
    issue: Issue | None = None
    check: Check | None = None
    """The evidence of the issue, where parameters come from."""
    busy: Run | None = None
    """A run that holds the device: one in flight, or one of unknown outcome that nobody has checked."""


def route(device: Device, issue: Issue | None, runs_fixes: RunsFixesOn) -> tuple[SourceName, str] | None:
    """The source that a fix on `device` goes through and the device's id there: the issue's own source first. None
    when no source of the device runs fixes."""
    ways = dict(zip(device.sources, device.natives, strict=True))
    wanted = [issue.source, *issue.sources] if issue is not None else []
    for source in (*wanted, *device.sources):
        if source in ways and runs_fixes(source):
            return source, ways[source]
    return None
