"""What one poll knows, as a reading. Pure: the same snapshot gives the same reading."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Final

import msgspec
from msgspec import Struct

from backends.adapters.zabbix.conditions import Trouble, handling_of, severity_of, summary_of, troubles
from backends.adapters.zabbix.gather import MOST_PROBLEMS, Snapshot
from backends.adapters.zabbix.hosts import Reach, reach_of, sighting_of, way_of
from backends.adapters.zabbix.limits import limit_of
from backends.adapters.zabbix.names import check_name, label_of
from backends.adapters.zabbix.records import Host, Item, Trigger, moment, number, whole
from backends.api import Check, Handling, Reading, Sighting, SourceName, safe
from backends.fleet.conditions import OTHER, Conditions, condition_of
from backends.fleet.model import CheckState, SafeText, Severity
from backends.fleet.placement import Placement
from backends.fleet.steps import Steps, finished
from backends.http.decode import AT_ONCE

REACHABLE: Final = "reachable"


Called = Mapping[str, Mapping[str, tuple[str, str]]]
"""Family and subject of what is open, by host and trigger."""


class Ground(Struct, frozen=True, kw_only=True):
    """What stands behind a check, for acting on it and for its history."""

    eventids: tuple[str, ...] = ()
    triggerid: str = ""
    itemids: tuple[str, ...] = ()
    item: Item | None = None
    """The one number behind it."""
    manual_close: bool = False
    host: SafeText = SafeText("")
    """The host's name there."""


class Read(Struct, frozen=True, kw_only=True):
    """A reading with the grounds of its checks, by native id and key."""

    reading: Reading
    grounds: dict[tuple[str, str], Ground]


def read(
    snapshot: Snapshot, source: SourceName, placement: Placement, *, disabled: bool = True, called: Called | None = None
) -> Read:
    """Everything that a complete poll knows. `called` are the names of what was open before."""
    return finished(reading(snapshot, source, placement, disabled=disabled, called=called))


def reading(
    snapshot: Snapshot, source: SourceName, placement: Placement, *, disabled: bool = True, called: Called | None = None
) -> Steps[Read]:
    """`read` in steps."""
    open_now, behind = yield from troubles(snapshot)
    yield
    by_host: dict[str, list[Trouble]] = {}
    for trouble in open_now:
        for native in dict.fromkeys(one.hostid for one in trouble.trigger.hosts):
            by_host.setdefault(native, []).append(trouble)
    said = _Said(snapshot, source, called or {})
    sightings: list[Sighting] = []
    yield
    for count, host in enumerate(snapshot.hosts.values(), 1):
        if count % AT_ONCE == 0:
            yield
        if host.disabled and not disabled:
            continue
        reach = reach_of(host, snapshot)
        sighting = sighting_of(host, snapshot, source, placement, reach)
        down = said.host(host, reach, by_host.get(host.hostid, ()))
        if down and host.hostid in behind:
            sighting = msgspec.structs.replace(sighting, behind=behind[host.hostid])
        sightings.append(sighting)
    told = Reading(
        source=source,
        at=snapshot.at,
        sightings=tuple(sightings),
        checks=tuple(said.checks),
        quarantined=snapshot.quarantined,
        skew_s=snapshot.skew_s,
        note=_note(snapshot),
    )
    return Read(reading=told, grounds=said.grounds)


class _Said:
    """The checks of all hosts, as they are put together."""

    def __init__(self, snapshot: Snapshot, source: SourceName, called: Called) -> None:
        self.checks: list[Check] = []
        self.grounds: dict[tuple[str, str], Ground] = {}
        self._snapshot = snapshot
        self._source = source
        self._names = Conditions()
        self._called = called

    def host(self, host: Host, reach: Reach, found: Iterable[Trouble]) -> bool:
        """Put the checks of one host; whether it does not answer."""
        if host.disabled:
            return False
        of_life = [one for one in found if one.of_life and reach.state is not CheckState.OK]
        down = reach.state is CheckState.CRITICAL or bool(of_life)
        if reach.state is not None or of_life:
            self._reachable(host, reach, of_life)
        for interface in reach.mute:
            self._mute(host, reach.seen, way_of(interface), interface.error)
        told = [one for one in found if one not in of_life]
        names = self._named(host.hostid, [one.trigger for one in told])
        for trouble in told:
            self._trouble(host, reach.seen, trouble, *names[trouble.trigger.triggerid])
        return down

    def _named(self, native: str, triggers: list[Trigger]) -> dict[str, tuple[str, str]]:
        """Family and subject for each of a host's triggers. One that was open before keeps its name, and none gets a
        name by which another one was known just now: what was decided about that is not about this."""
        before = self._called.get(native, {})
        names: dict[str, tuple[str, str]] = {}
        for trigger in triggers:
            name = before.get(trigger.triggerid)
            if name and _still_called(trigger, name) and self._names.keep(native, *name):
                names[trigger.triggerid] = name
        for family, subject in before.values():
            if family == OTHER:  # a full disk is a full disk, whichever trigger says so
                self._names.keep(native, family, subject)
        for trigger in sorted(triggers, key=lambda one: (whole(one.triggerid) or 0, one.triggerid)):
            if trigger.triggerid not in names:
                names[trigger.triggerid] = self._names.name(native, check_name(trigger.description))
        return names

    def _reachable(self, host: Host, reach: Reach, of_life: list[Trouble]) -> None:
        """One condition, whether an interface says it or a trigger, or both do."""
        label = safe("Reachable")
        if of_life:
            self._trouble(host, reach.seen, of_life[0], REACHABLE, "", label=label, others=of_life[1:])
            return
        quiet = self._maintenance(host)
        why = f": {reach.why}" if reach.why else ""
        down = reach.state is CheckState.CRITICAL
        check = Check(
            source=self._source,
            native=host.hostid,
            family=REACHABLE,
            label=label,
            state=CheckState.CRITICAL if down else CheckState.OK,
            summary=safe(f"{host.name or host.host} does not answer{why}" if down else ""),
            since=reach.since if down else None,
            seen=reach.seen,
            handling=quiet if down else None,
        )
        self._put(check, Ground(host=safe(host.name or host.host)))

    def _mute(self, host: Host, seen: datetime, way: str, error: str) -> None:
        family, subject = self._names.name(host.hostid, way)
        check = Check(
            source=self._source,
            native=host.hostid,
            family=family,
            subject=subject,
            label=safe(way),
            state=CheckState.WARNING,
            summary=safe(f"No answer by {way}: {error}" if error else f"No answer by {way}"),
            seen=seen,
            handling=self._maintenance(host),
        )
        self._put(check, Ground(host=safe(host.name or host.host)))

    def _trouble(
        self,
        host: Host,
        seen: datetime,
        trouble: Trouble,
        family: str,
        subject: str,
        *,
        label: SafeText | None = None,
        others: Iterable[Trouble] = (),
    ) -> None:
        problems = [problem for one in (trouble, *others) for problem in one.problems]
        severity = severity_of(trouble.worst)
        serious = family == REACHABLE or severity in (Severity.CRITICAL, Severity.HIGH)
        began = [when for one in problems if (when := moment(one.clock, self._snapshot.skew_s)) is not None]
        item = trouble.item if family != REACHABLE else None
        limit = limit_of(trouble.trigger.expression) if item else None
        latest = self._snapshot.items.get(item.itemid, item) if item else None
        check = Check(
            source=self._source,
            native=host.hostid,
            family=family,
            subject=subject,
            label=label or label_of(trouble.trigger.description),
            state=CheckState.CRITICAL if serious else CheckState.WARNING,
            severity=severity,
            summary=summary_of(trouble),
            value=number(latest.lastvalue) if latest else None,
            unit=safe(item.units.removeprefix("!"), 16) if item else "",
            warn=None if serious else limit,
            crit=limit if serious else None,
            since=min((*began, self._snapshot.at)) if began else None,
            seen=seen,
            handling=handling_of(problems, self._snapshot),
        )
        ground = Ground(
            eventids=tuple(one.eventid for one in problems),
            triggerid=trouble.trigger.triggerid,
            itemids=tuple(one.itemid for one in trouble.trigger.items),
            item=item,
            manual_close=trouble.trigger.manual_close == "1",
            host=safe(host.name or host.host),
        )
        self._put(check, ground)

    def _put(self, check: Check, ground: Ground) -> None:
        self.checks.append(check)
        self.grounds[check.native, check.key] = ground

    def _maintenance(self, host: Host) -> Handling | None:
        if not host.in_maintenance:
            return None
        return Handling(quiet=True, quiet_by=safe(self._snapshot.maintenances.get(host.maintenanceid, "")))


def called(grounds: Mapping[tuple[str, str], Ground]) -> Called:
    """What the triggers of problems that are open are called."""
    found: dict[str, dict[str, tuple[str, str]]] = {}
    for (native, key), ground in grounds.items():
        if ground.eventids and key != REACHABLE:
            family, _, subject = key.partition("/")
            found.setdefault(native, {})[ground.triggerid] = (family, subject)
    return found


def _still_called(trigger: Trigger, name: tuple[str, str]) -> bool:
    """Whether it is a name for what the trigger is about now."""
    about = check_name(trigger.description)
    own = name[0] == OTHER and (name[1] == about or name[1].startswith(f"{about} ("))
    return own or name == condition_of(about)


def _note(snapshot: Snapshot) -> SafeText:
    notes = []
    if snapshot.stopped is not None:
        since = f"{snapshot.stopped:%Y-%m-%d %H:%M} UTC"
        notes.append(f"no new values since {since}: look whether zabbix_server is running")
    if snapshot.truncated:
        notes.append(f"truncated at {snapshot.truncated:,} problems (at most {MOST_PROBLEMS:,} are read)")
    return safe("; ".join(notes))
