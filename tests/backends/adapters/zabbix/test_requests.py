"""What is asked, how often, and as whom; of each version only what it knows."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from backends.adapters.zabbix import asks, gather
from backends.adapters.zabbix.begun import AWAITED_S
from backends.fleet.model import CheckState
from backends.testing import AdapterContract
from tests.support.elsewhere import LaterClock
from tests.support.replayed.zabbix import FakeZabbix
from tests.support.zabbix_source import opened, reading_from, settings_for

PAGE = (Path(__file__).parents[4] / "docs/sources/zabbix.md").read_text("utf-8")
VERSIONS = ["6.0.14", "6.2.9", "6.4.21", "7.0.19", "7.2.4", "7.4.3"]


def methods(fake: FakeZabbix) -> list[str]:
    return [method for method, _ in fake.calls]


@pytest.mark.parametrize("version", VERSIONS)
async def test_every_version_tells_the_same(version: str) -> None:
    fake = FakeZabbix(version)
    async with reading_from(fake) as source:
        reading = await source.poll()
    assert reading.version == f"Zabbix {version}"
    assert {sighting.site for sighting in reading.sightings} >= {"acme/hq", "borg/main"}
    assert "disk//var" in {check.key for check in reading.checks}
    assert reading.quarantined == 0
    assert [fix.title for fix in reading.fixes or ()][-1] == "Only at acme"


def many(fake: FakeZabbix, number: int) -> None:
    """So many open problems, each with a trigger of its own."""
    problem, trigger = fake.tables["problem.get"][0], fake.tables["trigger.get"][0]
    fake.tables["problem.get"] = [
        {**problem, "eventid": str(n), "objectid": str(100_000 + n)} for n in range(1, number + 1)
    ]
    fake.tables["trigger.get"] = [{**trigger, "triggerid": str(100_000 + n)} for n in range(1, number + 1)]


async def test_a_thousand_problems_take_four_requests() -> None:
    """G18"""
    fake = FakeZabbix()
    many(fake, 1_000)
    clock = LaterClock()
    async with reading_from(fake, clock=clock) as source:
        await source.poll()
        clock.later_s = AWAITED_S
        asked = len(fake.calls)
        reading = await source.poll()
        assert methods(fake)[asked:] == ["host.get", "problem.get", "trigger.get", "item.get"]
        fake.tables["problem.get"].append({**fake.tables["problem.get"][0], "eventid": "5000", "objectid": "1"})
        asked = len(fake.calls)
        await source.poll()
        assert methods(fake)[asked:] == ["host.get", "problem.get", "trigger.get", "item.get"]
    assert len([check for check in reading.checks if check.state is not CheckState.OK]) >= 1_000


async def test_between_two_times_everything_is_asked_only_what_changes_is() -> None:
    fake, clock = FakeZabbix(), LaterClock()
    async with reading_from(fake, clock=clock) as source:
        await source.poll()
        await source.poll()
        clock.later_s = 601.0
        await source.poll()
    assert ["selectInventory" in params for params in fake.asked("host.get")] == [True, False, True]
    assert len(fake.asked("apiinfo.version")) == 1
    assert len(fake.asked("script.get")) == 4


async def test_what_changes_is_seen_at_once() -> None:
    fake = FakeZabbix()
    async with reading_from(fake) as source:
        before = await source.poll()
        host = next(one for one in fake.tables["host.get"] if one["host"] == "acme-dc01")
        host["name"] = "dc one"
        host["maintenance_status"] = "1"
        host["interfaces"][0]["available"] = "2"
        fake.tables["problem.get"] = [one for one in fake.tables["problem.get"] if one["objectid"] != "1"]
        after = await source.poll()
    (was,) = [one for one in before.sightings if one.native == host["hostid"]]
    (now,) = [one for one in after.sightings if one.native == host["hostid"]]
    assert (now.name, now.health) == ("dc one", "maintenance")
    assert (now.native, now.site, now.identity) == (was.native, was.site, was.identity)
    assert "disk//var" not in {check.key for check in after.checks}


async def test_a_new_host_is_placed_at_once_and_one_that_is_gone_is_gone() -> None:
    fake = FakeZabbix()
    async with reading_from(fake) as source:
        await source.poll()
        new = {**fake.tables["host.get"][0], "hostid": "4711", "host": "acme-new", "name": "new one"}
        fake.tables["host.get"] = [*fake.tables["host.get"][1:], new]
        reading = await source.poll()
    (found,) = [one for one in reading.sightings if one.native == "4711"]
    assert found.site == "acme/hq"
    assert len(reading.sightings) == 8


async def test_only_what_the_rules_go_by_is_asked_for() -> None:
    fake = FakeZabbix()
    async with reading_from(fake, place={"host": "^(?P<client>[a-z]+)"}) as source:
        reading = await source.poll()
    (params,) = fake.asked("host.get")
    assert not {"selectGroups", "selectTags"} & params.keys()
    assert {sighting.client for sighting in reading.sightings} == {"acme", "borg", "evil", "lost"}


async def test_problems_come_page_by_page_to_the_end(monkeypatch: pytest.MonkeyPatch) -> None:
    """F-74"""
    monkeypatch.setattr(asks, "PAGE", 3)
    fake = FakeZabbix()
    async with reading_from(fake) as source:
        reading = await source.poll()
    assert len(fake.asked("problem.get")) == 3
    assert reading.note == ""
    assert "disk//var" in {check.key for check in reading.checks}


async def test_problems_without_end_are_cut_and_that_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    """F-74"""
    monkeypatch.setattr(asks, "PAGE", 3)
    monkeypatch.setattr(gather, "MOST_PROBLEMS", 6)
    fake = FakeZabbix()
    async with reading_from(fake) as source:
        reading = await source.poll()
    assert len(fake.asked("problem.get")) == 2
    assert "truncated at 6 problems" in reading.note


async def test_a_server_that_pages_in_circles_is_left(monkeypatch: pytest.MonkeyPatch) -> None:
    """F-74"""
    monkeypatch.setattr(asks, "PAGE", 3)
    fake = FakeZabbix()
    page = fake.tables["problem.get"][:3]
    fake.special["problem.get"] = lambda _: page
    async with reading_from(fake) as source:
        await source.poll()
    assert len(fake.asked("problem.get")) == 2


async def test_values_are_those_of_now() -> None:
    fake = FakeZabbix()
    async with reading_from(fake) as source:
        await source.poll()
        fake.tables["item.get"].append({"itemid": "7", "lastvalue": "99.5", "lastclock": "0"})
        reading = await source.poll()
    assert [check.value for check in reading.checks if check.key == "disk//var"] == [99.5]


async def test_a_server_that_gives_no_new_values_is_not_believed() -> None:
    """F-69: the web page goes on answering when zabbix_server has died."""
    fake, clock = FakeZabbix(), LaterClock()
    async with reading_from(fake, clock=clock) as source:
        fresh = await source.poll()
        clock.later_s = 300.0
        old = await source.poll()
    assert {sighting.seen for sighting in fresh.sightings} == {fresh.at}
    assert all((old.at - sighting.seen).total_seconds() > 250 for sighting in old.sightings)
    assert "zabbix_server is running" in old.note


async def test_of_many_hosts_only_some_are_listened_to() -> None:
    fake = FakeZabbix()
    well = next(one for one in fake.tables["host.get"] if one["host"] == "acme-dc01")
    fake.tables["host.get"] += [{**well, "hostid": str(n)} for n in range(1_000, 2_000)]
    async with reading_from(fake) as source:
        await source.poll()
    (asked,) = fake.asked("item.get")
    unknown = {one["hostid"] for one in fake.tables["host.get"] if one["host"] in ("acme-nas01", "evil01")}
    assert unknown <= set(asked["hostids"])
    assert len(asked["hostids"]) < 110


async def test_who_acknowledged_is_asked_for_once() -> None:
    fake = FakeZabbix()
    fake.tables["user.get"] = [{"userid": "1", "username": "Admin"}]
    async with reading_from(fake) as source:
        reading = await source.poll()
        await source.poll()
    named = [asked for asked in fake.asked("maintenance.get") if "maintenanceids" in asked]
    assert len(fake.asked("user.get")) == len(named) == 1
    assert "Admin" in {check.handling.acked_by for check in reading.checks if check.handling}


async def test_proxies_are_asked_for_where_there_are_any() -> None:
    fake = FakeZabbix("7.0.19")
    fake.tables["host.get"][0]["proxyid"] = "9"
    fake.tables["proxy.get"] = [{"proxyid": "9", "name": "acme proxy", "lastaccess": "0", "state": "2"}]
    async with reading_from(fake, place={"proxy": "^(?P<client>.+) proxy$"}) as source:
        reading = await source.poll()
    assert [one.client for one in reading.sightings].count("acme") == 1


class TestContract(AdapterContract):
    """Over the answers as they were recorded."""

    @pytest.fixture(autouse=True)
    async def _server(self) -> Any:
        self.fake = FakeZabbix()
        self.fake.special["history.get"] = lambda params: [
            {"clock": str(params["time_till"] - 60 * n), "value": "97.5"} for n in range(1, 30)
        ]
        async with reading_from(self.fake) as source:
            self.url = source._session.origin
            yield

    def open_adapter(self) -> Any:
        return opened(settings_for(self.url))


@pytest.mark.parametrize("version", ["7.0.19", "7.4.3"])
async def test_which_proxy_of_a_group_has_a_host_is_asked_with_every_poll(version: str) -> None:
    fake = FakeZabbix(version)
    host = fake.tables["host.get"][0]
    fake.tables["proxy.get"] = [{"proxyid": "9", "name": "one", "lastaccess": "1", "state": "1"}]
    async with reading_from(fake) as source:
        await source.poll()
        host |= {"proxy_groupid": "3", "assigned_proxyid": "9"}
        reading = await source.poll()
    seen = {one.native: one.seen for one in reading.sightings}
    assert seen[host["hostid"]] < reading.at
