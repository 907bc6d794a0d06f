"""What rounds shows of a real Nagios is what its own CGIs say, item by item; and each user sees what it may."""

from __future__ import annotations

from typing import Any

import pytest

from backends.api import Can, FaultKind, SourceError, safe
from backends.fleet.model import CheckState, Health
from tests.support.nagios_source import check_in, configured, source_at
from tests.support.office import Office
from tests.support.servers.nagios import Nagios
from tests.support.servers.nagios_config import ODD_HOST, ODD_SERVICE

pytestmark = pytest.mark.real


class Truth:
    """What the server's CGIs say, read by a client of this test."""

    def __init__(self, nagios: Nagios) -> None:
        self.hosts: dict[str, dict[str, Any]] = nagios.ask("statusjson", "hostlist", details="true")["hostlist"]
        found = nagios.ask("statusjson", "servicelist", details="true")["servicelist"]
        self.services: list[dict[str, Any]] = [one for some in found.values() for one in some.values()]

    def problems(self) -> list[tuple[str, str]]:
        """The device's name and the title of everything that is not well."""
        found = [(safe(name), title) for name, host in self.hosts.items() if (title := self._host_title(host))]
        return sorted(found + [(safe(one["host_name"]), title) for one in self.services if (title := self._title(one))])

    @staticmethod
    def _host_title(host: dict[str, Any]) -> str:
        if host["status"] == "pending":
            return "It was never checked whether it answers"
        what = {"down": "Does not answer", "unreachable": "Cannot be reached"}.get(host["status"], "")
        return safe(f"{what}: {host['plugin_output']}") if what else ""

    @staticmethod
    def _title(service: dict[str, Any]) -> str:
        if service["status"] == "pending":
            return f"{safe(service['description'])} was never checked"
        if service["status"] == "ok":
            return ""
        nothing = f"{service['description']} is {service['status']}, and its check says nothing that can be read"
        return safe(service["plugin_output"].strip() or nothing)


def test_issues_and_devices_are_what_the_cgis_say(nagios: Nagios, office: Office) -> None:
    office.configure(configured(nagios))
    truth = Truth(nagios)
    with office.follow("sources"):
        issues, devices, sources = office.items("issues"), office.items("devices"), office.items("sources")
    assert sorted((item["device_name"], item["title"]) for item in issues) == truth.problems()
    assert sorted(item["name"] for item in devices) == sorted(map(safe, truth.hosts))
    down = {safe(name) for name, host in truth.hosts.items() if host["status"] in ("down", "unreachable")}
    assert {item["name"] for item in devices if item["health"] == "down"} == down
    assert {item["client"] for item in devices} == {"acme", "globex", "unplaced"}
    assert {item["client_name"] for item in devices if item["client"] == "acme"} == {"Acme Dental"}
    assert {item["freshness"] for item in devices} == {"fresh"}
    assert {item["freshness"] for item in issues if item["device_name"] not in down} == {"fresh"}
    (source,) = sources
    assert (source["state"], source["quarantined"]) == ("fresh", 0)


async def test_every_check_has_the_state_that_the_cgis_say(nagios: Nagios) -> None:
    truth = Truth(nagios)
    async with source_at(nagios) as source:
        reading = await source.poll()
    assert (reading.version, reading.lacks, reading.quarantined) == ("Nagios 4.4.6", (), 0)
    assert reading.skew_s == 0.0, "both clocks are this machine's"
    assert {sighting.native for sighting in reading.sightings} == set(truth.hosts)
    told = sorted((check.native, check.label, check.state) for check in reading.checks if check.key != "reachable")
    assert told == sorted(
        (
            one["host_name"],
            safe(one["description"]),
            CheckState("unknown" if one["status"] == "pending" else one["status"]),
        )
        for one in truth.services
    )


async def test_what_hangs_behind_the_dead_router_is_explained_by_it(nagios: Nagios) -> None:
    async with source_at(nagios) as source:
        reading = await source.poll()
    unreachable = {
        name for name, state in nagios.ask("statusjson", "hostlist")["hostlist"].items() if state == "unreachable"
    }
    assert {one.native: one.behind for one in reading.sightings if one.behind} == dict.fromkeys(
        unreachable, "globex-router"
    )
    assert unreachable == {"globex-web01", "globex-db01"}


async def test_never_checked_is_neither_down_nor_well(nagios: Nagios) -> None:
    async with source_at(nagios) as source:
        reading = await source.poll()
    (sighting,) = [one for one in reading.sightings if one.native == "globex-new"]
    assert sighting.health is Health.UNKNOWN
    for native, key in (("globex-new", "reachable"), ("acme-web01", "check/never ran")):
        check = check_in(reading, native, key)
        assert check is not None
        assert check.state is CheckState.UNKNOWN


async def test_names_that_hurt_come_through_whole_and_are_shown_harmless(nagios: Nagios) -> None:
    async with source_at(nagios) as source:
        reading = await source.poll()
    (odd,) = [one for one in reading.sightings if one.native == ODD_HOST]
    assert odd.name == "ödd‹U+202E›host & Co <b> 日本"
    assert check_in(reading, ODD_HOST, f"check/{ODD_SERVICE}") is not None
    load = check_in(reading, "acme-web01", "load")
    assert load is not None
    assert load.summary == "LOAD WARNING ␇␋␛[2J␡"
    assert (load.value, load.warn, load.crit) == (5.0, 4.0, 8.0)


async def test_decisions_of_others_are_told(nagios: Nagios) -> None:
    async with source_at(nagios) as source:
        reading = await source.poll()
    load, backup = check_in(reading, "acme-web01", "load"), check_in(reading, "acme-db01", "check/backup")
    assert load is not None
    assert load.handling is not None
    assert (load.handling.acked, load.handling.acked_by, load.handling.text) == (True, "bob", "I am on it")
    assert backup is not None
    assert backup.handling is not None
    (downtime,) = [one for one in nagios.downtimes() if one.get("service_description") == "backup"]
    assert (backup.handling.quiet_by, backup.handling.text) == ("bob", "Patch window")
    assert backup.handling.quiet_until is not None
    assert 1000 * backup.handling.quiet_until.timestamp() == downtime["end_time"]


async def test_host_groups_place_as_well(nagios: Nagios) -> None:
    async with source_at(nagios, place={"hostgroup": "^client-(?P<client>.+)$"}) as source:
        reading = await source.poll()
    groups = nagios.ask("objectjson", "hostgrouplist", details="true")["hostgrouplist"]
    for name, group in groups.items():
        client = name.removeprefix("client-")
        assert {one.native for one in reading.sightings if one.client == client} == set(group["members"])


async def test_who_may_see_one_client_sees_that_client_only(nagios: Nagios) -> None:
    async with source_at(nagios, "tech01") as source:
        reading = await source.poll()
        told = await source.introduce()
    assert {one.native for one in reading.sightings} == {"acme-router", "acme-web01", "acme-db01"}
    assert {one.client for one in reading.sightings} == {"acme"}
    assert reading.lacks == ()
    assert told.account == "tech01"
    assert told.facts["var.CLIENT"] == ("acme",)
    assert told.facts["hostgroup"] == ("client-acme",)
    assert any("only these 3 hosts" in right.what for right in told.rights)


@pytest.mark.parametrize(("user", "hosts"), [("viewer", 8), ("readonly", 3)])
async def test_who_may_only_read_reads_and_is_told_what_is_missing(nagios: Nagios, user: str, hosts: int) -> None:
    before = nagios.downtimes()
    async with source_at(nagios, user) as source:
        reading = await source.poll()
        told = await source.introduce()
    assert len(reading.sightings) == hosts
    assert set(reading.lacks) == {Can.ACKNOWLEDGE, Can.SNOOZE, Can.RECHECK}
    refused = [right for right in told.rights if right.granted is False]
    assert len(refused) == 2
    assert all(f"Add {user} to authorized_for_all_" in right.remedy for right in refused)
    assert nagios.downtimes() == before, "the trial changed something"


async def test_who_may_see_nothing_is_told_what_to_change(nagios: Nagios) -> None:
    async with source_at(nagios, "stranger") as source:
        with pytest.raises(SourceError, match="shows no host to stranger") as caught:
            await source.poll()
    assert caught.value.kind is FaultKind.FORBIDDEN


async def test_a_wrong_password_needs_a_hand(nagios: Nagios) -> None:
    async with source_at(nagios, "nobody") as source:
        with pytest.raises(SourceError) as caught:
            await source.poll()
    assert caught.value.kind is FaultKind.CREDENTIALS
