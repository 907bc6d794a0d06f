"""One outage, one line."""

from __future__ import annotations

from backends.fleet.fleet import Fleet
from backends.fleet.merge import fold
from backends.fleet.model import Check, CheckState, Freshness, Health, Sighting, issue_id
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


# What a source says cannot be reached without another device.


def cut_off(**down: str) -> tuple[list[Sighting], list[Check]]:
    """Devices that do not answer, by native id, with that of the device that each hangs behind; one a site."""
    sightings = [
        sighting(native, health=Health.DOWN, behind=behind, site=f"Site {native}") for native, behind in down.items()
    ]
    return sightings, [unreachable(native) for native in down]


def causes(fleet: Fleet) -> dict[str, str]:
    """What explains what, by the names of the devices."""
    issues = fleet.issues
    return {
        issue.device_name: issues[issue.incident].device_name for issue in issues.values() if issue.incident is not None
    }


def test_what_hangs_behind_a_dead_device_at_another_site_is_explained_by_it() -> None:
    sightings, checks = cut_off(router="", web="router", db="router")
    fleet = folded(reading(sightings, [*checks, check("web", "disk")]))

    root = fleet.issues[issue_id("zabbix:router", "reachable")]
    web = fleet.issues[issue_id("zabbix:web", "reachable")]
    assert (root.behind, web.incident, web.reason) == (
        3,
        root.id,
        "host-web is behind host-router at Acme/Site router, which does not answer.",
    )
    assert root.reason == (
        "host-router does not answer, and 2 devices behind it cannot be reached; 3 problems wait for it."
    )
    assert fleet.issues[issue_id("zabbix:web", "disk")].incident == root.id


def test_at_the_same_site_the_place_is_not_repeated() -> None:
    down = [sighting("sw", health=Health.DOWN), sighting("web", health=Health.DOWN, behind="sw"), sighting("up")]
    fleet = folded(reading(down, [unreachable("sw"), unreachable("web")]))

    assert fleet.issues[issue_id("zabbix:web", "reachable")].reason == (
        "host-web is behind host-sw, which does not answer."
    )


def test_a_chain_ends_at_the_device_that_is_nearest_to_us() -> None:
    fleet = folded(reading(*cut_off(router="", switch="router", web="switch")))

    assert causes(fleet) == {"host-switch": "host-router", "host-web": "host-router"}


def test_what_cannot_be_told_by_the_source_hangs_behind_a_dead_device_as_well() -> None:
    lost = check("web", "reachable", CheckState.UNKNOWN, summary="It cannot be reached.")
    sightings = [
        sighting("router", site="DC", health=Health.DOWN),
        sighting("web", behind="router", health=Health.UNKNOWN),
    ]
    fleet = folded(reading(sightings, [unreachable("router"), lost]))

    assert causes(fleet) == {"host-web": "host-router"}


def test_behind_a_device_that_answers_nothing_is_explained() -> None:
    sightings, checks = cut_off(web="router")
    fleet = folded(reading([*sightings, sighting("router", site="DC")], checks))

    assert causes(fleet) == {}


def test_behind_a_device_that_another_source_knows_by_that_id_nothing_is_explained() -> None:
    sightings, checks = cut_off(web="router")
    other = reading(
        [sighting("router", source="nagios", health=Health.DOWN)],
        [unreachable("router", source="nagios")],
        source="nagios",
    )
    fleet = folded(reading(sightings, checks), other)

    assert causes(fleet) == {}


def test_in_a_circle_the_first_that_fell_silent_stands_for_all() -> None:
    sightings, _ = cut_off(a="b", b="c", c="a", d="a")
    checks = [check(native, "reachable", since=at(-60 if native == "b" else -10)) for native in ("a", "b", "c", "d")]
    fleet = folded(reading(sightings, checks))

    assert causes(fleet) == {"host-a": "host-b", "host-c": "host-b", "host-d": "host-b"}


def test_what_hangs_behind_itself_stands_for_itself() -> None:
    assert causes(folded(reading(*cut_off(a="a")))) == {}


def test_a_whole_site_behind_a_dead_device_is_explained_by_that() -> None:
    here = [sighting("fw", kind="firewall", health=Health.DOWN, behind="core"), sighting("web", health=Health.DOWN)]
    core = sighting("core", site="DC", health=Health.DOWN)
    fleet = folded(reading([*here, core], [unreachable(native) for native in ("fw", "web", "core")]))

    assert causes(fleet) == {"host-fw": "host-core", "host-web": "host-core"}


def test_the_cause_may_come_before_or_after_and_go_again() -> None:
    """One device a reading, in any order; then the cause answers again."""
    sightings, checks = cut_off(router="", web="router")
    parts = [
        reading([one], [check], complete=False, covers=[one.native])
        for one, check in zip(sightings, checks, strict=True)
    ]
    fleet = folded(*parts)
    assert causes(folded(*parts[::-1])) == causes(fleet) == {"host-web": "host-router"}

    back = sighting("router", site="Site router", seen=at(60))
    fleet = fold(fleet, reading([back], complete=False, covers=["router"], when=at(60)))
    assert causes(fleet) == {}


def test_what_no_longer_hangs_there_is_no_longer_counted() -> None:
    fleet = folded(reading(*cut_off(router="", web="router", db="router")))
    alone = sighting("web", site="Site web", health=Health.DOWN, seen=at(60))

    fleet = fold(
        fleet, reading([alone], [unreachable("web", seen=at(60))], complete=False, covers=["web"], when=at(60))
    )
    assert causes(fleet) == {"host-db": "host-router"}
    assert fleet.issues[issue_id("zabbix:router", "reachable")].behind == 1

    fleet = fold(fleet, reading(complete=False, covers=["db"], when=at(61)))
    assert fleet.issues[issue_id("zabbix:router", "reachable")].behind == 0
    assert fleet.hanging == {}
