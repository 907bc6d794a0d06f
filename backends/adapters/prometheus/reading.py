"""What Alertmanager and Prometheus said -> `Reading`, with the evidence behind each check. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Final

import msgspec
from msgspec import Struct

from backends.adapters.prometheus.alerting import alerting_checks
from backends.adapters.prometheus.alerts import Firing, Seen, alert_check
from backends.adapters.prometheus.cluster import Heard
from backends.adapters.prometheus.matchers import fits
from backends.adapters.prometheus.names import Named, condition, device_of
from backends.adapters.prometheus.promql import is_up_rule
from backends.adapters.prometheus.records import Target
from backends.adapters.prometheus.rules import Origins, expression_of
from backends.adapters.prometheus.server import ServerFacts
from backends.adapters.prometheus.targets import EXPORTER, REACHABLE, answering, exporter_subject
from backends.api import Can, Check, Reading, Sighting, SourceError, safe
from backends.fleet.conditions import OTHER, Conditions
from backends.fleet.model import Health

_CLOCKS_DIFFER_S: Final = 60.0
Key = tuple[str, str]
"""A device's native id and a check's key."""


class Evidence(Struct, frozen=True, kw_only=True):
    """What stands behind one check."""

    firing: tuple[Firing, ...] = ()
    target: Target | None = None


class Read(Struct, frozen=True, kw_only=True):
    """A reading, and by what it can be acted on."""

    reading: Reading
    evidence: Mapping[Key, Evidence]


class _Device:
    """One device while a reading is put together."""

    def __init__(self, named: Named) -> None:
        self.named = named
        self.targets: list[Target] = []
        self.firing: dict[tuple[str, str], list[Firing]] = {}
        """By what they are about: the name that others may have for it too, and its own."""


class Assembly:
    """Puts one reading together."""

    def __init__(
        self,
        seen: Seen,
        facts: ServerFacts | None,
        fault: SourceError | None,
    ) -> None:
        """`facts` are what Prometheus says, `fault` is why it does not: then they are those of before."""
        self._seen, self._facts, self._fault = seen, facts, fault
        self._options, self._heard, self._at = seen.options, seen.heard, seen.at
        self._settled = settled(seen.heard, seen.options.settle_s, seen.at)
        self._devices: dict[str, _Device] = {}
        self._by_instance: dict[str, set[str]] = {}
        self._present: set[str] = set()
        """Watchdogs that are there, by their text."""
        self._evidence: dict[Key, Evidence] = {}

    def read(self) -> Read:
        self._take_targets()
        self._take_alerts()
        alerting = alerting_checks(self._seen, self._present, self._facts, self._fault, settled=self._settled)
        for one in alerting:
            self._device(one.device)
        sightings, checks = [], []
        for native in sorted(self._devices):
            device = self._devices[native]
            told = next((one for one in alerting if one.device.native == native), None)
            if self._fault is not None and told is None and not device.firing:
                continue  # only Prometheus speaks of it: what it said grows old
            mine, sighting = self._judged(device)
            if told is not None:
                mine += told.checks
                sighting = msgspec.structs.replace(sighting, health=told.health)
            sightings.append(sighting)
            checks += mine
        return Read(reading=self._reading(sightings, checks), evidence=self._evidence)

    def _reading(self, sightings: list[Sighting], checks: list[Check]) -> Reading:
        heard, facts = self._heard, self._facts
        notes = [*heard.away]
        if not self._settled:
            notes.append(safe("Alertmanager has just been started and is not yet told everything again"))
        if self._fault is not None:
            notes.append(safe(f"Prometheus is away: {self._fault.sentence}"))
        version = heard.version
        if facts is not None and facts.version:
            version = safe(f"{heard.version}, {facts.version}", 120)
        return Reading(
            source=self._seen.source,
            at=self._at,
            sightings=tuple(sightings),
            checks=tuple(checks),
            complete=self._settled and self._fault is None,
            quarantined=heard.spoiled + (facts.spoiled if facts is not None and self._fault is None else 0),
            version=version,
            skew_s=heard.skew_s,
            lacks=() if self._options.prometheus is not None else (Can.HISTORY,),
            note=safe("; ".join(note for note in notes if note), 512),
        )

    def _device(self, named: Named) -> _Device:
        return self._devices.setdefault(named.native, _Device(named))

    def _take_targets(self) -> None:
        if self._facts is None:
            return
        for target in self._facts.targets:
            named = device_of({**self._facts.external, **target.labels}, self._options)
            self._device(named).targets.append(target)
            if instance := target.labels.get("instance"):
                self._by_instance.setdefault(instance, set()).add(named.native)

    def _take_alerts(self) -> None:
        facts = self._facts
        origins = Origins(facts.rules, facts.external) if facts is not None else Origins((), {})
        for alert in self._heard.alerts:
            guards = [dog for dog in self._options.watchdogs if fits(dog.matchers, alert.labels)]
            if guards:
                self._present.update(dog.text for dog in guards)
                continue
            firing = Firing(alert=alert, origin=origins.of(alert.labels))
            device = self._device(self._named(firing))
            about = condition(alert.labels, self._options, device.named)
            device.firing.setdefault(about, []).append(firing)

    def _named(self, firing: Firing) -> Named:
        """The alert's device. One that no label places, and that certainly comes from this Prometheus, is at the place
        of the target that it is of."""
        labels = firing.alert.labels
        named = device_of(labels, self._options, firing.alert.received_by)
        if not named.place.placed and firing.origin is not None:
            natives = self._by_instance.get(firing.origin.labels.get("instance", ""), set())
            if len(natives) == 1:
                return self._devices[next(iter(natives))].named
        return named

    def _judged(self, device: _Device) -> tuple[list[Check], Sighting]:
        """The device's checks, and what is said of itself. What an alert says of a target stands above the target."""
        named = device.named
        found: dict[str, Check] = {}
        health, seen = Health.UNKNOWN, self._at
        if device.targets and self._facts is not None:
            said = answering(self._seen.source, named, device.targets, self._facts, self._at)
            health, seen = said.health, said.seen
            found = {check.key: check for check in said.checks}
            for key, target in self._targets_by_key(device):
                self._evidence[named.native, key] = Evidence(target=target)
        for told, group in self._alerted(device):
            check = _since_the_first(told, found.get(told.key))
            found[check.key] = check
            before = self._evidence.get((named.native, check.key))
            self._evidence[named.native, check.key] = Evidence(
                firing=tuple(group), target=before.target if before else None
            )
            if check.family == REACHABLE and health is not Health.DOWN:
                health, seen = Health.DOWN, min(seen, check.since or self._at)
        return list(found.values()), self._sighting(named, health, seen)

    def _targets_by_key(self, device: _Device) -> Iterator[tuple[str, Target]]:
        first = min(device.targets, key=lambda target: sorted(target.labels.items()))
        yield REACHABLE, first
        for target in device.targets:
            yield f"{EXPORTER}/{exporter_subject(target)}", target

    def _alerted(self, device: _Device) -> Iterator[tuple[Check, list[Firing]]]:
        conditions = Conditions()
        named = device.named
        groups: dict[tuple[str, str], list[Firing]] = {}
        for (known, own), group in sorted(device.firing.items(), key=lambda item: item[0][1]):
            family, subject = self._down(device, group[0])
            if not family:
                family, subject = conditions.name(named.native, known)
                if family == OTHER and known != own:
                    family, subject = conditions.name(named.native, own)
            groups.setdefault((family, subject), []).extend(group)
        for (family, subject), group in groups.items():
            yield alert_check(named, family, subject, group, self._seen), group

    def _down(self, device: _Device, firing: Firing) -> tuple[str, str]:
        """Family and subject of an alert that says that the device, or one of its targets, does not answer; two empty
        ones for any other alert."""
        labels = firing.alert.labels
        if not device.named.host:
            return "", ""
        if labels.get("alertname", "") in self._options.down:
            return REACHABLE, ""
        if not is_up_rule(expression_of(firing.alert)):
            return "", ""
        mine = [
            target
            for target in device.targets
            if all(labels.get(name) == target.labels.get(name) for name in ("instance", "job"))
        ]
        if mine and any(target.health == "up" and target not in mine for target in device.targets):
            return EXPORTER, exporter_subject(mine[0])
        return REACHABLE, ""

    def _sighting(self, named: Named, health: Health, seen: datetime) -> Sighting:
        place = named.place
        return Sighting(
            source=self._seen.source,
            native=named.native,
            client=place.client,
            client_name=place.client_name,
            site=place.site,
            site_name=place.site_name,
            name=place.device or safe(named.name, 120),
            kind=named.kind,
            address=safe(named.name, 120) if named.host else safe(""),
            health=health,
            seen=min(seen, self._at),
            partial=not self._settled,
        )


def settled(heard: Heard, settle_s: float, at: datetime) -> bool:
    """Whether an Alertmanager answers that has been up for long enough to have been told everything."""
    if heard.started is None or settle_s == 0:
        return True
    up_s = (at - heard.started).total_seconds()
    return up_s >= settle_s or up_s < -_CLOCKS_DIFFER_S  # started long after now: one of the clocks tells nothing


def _since_the_first(check: Check, before: Check | None) -> Check:
    """With the earlier of two beginnings."""
    if before is None or before.since is None or (check.since is not None and check.since <= before.since):
        return check
    return msgspec.structs.replace(check, since=before.since)
