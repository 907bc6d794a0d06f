"""What is known of an Icinga as a `Reading`: pure, for the whole of it or for a few hosts."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Final

import msgspec
from msgspec import Struct

from backends.adapters.icinga2.handling import handling_of
from backends.adapters.icinga2.perfdata import telling
from backends.adapters.icinga2.placing import facts
from backends.adapters.icinga2.records import Checkable, Host, Service
from backends.adapters.icinga2.world import Spot, World, blockers
from backends.api import Check, Identity, SafeText, Sighting, SourceName, safe
from backends.fleet.conditions import Conditions
from backends.fleet.model import CheckState, Health, Severity
from backends.fleet.placement import Place, Placement

REACHABLE: Final = "reachable"
_STATES: Final = (CheckState.OK, CheckState.WARNING, CheckState.CRITICAL, CheckState.UNKNOWN)
_PLATFORMS: Final = {
    "linux": "linux",
    "windows": "windows",
    "freebsd": "freebsd",
    "openbsd": "openbsd",
    "netbsd": "netbsd",
    "darwin": "darwin",
    "macos": "darwin",
}
_KIND_VARIABLES: Final = ("kind", "role", "type", "device_type")
_KINDS: Final = frozenset(
    {"server", "workstation", "firewall", "switch", "access-point", "printer", "ups", "nas", "vm", "cloud", "other"}
)
_LATEST: Final = datetime(9000, 1, 1, tzinfo=UTC).timestamp()
_NEVER: Final = datetime.min.replace(tzinfo=UTC)
_NOWHERE: Final = Host(state=1.0, state_type=0.0, last_check=-1.0)
"""Stands for a host whose services we may see, and which we may not."""

Names = Mapping[str, tuple[str, str]]
"""Family and subject of a host's services, by the service's short name."""


class Moment(Struct, frozen=True, kw_only=True):
    """When something is told, by both clocks."""

    at: datetime
    there: float
    """By the server's clock, in seconds since 1970."""
    skew_s: float

    def when(self, there: float) -> datetime | None:
        """A time of the server by our clock; None for never, and for what is no time."""
        if not 0 < there < _LATEST:
            return None
        return datetime.fromtimestamp(there - self.skew_s, UTC)

    def past(self, there: float) -> datetime | None:
        """The same, and not ahead of now."""
        found = self.when(there)
        return min(found, self.at) if found is not None else None


def moment(at: datetime, skew_s: float | None = None) -> Moment:
    skew_s = skew_s or 0.0
    return Moment(at=at, there=at.timestamp() + skew_s, skew_s=skew_s)


def identity_of(source: SourceName, version: float) -> Identity:
    """Icinga has no fingerprint of a host, but for the time of its record, where there is one."""
    if not 0 < version < _LATEST:
        return Identity()
    return Identity(records=(f"{source}:{datetime.fromtimestamp(version, UTC).isoformat()}",))


class Teller:
    """Tells of hosts and their checks for one source. Remembers how services are called, where hosts belong, and what
    was told of those that have not changed since: nearly all of them, from one poll to the next."""

    def __init__(self, source: SourceName, placement: Placement) -> None:
        self._source = source
        self._placement = placement
        self._names: dict[str, tuple[Collection[str], Names]] = {}
        self._hosts: dict[str, tuple[tuple[object, ...], Sighting]] = {}
        self._told: dict[Spot, tuple[Checkable, tuple[tuple[str, str], float], Check]] = {}

    def forget_all_but(self, world: World) -> None:
        """Forget what was told of hosts that are not there any more."""
        there = world.hosts.keys() | world.services.keys()
        for native in self._names.keys() - there:
            del self._names[native]
        for native in self._hosts.keys() - there:
            del self._hosts[native]
        for spot in [spot for spot in self._told if spot[0] not in there]:
            del self._told[spot]

    def told(self, world: World, natives: Iterable[str], moment: Moment) -> dict[str, tuple[Sighting, list[Check]]]:
        """All that there is to tell of these hosts, of those of them that are there."""
        return {
            native: (self.sighting(world, native, moment), list(self.checks(world, native, moment)))
            for native in natives
            if native in world.hosts or native in world.services
        }

    def whole(self, world: World, moment: Moment) -> tuple[list[Sighting], list[Check]]:
        """Everything, at once."""
        self.forget_all_but(world)
        found = self.told(world, world.natives, moment).values()
        return [one for one, _ in found], [check for _, checks in found for check in checks]

    def names(self, world: World, native: str) -> Names:
        """How the services of a host are called here. The same as long as no service comes or goes."""
        services = world.services_of(native)
        before = self._names.get(native)
        if before is not None and before[0] == services.keys():
            return before[1]
        conditions = Conditions()
        names = {name: conditions.name(native, name) for name in sorted(services)}
        self._names[native] = (names.keys(), names)
        return names

    def spot(self, world: World, native: str, key: str) -> Spot | None:
        """The host or service whose check is called `key`; None where there is none."""
        if key == REACHABLE and native in world.hosts:
            return native, ""
        for service, (family, subject) in self.names(world, native).items():
            if key == (f"{family}/{subject}" if subject else family):
                return native, service
        return None

    def sighting(self, world: World, native: str, moment: Moment, *, partial: bool = False) -> Sighting:
        host = world.hosts.get(native, _NOWHERE)
        return msgspec.structs.replace(
            self._standing(native, host),
            health=_health(host),
            seen=_last_answer(host, moment),
            behind=_behind(world, native, host),
            partial=partial,
        )

    def _standing(self, native: str, host: Host) -> Sighting:
        """What does not move with every check, from before as long as what it is made of is the same."""
        made_of = (host.display_name, host.address, host.address6, host.vars, host.groups, host.zone, host.version)
        before = self._hosts.get(native)
        if before is not None and before[0] == made_of:
            return before[1]
        place = self._placement.place(facts(native, host, self._placement.facts))
        standing = Sighting(
            source=self._source,
            native=native,
            client=place.client,
            client_name=place.client_name,
            site=place.site,
            site_name=place.site_name,
            name=_name(native, host, place),
            kind=_kind(host),
            platform=_platform(host),
            address=safe(host.address or host.address6 or "", 80),
            identity=identity_of(self._source, host.version),
            seen=_NEVER,
        )
        self._hosts[native] = made_of, standing
        return standing

    def checks(self, world: World, native: str, moment: Moment, only: Collection[str] | None = None) -> Iterable[Check]:
        """The checks of a host: itself and its services, those in `only` (the host is "") where that is given."""
        host = world.hosts.get(native)
        if host is not None and (only is None or "" in only):
            yield self._check(world, (native, ""), host, (REACHABLE, ""), moment)
        names = self.names(world, native)
        for name, service in world.services_of(native).items():
            if only is None or name in only:
                yield self._check(world, (native, name), service, names[name], moment)

    def _check(
        self, world: World, spot: Spot, checkable: Checkable, condition: tuple[str, str], moment: Moment
    ) -> Check:
        before = self._told.get(spot)
        if before is not None and before[0] == checkable and before[1] == (condition, moment.skew_s):
            return _seen(before[2], vouched(checkable, moment))
        made = self._made(world, spot, checkable, condition, moment)
        if made.handling is None and made.since != moment.at:
            self._told[spot] = checkable, (condition, moment.skew_s), made
        else:
            self._told.pop(spot, None)  # this may be told differently though nothing of its own changes
        return made

    def _made(
        self, world: World, spot: Spot, checkable: Checkable, condition: tuple[str, str], moment: Moment
    ) -> Check:
        family, subject = condition
        result = checkable.last_check_result
        state = state_of(checkable)
        value = telling(result.performance_data, family, subject) if result is not None else None
        label = _label(spot, checkable)
        there = moment.there
        handling = None
        if checkable.acknowledgement > 0 or checkable.downtime_depth > 0:
            resting = world.downtimes.get(spot, {}).values()
            handling = handling_of(checkable, world.acknowledged.get(spot), resting, there, moment.when)
        return Check(
            source=self._source,
            native=spot[0],
            family=family,
            subject=subject,
            label=label,
            state=state,
            severity=_severity(checkable, state),
            summary=_summary(checkable, state, label, spot),
            advice=_advice(checkable, state),
            value=value.value if value else None,
            unit=safe(value.unit, 12) if value else "",
            warn=value.warn if value else None,
            crit=value.crit if value else None,
            since=moment.past(checkable.last_state_change or checkable.last_hard_state_change),
            seen=vouched(checkable, moment),
            handling=handling,
        )


def _seen(check: Check, at: datetime) -> Check:
    return check if check.seen == at else msgspec.structs.replace(check, seen=at)


def state_of(checkable: Checkable) -> CheckState:
    """A host that was never checked reads as down, and a service as unknown: neither is known to be anything."""
    if checkable.last_check_result is None:
        return CheckState.UNKNOWN
    if isinstance(checkable, Host):
        if checkable.state == 0:
            return CheckState.OK
        return CheckState.CRITICAL if checkable.state_type else CheckState.WARNING
    number = checkable.state
    return _STATES[int(number)] if number in (0.0, 1.0, 2.0, 3.0) else CheckState.UNKNOWN


def vouched(checkable: Checkable, moment: Moment) -> datetime:
    """Now, as long as Icinga itself does not wait for a result; else when the last one was there."""
    if checkable.last_check_result is None or not 0 < checkable.next_update < moment.there:
        return moment.at
    return moment.past(checkable.last_check) or moment.at


def _name(native: str, host: Host, place: Place) -> SafeText:
    return place.device or safe(host.display_name or native)


def _label(spot: Spot, checkable: Checkable) -> SafeText:
    return safe(checkable.display_name or spot[1], 120) if isinstance(checkable, Service) else SafeText("Reachable")


def _severity(checkable: Checkable, state: CheckState) -> Severity | None:
    if state is CheckState.OK:
        return None
    if checkable.last_check_result is None:
        return Severity.INFO
    return None if checkable.state_type else Severity.WARNING


def _advice(checkable: Checkable, state: CheckState) -> SafeText:
    if state is CheckState.OK or checkable.state_type or checkable.last_check_result is None:
        return SafeText("")
    attempt, most = checkable.check_attempt, checkable.max_check_attempts
    return safe(f"Icinga is not sure yet: attempt {attempt:.0f} of {most:.0f}")


def _summary(checkable: Checkable, state: CheckState, label: SafeText, spot: Spot) -> SafeText:
    result = checkable.last_check_result
    if result is None:
        return safe(f"{label} was never checked" if spot[1] else "It was never checked whether it answers")
    first = (result.output or "").lstrip().split("\n", 1)[0].rstrip()
    if not spot[1] and state is not CheckState.OK:
        return safe(f"Does not answer: {first}" if first else "Does not answer")
    if first or state is CheckState.OK:
        return safe(first)
    return safe(f"{label} is {state.value}, and its check says nothing")


def _platform(host: Host) -> str:
    told = (host.vars or {}).get("os", "")
    return _PLATFORMS.get(told.casefold(), "") if isinstance(told, str) else ""


def _kind(host: Host) -> str:
    """Where a custom variable says it in a word that is known here."""
    told = ((host.vars or {}).get(name) for name in _KIND_VARIABLES)
    return next((kind for value in told if isinstance(value, str) and (kind := value.casefold()) in _KINDS), "server")


def _health(host: Host) -> Health:
    if host.downtime_depth > 0:
        return Health.MAINTENANCE
    if host.last_check_result is None:
        return Health.UNKNOWN
    if host.state == 0:
        return Health.OK
    return Health.DOWN if host.state_type else Health.DEGRADED


def _last_answer(host: Host, moment: Moment) -> datetime:
    if host.last_check_result is None or host.state == 0:
        return vouched(host, moment)
    began = host.last_state_change or host.last_hard_state_change
    return moment.past(host.last_state_up) or moment.past(began) or moment.at


def _behind(world: World, native: str, host: Host) -> str:
    """The nearest host on the way that is down, where Icinga says that this one cannot be reached."""
    if host.last_reachable or host.state == 0 or host.last_check_result is None:
        return ""
    for name in blockers(world, native):
        parent = world.hosts.get(name)
        if parent is not None and parent.state and parent.last_check_result is not None:
            return name
    return ""


def skew_floor(world: World, at: datetime) -> float | None:
    """How far ahead the server's clock is at least, where it does not tell its time: no result is from its future."""
    ends = [host.last_check for host in world.hosts.values()]
    ends += [service.last_check for services in world.services.values() for service in services.values()]
    ahead = max(ends, default=0.0) - at.timestamp()
    return ahead if 2.0 < ahead < timedelta(days=365).total_seconds() else None
