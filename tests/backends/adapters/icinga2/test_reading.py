"""Recorded answers as sightings and checks."""

from __future__ import annotations

from datetime import timedelta

import msgspec
import pytest

from backends.adapters.icinga2.records import Host, Service
from backends.adapters.icinga2.world import Answers, world_of
from backends.fleet.model import CheckState, Health, Severity
from backends.text import is_safe
from tests.backends.adapters.icinga2.recorded import Told, found, now, recorded_at, teller, world
from tests.support.servers.icinga2_config import ODD_HOST, ODD_SERVICE


@pytest.mark.parametrize(
    ("native", "key", "state", "severity", "summary"),
    [
        ("acme-web01", "reachable", CheckState.OK, None, "PING OK - 0.4 ms"),
        ("acme-web01", "check/ping4", CheckState.OK, None, "ping4 OK - quiet"),
        ("acme-web01", "disk//var", CheckState.CRITICAL, None, "DISK CRITICAL - /var 95 %"),
        ("acme-web01", "load", CheckState.WARNING, None, "LOAD WARNING - 6.0"),
        ("acme-web01", "check/flaky", CheckState.CRITICAL, Severity.WARNING, "FLAKY CRITICAL"),
        ("acme-db01", "load", CheckState.UNKNOWN, None, "load is unknown, and its check says nothing"),
        ("acme-db01", "check/never ran", CheckState.UNKNOWN, Severity.INFO, "never ran was never checked"),
        ("globex-router", "reachable", CheckState.CRITICAL, None, "Does not answer: PING CRITICAL - 100 % lost"),
        ("globex-new", "reachable", CheckState.UNKNOWN, Severity.INFO, "It was never checked whether it answers"),
    ],
)
def test_a_state_is_told_as_icinga_means_it(
    native: str, key: str, state: CheckState, severity: Severity | None, summary: str
) -> None:
    check = Told().checks[native, key]
    assert (check.state, check.severity, check.summary) == (state, severity, summary)


def test_a_state_that_is_not_confirmed_yet_says_so() -> None:
    assert Told().checks["acme-web01", "check/flaky"].advice == "Icinga is not sure yet: attempt 2 of 3"


@pytest.mark.parametrize(
    ("native", "health"),
    [
        ("acme-web01", Health.OK),
        ("globex-router", Health.DOWN),
        ("globex-new", Health.UNKNOWN),
    ],
)
def test_health_is_icingas_word(native: str, health: Health) -> None:
    assert Told().sightings[native].health is health


def test_a_host_that_may_be_down_is_not_down_yet() -> None:
    hosts = found("hosts", Host, state=1.0, state_type=0.0)
    told = Told(world_of(Answers(hosts=hosts, services=[])))
    assert told.sightings["acme-web01"].health is Health.DEGRADED
    assert told.checks["acme-web01", "reachable"].state is CheckState.WARNING


def test_a_host_in_a_downtime_is_in_maintenance() -> None:
    hosts = found("hosts", Host, downtime_depth=1.0)
    assert Told(world_of(Answers(hosts=hosts, services=[]))).sightings["acme-web01"].health is Health.MAINTENANCE


@pytest.mark.parametrize(
    ("native", "client", "name", "site"),
    [
        ("acme-web01", "acme", "Acme Dental", "acme/hq"),
        ("globex-web01", "globex", "globex", "globex/plant-2"),
        (ODD_HOST, "unplaced", "Unplaced", "unplaced/ice"),
    ],
)
def test_the_usual_variables_place_a_host(native: str, client: str, name: str, site: str) -> None:
    sighting = Told().sightings[native]
    assert (sighting.client, sighting.client_name, sighting.site) == (client, name, site)


@pytest.mark.parametrize(
    ("rule", "client", "site"),
    [
        ({"hostgroup": "^(?P<client>acme|globex)$", "var.place.rack": "(?P<site>.+)"}, "globex", "globex/r1"),
        ({"var": {"place": {"rooms": "^(?P<site>b)$"}}, "host": "^(?P<client>[a-z]+)-"}, "globex", "globex/b"),
        ({"display_name": "^(?P<client>globex)-", "site": "Plant"}, "globex", "globex/plant"),
        ({"zone": "(?P<client>.+)"}, "unplaced", "unplaced/ice"),
    ],
)
def test_a_rule_may_look_at_every_fact(rule: dict[str, object], client: str, site: str) -> None:
    sighting = Told(options={"place": rule}).sightings["globex-web01"]
    assert (sighting.client, sighting.site) == (client, site)


def test_a_rule_may_rename_a_device() -> None:
    told = Told(options={"place": {"host": "^(?P<client>acme)-(?P<device>.+)$"}})
    assert told.sightings["acme-web01"].name == "web01"


def test_platforms_are_those_of_the_variable_os() -> None:
    told = Told()
    assert told.sightings["acme-web01"].platform == "linux"
    assert told.sightings["acme-router"].platform == ""


@pytest.mark.parametrize(
    ("variables", "kind"),
    [
        ({"role": "Firewall"}, "firewall"),
        ({"kind": "nas", "role": "vm"}, "nas"),
        ({"role": "dc"}, "server"),
        ({}, "server"),
    ],
)
def test_the_kind_of_device_is_told_where_a_variable_says_it(variables: dict[str, str], kind: str) -> None:
    hosts = found("hosts", Host, vars=variables)
    assert Told(world_of(Answers(hosts=hosts, services=[]))).sightings["acme-web01"].kind == kind


def test_what_hangs_behind_a_dead_router_says_so() -> None:
    told = Told()
    assert {native: one.behind for native, one in told.sightings.items() if one.behind} == {
        "globex-web01": "globex-router",
        "globex-db01": "globex-router",
    }


def test_the_nearest_host_on_the_way_that_is_down_is_the_reason() -> None:
    known = world()
    known.parents = {"globex-web01": ("acme-router",), "acme-router": ("globex-db01", "globex-router")}
    assert Told(known).sightings["globex-web01"].behind == "globex-db01"


def test_hosts_that_depend_on_each_other_are_behind_nothing_for_ever() -> None:
    known = world()
    known.parents = {"globex-web01": ("acme-web01",), "acme-web01": ("globex-web01",)}
    assert Told(known).sightings["globex-web01"].behind == ""


def test_who_acknowledged_is_told() -> None:
    handling = Told().checks["acme-web01", "load"].handling
    assert handling is not None
    assert (handling.acked, handling.acked_by, handling.text, handling.quiet) == (True, "alice", "On it", False)
    assert handling.acked_at is not None
    assert abs(handling.acked_at - recorded_at()) < timedelta(seconds=10)


def test_a_downtime_is_told_with_its_end() -> None:
    handling = Told().checks["acme-db01", "disk//var"].handling
    assert handling is not None
    assert (handling.acked, handling.quiet, handling.quiet_by) == (False, True, "bob")
    assert handling.text == "Moving the archive"
    assert handling.quiet_until is not None
    assert timedelta(minutes=118) < handling.quiet_until - recorded_at() < timedelta(minutes=121)


def test_an_acknowledgement_that_has_expired_is_none() -> None:
    services = [one.attrs for one in found("services", Service, acknowledgement_expiry=now().there - 1)]
    told = Told(world_of(Answers(hosts=found("hosts", Host), services=services)))
    assert told.checks["acme-web01", "load"].handling is None


def test_nobody_is_named_where_comments_may_not_be_read() -> None:
    services = [one.attrs for one in found("services", Service)]
    handling = (
        Told(world_of(Answers(hosts=found("hosts", Host), services=services))).checks["acme-web01", "load"].handling
    )
    assert handling is not None
    assert (handling.acked, handling.acked_by) == (True, "")


def test_numbers_are_those_of_the_metric_that_tells() -> None:
    disk = Told().checks["acme-web01", "disk//var"]
    assert (disk.value, disk.unit, disk.warn, disk.crit) == (95.0, "%", 80.0, 90.0)
    load = Told().checks["acme-web01", "load"]
    assert (load.value, load.unit, load.warn, load.crit) == (6.0, "", 5.0, 10.0)


def test_times_are_told_by_our_clock() -> None:
    straight = Told().checks["acme-web01", "load"].since
    skewed = Told(at=now(skew_s=600.0)).checks["acme-web01", "load"].since
    assert straight is not None
    assert skewed == straight - timedelta(seconds=600)


def test_nothing_is_seen_or_began_ahead_of_the_reading() -> None:
    at = now(later_s=-3600.0)
    told = Told(at=at)
    assert all(check.seen <= at.at and (check.since is None or check.since <= at.at) for check in told.checks.values())


def test_a_check_is_vouched_for_until_icinga_waits_for_its_result() -> None:
    """Checked every ten minutes, the next result is due twenty minutes after the last at the latest."""
    for later_s, old in ((0.0, False), (1150.0, False), (1300.0, True)):
        at = now(later_s=later_s)
        told = Told(at=at)
        ages = {at.at - told.checks["acme-web01", key].seen for key in ("load", "reachable", "check/ping4")}
        ages.add(at.at - told.sightings["acme-web01"].seen)
        assert (min(ages) > timedelta(minutes=20)) if old else (ages == {timedelta(0)})


def test_a_host_that_is_down_was_seen_when_it_was_last_up() -> None:
    hosts = found("hosts", Host, last_state_up=now().there - 7200.0)
    told = Told(world_of(Answers(hosts=hosts, services=[])))
    assert recorded_at() - told.sightings["globex-router"].seen == pytest.approx(
        timedelta(hours=2), abs=timedelta(seconds=1)
    )


def test_hostile_names_are_shown_safe_and_keep_their_ids() -> None:
    told = Told()
    assert ODD_HOST in told.sightings
    check = told.checks[ODD_HOST, f"check/{ODD_SERVICE}"]
    texts = (told.sightings[ODD_HOST].name, check.label, check.summary)
    assert all(map(is_safe, texts))
    assert "‹U+202E›" in check.summary
    assert "\n" not in check.summary


def test_services_of_a_host_that_we_may_not_see_are_shown_all_the_same() -> None:
    services = [one.attrs for one in found("services", Service)]
    told = Told(world_of(Answers(hosts=[], services=services)))
    assert told.sightings["acme-web01"].health is Health.UNKNOWN
    assert told.checks["acme-web01", "disk//var"].state is CheckState.CRITICAL
    assert ("acme-web01", "reachable") not in told.checks


def test_a_service_is_called_the_same_in_the_whole_and_in_part() -> None:
    known, speaker = world(), teller()
    whole = {check.key for check in speaker.checks(known, "acme-web01", now())}
    parts = {
        check.key
        for name in ("", *known.services_of("acme-web01"))
        for check in speaker.checks(known, "acme-web01", now(), {name})
    }
    assert parts == whole


def test_a_check_leads_back_to_its_service() -> None:
    known, speaker = world(), teller()
    for host in known.natives:
        for name, (family, subject) in speaker.names(known, host).items():
            key = f"{family}/{subject}" if subject else family
            assert speaker.spot(known, host, key) == (host, name)
    assert speaker.spot(known, "acme-web01", "reachable") == ("acme-web01", "")
    assert speaker.spot(known, "acme-web01", "no/such") is None
    assert speaker.spot(known, "nobody", "reachable") is None


def test_two_services_that_are_about_one_thing_are_two_conditions() -> None:
    known = world()
    load = known.services["acme-web01"]["load"]
    known.services["acme-web01"]["CPU load"] = msgspec.structs.replace(load, name="CPU load", state=0.0)
    told = Told(known)
    assert told.checks["acme-web01", "load"].state is CheckState.OK
    assert told.checks["acme-web01", "check/load"].state is CheckState.WARNING


def test_all_attributes_of_an_object_may_come_and_only_ours_are_read() -> None:
    service = found("service-all-attributes", Service)[0]
    assert (service.name, service.attrs.name, service.attrs.state) == ("icinga-master!uptime", "uptime", 0.0)


def test_what_has_not_changed_is_told_again_as_new_and_only_seen_later() -> None:
    speaker, known = teller(), world()
    first = speaker.whole(known, now())[1]
    again = speaker.whole(world(), now(30.0))[1]
    assert [msgspec.structs.replace(check, seen=now().at) for check in again] == first
    assert {check.seen for check in again} == {now(30.0).at}
    assert again == teller().whole(world(), now(30.0))[1], "as by one who remembers nothing"


def test_what_has_changed_is_told_as_it_is_now() -> None:
    speaker, known = teller(), world()
    speaker.whole(known, now())
    load = known.services["acme-db01"]["load"]
    known.services["acme-db01"]["load"] = msgspec.structs.replace(load, state=2.0)
    speaker.whole(known, now(30.0))
    (check,) = speaker.checks(known, "acme-db01", now(60.0), {"load"})
    assert check.state is CheckState.CRITICAL
