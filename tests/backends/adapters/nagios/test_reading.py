"""What recorded answers of Nagios mean."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from backends.adapters.nagios.records import Checkable, Downtime, Host, HostObject, Program, Service
from backends.adapters.nagios.world import Objects, World
from backends.api import Reading
from backends.fleet.model import CheckState, Health, Severity
from backends.text import is_safe
from tests.backends.adapters.nagios.recorded import AT, check, objects, reading, with_host, with_service, world
from tests.support.servers.nagios_config import HOSTS, ODD_HOST, ODD_SERVICE, PRICKLY_SERVICE


def ms(when: datetime) -> float:
    return 1000.0 * when.timestamp()


def test_every_host_is_a_device_and_nothing_is_lost() -> None:
    told = reading()
    assert sorted(one.native for one in told.sightings) == sorted(HOSTS)
    assert (told.version, told.quarantined, told.complete, told.note) == ("Nagios 4.4.6", 0, True, "")
    assert len(told.checks) == len(HOSTS) + sum(map(len, world().services.values()))


@pytest.mark.parametrize(
    ("native", "key", "state", "summary"),
    [
        ("acme-router", "reachable", CheckState.OK, "PING OK - rta 3 ms"),
        ("globex-router", "reachable", CheckState.CRITICAL, "Does not answer: PING CRITICAL - 100% loss"),
        ("globex-web01", "reachable", CheckState.CRITICAL, "Cannot be reached: PING CRITICAL - 100% loss"),
        ("globex-new", "reachable", CheckState.UNKNOWN, "It was never checked whether it answers"),
        ("acme-web01", "check/ping", CheckState.OK, "PING OK - très bien"),
        ("acme-web01", "check/never ran", CheckState.UNKNOWN, "never ran was never checked"),
        ("acme-web01", "check/disk C:\\ free", CheckState.WARNING, 'C: is "full"'),
        ("acme-web01", "load", CheckState.WARNING, "LOAD WARNING ␇␋␛[2J␡"),
        ("acme-web01", "disk//var", CheckState.CRITICAL, "DISK CRITICAL - 97% <b>"),
        (
            "acme-db01",
            f"check/{PRICKLY_SERVICE}",
            CheckState.CRITICAL,
            f"{PRICKLY_SERVICE} is critical, and its check says nothing that can be read",
        ),
        (ODD_HOST, f"check/{ODD_SERVICE}", CheckState.UNKNOWN, "?"),
    ],
)
def test_states_and_words_are_those_of_nagios(native: str, key: str, state: CheckState, summary: str) -> None:
    found = check(reading(), native, key)
    assert (found.state, found.summary) == (state, summary)


def test_what_was_never_checked_is_neither_down_nor_well() -> None:
    told = reading()
    health = {one.native: one.health for one in told.sightings}
    assert health["globex-new"] is Health.UNKNOWN
    assert check(told, "globex-new", "reachable").severity is Severity.INFO
    assert check(told, "globex-new", "reachable").since is None


def test_health_is_that_of_the_host() -> None:
    health = {one.native: one.health for one in reading().sightings}
    assert (health["acme-router"], health["globex-router"], health["globex-db01"]) == (
        Health.OK,
        Health.DOWN,
        Health.DOWN,
    )


def test_what_hangs_behind_a_dead_router_says_so_over_several_steps() -> None:
    behind = {one.native: one.behind for one in reading().sightings if one.behind}
    assert behind == {"globex-web01": "globex-router", "globex-db01": "globex-router"}


def test_a_parent_that_is_not_shown_to_us_explains_nothing() -> None:
    made = world()
    hidden = msgspec.structs.replace(
        made, hosts={name: one for name, one in made.hosts.items() if "router" not in name}
    )
    assert not any(one.behind for one in reading(hidden).sightings)


def test_parents_in_a_ring_end() -> None:
    from backends.adapters.nagios.world import cause  # noqa: PLC0415 - only here

    ring = Objects(
        hosts={
            "a": HostObject(name="a", parent_hosts=["b", "a"]),
            "b": HostObject(name="b", parent_hosts=["a"]),
        }
    )
    unreachable = Host(status=8, has_been_checked=True)
    assert cause(World(status=world().status, hosts={"a": unreachable, "b": unreachable}), ring, "a") == ""


def test_custom_variables_place_devices_and_what_has_none_is_kept_unplaced() -> None:
    sites = {one.native: one.site for one in reading().sightings}
    assert (sites["acme-db01"], sites["globex-db01"], sites[ODD_HOST]) == (
        "acme/depot",
        "globex/main",
        "unplaced/nag",
    )


@pytest.mark.parametrize(
    "place",
    [
        {"hostgroup": "^client-(?P<client>.+)$"},
        {"hostgroup_alias": "^All of (?P<client>.+)$"},
        {"var.client": "(?P<client>.+)"},
        {"host": "^(?P<client>[a-z]+)-"},
        {"alias": " of (?P<client>acme|globex)$"},
        {"address": r"^127\.3\.0\.", "client": "acme"},
    ],
)
def test_every_fact_can_place_a_device(place: dict[str, str]) -> None:
    clients = {one.native: one.client for one in reading(place=place).sightings}
    assert clients["acme-web01"] == "acme"
    assert clients[ODD_HOST] == "unplaced"


def test_performance_data_gives_value_and_limits() -> None:
    disk = check(reading(), "acme-web01", "disk//var")
    assert (disk.value, disk.unit, disk.warn, disk.crit) == (97.0, "%", 80.0, 90.0)


def test_decisions_in_nagios_come_with_who_until_when_and_why() -> None:
    told = reading()
    load, backup = check(told, "acme-web01", "load").handling, check(told, "acme-db01", "check/backup").handling
    assert load is not None
    assert (load.acked, load.acked_by, load.text, load.quiet) == (True, "bob", "I am on it", False)
    assert load.acked_at is not None
    assert backup is not None
    assert (backup.acked, backup.quiet, backup.quiet_by, backup.text) == (False, True, "bob", "Patch window")
    assert backup.quiet_until is not None
    assert timedelta(hours=1, minutes=59) < backup.quiet_until - AT < timedelta(hours=2, minutes=1)


def test_a_flexible_downtime_ends_when_its_time_is_over_and_not_its_window() -> None:
    began = ms(AT)
    one = Downtime(
        downtime_id=1,
        host_name="x",
        fixed=False,
        is_in_effect=True,
        flex_downtime_start=began,
        end_time=began + 9e6,
        duration=60,
    )
    assert one.ends == began + 60_000


def test_of_two_downtimes_the_later_end_counts_and_one_to_come_does_not() -> None:
    made = world()
    (first,) = made.downtimes
    later = msgspec.structs.replace(first, downtime_id=2, end_time=first.end_time + 60_000, author="eve")
    to_come = msgspec.structs.replace(later, downtime_id=3, end_time=later.end_time + 60_000, is_in_effect=False)
    told = reading(msgspec.structs.replace(made, downtimes=[first, later, to_come]))
    handling = check(told, "acme-db01", "check/backup").handling
    assert handling is not None
    assert handling.quiet_by == "eve"


def test_a_host_in_a_downtime_is_in_maintenance() -> None:
    told = reading(with_host("globex-router", scheduled_downtime_depth=1))
    assert {one.native: one.health for one in told.sightings}["globex-router"] is Health.MAINTENANCE


def test_what_nagios_is_not_sure_of_is_a_warning() -> None:
    told = reading(with_service("acme-web01", "disk /var", state_type=0, current_attempt=2, max_attempts=4))
    disk = check(told, "acme-web01", "disk//var")
    assert (disk.severity, disk.advice) == (Severity.WARNING, "Nagios is not sure yet: attempt 2 of 4")
    host = check(reading(with_host("globex-router", state_type=0)), "globex-router", "reachable")
    assert host.state is CheckState.WARNING


@pytest.mark.parametrize(
    ("changes", "old"),
    [
        ({}, False),
        ({"check_type": 1}, False),
        ({"checks_enabled": False, "check_type": 1}, False),
        ({"checks_enabled": False}, True),
        ({"next_check": ms(AT) + 1000}, False),
        ({"next_check": ms(AT) - 100_000}, False),
        ({"next_check": ms(AT) - 130_000}, True),
        ({"next_check": ms(AT) - 130_000, "should_be_scheduled": False}, False),
        ({"next_check": ms(AT) - 130_000, "check_type": 1}, False),
    ],
)
def test_what_nagios_itself_waits_for_is_as_old_as_its_last_result(changes: dict[str, Any], old: bool) -> None:
    """A passive result stands until Nagios says otherwise; an active one that is late or switched off does not."""
    last = AT - timedelta(minutes=7)
    usual = {"checks_enabled": True, "check_type": 0, "should_be_scheduled": True, "last_check": ms(last), "status": 2}
    service = with_service("acme-web01", "shop", **{**usual, **changes})
    assert check(reading(service), "acme-web01", "check/shop").seen == (last if old else AT)
    host = with_host("acme-router", **{**usual, **changes})
    told = reading(host)
    assert check(told, "acme-router", "reachable").seen == (last if old else AT)
    assert {one.native: one.seen for one in told.sightings}["acme-router"] == (last if old else AT)


def test_where_active_checks_are_switched_off_for_all_nothing_active_stays_fresh() -> None:
    last = AT - timedelta(minutes=7)
    made = with_service("acme-web01", "shop", check_type=0, checks_enabled=True, last_check=ms(last))
    off = Program(version="4.4.6", execute_service_checks=False)
    told = reading(msgspec.structs.replace(made, status=msgspec.structs.replace(made.status, program=off)))
    assert check(told, "acme-web01", "check/shop").seen == last
    assert check(told, "acme-web01", "check/ping").seen == AT
    assert told.note == "active service checks are switched off there"


def test_a_status_file_that_is_late_makes_everything_older() -> None:
    made = world()
    late = msgspec.structs.replace(made.status, written=made.status.asked - 40)
    told = reading(msgspec.structs.replace(made, status=late))
    assert {one.seen for one in told.checks if one.native == "acme-web01"} == {
        datetime.fromtimestamp(late.written, UTC)
    }


def test_times_are_put_right_by_the_skew_and_none_is_ahead() -> None:
    made = world()
    ahead = msgspec.structs.replace(made, status=msgspec.structs.replace(made.status, skew_s=600.0))
    right, skewed = reading(), reading(ahead)
    key = ("acme-web01", "disk//var")
    since = check(right, *key).since
    assert since is not None
    assert check(skewed, *key).since == since - timedelta(seconds=600)
    assert skewed.skew_s == 600.0
    behind = msgspec.structs.replace(made, status=msgspec.structs.replace(made.status, skew_s=-600.0))
    assert all(one.since is None or one.since <= AT for one in reading(behind).checks)


def test_a_host_that_does_not_answer_was_seen_when_it_last_did() -> None:
    up = AT - timedelta(hours=2)
    told = reading(with_host("globex-router", last_time_up=ms(up)))
    assert {one.native: one.seen for one in told.sightings}["globex-router"] == up


def test_names_that_cannot_be_written_are_counted_and_told() -> None:
    told = reading(msgspec.structs.replace(world(), nameless=2, spoiled=3, cut="truncated at 10 records of hostlist"))
    assert told.quarantined == 5
    assert told.note.startswith("truncated at 10 records of hostlist; ")
    assert "locale" in told.note


def test_services_of_a_host_that_is_not_shown_to_us_are_kept() -> None:
    made = world()
    told = reading(msgspec.structs.replace(made, hosts={}))
    assert {one.native for one in told.sightings} == set(made.services)
    assert {one.health for one in told.sightings} == {Health.UNKNOWN}


def _plain(kind: type[Checkable]) -> st.SearchStrategy[Any]:
    """A host or service with anything in its fields that the type lets in."""
    number = st.one_of(st.integers(-(2**62), 2**62).map(float), st.floats(allow_nan=False, allow_infinity=False))
    by_type = {float: number, int: st.integers(-(2**62), 2**62), bool: st.booleans(), str: st.text(max_size=40)}
    fields = {field.name: by_type[field.type] for field in msgspec.structs.fields(kind)}
    return st.builds(kind, **fields)


@given(
    st.dictionaries(st.text(min_size=1, max_size=20), _plain(Host), max_size=4),
    st.dictionaries(st.text(min_size=1, max_size=20), _plain(Service), max_size=4),
)
def test_nothing_of_the_right_shape_raises(hosts: dict[str, Host], services: dict[str, Service]) -> None:
    made = msgspec.structs.replace(world(), hosts=hosts, services=dict.fromkeys([*hosts, "only services"], services))
    told = reading(made)
    assert isinstance(told, Reading)
    assert all(one.seen <= AT for one in told.checks)
    assert all(is_safe(one.summary) and is_safe(one.label) for one in told.checks)
    assert len({(one.native, one.key) for one in told.checks}) == len(told.checks)


def test_objects_that_are_not_known_cost_only_what_they_would_tell() -> None:
    from backends.adapters.nagios.reading import Names, moment_of, reading_of  # noqa: PLC0415 - only here
    from tests.backends.adapters.nagios.recorded import SOURCE, rules  # noqa: PLC0415 - only here

    made = world()
    told = reading_of(made, Objects(), moment_of(made, AT, 90.0), source=SOURCE, placement=rules(), names=Names())
    assert len(told.sightings) == len(HOSTS)
    assert objects().hosts["acme-router"].custom_variables == {"CLIENT": "acme", "SITE": "HQ", "OS": "Linux"}
