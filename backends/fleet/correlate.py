"""One outage, one line: which issue explains which, with the reason in a sentence. Nothing is dropped.

Two rules, both plain enough to be right: what is wrong on a device that does not answer waits behind that; and when
every device of a site stopped answering within a few minutes, one of them stands for the site.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import timedelta
from typing import Final

import msgspec

from backends.fleet.devices import REACHABLE
from backends.fleet.model import Device, DeviceId, Health, Issue, IssueId, SafeText, safe

TOGETHER: Final = timedelta(minutes=5)
"""Devices that stopped answering within this time stopped for one reason."""
_NEAR_THE_UPLINK: Final = {"firewall": 0, "switch": 1, "access-point": 2, "server": 3}


def explained(devices: Sequence[Device], issues: Iterable[Issue]) -> dict[IssueId, Issue]:
    """The issues of one site's devices that have to change, with cause, number behind and reason."""
    found = list(issues)
    silent = _unanswered(devices, found)
    whole = _whole_site(devices, silent)
    cause: dict[IssueId, Issue] = {}
    for issue in found:
        own = silent.get(issue.device) if issue.device is not None else None
        root = whole if own is not None and whole is not None else own
        if root is not None and root.id != issue.id:
            cause[issue.id] = root
    behind = Counter(root.id for root in cause.values())
    out = {}
    for issue in found:
        placed = _placed(issue, cause.get(issue.id), behind[issue.id], whole, silent)
        if placed != issue:
            out[issue.id] = placed
    return out


def _unanswered(devices: Iterable[Device], issues: Iterable[Issue]) -> dict[DeviceId, Issue]:
    """Devices that are down, each with the issue that says so: the first by its key where several ways are tried."""
    down = {device.id for device in devices if device.health is Health.DOWN}
    return {
        issue.device: issue
        for issue in sorted(issues, key=lambda issue: issue.key, reverse=True)
        if issue.device is not None and issue.family == REACHABLE and issue.device in down
    }


def _whole_site(devices: Sequence[Device], silent: Mapping[DeviceId, Issue]) -> Issue | None:
    """The issue that stands for a site of which nothing answers any more."""
    watched = [device for device in devices if device.health is not Health.MAINTENANCE]
    if len(watched) < 2 or any(device.id not in silent for device in watched):
        return None
    began = [silent[device.id].since for device in watched]
    if max(began) - min(began) > TOGETHER:
        return None
    return min(
        (silent[device.id] for device in watched),
        key=lambda issue: (_NEAR_THE_UPLINK.get(issue.kind, 9), issue.since, issue.device_name, issue.id),
    )


def _placed(
    issue: Issue, root: Issue | None, behind: int, whole: Issue | None, silent: Mapping[DeviceId, Issue]
) -> Issue:
    return msgspec.structs.replace(
        issue,
        incident=root.id if root is not None else None,
        behind=behind,
        reason=_reason(issue, root, behind, whole, len(silent)),
    )


def _reason(issue: Issue, root: Issue | None, behind: int, whole: Issue | None, count: int) -> SafeText:
    if root is not None and root is whole and issue.device != root.device:
        return safe(f"Nothing at {issue.site_name} answers; {root.device_name} stands for all of it.")
    if root is not None:
        return safe(f"{issue.device_name} does not answer, so this cannot be seen now.")
    if whole is not None and issue.id == whole.id:
        return safe(
            f"All {count} devices of {issue.site_name} stopped answering within minutes of each other:"
            " look at its uplink and its power first."
        )
    if behind:
        what = "1 other problem of it waits" if behind == 1 else f"{behind} other problems of it wait"
        return safe(f"{issue.device_name} does not answer; {what} behind this.")
    return SafeText("")
