"""What happened to a device, and around it, in the time before something went wrong. Pure; the newest comes first.

Around a device is its site: whatever happens to what the site hangs on (firewall, switch, UPS), and who else there
stopped answering. What ails a neighbour otherwise is no news here.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime, timedelta
from itertools import islice
from typing import Final

from backends.fleet.devices import REACHABLE
from backends.fleet.fleet import Fleet
from backends.fleet.happened import Deed, Happened
from backends.fleet.issues import since_of
from backends.fleet.model import Check, CheckState, Device, DeviceId, Issue, SafeText, issue_id
from backends.fleet.run import Run

BEFORE: Final = timedelta(hours=2)
"""What happened earlier is hardly the reason."""
JOB: Final = "job"
_BEARS_THE_SITE: Final = frozenset({"firewall", "router", "switch", "ups"})
_LOOKED_AT: Final = 2000
"""Devices of one site; a bigger one is no site."""
_SHOWN: Final = 30


def near(fleet: Fleet, device: Device, runs: Iterable[Run], now: datetime) -> tuple[Happened, ...]:
    """What happened to the device and around it in the two hours before one of its open issues began. `runs` are the
    latest of the whole fleet."""
    issues = fleet.issues_of(device.id)
    if not issues:
        return ()
    around = {device.id: device} | dict(_around(fleet, device))
    found = [*_runs(around, runs)]
    for one in around.values():
        found += _told(fleet, one, now, whole=one.id == device.id or one.kind in _BEARS_THE_SITE)
    # Two sources may tell of one condition.
    wanted = {(one.at, one.deed, one.issue, one.device_name): one for one in found if _explains(one, issues)}
    return tuple(sorted(wanted.values(), key=lambda one: (one.at, one.device_name, one.title), reverse=True)[:_SHOWN])


def _explains(one: Happened, issues: Sequence[Issue]) -> bool:
    return any(one.issue != issue.id and issue.since - BEFORE <= one.at <= issue.since for issue in issues)


def _around(fleet: Fleet, device: Device) -> Iterator[tuple[DeviceId, Device]]:
    """Others of its site that may matter: those that bear it, and those on which something is wrong."""
    for name in islice(fleet.index.sites.get(device.site, ()), _LOOKED_AT):
        other = fleet.devices[name]
        if other.id != device.id and (other.kind in _BEARS_THE_SITE or name in fleet.index.issues):
            yield name, other


def _runs(around: dict[DeviceId, Device], runs: Iterable[Run]) -> Iterator[Happened]:
    for run in runs:
        one = around.get(run.device)
        if one is not None and run.state.ended and run.ended is not None:
            yield Happened(at=run.ended, deed=Deed.RUN, device_name=one.name, title=run.title, by=run.by)


def _told(fleet: Fleet, device: Device, now: datetime, *, whole: bool) -> Iterator[Happened]:
    """What its sources tell of it; not `whole`: only that it does not answer."""
    if whole and device.booted is not None:
        yield Happened(at=device.booted, deed=Deed.BOOT, device_name=device.name)
    for check in fleet.checks_of(device.id):
        if check.family == JOB and whole and check.state is CheckState.OK:
            if check.since is not None:
                yield Happened(at=check.since, deed=Deed.JOB, device_name=device.name, title=_outcome(check))
        elif whole or check.family == REACHABLE:
            yield from _conditions(fleet, device, check, now, Deed.CONDITION if whole else Deed.SILENT)


def _outcome(check: Check) -> SafeText:
    return check.summary or SafeText(f"{check.label} ended")


def _conditions(fleet: Fleet, device: Device, check: Check, now: datetime, deed: Deed) -> Iterator[Happened]:
    """When it was wrong: now, and the times before that are remembered."""
    name = issue_id(device.id, check.key)
    issue = fleet.issues.get(name)
    if check.state is not CheckState.OK:
        yield Happened(
            at=issue.since if issue is not None else since_of(check, now),
            deed=deed,
            device_name=device.name,
            title=check.summary or check.label,
            issue=name,
        )
    for episode in fleet.episodes.get(name, ()):
        if episode.ended is not None:
            yield Happened(
                at=episode.began,
                deed=deed,
                device_name=device.name,
                title=check.label,
                issue=name,
                over=episode.ended,
            )
