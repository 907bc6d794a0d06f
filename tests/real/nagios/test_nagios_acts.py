"""What is decided here is so in Nagios: read back from the server by a client of the test."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from backends.api import NotSent, safe
from backends.fleet.model import CheckState
from tests.support.eventually import wait_for
from tests.support.nagios_source import check_in, configured, source_at
from tests.support.office import Office
from tests.support.servers.nagios import Nagios
from tests.support.servers.nagios_config import ODD_HOST, PRICKLY_SERVICE
from tests.support.servers.nagios_story import tell

pytestmark = pytest.mark.real

SPOTS = (
    ("acme-web01", "disk /var", "disk//var"),
    ("globex-router", "", "reachable"),
    ("acme-db01", PRICKLY_SERVICE, f"check/{PRICKLY_SERVICE}"),
)


def status(nagios: Nagios, native: str, service: str) -> dict[str, Any]:
    return nagios.service(native, service) if service else nagios.host(native)


def soon(holds: Callable[[], bool], what: str) -> None:
    """Nagios writes its status down every two seconds."""
    wait_for(holds, what, within_s=15)


async def test_acknowledgements_are_set_there_and_taken_back(nagios: Nagios) -> None:
    async with source_at(nagios) as source:
        await source.poll()
        for native, _, key in SPOTS:
            await source.acknowledge(native, key, "tech1", safe("I am on it; really"))
        soon(lambda: all(_acked(nagios, *spot) for spot in SPOTS), "the acknowledgements")
        assert {_acked(nagios, *spot) for spot in SPOTS} == {"sticky"}
        for native, _, key in SPOTS:
            await source.acknowledge(native, key, "tech2", safe("me too"))
        reading = await source.poll()
        for native, _, key in SPOTS:
            check = check_in(reading, native, key)
            assert check is not None
            assert check.handling is not None
            assert (check.handling.acked_by, check.handling.text) == ("tech1", "I am on it, really")
            await source.unacknowledge(native, key, "tech1")
        soon(lambda: not any(_acked(nagios, *spot) for spot in SPOTS), "that they are gone")
        for native, _, key in SPOTS:
            check = check_in(await source.poll(), native, key)
            assert check is not None
            assert check.handling is None


async def test_what_is_well_is_not_acknowledged(nagios: Nagios) -> None:
    async with source_at(nagios) as source:
        await source.poll()
        with pytest.raises(NotSent, match="has no problem"):
            await source.acknowledge("acme-web01", "check/ping", "tech1", safe("?"))
        with pytest.raises(NotSent, match="has no problem"):
            await source.acknowledge("globex-new", "reachable", "tech1", safe("?"))


async def test_downtimes_are_made_there_and_only_ours_are_deleted(nagios: Nagios) -> None:
    now = datetime.now(UTC).replace(microsecond=0)
    until = now + timedelta(hours=2)
    for native, service, _ in SPOTS:
        words = ("SCHEDULE_SVC_DOWNTIME", native, service) if service else ("SCHEDULE_HOST_DOWNTIME", native)
        begin = int(now.timestamp())
        nagios.do(*words, begin - 5, begin + 600, 1, 0, 605, "bob", "not ours")
    soon(lambda: all(len(_downtimes(nagios, *spot)) == 1 for spot in SPOTS), "the downtimes of others")
    async with source_at(nagios) as source:
        await source.poll()
        for native, _, key in SPOTS:
            await source.snooze(native, key, "tech1", until, safe("Waiting for parts"))
        soon(lambda: all(len(_downtimes(nagios, *spot)) == 2 for spot in SPOTS), "our downtimes")
        reading = await source.poll()
        for native, service, key in SPOTS:
            (made,) = [one for one in _downtimes(nagios, native, service) if one["author"] == "tech1"]
            assert (made["fixed"], made["end_time"]) == (True, 1000 * until.timestamp())
            check = check_in(reading, native, key)
            assert check is not None
            assert check.handling is not None
            assert (check.handling.quiet_by, check.handling.text) == ("tech1", "Waiting for parts")
            assert check.handling.quiet_until == until
    assert not _downtimes(nagios, "acme-web01", ""), "a downtime of a service is not one of its host"
    async with source_at(nagios) as later:  # another engine, which remembers nothing
        await later.poll()
        for native, _, key in SPOTS:
            await later.wake(native, key, "tech2")
        soon(lambda: all(len(_downtimes(nagios, *spot)) == 1 for spot in SPOTS), "that ours are gone")
        assert {one["author"] for spot in SPOTS for one in _downtimes(nagios, *spot)} == {"bob"}
        await later.wake(SPOTS[0][0], SPOTS[0][2], "tech2")
    for spot in SPOTS:
        for one in _downtimes(nagios, *spot):
            nagios.do("DEL_SVC_DOWNTIME" if spot[1] else "DEL_HOST_DOWNTIME", one["downtime_id"])
    soon(lambda: not any(_downtimes(nagios, *spot) for spot in SPOTS), "that those of others are gone too")


async def test_a_check_runs_at_once_and_the_next_poll_tells_its_result(nagios: Nagios) -> None:
    async with source_at(nagios) as source:
        await source.poll()
        nagios.shop("ok", "SHOP OK - it sells")
        try:
            await source.recheck("acme-web01", "check/shop")
            soon(lambda: bool(nagios.service("acme-web01", "shop")["status"] == "ok"), "the shop open")
            check = check_in(await source.poll(), "acme-web01", "check/shop")
        finally:
            nagios.shop("critical", "SHOP CRITICAL - nobody sells")
            await source.recheck("acme-web01", "check/shop")
            soon(lambda: bool(nagios.service("acme-web01", "shop")["status"] == "critical"), "the shop closed")
        assert check is not None
        assert (check.state, check.summary) == (CheckState.OK, "SHOP OK - it sells")
        with pytest.raises(NotSent, match="waits for results"):
            await source.recheck("acme-web01", "disk//var")


async def test_what_the_page_cannot_take_and_who_may_not_changes_nothing(nagios: Nagios) -> None:
    before, until = nagios.downtimes(), datetime.now(UTC) + timedelta(hours=1)
    async with source_at(nagios) as source:
        await source.poll()
        with pytest.raises(NotSent, match="cannot take"):
            await source.snooze(ODD_HOST, "reachable", "tech1", until, safe("x"))
    for user in ("viewer", "readonly"):
        async with source_at(nagios, user) as source:
            await source.poll()
            with pytest.raises(NotSent, match=f"does not let {user} do this to disk /var of acme-web01"):
                await source.snooze("acme-web01", "disk//var", "tech1", until, safe("x"))
            with pytest.raises(NotSent, match="does not let"):
                await source.unacknowledge("acme-web01", "load", "tech1")
    async with source_at(nagios, "tech01") as source:
        await source.poll()
        with pytest.raises(NotSent, match="no such check"):
            await source.snooze("globex-router", "reachable", "tech1", until, safe("x"))
    assert nagios.downtimes() == before
    assert _acked(nagios, "acme-web01", "load") == "sticky"


async def test_another_zone_another_order_of_dates_and_a_locked_author(american: Nagios) -> None:
    tell(american)
    until = datetime.now(UTC).replace(microsecond=0) + timedelta(days=40)
    async with source_at(american, "tech01", date_format="us") as source:
        await source.poll()
        await source.snooze("acme-web01", "disk//var", "tech1", until, safe("Waiting"))
        soon(lambda: bool(_downtimes(american, "acme-web01", "disk /var")), "the downtime")
        (made,) = _downtimes(american, "acme-web01", "disk /var")
        assert made["end_time"] == 1000 * until.timestamp()
        assert made["author"] == "tech01 the contact"
        check = check_in(await source.poll(), "acme-web01", "disk//var")
        assert check is not None
        assert check.handling is not None
        assert check.handling.text == "tech1: Waiting"
        await source.wake("acme-web01", "disk//var", "tech1")
        soon(lambda: not _downtimes(american, "acme-web01", "disk /var"), "that it is gone")


def _acked(nagios: Nagios, native: str, service: str, _key: str = "") -> str:
    """How it is acknowledged; empty when it is not."""
    found = status(nagios, native, service)
    return str(found["acknowledgement_type"]) if found["problem_has_been_acknowledged"] else ""


def _downtimes(nagios: Nagios, native: str, service: str, _key: str = "") -> list[dict[str, Any]]:
    return [
        one for one in nagios.downtimes() if (one["host_name"], one.get("service_description", "")) == (native, service)
    ]


def test_what_is_decided_at_the_command_line_is_so_in_nagios(nagios: Nagios, office: Office) -> None:
    office.configure(configured(nagios))
    with office.follow("sources"):
        (issue,) = [
            item for item in office.items("issues") if item["title"] == "Does not answer: PING CRITICAL - 100% loss"
        ]
        office.rounds("ack", issue["id"], "I", "drive", "there")
        soon(lambda: bool(_acked(nagios, "globex-router", "")), "the acknowledgement")
        office.rounds("ack", "--undo", issue["id"])
        soon(lambda: not _acked(nagios, "globex-router", ""), "that it is gone")
        office.rounds("snooze", issue["id"], "2h", "on", "the", "road")
        soon(lambda: bool(_downtimes(nagios, "globex-router", "")), "the downtime")
        (made,) = _downtimes(nagios, "globex-router", "")
        assert (made["author"], made["comment"]) == ("tech1", "on the road (snoozed in rounds)")
        office.rounds("snooze", "--wake", issue["id"])
        soon(lambda: not _downtimes(nagios, "globex-router", ""), "that it is gone")
