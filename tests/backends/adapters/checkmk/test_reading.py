"""From made-up answers to facts."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from backends.adapters.checkmk.calls import Answers
from backends.adapters.checkmk.placing import FACTS, USUAL
from backends.adapters.checkmk.reading import Teller
from backends.adapters.checkmk.records import About, Downtime, Host, Service, Versions
from backends.api import Check, Reading, SourceName
from backends.fleet.model import UNPLACED, CheckState, Health
from backends.fleet.placement import placement
from backends.text import is_safe
from tests.support.replayed.checkmk import DOWNTIMES, HOSTS, NOW, ODD, SERVICES, a_host, a_service

AT = datetime.fromtimestamp(NOW, UTC)


def read(hosts: Any = (), services: Any = (), downtimes: Any = (), at: datetime = AT, skew_s: float = 0.0) -> Reading:
    def inside(objects: Any, kind: Any) -> Any:
        return tuple(msgspec.convert(one["extensions"], kind) for one in objects)

    answers = Answers(
        about=About(site="acme", versions=Versions(checkmk="2.3.0p10")),
        hosts=inside(hosts or HOSTS, Host),
        services=inside(services, Service),
        downtimes=inside(downtimes, Downtime),
        spoiled=0,
        skew_s=skew_s,
    )
    rules = placement({}, SourceName("one"), {}, FACTS, USUAL)
    return Teller(SourceName("one"), rules, answers, at).told().reading


def checks(reading: Reading) -> Mapping[tuple[str, str], Check]:
    return {(one.native, one.key): one for one in reading.checks}


def test_hosts_are_told_as_what_they_are() -> None:
    reading = read()
    assert (reading.version, reading.quarantined, reading.complete) == ("Checkmk 2.3.0p10", 0, True)
    assert [(one.native, one.name, one.site, one.health, one.behind) for one in reading.sightings] == [
        ("behind", "behind", "baker/main", Health.DOWN, "router"),
        ("new", "new", f"{UNPLACED}/one", Health.UNKNOWN, ""),
        ("router", "router", "baker/main", Health.DOWN, ""),
        ("web01", "Web server", "acme/hq", Health.OK, ""),
    ]
    assert {native: (one.state, one.summary) for (native, _), one in checks(reading).items()} == {
        "behind": (CheckState.CRITICAL, "Cannot be reached: Packet received via smart PING"),
        "new": (CheckState.UNKNOWN, "It was never checked whether it answers"),
        "router": (CheckState.CRITICAL, "Does not answer: CRITICAL - 10.0.0.254 no answer"),
        "web01": (CheckState.OK, "Packet received via smart PING"),
    }


def test_services_are_told_as_what_they_are() -> None:
    found = checks(read(HOSTS, SERVICES, DOWNTIMES))
    assert {key: one.state for (native, key), one in found.items() if native == "web01" and key != "reachable"} == {
        "disk//var": CheckState.CRITICAL,
        "load": CheckState.WARNING,
        "check/Check_MK": CheckState.OK,
        "check/Backup": CheckState.UNKNOWN,
        "check/Pending": CheckState.UNKNOWN,
        f"check/{ODD}": CheckState.CRITICAL,
    }
    disk, load = found["web01", "disk//var"], found["web01", "load"]
    assert disk.handling is not None
    assert (disk.handling.acked, disk.handling.quiet) == (True, False)
    assert (disk.value, disk.unit, disk.warn, disk.crit) == (97.0, "%", 80.0, 90.0)
    assert disk.since == datetime.fromtimestamp(int(NOW - 3600), UTC)
    assert load.handling is not None
    assert (load.handling.quiet, load.handling.quiet_by) == (True, "automation")
    assert load.handling.quiet_until == datetime(2099, 1, 1, tzinfo=UTC)
    assert found["web01", "check/Pending"].summary == "Pending was never checked"
    assert found["web01", f"check/{ODD}"].summary == "␛[2J bad"
    assert all(is_safe(text) for one in found.values() for text in (one.label, one.summary))


@pytest.mark.parametrize("end", [None, "0001-01-01T00:00:00Z", "9999-12-31T23:59:59Z", "2099-01-01T00:00:00"])
def test_a_downtime_that_ends_at_no_time_is_quiet_all_the_same(end: str | None) -> None:
    downtime = msgspec.json.decode(msgspec.json.encode({"host_name": "web01", "end_time": end}), type=Downtime)
    rests = [{"extensions": msgspec.to_builtins(downtime)}]
    for skew_s in (-1e6, 1e6):
        handling = checks(read(HOSTS, SERVICES, rests, skew_s=skew_s))["web01", "load"].handling
        assert handling is not None
        assert handling.quiet


def test_what_is_stale_by_checkmks_own_measure_is_as_old_as_it_is() -> None:
    found = checks(read(HOSTS, SERVICES))
    assert found["web01", "check/Check_MK"].seen == datetime.fromtimestamp(int(NOW - 900), UTC)
    assert found["web01", "disk//var"].seen == AT
    ahead = checks(read(HOSTS, SERVICES, skew_s=60.0))
    assert ahead["web01", "check/Check_MK"].seen == datetime.fromtimestamp(int(NOW - 960), UTC)


def test_a_folder_can_place() -> None:
    rules = placement(
        {"place": {"folder": "^clients/(?P<client>[^/]+)/(?P<site>[^/]+)"}}, SourceName("one"), {}, FACTS, USUAL
    )
    host = msgspec.convert(a_host("web01")["extensions"], Host)
    answers = Answers(
        about=About(versions=Versions()), hosts=(host,), services=(), downtimes=(), spoiled=0, skew_s=None
    )
    (one,) = Teller(SourceName("one"), rules, answers, AT).told().reading.sightings
    assert one.site == "acme/hq"


def test_a_service_that_is_there_twice_or_of_no_host_costs_no_other() -> None:
    """F-73, F-74"""
    more = [*SERVICES, SERVICES[0], a_service("gone", "Ping")]
    reading = read([*HOSTS, HOSTS[0]], more)
    assert (len(reading.sightings), reading.quarantined) == (4, 3)
    assert len(checks(reading)) == len(reading.checks) == 4 + len(SERVICES)


NAMES = st.sampled_from(["web01", "router", "x", "\x1b[2J", "disk /var", "CPU load"])
NUMBERS = st.integers(-(2**60), 2**60) | st.floats() | st.sampled_from([NOW, 0])
CHECKABLE = {
    "state": st.integers(0, 3),
    "has_been_checked": st.integers(-1, 2),
    "acknowledged": st.integers(0, 2),
    "scheduled_downtime_depth": st.integers(-1, 3),
    "last_check": NUMBERS.map(float),
    "last_state_change": NUMBERS.map(float),
    "plugin_output": st.none() | st.text(max_size=20),
    "staleness": st.floats(),
}
HOST = st.builds(
    Host,
    name=NAMES,
    alias=st.none() | st.text(max_size=5),
    parents=st.lists(NAMES, max_size=2),
    groups=st.lists(st.text(max_size=4), max_size=2),
    filename=st.none() | st.text(max_size=8) | st.just("/wato/a/b/hosts.mk"),
    labels=st.none()
    | st.dictionaries(st.text(max_size=4), st.none() | st.text(max_size=4) | st.integers(), max_size=2),
    **CHECKABLE,
)
SERVICE = st.builds(
    Service,
    host_name=NAMES,
    description=NAMES,
    perf_data=st.none() | st.text(max_size=12) | st.just("a=1;;;;x"),
    **CHECKABLE,
)
DOWNTIME = st.builds(
    Downtime,
    host_name=NAMES,
    service_description=st.none() | NAMES,
    is_service=st.sampled_from(["yes", "no", True, False, 1]),
    author=st.text(max_size=4),
    comment=st.text(max_size=4),
    end_time=st.none() | st.datetimes(timezones=st.just(UTC)) | st.datetimes(),
)


@settings(max_examples=200, deadline=None)
@given(st.lists(HOST, max_size=4), st.lists(SERVICE, max_size=5), st.lists(DOWNTIME, max_size=3), st.floats(-1e6, 1e6))
def test_every_answer_of_the_right_shape_is_read(
    hosts: list[Host], services: list[Service], downtimes: list[Downtime], skew_s: float
) -> None:
    answers = Answers(
        about=About(versions=Versions()),
        hosts=tuple(hosts),
        services=tuple(services),
        downtimes=tuple(downtimes),
        spoiled=0,
        skew_s=skew_s,
    )
    rules = placement({}, SourceName("one"), {}, FACTS, USUAL)
    reading = Teller(SourceName("one"), rules, answers, AT).told().reading
    assert msgspec.msgpack.decode(msgspec.msgpack.encode(reading), type=Reading) == reading
    assert len(checks(reading)) == len(reading.checks)
    assert all(one.seen <= AT for one in (*reading.sightings, *reading.checks))
    assert all(is_safe(text) for one in reading.checks for text in (one.label, one.summary))
