"""What `rounds` says of a real Zabbix is what that says itself, read by another client."""

from __future__ import annotations

from typing import Any

import pytest

from backends.fleet.model import UNPLACED, Health
from tests.support.office import Office
from tests.support.servers.zabbix_asking import by_password, by_token, problem_of
from tests.support.servers.zabbix_seed import VIEWER, Seed

pytestmark = pytest.mark.real

PRIORITY = {"0": "info", "1": "info", "2": "warning", "3": "warning", "4": "high", "5": "critical"}


@pytest.fixture
def at_work(office: Office, zabbix: Seed) -> Office:
    """A technician whose only source it is."""
    office.environment = {**office.environment, "ZABBIX_TOKEN": zabbix.tokens["tech01"]}
    office.configure(
        '[technician]\nname = "tech1"\n[clients.acme]\nname = "Acme Dental"\n'
        f'[sources.zabbix-eu]\nkind = "zabbix"\nurl = "{zabbix.server.url}"\nsecret = "env:ZABBIX_TOKEN"\n'
    )
    return office


def problems(zabbix: Seed) -> list[dict[str, Any]]:
    """Those that Zabbix's own page shows: nothing that depends on another one."""
    told = zabbix.api("problem.get", {"output": "extend"})
    shown = zabbix.api(
        "trigger.get",
        {
            "triggerids": [one["objectid"] for one in told],
            "monitored": True,
            "skipDependent": True,
            "output": ["triggerid"],
            "selectHosts": ["hostid"],
        },
    )
    hosts = {one["triggerid"]: one["hosts"][0]["hostid"] for one in shown}
    return [{**one, "hostid": hosts[one["objectid"]]} for one in told if one["objectid"] in hosts]


def test_issues_are_the_servers_own_problems_and_nothing_else(at_work: Office, zabbix: Seed) -> None:
    items = at_work.items("issues")
    told = {(item["device"], item["severity"]) for item in items if item["condition"] != "reachable"}
    down = zabbix.triggers["borg-fw01/zabbix[host,agent,available]"]
    theirs = {
        (f"zabbix-eu:{one['hostid']}", PRIORITY[one["severity"]]) for one in problems(zabbix) if one["objectid"] != down
    }
    assert told == theirs
    mute = {item["device"] for item in items if item["condition"] == "reachable"}
    silent = zabbix.api("hostinterface.get", {"output": ["hostid"], "filter": {"available": 2}})
    assert mute == {f"zabbix-eu:{one['hostid']}" for one in silent}
    names = {one["name"] for one in problems(zabbix) if one["name"].isprintable()}
    titles = {item["title"] for item in items}
    assert all(any(title.startswith(name) for title in titles) for name in names)
    assert {item["freshness"] for item in items if item["incident"] is None} == {"fresh"}


def test_devices_are_the_servers_own_hosts_with_their_state(at_work: Office, zabbix: Seed) -> None:
    items = {item["id"]: item for item in at_work.items("devices")}
    hosts = zabbix.api(
        "host.get",
        {"output": ["hostid", "name", "status", "maintenance_status"], "selectInterfaces": ["available"]},
    )
    assert set(items) == {f"zabbix-eu:{host['hostid']}" for host in hosts}
    for host in hosts:
        item = items[f"zabbix-eu:{host['hostid']}"]
        available = [one["available"] for one in host["interfaces"]]
        if host["name"].isprintable():
            assert item["name"] == host["name"]
        assert (item["health"] == "maintenance") is (host["maintenance_status"] == "1")
        assert (item["health"] == "down") is ("2" in available)
        if host["status"] == "1" or (not available and item["name"] != "acme-nas01"):
            assert item["health"] in ("unknown", "degraded")
        assert item["health"] != "ok" or available == ["1"]


def test_clients_are_those_of_the_host_groups(at_work: Office) -> None:
    clients = {item["id"]: item["name"] for item in at_work.items("clients")}
    assert {"acme", "borg", "unplaced"} <= clients.keys()
    assert clients["acme"] == "Acme Dental"


def test_hostile_names_are_harmless_wherever_they_show(at_work: Office) -> None:
    """F-16"""
    for words in (("issues",), ("devices",), ("sites",)):
        said = at_work.rounds(*words).stdout
        assert "\x1b[2J" not in said
        assert "\u202e" not in said
        assert "\u200b" not in said


def test_the_secret_is_nowhere_on_disk(at_work: Office, zabbix: Seed) -> None:
    """F-43"""
    at_work.items("issues")
    token = zabbix.tokens["tech01"].encode()
    files = [path for path in at_work.home.rglob("*") if path.is_file()]
    assert files
    assert not [path for path in files if token in path.read_bytes()]


async def test_what_was_decided_there_is_told(zabbix: Seed) -> None:
    async with by_token(zabbix) as source:
        reading = await source.poll()
    handled = {check.native: check.handling for check in reading.checks if check.handling is not None}
    raid = problem_of(zabbix, "acme-nas01/raid")
    handling = handled[zabbix.hosts["acme-nas01"]]
    assert (handling.acked, handling.text) == (True, raid["acknowledges"][0]["message"])
    updates = problem_of(zabbix, "borg-ws01/updates")
    quiet = handled[zabbix.hosts["borg-ws01"]]
    assert quiet.quiet_by == "patch night"
    assert quiet.quiet_until is not None
    assert abs(quiet.quiet_until.timestamp() - int(updates["suppression_data"][0]["suppress_until"])) <= 1
    assert reading.skew_s is not None
    assert abs(reading.skew_s) <= 1


async def test_what_hangs_behind_a_host_that_does_not_answer_says_so(zabbix: Seed) -> None:
    async with by_token(zabbix) as source:
        reading = await source.poll()
    found = {sighting.native: sighting for sighting in reading.sightings}
    assert found[zabbix.hosts["borg-ap01"]].behind == zabbix.hosts["borg-fw01"]
    assert found[zabbix.hosts["lost01"]].client == UNPLACED
    assert found[zabbix.hosts["acme-old"]].health is Health.UNKNOWN


async def test_a_host_that_is_renamed_and_moved_stays_the_same_device(zabbix: Seed) -> None:
    host = zabbix.hosts["lost01"]
    async with by_token(zabbix) as source:
        await source.poll()
        zabbix.api("host.update", {"hostid": host, "name": "found 01"})
        try:
            (now,) = [one for one in (await source.poll()).sightings if one.native == host]
        finally:
            zabbix.api("host.update", {"hostid": host, "name": "lost01"})
    assert now.name == "found 01"


async def test_a_user_and_password_read_the_same_as_a_token(zabbix: Seed) -> None:
    async with by_token(zabbix) as one, by_password(zabbix) as other:
        first, second = await one.poll(), await other.poll()
    assert {check.key for check in first.checks} == {check.key for check in second.checks}


async def test_it_says_who_it_is_and_what_it_may(zabbix: Seed) -> None:
    async with by_token(zabbix) as source, by_token(zabbix, VIEWER) as viewer:
        ours, theirs = await source.introduce(), await viewer.introduce()
        lacks = (await viewer.poll()).lacks
    assert (ours.product, ours.account) == ("Zabbix 6.0.14", "tech01")
    granted = {right.what: right.granted for right in ours.rights}
    assert granted["acknowledge problems"] is True
    assert {right.what: right.granted for right in theirs.rights}["acknowledge problems"] is False
    assert {"acknowledge", "close problems", "snooze", "run its own fixes", "check now"} == set(lacks)
    assert "Clients/Acme/HQ" in ours.facts["hostgroup"]
