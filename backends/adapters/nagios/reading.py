"""What one round of answers means: world and objects in, `Reading` out. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import Final

from msgspec import Struct
from msgspec.structs import replace

from backends.adapters.nagios.handling import handling_of
from backends.adapters.nagios.placing import facts
from backends.adapters.nagios.records import (
    ACTIVE,
    SERVICE_CRITICAL,
    SERVICE_OK,
    SERVICE_UNKNOWN,
    SERVICE_WARNING,
    Checkable,
    Comment,
    Downtime,
    Group,
    Host,
    HostObject,
)
from backends.adapters.nagios.world import Objects, Spot, World, cause
from backends.api import Can, Check, Reading, SafeText, Sighting, SourceName, safe
from backends.fleet.conditions import Conditions
from backends.fleet.model import CheckState, Health, Severity
from backends.fleet.perfdata import telling, values
from backends.fleet.placement import Placement

REACHABLE: Final = "reachable"
LATE_S: Final = 120.0
"""So long after its time a result may come: checks wait for their turn and take their time (60 s by default)."""
_STATES: Final = {
    SERVICE_OK: CheckState.OK,
    SERVICE_WARNING: CheckState.WARNING,
    SERVICE_UNKNOWN: CheckState.UNKNOWN,
    SERVICE_CRITICAL: CheckState.CRITICAL,
}
_PLATFORMS: Final = {"linux", "windows", "freebsd", "openbsd", "netbsd", "darwin"}
_LATEST: Final = datetime(9000, 1, 1, tzinfo=UTC).timestamp()
_NOWHERE: Final = Host(status=1, has_been_checked=False)
"""Stands for a host whose services we may see, and which we may not."""


class Moment(Struct, frozen=True, kw_only=True):
    """When a reading is made, by both clocks, and what Nagios vouches for."""

    at: datetime
    there: float
    """By the server's clock, in seconds since 1970."""
    skew_s: float
    vouched: datetime
    """When Nagios last said how things are: now, unless its status file is older than it should be."""
    active: bool = True
    """Nagios runs checks of its own at all: of the hosts."""
    active_services: bool = True

    def when(self, told: float) -> datetime | None:
        """A time of the server by our clock; None for never, and for what is no time."""
        there = told / 1000
        return datetime.fromtimestamp(there - self.skew_s, UTC) if 0 < there < _LATEST else None

    def past(self, told: float) -> datetime | None:
        """The same, and not ahead of now."""
        found = self.when(told)
        return min(found, self.at) if found is not None else None


def moment_of(world: World, at: datetime, status_age_s: float) -> Moment:
    """`status_age_s` is when a status file counts as dead; until a third of that it counts as now."""
    status = world.status
    skew_s = status.skew_s or 0.0
    moment = Moment(
        at=at,
        there=at.timestamp() + skew_s,
        skew_s=skew_s,
        vouched=at,
        active=status.program.execute_host_checks,
        active_services=status.program.execute_service_checks,
    )
    if status.age_s <= status_age_s / 3:
        return moment
    written = moment.past(1000 * status.written) or at
    return replace(moment, vouched=written)


class Names:
    """How the services of each host are called here. Remembers, for they are the same as long as none comes or
    goes."""

    def __init__(self) -> None:
        self._known: dict[str, tuple[frozenset[str], dict[str, tuple[str, str]]]] = {}

    def of(self, native: str, services: Mapping[str, object]) -> Mapping[str, tuple[str, str]]:
        """Family and subject by the service's name."""
        before = self._known.get(native)
        if before is not None and before[0] == services.keys():
            return before[1]
        conditions = Conditions()
        names = {name: conditions.name(native, name) for name in sorted(services)}
        self._known[native] = (frozenset(names), names)
        return names

    def spot(self, world: World, native: str, key: str) -> Spot | None:
        """The host or service whose check is called `key`; None where there is none."""
        if key == REACHABLE and native in world.hosts:
            return native, ""
        for service, (family, subject) in self.of(native, world.services.get(native, {})).items():
            if key == (f"{family}/{subject}" if subject else family):
                return native, service
        return None


class Telling(Struct, frozen=True, kw_only=True):
    """All that a reading is made of."""

    source: SourceName
    placement: Placement
    names: Names
    world: World
    objects: Objects
    moment: Moment
    groups: Mapping[str, Sequence[Group]]
    resting: Mapping[Spot, Sequence[Downtime]]
    acknowledged: Mapping[Spot, Comment]

    def sighting(self, native: str) -> Sighting:
        host, known = self.world.hosts.get(native, _NOWHERE), self.objects.hosts.get(native)
        place = self.placement.place(facts(native, known, self.groups.get(native, ()), self.placement.facts))
        return Sighting(
            source=self.source,
            native=native,
            client=place.client,
            client_name=place.client_name,
            site=place.site,
            site_name=place.site_name,
            name=place.device or safe((known.display_name if known else "") or native),
            platform=_platform(known),
            address=safe(known.address if known else "", 80),
            health=_health(host),
            seen=_last_answer(host, self.moment),
            behind=cause(self.world, self.objects, native) if host.unreachable else "",
        )

    def checks(self, native: str) -> Iterator[Check]:
        """The host itself and its services."""
        host = self.world.hosts.get(native)
        if host is not None:
            yield self._check((native, ""), host, (REACHABLE, ""))
        services = self.world.services.get(native, {})
        names = self.names.of(native, services)
        for name, service in services.items():
            yield self._check((native, name), service, names[name])

    def _check(self, spot: Spot, one: Checkable, condition: tuple[str, str]) -> Check:
        family, subject = condition
        moment, state = self.moment, state_of(one)
        value = telling(values(one.perf_data), family, subject) if one.perf_data and not one.pending else None
        label = safe(spot[1], 120) if spot[1] else SafeText("Reachable")
        return Check(
            source=self.source,
            native=spot[0],
            family=family,
            subject=subject,
            label=label,
            state=state,
            severity=_severity(one, state),
            summary=_summary(one, state, label),
            advice=_advice(one, state),
            value=value.value if value else None,
            unit=safe(value.unit, 12) if value else "",
            warn=value.warn if value else None,
            crit=value.crit if value else None,
            since=None if one.pending else moment.past(one.last_state_change),
            seen=vouched(one, moment),
            handling=handling_of(one, self.acknowledged.get(spot), self.resting.get(spot, ()), moment.when),
        )


def reading_of(
    world: World,
    objects: Objects,
    moment: Moment,
    *,
    source: SourceName,
    placement: Placement,
    names: Names,
    lacks: tuple[Can, ...] = (),
) -> Reading:
    """What it all means."""
    whole = Telling(
        source=source,
        placement=placement,
        names=names,
        world=world,
        objects=objects,
        moment=moment,
        groups=objects.groups_of(),
        resting=world.resting(),
        acknowledged=world.acknowledged(),
    )
    natives = world.natives
    return Reading(
        source=source,
        at=moment.at,
        sightings=tuple(whole.sighting(native) for native in natives),
        checks=tuple(check for native in natives for check in whole.checks(native)),
        quarantined=world.spoiled + world.nameless,
        version=safe(f"Nagios {world.status.program.version}", 40),
        skew_s=world.status.skew_s,
        lacks=lacks,
        note=note_of(world, moment),
    )


def state_of(one: Checkable) -> CheckState:
    """What was never checked is not known to be anything."""
    if one.pending:
        return CheckState.UNKNOWN
    if isinstance(one, Host):
        if one.well:
            return CheckState.OK
        return CheckState.WARNING if one.soft else CheckState.CRITICAL
    return _STATES.get(one.status, CheckState.UNKNOWN)


def vouched(one: Checkable, moment: Moment) -> datetime:
    """When Nagios last knew: now, as long as it does not itself wait for a result. An active check that is late or
    switched off is as old as its last result; a passive one stands until Nagios says otherwise."""
    if one.pending:
        return moment.vouched
    running = moment.active if isinstance(one, Host) else moment.active_services
    if one.check_type == ACTIVE:
        off = not one.checks_enabled or (one.should_be_scheduled and not running)
        late = one.should_be_scheduled and 0 < one.next_check / 1000 < moment.there - LATE_S
        if off or late:
            return min(moment.past(one.last_check) or moment.vouched, moment.vouched)
    return moment.vouched


def note_of(world: World, moment: Moment) -> SafeText:
    """What the technician should know of the source."""
    notes = [world.cut] if world.cut else []
    if world.nameless:
        notes.append(
            f"{world.nameless} names cannot be written by its CGIs and are left out: "
            "install the locale C.UTF-8 or en_US.UTF-8 there"
        )
    if not moment.active_services or not moment.active:
        what = " and ".join(
            name for name, runs in (("host", moment.active), ("service", moment.active_services)) if not runs
        )
        notes.append(f"active {what} checks are switched off there")
    return safe("; ".join(notes))


def _severity(one: Checkable, state: CheckState) -> Severity | None:
    if state is CheckState.OK:
        return None
    if one.pending:
        return Severity.INFO
    return Severity.WARNING if one.soft else None


def _advice(one: Checkable, state: CheckState) -> SafeText:
    if state is CheckState.OK or one.pending:
        return SafeText("")
    if one.soft:
        return safe(f"Nagios is not sure yet: attempt {one.current_attempt:.0f} of {one.max_attempts:.0f}")
    return SafeText("Nagios says that it flaps") if one.is_flapping else SafeText("")


def _summary(one: Checkable, state: CheckState, label: SafeText) -> SafeText:
    host = isinstance(one, Host)
    if one.pending:
        return safe("It was never checked whether it answers" if host else f"{label} was never checked")
    said = one.plugin_output.strip()
    if host and state is not CheckState.OK:
        what = "Cannot be reached" if isinstance(one, Host) and one.unreachable else "Does not answer"
        return safe(f"{what}: {said}" if said else what)
    if said or state is CheckState.OK:
        return safe(said)
    return safe(f"{label} is {state.value}, and its check says nothing that can be read")


def _platform(host: HostObject | None) -> str:
    told = (host.custom_variables.get("OS", "") if host else "").casefold()
    return told if told in _PLATFORMS else ""


def _health(host: Host) -> Health:
    if host.scheduled_downtime_depth > 0:
        return Health.MAINTENANCE
    if host.pending:
        return Health.UNKNOWN
    if host.well:
        return Health.OK
    return Health.DEGRADED if host.soft else Health.DOWN


def _last_answer(host: Host, moment: Moment) -> datetime:
    if host.pending or host.well:
        return vouched(host, moment)
    return moment.past(host.last_time_up) or moment.past(host.last_state_change) or moment.vouched
