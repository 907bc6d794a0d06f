"""What happened on and around a device in the two hours before its issue began."""

from __future__ import annotations

from datetime import datetime, timedelta

import msgspec

from backends.api import Check, Reading, Sighting, SourceName
from backends.fleet.fleet import Fleet
from backends.fleet.happened import Deed, Happened
from backends.fleet.merge import fold
from backends.fleet.model import CheckState, DeviceId, Health, device_id, safe
from backends.fleet.nearby import near
from backends.fleet.run import RunState
from backends.testing import FakeClock, a_check, a_sighting
from tests.support.store_facts import run

PROBE = SourceName("probe")
NOW = FakeClock().now()
WEB01 = device_id(PROBE, "web01")


def ago(**span: float) -> datetime:
    return NOW - timedelta(**span)


def seen(native: str, *, kind: str = "server", site: str = "HQ", booted: datetime | None = None) -> Sighting:
    return msgspec.structs.replace(a_sighting("probe", native, NOW, site=site), kind=kind, booted=booted)


def bad(native: str, minutes: float, family: str = "service", subject: str = "nginx", summary: str = "") -> Check:
    return msgspec.structs.replace(
        a_check("probe", native, NOW, family=family, subject=subject),
        since=ago(minutes=minutes),
        summary=safe(summary or f"{family} of {native}"),
    )


def fleet_of(*facts: Sighting | Check, fleet: Fleet | None = None, at: datetime = NOW) -> Fleet:
    sightings = tuple(fact for fact in facts if isinstance(fact, Sighting))
    checks = tuple(fact for fact in facts if isinstance(fact, Check))
    return fold(fleet or Fleet(), Reading(source=PROBE, at=at, sightings=sightings, checks=checks))


def happened(fleet: Fleet, *runs: object, device: DeviceId = WEB01) -> list[tuple[Deed, str, str]]:
    found: tuple[Happened, ...] = near(fleet, fleet.devices[device], runs, NOW)  # type: ignore[arg-type]
    return [(one.deed, one.device_name, one.title) for one in found]


def test_of_a_device_that_is_well_there_is_nothing_to_tell() -> None:
    assert happened(fleet_of(seen("web01", booted=ago(minutes=9)))) == []


def test_a_boot_before_it_is_told_and_one_after_it_is_not() -> None:
    assert happened(fleet_of(seen("web01", booted=ago(minutes=15)), bad("web01", 10))) == [(Deed.BOOT, "web01", "")]
    assert happened(fleet_of(seen("web01", booted=ago(minutes=5)), bad("web01", 10))) == []


def test_another_condition_of_the_device_is_told_but_not_the_issue_itself() -> None:
    fleet = fleet_of(seen("web01"), bad("web01", 10), bad("web01", 30, "memory", "", "Memory is 97 % used"))
    assert happened(fleet) == [(Deed.CONDITION, "web01", "Memory is 97 % used")]


def test_what_was_over_before_is_told_with_its_end() -> None:
    fleet = fleet_of(seen("web01"), bad("web01", 60, "memory", ""), at=ago(minutes=60))
    well = a_check("probe", "web01", ago(minutes=50), family="memory", subject="", ok=True)
    fleet = fleet_of(seen("web01"), well, fleet=fleet, at=ago(minutes=50))
    fleet = fleet_of(seen("web01"), msgspec.structs.replace(well, seen=NOW), bad("web01", 10), fleet=fleet)
    (one,) = near(fleet, fleet.devices[WEB01], (), NOW)
    assert (one.at, one.over, one.title) == (ago(minutes=60), ago(minutes=50), "memory ")


def test_a_job_that_ended_well_is_told() -> None:
    job = msgspec.structs.replace(
        a_check("probe", "web01", NOW, family="job", subject="firmware", ok=True), since=ago(minutes=12)
    )
    assert happened(fleet_of(seen("web01"), job, bad("web01", 10))) == [(Deed.JOB, "web01", "job firmware ended")]


def test_what_ails_the_firewall_of_the_site_is_told() -> None:
    fleet = fleet_of(seen("web01"), seen("fw", kind="firewall"), bad("fw", 11, "link", "wan"), bad("web01", 10))
    assert happened(fleet) == [(Deed.CONDITION, "fw", "link of fw")]


def test_a_neighbour_that_stopped_answering_is_told_and_what_ails_it_otherwise_is_not() -> None:
    lost = msgspec.structs.replace(seen("web02"), health=Health.DOWN)
    fleet = fleet_of(
        seen("web01"), lost, seen("web03"), bad("web02", 12, "reachable", ""), bad("web03", 12), bad("web01", 10)
    )
    assert happened(fleet) == [(Deed.SILENT, "web02", "reachable of web02")]


def test_another_site_is_not_near() -> None:
    fleet = fleet_of(seen("web01"), seen("fw", kind="firewall", site="Depot"), bad("fw", 11, "link"), bad("web01", 10))
    assert happened(fleet) == []


def test_a_fix_that_ended_on_the_device_or_on_what_it_hangs_on_is_told() -> None:
    fleet = fleet_of(seen("web01"), seen("fw", kind="firewall"), seen("web02"), bad("web01", 10))
    runs = [
        msgspec.structs.replace(
            run(native, RunState.SUCCEEDED), device=device_id(PROBE, native), ended=ago(minutes=11), by="tech2"
        )
        for native in ("web01", "fw", "web02")
    ]
    assert happened(fleet, *runs) == [(Deed.RUN, "web01", "Restart nginx"), (Deed.RUN, "fw", "Restart nginx")]


def test_a_run_that_is_under_way_has_not_happened_yet() -> None:
    fleet = fleet_of(seen("web01"), bad("web01", 10))
    assert happened(fleet, msgspec.structs.replace(run("r"), device=WEB01)) == []


def test_the_latest_comes_first_and_what_is_older_than_two_hours_is_left_out() -> None:
    fleet = fleet_of(
        seen("web01", booted=ago(minutes=12)),
        bad("web01", 10),
        bad("web01", 40, "memory", ""),
        bad("web01", 200, "clock", ""),
    )
    service = [one for one in near(fleet, fleet.devices[WEB01], (), NOW) if one.at > ago(minutes=131)]
    assert [one.at for one in service] == [ago(minutes=12), ago(minutes=40)]


def test_two_sources_that_tell_of_one_condition_tell_of_it_once() -> None:
    fleet = fleet_of(seen("web01"), bad("web01", 10), bad("web01", 30, "memory", ""))
    other = SourceName("other")
    twin = msgspec.structs.replace(seen("web01"), source=other)
    same = msgspec.structs.replace(bad("web01", 30, "memory", ""), source=other)
    told = Reading(source=other, at=NOW, sightings=(twin,), checks=(same,))
    fleet = fold(fleet, told)
    assert len(fleet.devices) == 1
    assert [deed for deed, _, _ in happened(fleet)] == [Deed.CONDITION]


def test_an_unknown_state_is_wrong_too() -> None:
    lost = msgspec.structs.replace(bad("web01", 30, "backup", "nightly"), state=CheckState.UNKNOWN)
    assert [deed for deed, _, _ in happened(fleet_of(seen("web01"), lost, bad("web01", 10)))] == [Deed.CONDITION]
