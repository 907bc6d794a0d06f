"""What is asked of the server, how often, and what is made of its refusals."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import msgspec
import pytest

from backends.adapters.tactical_rmm.lookups import MOST, MOST_COLD
from backends.adapters.tactical_rmm.reading import told
from backends.adapters.tactical_rmm.records import Agent
from backends.adapters.tactical_rmm.source import TacticalRmm
from backends.adapters.tactical_rmm.world import Moment, World
from backends.api import Adapter, ConfigurationError, FaultKind, NotSent, Reading, SourceError
from backends.engine.clock import SystemClock
from backends.fleet.model import Can, CheckState
from backends.http.decode import AT_ONCE
from backends.testing import AdapterContract
from tests.support import faulty
from tests.support.replayed import Asked, Said
from tests.support.tactical import NOW, FakeRmm
from tests.support.tactical_rows import COLD, FAILING, WELL, a_check, agent_id, an_agent, an_alert
from tests.support.tactical_source import QuickClock, connected, settings
from tests.support.turns import turns_of_others

FS01 = agent_id("fs01")


def wrong(reading: Reading, native: str) -> set[str]:
    return {check.key for check in reading.checks if check.native == native and check.state is not CheckState.OK}


def looks(rmm: FakeRmm) -> list[str]:
    return [asked.split("/")[2] for asked in rmm.asked if asked.endswith("/checks/")]


class TestContract(AdapterContract):
    """On the stand-in."""

    @pytest.fixture(autouse=True)
    async def _server(self, tmp_path: Path) -> AsyncIterator[None]:
        async with connected(FakeRmm(), tmp_path) as (_, server):
            self._opened: list[TacticalRmm] = []
            self._url, self._folder = server.url, tmp_path
            yield
            for adapter in self._opened:
                await adapter.close()

    def open_adapter(self) -> Adapter:
        adapter = TacticalRmm(settings(self._url, self._folder, SystemClock()))
        self._opened.append(adapter)
        return adapter


async def test_a_poll_asks_for_agents_alerts_and_the_checks_of_those_that_fail(
    source: TacticalRmm, rmm: FakeRmm
) -> None:
    reading = await source.poll()
    assert rmm.asked == [
        "GET /agents/",
        "PATCH /alerts/",
        "GET /core/dashinfo/",
        "GET /scripts/",
        "GET /clients/",
        f"GET /agents/{FS01}/checks/",
    ]
    assert (reading.version, reading.note, reading.quarantined, reading.lacks) == ("Tactical RMM 1.5.1", "", 0, ())
    assert wrong(reading, FS01) == {"disk/C:", "service/Spooler", "check/Ping Check: gateway", "job/task 5", "reboot"}
    rmm.asked.clear()
    assert (await source.poll()).fixes is None
    assert rmm.asked == ["GET /agents/", "PATCH /alerts/"]


async def test_what_changes_seldom_is_asked_for_again_now_and_then_and_after_a_failure(
    source: TacticalRmm, rmm: FakeRmm, clock: QuickClock, server: faulty.Server
) -> None:
    await source.poll()
    rmm.asked.clear()
    clock.passed += 601
    await source.poll()
    assert "GET /core/dashinfo/" in rmm.asked
    rmm.asked.clear()
    server.fault = faulty.status(500)
    with pytest.raises(SourceError):
        await source.poll()
    server.fault = None
    await source.poll()
    assert "GET /core/dashinfo/" in rmm.asked


async def test_an_agent_that_fails_is_looked_at_again_when_its_numbers_change_or_after_two_minutes(
    source: TacticalRmm, rmm: FakeRmm, clock: QuickClock
) -> None:
    await source.poll()
    rmm.asked.clear()
    await source.poll()
    assert looks(rmm) == []
    clock.passed += 120
    await source.poll()
    assert looks(rmm) == [FS01]
    rmm.row(FS01)["checks"] = {**FAILING, "failing": 0}
    rmm.checks[FS01][0]["check_result"]["status"] = "passing"
    reading = await source.poll()
    assert looks(rmm) == [FS01, FS01]
    assert "disk/C:" not in wrong(reading, FS01)


async def test_an_agent_that_has_recovered_is_looked_at_once_more_so_that_its_checks_say_so(
    source: TacticalRmm, rmm: FakeRmm
) -> None:
    await source.poll()
    rmm.asked.clear()
    rmm.row(FS01)["checks"] = WELL
    rmm.alerts = []
    for check in rmm.checks[FS01]:
        check["check_result"]["status"] = "passing"
    reading = await source.poll()
    assert looks(rmm) == [FS01]
    assert {check.key for check in reading.checks if check.native == FS01} >= {"disk/C:", "service/Spooler"}
    assert wrong(reading, FS01) == {"reboot"}
    await source.poll()
    assert looks(rmm) == [FS01]


async def test_many_that_fail_have_their_turns(source: TacticalRmm, rmm: FakeRmm) -> None:
    rmm.agents = [an_agent(f"srv{number:02}", checks=FAILING) for number in range(2 * MOST + 5)]
    rmm.checks = {row["agent_id"]: [a_check(1, "memory", "Memory")] for row in rmm.agents}
    rmm.alerts = []
    told = []
    for turn in range(1, 4):
        reading = await source.poll()
        told.append(sum(check.key == "memory" for check in reading.checks))
        assert len(reading.sightings) == 2 * MOST + 5
        # Those that nobody has looked at yet are not green meanwhile.
        assert all(wrong(reading, one.native) & {"memory", "checks"} for one in reading.sightings), turn
    assert told == [MOST, 2 * MOST, 2 * MOST + 5]
    assert len(set(looks(rmm))) == len(looks(rmm))


async def test_while_the_cache_is_cold_agents_are_looked_at_a_few_in_each_poll(
    source: TacticalRmm, rmm: FakeRmm, clock: QuickClock
) -> None:
    """F-69"""
    rmm.agents = [an_agent(f"srv{number:02}", checks=COLD) for number in range(2 * MOST_COLD)]
    rmm.alerts = []
    hidden = rmm.agents[-1]["agent_id"]
    rmm.checks = {hidden: [a_check(1, "memory", "Memory")]}
    reading = await source.poll()
    assert wrong(reading, hidden) == {"checks"}
    reading = await source.poll()
    assert wrong(reading, hidden) == {"memory"}
    assert sorted(looks(rmm)) == [row["agent_id"] for row in rmm.agents]
    rmm.asked.clear()
    await source.poll()
    assert looks(rmm) == [hidden]  # the others have no checks at all, and are asked again much later
    clock.passed += 600
    rmm.asked.clear()
    await source.poll()
    assert len(looks(rmm)) == 1 + MOST_COLD


async def test_a_check_that_cannot_be_understood_does_not_hide_that_some_fail(
    source: TacticalRmm, rmm: FakeRmm
) -> None:
    """F-73"""
    rmm.checks[FS01] = [{"id": "one"}, a_check(2, "memory", "Memory", "passing")]
    reading = await source.poll()
    assert reading.quarantined == 1
    (check,) = [check for check in reading.checks if (check.native, check.key) == (FS01, "checks")]
    assert check.state is CheckState.CRITICAL
    assert check.summary == "2 of its checks fail: some of them cannot be understood"


async def test_alerts_of_agents_that_are_not_shown_are_counted(source: TacticalRmm, rmm: FakeRmm) -> None:
    rmm.alerts += [an_alert(41, "web01", "custom", agent_id=None), an_alert(42, "web01", hidden=True, agent_id=None)]
    assert (await source.poll()).note == "1 of its alerts are of no agent that it shows"


async def test_an_alert_of_a_check_is_looked_into_whatever_the_numbers_say(source: TacticalRmm, rmm: FakeRmm) -> None:
    rmm.alerts = [an_alert(1, "web01", assigned_check=7, hidden=True)]
    rmm.checks[agent_id("web01")] = [a_check(7, "memory", "Memory")]
    assert "memory" in wrong(await source.poll(), agent_id("web01"))


async def test_an_agent_that_is_broken_there_costs_no_other(source: TacticalRmm, rmm: FakeRmm) -> None:
    """Deleted between two requests: a web page with 404."""
    rmm.broken = {FS01}
    rmm.agents[1]["checks"] = FAILING
    rmm.checks[agent_id("web01")] = [a_check(7, "memory", "Memory"), {"id": "seven"}]
    reading = await source.poll()
    assert len(reading.sightings) == 5
    assert reading.quarantined == 2
    assert "memory" in wrong(reading, agent_id("web01"))


@pytest.mark.parametrize(
    ("right", "note", "lacks"),
    [
        ("can_list_alerts", "its role may not list alerts (can_list_alerts)", (Can.CLOSE, Can.SNOOZE)),
        ("can_list_checks", "its role may not list checks (can_list_checks)", ()),
        ("can_list_scripts", "", ()),
        ("can_list_clients", "", ()),
    ],
)
async def test_a_right_that_is_missing_is_told_and_costs_nothing_else(
    source: TacticalRmm, rmm: FakeRmm, right: str, note: str, lacks: tuple[Can, ...]
) -> None:
    rmm.lacking = {right}
    reading = await source.poll()
    assert (reading.note, reading.lacks) == (note, lacks)
    assert len(reading.sightings) == 5
    assert wrong(reading, FS01) - {"reboot"}


async def test_agents_that_may_not_be_listed_are_a_fault(source: TacticalRmm, rmm: FakeRmm) -> None:
    rmm.lacking = {"can_list_agents"}
    with pytest.raises(SourceError) as caught:
        await source.poll()
    assert caught.value.kind is FaultKind.FORBIDDEN


async def test_a_role_that_leaves_things_out_without_a_word_is_noticed(source: TacticalRmm, rmm: FakeRmm) -> None:
    rmm.seen_sites = ("HQ", "Main")
    assert (await source.poll()).note == "its role shows 1 of the 2 agents of Acme Dental"


async def test_a_user_without_a_role_sees_nothing_and_is_told_why(source: TacticalRmm, rmm: FakeRmm) -> None:
    rmm.seen_clients = ()
    reading = await source.poll()
    assert reading.sightings == ()
    assert reading.note.startswith("its role shows no agents at all")


async def test_one_agent_is_looked_at_by_its_site_and_client_only(source: TacticalRmm, rmm: FakeRmm) -> None:
    await source.poll()
    rmm.asked.clear()
    reading = await source.look(FS01)
    assert rmm.asked == ["GET /agents/?site=11", "PATCH /alerts/", f"GET /agents/{FS01}/checks/"]
    assert (reading.complete, reading.covers) == (False, (FS01,))
    assert [one.native for one in reading.sightings] == [FS01]
    assert {check.native for check in reading.checks} == {FS01}
    assert "disk/C:" in wrong(reading, FS01)


async def test_an_agent_that_was_moved_meanwhile_is_found_among_all(source: TacticalRmm, rmm: FakeRmm) -> None:
    rmm.agents.append(an_agent("fs02"))  # the site stays
    await source.poll()
    rmm.row(FS01).update(client_name="Baker Law", site_name="Main")
    rmm.asked.clear()
    (sighting,) = (await source.look(FS01)).sightings
    assert sighting.client == "baker-law"
    assert rmm.asked[:2] == ["GET /agents/?site=11", "GET /agents/"]


async def test_an_agent_that_is_gone_is_told_to_be_gone(source: TacticalRmm, rmm: FakeRmm) -> None:
    await source.poll()
    rmm.agents = rmm.agents[1:]
    reading = await source.look(FS01)
    assert (reading.sightings, reading.covers) == ((), (FS01,))
    with pytest.raises(NotSent, match="knows no such agent"):
        await source.identify(FS01)


async def test_who_is_there_is_asked_just_then(source: TacticalRmm, rmm: FakeRmm) -> None:
    await source.poll()
    rmm.row(FS01).update(serial_number="ANOTHER", boot_time=1767603600.0)
    identity, boot = await source.identify(FS01)
    assert (identity.agent, identity.serial, boot) == (FS01, "ANOTHER", "2026-01-05T09:00:00+00:00")


async def test_alerts_that_may_not_be_read_do_not_end_what_was_known_by_them(source: TacticalRmm, rmm: FakeRmm) -> None:
    await source.poll()
    rmm.lacking = {"can_list_alerts", "can_list_checks"}
    (sighting,) = (await source.look(FS01)).sightings
    assert sighting.partial


async def _ten_minutes_ahead(_server: faulty.Server, _asked: Asked, said: Said, writer: asyncio.StreamWriter) -> None:
    writer.write(faulty.whole(said, Date="Mon, 05 Jan 2026 09:10:00 GMT"))


async def test_times_are_by_our_clock_where_the_servers_is_wrong(
    source: TacticalRmm, rmm: FakeRmm, server: faulty.Server
) -> None:
    server.fault = _ten_minutes_ahead
    reading = await source.poll()
    assert reading.skew_s == pytest.approx(600, abs=1)
    (dc01,) = [one for one in reading.sightings if one.name == "dc01"]
    assert reading.at - dc01.seen == pytest.approx(timedelta(hours=2, minutes=10), abs=timedelta(seconds=1))


@pytest.mark.parametrize(
    ("options", "key"),
    [
        ({"url": "nowhere"}, "url"),
        ({"comunity_scripts": True}, "comunity_scripts"),
        ({"community_scripts": 1}, "community_scripts"),
    ],
)
def test_a_wrong_option_is_named(tmp_path: Path, options: dict[str, object], key: str) -> None:
    with pytest.raises(ConfigurationError) as caught:
        TacticalRmm(settings(**{"url": "http://127.0.0.1:9", "folder": tmp_path, "clock": QuickClock(), **options}))  # type: ignore[arg-type]
    assert caught.value.key == key


async def test_many_agents_are_told_a_few_at_a_time_and_none_is_left_out(tmp_path: Path) -> None:
    agents = [msgspec.convert(an_agent(f"fs{number}"), Agent) for number in range(5 * AT_ONCE)]
    async with connected(FakeRmm(), tmp_path) as (source, _):
        found, turns = await turns_of_others(source._told(NOW, agents, []))
        again = told(source.name, Moment(at=NOW, skew_s=0.0), World(agents=agents), source._placement)
    assert turns >= 5
    assert found == again
    assert len(found.sightings) == len(agents)
