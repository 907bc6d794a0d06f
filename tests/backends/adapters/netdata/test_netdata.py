"""From recorded answers to facts, and the adapter at a server that plays them."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Callable, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import msgspec
import pytest

from backends.adapters.netdata.calls import Told
from backends.adapters.netdata.measures import measured
from backends.adapters.netdata.reading import about, checks_of
from backends.adapters.netdata.records import Alarm, Chart, Info
from backends.adapters.netdata.source import NetdataSource
from backends.api import Adapter, Check, ConfigurationError, SourceName
from backends.fleet.model import CheckState, Health, Severity
from backends.fleet.thresholds import DEFAULTS
from backends.testing import AdapterContract
from tests.support import faulty
from tests.support.opened import EagerClock, opened
from tests.support.replayed import Asked, Said
from tests.support.replayed.netdata import ANSWERS, PLAYED

AT = datetime.fromtimestamp(1795680342, UTC)
"""When the answers were given."""


def recorded(name: str) -> Any:
    return json.loads((ANSWERS / f"{name}.json").read_text())


def told(**more: Any) -> Told:
    usual = {
        "info": msgspec.json.decode((ANSWERS / "info.json").read_bytes(), type=Info),
        "hostname": "acme-db01",
        "alarms": msgspec.convert(recorded("alarms")["alarms"], dict[str, Alarm]),
        "charts": msgspec.convert(recorded("metrics"), dict[str, Chart]),
        "spoiled": 0,
        "skew_s": 0.0,
    }
    return Told(**(usual | more))


def checks(told: Told, at: datetime = AT) -> Mapping[str, Check]:
    found = measured(told.charts, told.info, at)
    return {one.key: one for one in checks_of(told, found, DEFAULTS, SourceName("one"), "h:19999")}


def an_alarm(**more: Any) -> Alarm:
    usual: dict[str, Any] = {
        "name": "a",
        "chart": "system.ram",
        "status": "WARNING",
        "value": 3.0,
        "last_updated": 1795680341.0,
    }
    return Alarm(**(usual | more))


@pytest.fixture
async def server() -> AsyncIterator[faulty.Server]:
    async with faulty.serving(PLAYED) as made:
        yield made


def source_at(folder: Path, *urls: str, **options: Any) -> NetdataSource:
    clock = EagerClock(AT)
    made = opened("netdata", folder, clock, urls=list(urls), **options)
    assert isinstance(made, NetdataSource)
    return made


class TestContract(AdapterContract):
    @pytest.fixture(autouse=True)
    def _server(self, server: faulty.Server, tmp_path: Path) -> None:
        self.server, self.folder = server, tmp_path

    def open_adapter(self) -> Adapter:
        return source_at(self.folder, self.server.url)


def test_what_was_recorded_is_told() -> None:
    found = checks(told())
    assert {key: (one.state, one.severity, one.summary) for key, one in found.items() if one.family == "check"} == {
        "check/system.load.load_high": (CheckState.WARNING, Severity.WARNING, "load  is  high <b>: 3.82 load"),
        "check/system.ram.broken_ref": (
            CheckState.UNKNOWN,
            Severity.INFO,
            "broken_ref: Netdata has no value for it",
        ),
        "check/system.ram.fine": (CheckState.OK, None, "fine: 4.4%"),
        "check/system.uptime.uptime_crit": (CheckState.CRITICAL, Severity.CRITICAL, "always critical: 01:35:17"),
    }
    assert {key for key, one in found.items() if one.family != "check"} == {
        "load",
        "memory",
        "disk//",
        "inode//",
        "uptime",
    }
    since = found["check/system.load.load_high"].since
    assert since == datetime.fromtimestamp(1795680290, UTC)
    assert all(one.seen == AT for one in found.values())
    host = about(told())
    assert (host.name, host.platform, host.system) == ("acme-db01", "linux", "Debian GNU/Linux 12 (bookworm)")
    assert host.agent == "netdata-0824bd5a-e970-11f1-8083-02fc00000001"


def test_what_is_measured_is_judged_by_the_thresholds_of_all_agentless_sources() -> None:
    full = json.loads(json.dumps(recorded("metrics")))
    full["disk_space._"]["dimensions"] |= {"avail": {"value": 0.5}, "used": {"value": 99.5}}
    disk = checks(told(charts=msgspec.convert(full, dict[str, Chart])))["disk//"]
    assert (disk.state, disk.value, disk.summary) == (CheckState.CRITICAL, 99.5, "Disk / is 99.5 % full, 512 MiB left")


@pytest.mark.parametrize(
    ("name", "family", "key"),
    [
        ("disk_space_usage", "/", "disk//"),
        ("disk_inode_usage", "/", "inode//"),
        ("ram_in_use", "ram", "memory"),
        ("load_average_5", "load", "load"),
        ("disk_space_usage", None, "check/x"),
    ],
)
def test_an_alarm_of_what_is_measured_makes_that_worse_and_never_better(
    name: str, family: str | None, key: str
) -> None:
    alarm = an_alarm(name=name, family=family, status="CRITICAL", info="bad", value_string="97%")
    found = checks(told(alarms={"x": alarm}))[key]
    assert (found.state, found.summary) == (CheckState.CRITICAL, "bad: 97%")
    if key != "check/x":
        fine = checks(told(alarms={"x": msgspec.structs.replace(alarm, status="CLEAR")}))[key]
        assert fine == checks(told(alarms={}))[key]
        assert found.value == fine.value


def test_two_alarms_of_one_thing_are_as_bad_as_the_worse() -> None:
    two = {"a": an_alarm(name="ram_in_use", status="CRITICAL"), "b": an_alarm(name="ram_available", status="CLEAR")}
    assert checks(told(alarms=two, charts={}))["memory"].state is CheckState.CRITICAL


@pytest.mark.parametrize("status", ["UNDEFINED", "UNINITIALIZED", "REMOVED", "", "odd"])
def test_what_netdata_does_not_know_is_not_ok(status: str) -> None:
    found = checks(told(alarms={"x": an_alarm(status=status)}))["check/x"]
    assert (found.state, found.severity) == (CheckState.UNKNOWN, Severity.INFO)


def test_a_silenced_alarm_is_quiet() -> None:
    handling = checks(told(alarms={"x": an_alarm(silenced=True)}))["check/x"].handling
    assert handling is not None
    assert (handling.quiet, handling.text) == (True, "silenced in Netdata")


def test_what_is_not_evaluated_any_more_is_as_old_as_it_is() -> None:
    later = AT + timedelta(minutes=10)
    assert all(one.seen < later for one in checks(told(), later).values())
    assert all(one.seen == later for one in checks(told(skew_s=-600.0), later).values())


def test_memory_without_its_newer_chart_is_what_is_free_and_can_be_freed() -> None:
    old = {name: chart for name, chart in told().charts.items() if name != "mem.available"}
    memory = checks(told(charts=old))["memory"]
    assert memory.value == pytest.approx(96.0, abs=3)


async def test_how_a_value_went_is_told_in_the_unit_in_which_it_is_told_now(
    server: faulty.Server, tmp_path: Path
) -> None:
    source = source_at(tmp_path, server.url)
    reading = await source.poll()
    native = reading.sightings[0].native
    past = await source.history(native, "load", AT - timedelta(minutes=5), 10)
    assert [value for _, value in past] == [2.94, 3.0956062]  # the rest was recorded later than this clock says
    assert past[0][0] == datetime.fromtimestamp(1795680300, UTC)
    assert not await source.history(native, "check/system.load.load_high", AT - timedelta(minutes=5), 10)
    (asked,) = [one.query for one in server.asked if one.path == "/api/v1/data"]
    assert "chart=system.load&after=1795680042&before=1795680342&points=10" in asked
    await source.close()


async def test_all_alarms_are_asked_for_in_the_words_that_netdata_knows(server: faulty.Server, tmp_path: Path) -> None:
    """It gives only those that are raised for `all=`."""
    source = source_at(tmp_path, server.url)
    await source.poll()
    assert [one.query for one in server.asked if one.path == "/api/v1/alarms"] == ["all"]
    await source.close()


async def test_a_spoiled_record_costs_no_other(server: faulty.Server, tmp_path: Path) -> None:
    """F-73"""
    source = source_at(tmp_path, server.url)

    def spoil(asked: Asked, said: Said) -> bytes:
        told = json.loads(said.body)
        if asked.path == "/api/v1/alarms":
            told["alarms"] |= {"a": {}, "b": 7, "c": {"name": None, "chart": "x", "status": "CLEAR"}}
        elif asked.path == "/api/v1/allmetrics":
            told |= {"a": 7, "b": {"dimensions": []}, "disk_space.z": {"family": "/z", "dimensions": {"avail": {}}}}
        return json.dumps(told).encode()

    well = await source.poll()
    server.fault = answering(spoil)
    reading = await source.poll()
    assert reading.quarantined == 5
    assert [one.key for one in reading.checks] == [one.key for one in well.checks]
    await source.close()


def answering(change: Callable[[Asked, Said], bytes]) -> faulty.Fault:
    async def fault(_server: faulty.Server, asked: Asked, said: Said, writer: Any) -> None:
        writer.write(faulty.whole(said, change(asked, said)))

    return fault


async def test_a_host_behind_a_parent_has_an_address_of_its_own(server: faulty.Server, tmp_path: Path) -> None:
    source = source_at(tmp_path, f"{server.url}/host/a/", server.url)
    assert [part.native.partition("/")[2] for part in source.parts()] == ["host/a", ""]
    server.asked.clear()
    await source.parts()[0].poll()
    assert server.asked[0].path == "/host/a/api/v1/info"
    await source.close()


async def test_a_host_that_its_parent_does_not_hear_is_down(server: faulty.Server, tmp_path: Path) -> None:
    """Its last facts stay at the parent, which goes on telling them."""
    source, away = source_at(tmp_path, f"{server.url}/host/a"), list[bool]()
    (part,) = source.parts()

    async def fault(_server: faulty.Server, asked: Asked, _said: Said, writer: Any) -> None:
        said = PLAYED.answer(msgspec.structs.replace(asked, path=asked.path.removeprefix("/host/a")))
        body = said.body.replace(b'"reachable": true', b'"reachable": false') if away else said.body
        writer.write(faulty.whole(said, body))

    server.fault = fault
    assert (await part.poll()).checks[0].state is CheckState.OK
    away.append(True)
    lost = await part.poll()
    assert (lost.sightings[0].health, lost.sightings[0].partial) == (Health.DOWN, True)
    assert "acme-db01 is not heard by its parent" in lost.checks[0].summary
    await source.close()


@pytest.mark.parametrize(
    ("options", "key"),
    [
        ({"urls": []}, "urls"),
        ({"user": "a:b"}, "user"),
        ({"thresholds": {"dsk": {}}}, "thresholds.dsk"),
        ({"thresholds": 7}, "thresholds"),
        ({"tresholds": {}}, "tresholds"),
    ],
)
def test_a_mistake_names_its_key(tmp_path: Path, options: dict[str, Any], key: str) -> None:
    with pytest.raises(ConfigurationError) as caught:
        opened("netdata", tmp_path, **({"urls": "a"} | options))
    assert caught.value.key == key
