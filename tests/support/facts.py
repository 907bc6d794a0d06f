"""Short ways to say facts in tests of the pure core."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta

import msgspec

from backends.fleet.fleet import Fleet
from backends.fleet.hearing import Hearing
from backends.fleet.merge import fold, folding_heard
from backends.fleet.model import (
    Check,
    CheckState,
    Client,
    ClientId,
    Device,
    Health,
    Identity,
    Issue,
    Severity,
    Sighting,
    SiteId,
    SourceName,
    safe,
    slug,
)
from backends.fleet.reading import Reading
from backends.fleet.steps import finished

START = datetime(2026, 1, 5, 9, 0, tzinfo=UTC)


def at(seconds: float = 0) -> datetime:
    """A time, in seconds after a Monday morning."""
    return START + timedelta(seconds=seconds)


def sighting(
    native: str = "1",
    *,
    source: str = "zabbix",
    name: str = "",
    client: str = "Acme",
    site: str = "HQ",
    seen: datetime = START,
    kind: str = "server",
    platform: str = "",
    health: Health = Health.OK,
    serial: str = "",
    macs: Sequence[str] = (),
    agent: str = "",
    machine: str = "",
    behind: str = "",
    partial: bool = False,
) -> Sighting:
    return Sighting(
        source=SourceName(source),
        native=native,
        client=ClientId(slug(client)),
        client_name=safe(client),
        site=SiteId(f"{slug(client)}/{slug(site)}"),
        site_name=safe(site),
        name=safe(name or f"host-{native}"),
        kind=kind,
        platform=platform,
        health=health,
        identity=Identity(serial=serial, macs=tuple(macs), agent=agent, machine=machine),
        seen=seen,
        behind=behind,
        partial=partial,
    )


def check(
    native: str = "1",
    family: str = "disk",
    state: CheckState = CheckState.CRITICAL,
    *,
    source: str = "zabbix",
    subject: str = "",
    summary: str = "",
    severity: Severity | None = None,
    since: datetime | None = None,
    seen: datetime = START,
    value: float | None = None,
) -> Check:
    return Check(
        source=SourceName(source),
        native=native,
        family=family,
        subject=subject,
        label=safe(f"{family} {subject}".strip()),
        state=state,
        severity=severity,
        summary=safe(summary or f"{family} {subject} is bad".replace("  ", " ")),
        since=since,
        seen=seen,
        value=value,
    )


def unreachable(native: str = "1", *, source: str = "zabbix", seen: datetime = START) -> Check:
    return check(native, "reachable", CheckState.CRITICAL, source=source, seen=seen, summary="It does not answer.")


def reading(
    sightings: Iterable[Sighting] = (),
    checks: Iterable[Check] = (),
    *,
    source: str = "zabbix",
    when: datetime = START,
    complete: bool = True,
    covers: Sequence[str] = (),
    clients: Iterable[Client] = (),
) -> Reading:
    return Reading(
        source=SourceName(source),
        at=when,
        sightings=tuple(sightings),
        checks=tuple(checks),
        complete=complete,
        covers=tuple(covers),
        clients=tuple(clients),
    )


def folded(*readings: Reading, fleet: Fleet | None = None) -> Fleet:
    """A fleet after all these readings."""
    fleet = fleet or Fleet()
    for one in readings:
        fleet = fold(fleet, one)
    return fleet


def only_device(fleet: Fleet) -> Device:
    (device,) = fleet.devices.values()
    return device


def only_issue(fleet: Fleet) -> Issue:
    (issue,) = fleet.issues.values()
    return issue


def groups(fleet: Fleet) -> set[frozenset[tuple[str, str]]]:
    """Which sightings are one device, whatever the device is called."""
    return {frozenset(zip(device.sources, device.natives, strict=True)) for device in fleet.devices.values()}


def slices_of(whole: Reading, devices: int) -> list[Reading]:
    """The reading in slices of so many devices; one slice at least."""
    return [
        msgspec.structs.replace(
            whole,
            sightings=some,
            checks=tuple(check for check in whole.checks if check.native in {one.native for one in some}),
            covers=() if whole.complete else tuple(one.native for one in some),
        )
        for start in range(0, max(1, len(whole.sightings)), devices)
        for some in [whole.sightings[start : start + devices]]
    ]


def folded_in_slices(fleet: Fleet, slices: Sequence[Reading]) -> Fleet:
    heard = Hearing(slices[0].source)
    for piece in slices:
        finished(heard.hearing(piece, fleet.told.get(piece.source, {})))
    return finished(folding_heard(fleet, heard))
