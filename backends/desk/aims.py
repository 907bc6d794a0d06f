"""From ids to what a fix is aimed at, by the facts of this moment."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from backends.api import Adapter, Can, RunsFixes, RunsOwnFixes
from backends.desk.protocol import DeskError, DeskErrorKind
from backends.fixes.aim import Aim, route
from backends.fixes.model import Fix
from backends.fixes.own import OwnHands
from backends.fleet.confirming import shown
from backends.fleet.fleet import Fleet
from backends.fleet.issues import conditions
from backends.fleet.model import Check, Device, DeviceId, Issue, IssueId, SourceName
from backends.text import safe


class Aims:
    """Looks devices, issues and the ways to them up in the current fleet."""

    def __init__(self, fleet: Callable[[], Fleet], adapters: Mapping[SourceName, Adapter]) -> None:
        self._fleet = fleet
        self._adapters = adapters

    def executor(self, source: SourceName, fix: Fix) -> RunsFixes | None:
        """The hands of a source for a fix; None when it has none with these credentials, or is gone."""
        adapter = self._adapters.get(source)
        if fix.own is None:
            return adapter if isinstance(adapter, RunsFixes) else None
        return OwnHands(adapter, fix.own) if source == fix.source and isinstance(adapter, RunsOwnFixes) else None

    def aim(self, device: DeviceId, issue: IssueId | None, source: SourceName) -> Aim | None:
        """The device as it is now by way of `source`, or by another way where it has lost that one; None when it is
        gone. The issue is left out when it is over."""
        fleet = self._fleet()
        known = fleet.devices.get(device)
        if known is None:
            return None
        known = shown(fleet, known)
        problem = fleet.issues.get(issue) if issue is not None else None
        ways = dict(zip(known.sources, known.natives, strict=True))
        way = (source, ways[source]) if source in ways else route(known, problem, self._runs_fixes)
        if way is None:
            return None
        return self._by(fleet, known, problem, way)

    def first(self, device: DeviceId, issue: IssueId | None = None) -> Aim | None:
        """The device by the best way that fixes can take to it; None when there is none."""
        fleet = self._fleet()
        known = self.device(device)
        problem = fleet.issues.get(issue) if issue is not None else None
        way = route(known, problem, self._runs_fixes)
        return None if way is None else self._by(fleet, known, problem, way)

    def ways(self, device: DeviceId, issue: IssueId | None = None) -> list[Aim]:
        """The device by each of its sources that runs fixes of its own."""
        fleet = self._fleet()
        known = self.device(device)
        problem = fleet.issues.get(issue) if issue is not None else None
        ways = zip(known.sources, known.natives, strict=True)
        return [self._by(fleet, known, problem, way) for way in ways if self._runs_own(way[0])]

    def for_fix(self, fix: Fix, device: DeviceId, issue: IssueId | None, given: Mapping[str, str]) -> Aim:
        """What `fix` is aimed at on `device`. Where no issue is named, it is the one there that the fix answers and
        that fits what was given. Raises `DeskError`."""
        known = self.device(device)
        if issue is not None:
            problem: Issue | None = self.issue(issue)
            if problem is not None and problem.device != device:
                problem = None  # of several targets, only one is the issue's own
        else:
            problem = self._answered(fix, known, given)
        if fix.source is not None:
            return self._by_own_way(fix.source, known, problem)
        aim = self.first(device, problem.id if problem else None)
        if aim is None:
            sources = ", ".join(known.sources) or "none"
            raise DeskError(
                DeskErrorKind.REFUSED,
                f"No source of {known.name} can run fixes with the credentials it has ({sources}).",
            )
        return aim

    def device(self, device: DeviceId) -> Device:
        """Raises `DeskError(NOT_FOUND)`."""
        fleet = self._fleet()
        known = fleet.devices.get(device)
        if known is None:
            raise DeskError(DeskErrorKind.NOT_FOUND, f"There is no device {safe(device, 80)}.")
        return shown(fleet, known)

    def issue(self, issue: IssueId) -> Issue:
        """Raises `DeskError(NOT_FOUND)`."""
        known = self._fleet().issues.get(issue)
        if known is None:
            raise DeskError(DeskErrorKind.NOT_FOUND, f"There is no open issue {safe(issue, 40)}; it may be over.")
        return known

    def evidence(self, issue: Issue) -> list[Check]:
        """The checks behind an issue, one a source; none where a source itself is the problem."""
        fleet = self._fleet()
        if issue.device is None:
            return []
        found: dict[SourceName, Check] = {}
        for check in conditions(fleet.checks_of(issue.device)).get(issue.key, []):
            found.setdefault(check.source, check)
        return [found[source] for source in sorted(found)]

    def able(self, source: SourceName, what: Can) -> Adapter | None:
        """The adapter of a source that can do that with these credentials; None when it cannot, or is gone."""
        known = self._fleet().sources.get(source)
        return self._adapters.get(source) if known is not None and known.can(what) else None

    def _by_own_way(self, source: SourceName, device: Device, issue: Issue | None) -> Aim:
        """The one way that a fix of that source can take. Raises `DeskError`."""
        ways = dict(zip(device.sources, device.natives, strict=True))
        if source not in ways:
            raise DeskError(DeskErrorKind.REFUSED, f"{source} does not know {device.name}: it can run nothing there.")
        if not self._runs_own(source):
            raise DeskError(DeskErrorKind.REFUSED, f"{source} runs nothing with the credentials it has.")
        return self._by(self._fleet(), device, issue, (source, ways[source]))

    def _runs_fixes(self, source: SourceName) -> bool:
        return isinstance(self._adapters.get(source), RunsFixes) and self._may(source, Can.RUN_FIXES)

    def _runs_own(self, source: SourceName) -> bool:
        return isinstance(self._adapters.get(source), RunsOwnFixes) and self._may(source, Can.RUN_OWN)

    def _may(self, source: SourceName, what: Can) -> bool:
        """Whether nothing is known against it."""
        known = self._fleet().sources.get(source)
        return known is None or what not in known.lacking

    def _by(self, fleet: Fleet, device: Device, issue: Issue | None, way: tuple[SourceName, str]) -> Aim:
        return Aim(
            device=device,
            source=way[0],
            native=way[1],
            client=fleet.clients.get(device.client),
            issue=issue,
            check=_evidence(fleet, issue) if issue is not None else None,
        )

    def _answered(self, fix: Fix, device: Device, given: Mapping[str, str]) -> Issue | None:
        fleet = self._fleet()
        fitting = [
            issue
            for issue in fleet.issues_of(device.id)
            if issue.family in fix.families and _fits(fix, _evidence(fleet, issue), given)
        ]
        fitting.sort(key=lambda issue: (issue.severity.rank, -issue.urgency, issue.id))
        if len(fitting) > 1 and any(parameter.source for parameter in fix.parameters):
            which = "; ".join(f"{issue.id} ({issue.title})" for issue in fitting[:5])
            raise DeskError(
                DeskErrorKind.WRONG_USE,
                f"{fix.title} answers {len(fitting)} issues of {device.name}: say which. {which}.",
            )
        return fitting[0] if fitting else None


def _evidence(fleet: Fleet, issue: Issue) -> Check | None:
    """The worst check behind an issue."""
    if issue.device is None:
        return None
    found = conditions(fleet.checks_of(issue.device)).get(issue.key, [])
    return found[0] if found else None


def _fits(fix: Fix, check: Check | None, given: Mapping[str, str]) -> bool:
    """Whether what was given as parameters is what the check is about."""
    about = {"subject": check.subject, "target": check.target} if check is not None else {}
    for parameter in fix.parameters:
        said, found = given.get(parameter.name), about.get(parameter.source)
        if said is not None and found and said != found:
            return False
    return True
