"""What rounds shows of a real Icinga 2 is what its own API says, item by item; and each user sees what it may."""

from __future__ import annotations

from typing import Any

import pytest

from backends.api import Can, FaultKind, SourceError, safe
from backends.fleet.model import CheckState, Health
from tests.support.icinga2_source import check_in, configured, source_at
from tests.support.office import Office
from tests.support.servers.icinga2 import Icinga
from tests.support.servers.icinga2_config import NODE, ODD_HOST

pytestmark = pytest.mark.real


class Truth:
    """What the server's API says, read by a client of this test."""

    def __init__(self, icinga: Icinga) -> None:
        self.hosts: dict[str, dict[str, Any]] = {one["name"]: one["attrs"] for one in icinga.ask("objects/hosts")}
        self.services: list[dict[str, Any]] = [one["attrs"] for one in icinga.ask("objects/services")]

    def shown(self, host: str) -> str:
        return safe(self.hosts[host]["display_name"])

    def problems(self) -> list[tuple[str, str]]:
        """The device's name and the title of everything that is not well."""
        found = [(self.shown(name), title) for name, host in self.hosts.items() if (title := self._host_title(host))]
        titled = ((service, self._title(service)) for service in self.services)
        return sorted([*found, *((self.shown(service["host_name"]), title) for service, title in titled if title)])

    @staticmethod
    def _host_title(host: dict[str, Any]) -> str:
        result = host["last_check_result"]
        if result is None:
            return "It was never checked whether it answers"
        return f"Does not answer: {result['output']}" if host["state"] == 1 else ""

    @staticmethod
    def _title(service: dict[str, Any]) -> str:
        result = service["last_check_result"]
        if result is None:
            return f"{service['name']} was never checked"
        if service["state"] == 0:
            return ""
        said = safe(result["output"].split("\n")[0].rstrip())
        return said or f"{service['name']} is unknown, and its check says nothing"


def test_issues_and_devices_are_what_the_api_says(icinga: Icinga, office: Office) -> None:
    office.configure(configured(icinga))
    truth = Truth(icinga)
    with office.follow("sources"):
        issues, devices, sources = office.items("issues"), office.items("devices"), office.items("sources")
    assert sorted((item["device_name"], item["title"]) for item in issues) == truth.problems()
    assert sorted(item["name"] for item in devices) == sorted(map(truth.shown, truth.hosts))
    down = {truth.shown(name) for name, host in truth.hosts.items() if host["state"] and host["last_check_result"]}
    assert {item["name"] for item in devices if item["health"] == "down"} == down
    assert {item["client"] for item in devices} == {"acme", "globex", "unplaced"}
    assert {item["client_name"] for item in devices if item["client"] == "acme"} == {"Acme Dental"}
    assert {item["freshness"] for item in devices} == {"fresh"}
    assert {item["freshness"] for item in issues if item["device_name"] not in down} == {"fresh"}
    (source,) = sources
    assert (source["state"], source["quarantined"]) == ("fresh", 0)


async def test_every_check_has_the_state_that_the_api_says(icinga: Icinga) -> None:
    truth = Truth(icinga)
    async with source_at(icinga) as source:
        reading = await source.poll()
    assert (reading.version, reading.lacks, reading.quarantined) == ("Icinga 2.13.6", (), 0)
    assert reading.skew_s == 0.0, "both clocks are this machine's"
    assert {sighting.native for sighting in reading.sightings} == set(truth.hosts)
    words = (CheckState.OK, CheckState.WARNING, CheckState.CRITICAL, CheckState.UNKNOWN)
    told = sorted((check.native, check.label, check.state) for check in reading.checks if check.key != "reachable")
    assert told == sorted(
        (service["host_name"], safe(service["display_name"]), words[int(service["state"])])
        for service in truth.services
    )


async def test_what_hangs_behind_the_dead_router_is_explained_by_it(icinga: Icinga) -> None:
    async with source_at(icinga) as source:
        reading = await source.poll()
    behind = {sighting.native: sighting.behind for sighting in reading.sightings if sighting.behind}
    unreachable = {
        one["name"] for one in icinga.ask("objects/hosts", attrs="last_reachable") if not one["attrs"]["last_reachable"]
    }
    assert behind == dict.fromkeys(unreachable, "globex-router")
    assert set(behind) == {"globex-web01", "globex-db01"}


async def test_never_checked_is_neither_down_nor_well(icinga: Icinga) -> None:
    async with source_at(icinga) as source:
        reading = await source.poll()
    assert icinga.object("globex-new")["state"] == 1, "Icinga itself says down"
    (sighting,) = [one for one in reading.sightings if one.native == "globex-new"]
    assert sighting.health is Health.UNKNOWN
    for native, key in (("globex-new", "reachable"), ("acme-db01", "check/never ran")):
        check = check_in(reading, native, key)
        assert check is not None
        assert check.state is CheckState.UNKNOWN


async def test_who_may_see_one_client_sees_that_client_only(icinga: Icinga) -> None:
    async with source_at(icinga, "tech01") as source:
        reading = await source.poll()
        told = await source.introduce()
    assert {sighting.client for sighting in reading.sightings} == {"acme"}
    assert {sighting.native for sighting in reading.sightings} == {"acme-router", "acme-web01", "acme-db01"}
    assert {Can.SNOOZE, Can.RUN_OWN, Can.RECHECK} <= set(reading.lacks)
    assert Can.STREAM not in reading.lacks
    assert told.account == "tech01"
    assert set(told.facts["var.client"]) == {"acme"}


async def test_who_has_few_rights_reads_and_is_told_what_is_missing(icinga: Icinga) -> None:
    async with source_at(icinga, "viewer") as source:
        reading = await source.poll()
        told = await source.introduce()
    assert len(reading.sightings) == len(icinga.ask("objects/hosts"))
    assert set(reading.lacks) == {Can.ACKNOWLEDGE, Can.SNOOZE, Can.RECHECK, Can.RUN_OWN, Can.STREAM}
    load = check_in(reading, "acme-web01", "load")
    assert load is not None
    assert load.handling is not None
    assert (load.handling.acked, load.handling.acked_by) == (True, "")
    granted = {right.what: right.granted for right in told.rights}
    assert (granted["read hosts"], granted["read downtimes"], granted["acknowledge"]) == (True, False, False)
    assert all(("ApiUser viewer" in right.remedy) is not right.granted for right in told.rights)


async def test_who_may_see_nothing_is_told_which_right_is_missing(icinga: Icinga) -> None:
    async with source_at(icinga, "blind") as source:
        with pytest.raises(SourceError) as caught:
            await source.poll()
    assert caught.value.kind is FaultKind.FORBIDDEN
    assert '"objects/query/Host"' in caught.value.sentence


async def test_a_wrong_password_needs_a_hand(icinga: Icinga) -> None:
    async with source_at(icinga, "nobody") as source:
        with pytest.raises(SourceError) as caught:
            await source.poll()
    assert caught.value.kind is FaultKind.CREDENTIALS


async def test_the_certificate_is_for_the_nodes_name_by_icingas_own_authority(icinga: Icinga) -> None:
    for options, words in (
        ({"server_name": None}, f"it is for {NODE}"),
        ({"server_name": "other"}, f"it is for {NODE}"),
        ({"ca_file": None}, "name its file as ca_file"),
    ):
        async with source_at(icinga, **options) as source:
            with pytest.raises(SourceError, match=words) as caught:
                await source.poll()
        assert caught.value.kind is FaultKind.TLS


async def test_a_certificate_may_say_who_we_are(icinga: Icinga) -> None:
    certificate, key = icinga.certificate_for("rounds-console")
    async with source_at(icinga, user=None, certificate=str(certificate), certificate_key=str(key)) as source:  # type: ignore[arg-type]
        assert (await source.introduce()).account == "root"
        assert len((await source.poll()).sightings) == len(icinga.ask("objects/hosts"))


async def test_a_look_at_one_host_tells_what_the_poll_told_of_it(icinga: Icinga) -> None:
    async with source_at(icinga) as source:
        whole = await source.poll()
        for native in ("acme-web01", ODD_HOST):
            part = await source.look(native)
            assert part.covers == (native,)
            states = {check.key: check.state for check in part.checks}
            assert states == {check.key: check.state for check in whole.checks if check.native == native}
