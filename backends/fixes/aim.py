"""What a fix is aimed at, as the engine knows it at this moment: the input of offers, guards and plans."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from msgspec import Struct

from backends.fleet.model import Check, Client, Device, Issue, SourceName
from backends.fleet.run import Consent, PlanTarget, Run
from backends.text import SafeText

_NONE: Final = SafeText("")

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


def target_of(aim: Aim, parameters: dict[str, str], consent: Consent, reason: SafeText = _NONE) -> PlanTarget:
    """The aim as it is now, for a plan to keep."""
    device, issue = aim.device, aim.issue
    return PlanTarget(
        device=device.id,
        client=device.client,
        client_name=device.client_name,
        site=device.site,
        site_name=device.site_name,
        name=device.name,
        kind=device.kind,
        platform=device.platform,
        address=device.address,
        source=aim.source,
        native=aim.native,
        identity=device.identity,
        boot_id=device.boot_id,
        health=device.health,
        seen=device.seen,
        issue=issue.id if issue else None,
        issue_key=issue.key if issue else "",
        issue_title=issue.title if issue else _NONE,
        owner=issue.owner if issue else "",
        parameters=parameters,
        consent=consent,
        reason=reason,
    )
