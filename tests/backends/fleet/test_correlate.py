"""One outage, one line."""

from __future__ import annotations

from backends.fleet.fleet import Fleet
from backends.fleet.merge import fold
from backends.fleet.model import CheckState, Freshness, Health, issue_id
from tests.support.facts import at, check, folded, reading, sighting, unreachable


def outage(*natives: str, started: dict[str, float] | None = None, well: str = "") -> Fleet:
    """These devices are down, with a full disk on the first; `well` answers."""
    sightings = [
        sighting(native, health=Health.DOWN, kind="firewall" if native == "2" else "server") for native in natives
    ]
    checks = [unreachable(native) for native in natives]
    if started:
        checks = [
            check(native, "reachable", since=at(started.get(native, 0)), summary="It does not answer.")
            for native in natives
        ]
    extra = [sighting(well)] if well else []
    return folded(reading([*sightings, *extra], [*checks, check(natives[0], "disk")]))


def test_what_is_wrong_on_a_device_that_does_not_answer_waits_behind_that() -> None:
    fleet = outage("1", well="9")

    root = fleet.issues[issue_id("zabbix:1", "reachable")]
    disk = fleet.issues[issue_id("zabbix:1", "disk")]
    assert (root.behind, root.incident, disk.incident) == (1, None, root.id)


def test_a_check_that_says_by_which_way_it_asked_stands_for_its_device_as_well() -> None:
    silent = check("1", "reachable", CheckState.CRITICAL, subject="ping", summary="It does not answer.")
    fleet = folded(reading([sighting("1", health=Health.DOWN)], [silent, check("1", "disk")]))

    assert fleet.issues[issue_id("zabbix:1", "disk")].incident == issue_id("zabbix:1", "reachable/ping")


def test_what_waits_behind_is_kept_and_stale() -> None:
    assert outage("1", well="9").issues[issue_id("zabbix:1", "disk")].freshness is Freshness.STALE


def test_the_reason_is_a_sentence() -> None:
    fleet = outage("1", well="9")

    assert fleet.issues[issue_id("zabbix:1", "reachable")].reason == (
        "host-1 does not answer; 1 other problem of it waits behind this."
    )
    assert fleet.issues[issue_id("zabbix:1", "disk")].reason == "host-1 does not answer, so this cannot be seen now."


def test_a_site_of_which_nothing_answers_is_one_line_and_nothing_is_dropped() -> None:
    fleet = outage("1", "2", "3")

    roots = [issue for issue in fleet.issues.values() if issue.incident is None]
    assert [(root.device, root.behind) for root in roots] == [("zabbix:2", 3)]
    assert len(fleet.issues) == 4


def test_the_device_nearest_to_the_uplink_stands_for_the_site() -> None:
    fleet = outage("1", "2", "3")

    assert fleet.issues[issue_id("zabbix:2", "reachable")].reason.startswith("All 3 devices of HQ stopped answering")


def test_a_site_where_one_device_answers_is_not_down() -> None:
    fleet = outage("1", "2", well="9")

    assert all(issue.behind <= 1 for issue in fleet.issues.values())


def test_outages_hours_apart_are_two() -> None:
    fleet = outage("1", "2", started={"1": -7200, "2": -10})

    roots = [issue for issue in fleet.issues.values() if issue.incident is None]
    assert len(roots) == 2


def test_a_device_in_maintenance_does_not_hide_the_outage_of_its_site() -> None:
    down = [sighting(native, health=Health.DOWN) for native in ("1", "2")]
    fleet = folded(reading([*down, sighting("3", health=Health.MAINTENANCE)], [unreachable("1"), unreachable("2")]))

    assert max(issue.behind for issue in fleet.issues.values()) == 1


def test_when_the_site_is_back_nothing_waits_behind_anything() -> None:
    fleet = outage("1", "2", "3")
    back = [sighting(native, seen=at(60)) for native in ("1", "2", "3")]

    fleet = fold(fleet, reading(back, [check("1", "disk", CheckState.CRITICAL, seen=at(60))], when=at(60)))

    (issue,) = fleet.issues.values()
    assert (issue.key, issue.incident, issue.reason, issue.freshness) == ("disk", None, "", Freshness.FRESH)


def test_a_device_that_another_source_reaches_is_not_down() -> None:
    fleet = folded(
        reading([sighting("1", name="web", health=Health.DOWN)], [unreachable("1"), check("1", "disk")]),
        reading([sighting("9", name="web", source="ssh")], source="ssh"),
    )

    assert fleet.devices["zabbix:1"].health is Health.DEGRADED
    assert all(issue.incident is None for issue in fleet.issues.values())
