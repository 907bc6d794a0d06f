"""One outage, one line: which issue explains which, with the reason in a sentence. Nothing is dropped.

Three rules, all plain enough to be right: what is wrong on a device that does not answer waits behind that; when every
device of a site stopped answering within a few minutes, one of them stands for the site; and what a source says cannot
be reached without another of its devices waits behind that one while it is down, wherever it stands.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import timedelta
from typing import Final

import msgspec

from backends.fleet.devices import REACHABLE
from backends.fleet.model import Device, DeviceId, Health, Issue, IssueId, SafeText, SiteId, safe

TOGETHER: Final = timedelta(minutes=5)
"""Devices that stopped answering within this time stopped for one reason."""
_NEAR_THE_UPLINK: Final = {"firewall": 0, "switch": 1, "access-point": 2, "server": 3}

_NONE: Final = frozenset[DeviceId]()

Uplinks = Mapping[DeviceId, Sequence[DeviceId]]
"""Behind which devices a device hangs, as its sources say."""


def explained(
    sites: Mapping[SiteId, Sequence[Device]], issues: Iterable[Issue], uplinks: Uplinks
) -> dict[IssueId, Issue]:
    """The issues of these sites' devices that have to change, with cause, number behind and reason. `sites` are all
    that hang together."""
    found = list(issues)
    outage = _Outage(sites, found, uplinks)
    cause: dict[IssueId, Issue] = {}
    for issue in found:
        root = outage.root(issue)
        if root is not None and root.id != issue.id:
            cause[issue.id] = root
    behind = Counter(root.id for root in cause.values())
    devices: dict[IssueId, set[DeviceId]] = {}
    for issue in found:
        if issue.id in cause and issue.device is not None:
            devices.setdefault(cause[issue.id].id, set()).add(issue.device)
    out = {}
    for issue in found:
        root = cause.get(issue.id)
        others = devices.get(issue.id, _NONE) - {issue.device}
        incident = root.id if root is not None else None
        reason = outage.why(issue, root) if root is not None else outage.spread(issue, behind[issue.id], len(others))
        if (incident, behind[issue.id], reason) != (issue.incident, issue.behind, issue.reason):
            out[issue.id] = msgspec.structs.replace(issue, incident=incident, behind=behind[issue.id], reason=reason)
    return out


class _Outage:
    """What does not answer at some sites, and what that hangs behind."""

    def __init__(self, sites: Mapping[SiteId, Sequence[Device]], issues: Sequence[Issue], uplinks: Uplinks) -> None:
        devices = [device for here in sites.values() for device in here]
        self._silent = _unanswered(devices, issues, Health.DOWN)
        self._whole = {site: whole for site, here in sites.items() if (whole := _whole_site(here, self._silent))}
        self._count = Counter(issue.site for issue in self._silent.values())
        self._above = self._links(_unanswered(devices, issues, Health.DOWN, Health.UNKNOWN), uplinks)
        self._roots: dict[DeviceId, Issue | None] = {}

    def root(self, issue: Issue) -> Issue | None:
        """The issue that stands for everything that is wrong on its device; None where each stands for itself."""
        device = issue.device
        if device is None or (device not in self._silent and device not in self._above):
            return None
        if device not in self._roots:
            self._roots[device] = self._followed(device) or self._silent.get(device)
        return self._roots[device]

    def why(self, issue: Issue, root: Issue) -> SafeText:
        """Why `root` explains `issue`."""
        if issue.device == root.device:
            return safe(f"{issue.device_name} does not answer, so this cannot be seen now.")
        if root is self._whole.get(issue.site) and issue.device not in self._above:
            return safe(f"Nothing at {issue.site_name} answers; {root.device_name} stands for all of it.")
        return safe(f"{issue.device_name} is behind {root.device_name}{_where(root, issue)}, which does not answer.")

    def spread(self, issue: Issue, behind: int, others: int) -> SafeText:
        """Why `issue` stands for those behind it; empty when it stands alone."""
        whole = self._whole.get(issue.site)
        if whole is not None and issue.id == whole.id:
            return safe(
                f"All {self._count[issue.site]} devices of {issue.site_name} stopped answering within minutes of each"
                " other: look at its uplink and its power first."
            )
        if not behind:
            return SafeText("")
        if others:
            what = "1 device" if others == 1 else f"{others} devices"
            waits = "1 problem waits" if behind == 1 else f"{behind} problems wait"
            return safe(f"{issue.device_name} does not answer, and {what} behind it cannot be reached; {waits} for it.")
        what = "1 other problem of it waits" if behind == 1 else f"{behind} other problems of it wait"
        return safe(f"{issue.device_name} does not answer; {what} behind this.")

    def _links(self, unreached: Mapping[DeviceId, Issue], uplinks: Uplinks) -> dict[DeviceId, DeviceId]:
        """The one device that each unreached device hangs behind, of those that do not answer either."""
        hung = {device for device in unreached if device in uplinks}
        links: dict[DeviceId, DeviceId] = {}
        for device in hung:
            above = [one for one in uplinks[device] if one != device and (one in self._silent or one in hung)]
            dead = [one for one in above if one in self._silent]
            if above:
                links[device] = (dead or above)[0]
        return links

    def _next(self, device: DeviceId) -> DeviceId | None:
        if device in self._above:
            return self._above[device]
        own = self._silent.get(device)
        whole = self._whole.get(own.site) if own is not None else None
        return whole.device if whole is not None and whole.device != device else None

    def _followed(self, device: DeviceId) -> Issue | None:
        """The end of the chain that a device hangs on; of a chain that goes in a circle the one that fell silent
        first."""
        path = [device]
        while (above := self._next(path[-1])) is not None:
            if above in path:
                circle = [self._silent[one] for one in path[path.index(above) :] if one in self._silent]
                return min(circle, key=lambda issue: (issue.since, issue.device_name, issue.id), default=None)
            path.append(above)
        return self._silent.get(path[-1])


def _unanswered(devices: Iterable[Device], issues: Iterable[Issue], *healths: Health) -> dict[DeviceId, Issue]:
    """Devices of such health that do not answer, each with the issue that says so: the first by its key where several
    ways are tried."""
    down = {device.id for device in devices if device.health in healths}
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


def _where(root: Issue, issue: Issue) -> SafeText:
    """Where the cause stands, when it is not where its effect is seen."""
    if root.site == issue.site:
        return SafeText("")
    return SafeText(f" at {root.client_name}/{root.site_name}")
