"""What is asked, how often, and as whom; of each version only what it knows."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
import tomli

from backends.adapters.zabbix import asks, gather
from backends.api import Can, ConfigurationError, FaultKind, SourceError
from backends.fleet.model import CheckState
from backends.redaction import forget_all, remember
from backends.testing import AdapterContract
from tests.support.replayed import Said
from tests.support.replayed.zabbix import TOKEN, FakeZabbix, RefusedError
from tests.support.zabbix_source import LaterClock, opened, reading_from, settings_for

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


@pytest.mark.parametrize("version", VERSIONS)
async def test_a_user_with_a_password_logs_in_and_out(version: str) -> None:
    fake = FakeZabbix(version)
    async with reading_from(fake, user="tech01") as source:
        await source.poll()
        await source.poll()
    assert fake.asked("user.login") == [{"username": "tech01", "password": TOKEN, "userData": True}]
    assert len(fake.asked("user.logout")) == 1


@pytest.mark.parametrize("version", ["6.0.14", "7.0.19"])
async def test_with_a_password_of_the_web_server_in_the_way_the_token_goes_into_the_body(version: str) -> None:
    fake = FakeZabbix(version)
    async with reading_from(fake, headers={"Authorization": "Basic dGVjaDpzZWNyZXQ="}) as source:
        assert len((await source.poll()).sightings) == 8


async def test_a_session_that_has_run_out_is_begun_anew_within_the_poll() -> None:
    fake = FakeZabbix()
    async with reading_from(fake, user="tech01") as source:
        await source.poll()
        fake.sessions.clear()
        reading = await source.poll()
    assert len(reading.sightings) == 8
    assert len(fake.asked("user.login")) == 2


async def test_after_a_failure_the_same_session_goes_on() -> None:
    fake = FakeZabbix()
    async with reading_from(fake, user="tech01") as source:
        await source.poll()
        fake.special["problem.get"] = lambda _: Said(body=b"", status=502)
        with pytest.raises(SourceError):
            await source.poll()
        del fake.special["problem.get"]
        assert len((await source.poll()).sightings) == 8
    assert len(fake.asked("user.login")) == 1
    assert len(fake.asked("apiinfo.version")) == 2


async def test_the_example_of_the_documentation_opens() -> None:
    example = tomli.loads(PAGE.split("```toml\n")[1].split("```")[0])["sources"]["zabbix-eu"]
    assert example.pop("kind") == "zabbix"
    await opened(settings_for(**example)).close()


def test_the_options_of_the_documentation_are_those_that_there_are() -> None:
    rows = [line.split("|")[1] for line in PAGE.splitlines() if line.startswith("| `")]
    named = {name for row in rows for name in re.findall(r"`([a-z_]+)`", row)}
    with pytest.raises(ConfigurationError) as caught:
        opened(settings_for("https://zabbix.example", x=1))
    there = re.findall(r"[a-z_]+", caught.value.sentence.split("there are ")[1])
    assert named == set(there)


@pytest.mark.parametrize("version", ["6.0.14", "7.0.19", "7.2.4"])
async def test_a_token_that_is_not_accepted_needs_a_hand(version: str) -> None:
    fake = FakeZabbix(version)
    async with reading_from(fake, secret="old token") as source:
        with pytest.raises(SourceError) as caught:
            await source.poll()
    assert caught.value.kind is FaultKind.CREDENTIALS
    assert "old token" not in caught.value.sentence
    assert ("header Authorization" in caught.value.sentence) is (version != "6.0.14")


async def test_a_wrong_password_is_said_so() -> None:
    async with reading_from(FakeZabbix(), user="tech01", secret="wrong") as source:
        with pytest.raises(SourceError, match="with this password") as caught:
            await source.poll()
    assert caught.value.kind is FaultKind.CREDENTIALS


@pytest.mark.parametrize(
    ("version", "sentence"),
    [("5.4.12", "too old"), ("nginx", "none of Zabbix"), ("\x1b[2J", "none of Zabbix")],
)
async def test_another_version_is_a_fault(version: str, sentence: str) -> None:
    fake = FakeZabbix()
    fake.version = version
    async with reading_from(fake) as source:
        with pytest.raises(SourceError, match=sentence):
            await source.poll()


async def test_errors_within_an_answer_of_success_are_faults() -> None:
    """F-69"""
    fake = FakeZabbix()

    def broken(_: Any) -> Any:
        raise RefusedError("Error connecting to database.", 1)

    fake.special["problem.get"] = broken
    async with reading_from(fake) as source:
        with pytest.raises(SourceError, match="database") as caught:
            await source.poll()
    assert caught.value.kind is FaultKind.SERVER


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
    async with reading_from(fake) as source:
        await source.poll()
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
    assert len(fake.asked("user.get")) == len(fake.asked("maintenance.get")) == 1
    assert "Admin" in {check.handling.acked_by for check in reading.checks if check.handling}


async def test_proxies_are_asked_for_where_there_are_any() -> None:
    fake = FakeZabbix("7.0.19")
    fake.tables["host.get"][0]["proxyid"] = "9"
    fake.tables["proxy.get"] = [{"proxyid": "9", "name": "acme proxy", "lastaccess": "0", "state": "2"}]
    async with reading_from(fake, place={"proxy": "^(?P<client>.+) proxy$"}) as source:
        reading = await source.poll()
    assert [one.client for one in reading.sightings].count("acme") == 1


@pytest.mark.parametrize(
    ("version", "kind", "lacks"),
    [
        ("6.0.14", 1, {Can.SNOOZE, Can.RECHECK}),
        ("6.0.14", 2, {Can.RECHECK}),
        ("6.0.14", 3, set()),
        ("7.0.18", 1, {Can.RECHECK}),
        ("7.0.19", 1, set()),
        ("7.2.4", 2, {Can.RECHECK}),
    ],
)
async def test_what_the_type_of_the_user_does_not_permit_is_told(version: str, kind: int, lacks: set[Can]) -> None:
    fake = FakeZabbix(version)
    fake.tables["user.checkAuthentication"]["type"] = kind
    fake.tables["role.get"][0]["rules"] = {"actions": [{"name": "edit_maintenance", "status": "1"}]}
    async with reading_from(fake) as source:
        assert set((await source.poll()).lacks) == lacks


async def test_what_the_role_does_not_permit_is_told() -> None:
    fake = FakeZabbix("7.0.19")
    denied = ("acknowledge_problems", "close_problems", "suppress_problems", "execute_scripts", "invoke_execute_now")
    fake.tables["role.get"][0]["rules"] = {"actions": [{"name": name, "status": "0"} for name in denied]}
    async with reading_from(fake) as source:
        reading = await source.poll()
        introduced = await source.introduce()
    assert set(reading.lacks) == {Can.ACKNOWLEDGE, Can.CLOSE, Can.SNOOZE, Can.RUN_OWN, Can.RECHECK}
    assert reading.fixes == ()
    refused = [right for right in introduced.rights if right.granted is False]
    assert len(refused) == 5
    assert all("role" in right.remedy for right in refused)


async def test_it_says_who_it_is_and_what_there_is_to_place_by() -> None:
    async with reading_from(FakeZabbix("7.0.19")) as source:
        introduced = await source.introduce()
    assert (introduced.product, introduced.account) == ("Zabbix 7.0.19", "tech01")
    assert introduced.facts["hostgroup"] == ("Clients/Acme/HQ", "Clients/Borg", "Loose ends")
    assert introduced.facts["tag.role"] == ("dc",)
    assert "8 hosts are visible" in introduced.rights[0].what


async def test_a_token_that_sees_no_host_is_told_what_to_do() -> None:
    fake = FakeZabbix()
    fake.tables["host.get"] = []
    async with reading_from(fake) as source:
        introduced = await source.introduce()
    assert introduced.rights[0].granted is False
    assert "read access to the host groups" in introduced.rights[0].remedy


@pytest.mark.parametrize(
    ("options", "key"),
    [
        ({"url": "zabbix.example"}, "url"),
        ({"place": {"hostgrup": "^(?P<client>.+)$"}}, "place.hostgrup"),
        ({"disabled_hosts": "no"}, "disabled_hosts"),
        ({"users": "tech01"}, "users"),
    ],
)
def test_a_wrong_option_is_named(options: dict[str, Any], key: str) -> None:
    url = options.pop("url", "https://zabbix.example")
    with pytest.raises(ConfigurationError) as caught:
        opened(settings_for(url, **options))
    assert caught.value.key == key


@pytest.mark.parametrize(
    "url", ["/zabbix/api_jsonrpc.php", "/zabbix", "/zabbix/"], ids=["whole", "of the page", "with a slash"]
)
async def test_the_address_may_be_that_of_the_web_page(url: str) -> None:
    fake = FakeZabbix()
    async with reading_from(fake) as source:
        base = source._session.origin  # its server's address is known to the source alone
        other = opened(settings_for(f"{base}{url}"))
        assert len((await other.poll()).sightings) == 8
        await other.close()


async def test_the_secret_is_in_no_sentence() -> None:
    """F-43"""
    fake = FakeZabbix()

    def echo(_: Any) -> Any:
        raise RefusedError(f"Something about {json.dumps({'auth': TOKEN})} is wrong.")

    fake.special["host.get"] = echo
    remember(TOKEN)
    try:
        async with reading_from(fake) as source:
            with pytest.raises(SourceError) as caught:
                await source.poll()
    finally:
        forget_all()
    assert TOKEN not in caught.value.sentence


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
