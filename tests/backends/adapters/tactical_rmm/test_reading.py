"""From its lists to a reading: a pure function, case by case."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec
import pytest

from backends.adapters.tactical_rmm.lookups import Looked
from backends.adapters.tactical_rmm.reading import FACTS, USUAL, Told, boot_id_of, steady, told
from backends.adapters.tactical_rmm.records import Agent, AgentCheck, Alert
from backends.adapters.tactical_rmm.world import Moment, World
from backends.api import Check, SourceName
from backends.fleet.model import CheckState, Handling, Health, Severity
from backends.fleet.placement import placement
from backends.text import is_safe
from tests.support.tactical import NOW
from tests.support.tactical_rows import COLD, FAILING, SNOOZED, WELL, a_check, agent_id, an_agent, an_alert

HEARD = datetime(2026, 1, 5, 8, 59, 30, tzinfo=UTC)
HOSTILE = "\x1b[2J\u202efdp.exe\x07"


def read(
    agents: Sequence[dict[str, Any]],
    alerts: Sequence[dict[str, Any]] = (),
    checks: Sequence[dict[str, Any]] | None = None,
    *,
    skew_s: float = 0.0,
    looked_s_ago: float = 0.0,
    **more: Any,
) -> Told:
    """`checks` are those of the first agent, where it was looked at."""
    rows = [msgspec.convert(row, Agent) for row in agents]
    at = NOW - timedelta(seconds=looked_s_ago)
    found = [msgspec.convert(row, AgentCheck, strict=False) for row in checks or ()]
    looked = Looked(at=at, boot_s=0.0, rollup=rows[0].checks, checks=found)
    world = World(
        agents=rows,
        alerts=[msgspec.convert(row, Alert) for row in alerts],
        looked={} if checks is None else {rows[0].agent_id: looked},
        boots=steady({}, rows),
        **more,
    )
    return told(
        SourceName("trmm"), Moment(at=NOW, skew_s=skew_s), world, placement({}, SourceName("trmm"), {}, FACTS, USUAL)
    )


def one(found: Told, key: str) -> Check:
    (check,) = [check for check in found.checks if check.key == key]
    return check


def wrong(found: Told) -> set[str]:
    return {check.key for check in found.checks if check.state is not CheckState.OK}


def test_a_row_of_the_list_is_a_device_at_its_client_and_site() -> None:
    (sighting,) = read([an_agent("fs01")]).sightings
    assert (sighting.native, sighting.name, sighting.kind) == (agent_id("fs01"), "fs01", "server")
    assert (sighting.client, sighting.site, sighting.site_name) == ("acme-dental", "acme-dental/hq", "HQ")
    assert (sighting.platform, sighting.address, sighting.system) == (
        "windows",
        "10.1.0.5",
        "Windows Server 2022 Standard, 64 bit",
    )
    assert (sighting.identity.agent, sighting.identity.serial) == (agent_id("fs01"), "SN-fs01")
    assert sighting.booted == datetime.fromtimestamp(1767600000.25, UTC)
    assert sighting.boot_id == "2026-01-05T08:00:00+00:00"


@pytest.mark.parametrize(
    ("row", "health", "state", "severity", "seen"),
    [
        ({}, Health.OK, CheckState.OK, None, NOW),
        ({"status": "offline"}, Health.DOWN, CheckState.CRITICAL, Severity.CRITICAL, HEARD),
        ({"status": "overdue"}, Health.DOWN, CheckState.CRITICAL, Severity.CRITICAL, HEARD),
        ({"status": "overdue", "last_seen": None}, Health.DOWN, CheckState.CRITICAL, Severity.CRITICAL, NOW),
        ({"status": "offline", "last_seen": None}, Health.UNKNOWN, CheckState.UNKNOWN, Severity.INFO, NOW),
        ({"status": "dreaming"}, Health.UNKNOWN, CheckState.UNKNOWN, Severity.INFO, HEARD),
        (
            {"status": "overdue", "maintenance_mode": True},
            Health.MAINTENANCE,
            CheckState.CRITICAL,
            Severity.CRITICAL,
            HEARD,
        ),
        (
            {"status": "overdue", "monitoring_type": "workstation", "overdue_dashboard_alert": True},
            Health.DOWN,
            CheckState.CRITICAL,
            Severity.HIGH,
            HEARD,
        ),
    ],
)
def test_an_agent_that_is_not_heard_is_told_as_what_is_known_of_it(
    row: dict[str, Any], health: Health, state: CheckState, severity: Severity | None, seen: datetime
) -> None:
    found = read([an_agent("fs01", **row)])
    check = one(found, "reachable")
    assert (found.sightings[0].health, check.state, check.severity) == (health, state, severity)
    assert found.sightings[0].seen == seen


@pytest.mark.parametrize("status", ["offline", "overdue"])
def test_of_a_workstation_that_is_off_nothing_is_known_and_nothing_is_wrong(status: str) -> None:
    found = read([an_agent("pc01", monitoring_type="workstation", status=status, checks=COLD)])
    (sighting,) = found.sightings
    assert (sighting.health, sighting.seen) == (Health.UNKNOWN, HEARD)
    assert "reachable" not in {check.key for check in found.checks}
    assert wrong(found) == set()
    assert {check.seen for check in found.checks} == {HEARD}


def test_a_workstation_that_somebody_wants_to_be_told_of_is_missed() -> None:
    row = an_agent("pc01", monitoring_type="workstation", status="overdue")
    assert wrong(read([row], [an_alert(1, "pc01", "availability")])) == {"reachable"}
    assert wrong(read([row], [an_alert(1, "pc01", "availability", hidden=True)])) == set()


def test_in_maintenance_everything_that_is_wrong_is_quiet() -> None:
    found = read([an_agent("fs01", maintenance_mode=True, status="overdue", needs_reboot=True)])
    assert {check.key: check.handling is not None and check.handling.quiet for check in found.checks} == {
        "reachable": True,
        "reboot": True,
        "patch": False,
        "checks": False,
    }


def test_a_check_is_known_by_what_it_is_about() -> None:
    rows = [
        a_check(4, "diskspace", "Disk Space Check: Drive C:", disk="C:", info="Total: 100GB\nFree: 2GB"),
        a_check(3, "winsvc", "Service Check: Print Spooler", svc_name="Spooler", severity="warning"),
        a_check(2, "cpuload", "CPU Load Check", "passing"),
        a_check(1, "ping", "Ping Check: gateway", severity="info"),
    ]
    found = read([an_agent("fs01", checks=FAILING)], checks=rows)
    told = {
        check.key: (check.state, check.severity, check.summary) for check in found.checks if check.family != "patch"
    }
    assert told == {
        "reachable": (CheckState.OK, None, ""),
        "reboot": (CheckState.OK, None, ""),
        "checks": (CheckState.OK, None, ""),
        "check/Ping Check: gateway": (CheckState.WARNING, Severity.INFO, "Ping Check: gateway"),
        "load": (CheckState.OK, None, ""),
        "service/Spooler": (CheckState.WARNING, Severity.WARNING, "Service Check: Print Spooler"),
        "disk/C:": (CheckState.CRITICAL, Severity.HIGH, "Disk Space Check: Drive C: Total: 100GB"),
    }


@pytest.mark.parametrize("result", [{}, None, {"status": "pending"}])
def test_a_check_that_never_ran_is_not_known_to_be_anything(result: object) -> None:
    row = {**a_check(1, "ping", "Ping Check: gateway"), "check_result": result}
    check = one(read([an_agent("fs01", checks=FAILING)], checks=[row]), "check/Ping Check: gateway")
    assert (check.state, check.severity) == (CheckState.UNKNOWN, Severity.INFO)


def test_the_same_check_twice_is_told_once_and_two_of_one_name_are_two() -> None:
    rows = [a_check(1, "memory", "Memory Check"), a_check(2, "memory", "Memory Check"), a_check(2, "memory", "Again")]
    found = read([an_agent("fs01", checks=FAILING)], checks=rows)
    assert {key for key in wrong(found) if key != "checks"} == {"memory", "check/memory"}


@pytest.mark.parametrize(
    ("rollup", "checks", "state", "says"),
    [
        (WELL, None, CheckState.OK, ""),
        (FAILING, None, CheckState.CRITICAL, "2 of its checks fail: which ones is asked for next"),
        (
            {**COLD, "has_failing_checks": True},
            None,
            CheckState.WARNING,
            "Some of its checks fail: which ones is asked for next",
        ),
        ({**WELL, "warning": 1}, None, CheckState.WARNING, "1 of its checks fail: which ones is asked for next"),
        (FAILING, [a_check(1, "memory", "Memory")], CheckState.OK, ""),
        (COLD, None, CheckState.UNKNOWN, "How its checks are is not known yet"),
        (COLD, [], CheckState.OK, ""),
    ],
)
def test_the_numbers_of_the_list_stand_for_checks_that_nobody_has_looked_at(
    rollup: dict[str, Any], checks: list[dict[str, Any]] | None, state: CheckState, says: str
) -> None:
    """F-69: a cache that is cold says zero of everything, and that is no word on the checks."""
    found = read([an_agent("fs01", checks=rollup)], checks=checks)
    check = one(found, "checks")
    assert (check.state, check.summary) == (state, says)


def test_a_look_of_long_ago_is_no_knowledge_while_the_cache_is_cold() -> None:
    rows = [a_check(1, "memory", "Memory Check", "passing")]
    assert wrong(read([an_agent("fs01", checks=COLD)], checks=rows, looked_s_ago=599)) == set()
    assert wrong(read([an_agent("fs01", checks=COLD)], checks=rows, looked_s_ago=600)) == {"checks"}


def test_checks_that_may_not_be_read_are_said_to_be_so() -> None:
    found = read([an_agent("fs01", checks=FAILING)], no_checks=True)
    assert one(found, "checks").summary == "2 of its checks fail: its role may not read which"
    assert found.sightings[0].partial


@pytest.mark.parametrize(
    ("row", "looked", "more", "partial"),
    [
        ({}, None, {}, False),
        ({"checks": FAILING}, None, {}, True),
        ({"checks": FAILING}, [], {}, False),
        ({"checks": COLD}, None, {}, True),
        ({}, None, {"no_alerts": True}, True),
    ],
)
def test_what_nobody_has_looked_at_is_not_over(
    row: dict[str, Any], looked: list[dict[str, Any]] | None, more: dict[str, Any], partial: bool
) -> None:
    assert read([an_agent("fs01", **row)], checks=looked, **more).sightings[0].partial is partial


def test_a_check_is_as_new_as_its_look_unless_the_list_says_the_same_of_it() -> None:
    rows = [a_check(1, "memory", "Memory Check")]
    assert one(read([an_agent("fs01", checks=FAILING)], checks=rows, looked_s_ago=90), "memory").seen == NOW
    cold = read([an_agent("fs01", checks=COLD)], checks=rows, looked_s_ago=90)
    assert one(cold, "memory").seen == NOW - timedelta(seconds=90)
    old = read([an_agent("fs01", checks=FAILING)], checks=rows, looked_s_ago=700)
    assert one(old, "memory").seen == NOW - timedelta(seconds=700)


def test_what_an_agent_told_before_it_was_lost_is_as_old_as_that() -> None:
    rows = [a_check(1, "memory", "Memory Check")]
    found = read([an_agent("fs01", status="overdue", checks=FAILING, needs_reboot=True)], checks=rows)
    assert {check.key: check.seen for check in found.checks if check.key in {"reachable", "memory", "reboot"}} == {
        "reachable": NOW,
        "memory": HEARD,
        "reboot": HEARD,
    }


def test_an_alert_is_behind_what_it_is_about() -> None:
    rows = [a_check(1, "memory", "Memory Check"), a_check(2, "cpuload", "CPU")]
    alerts = [
        an_alert(11, "fs01", assigned_check=1),
        an_alert(12, "fs01", assigned_check=1, **SNOOZED),
        an_alert(13, "fs01", assigned_check=2, hidden=True, **SNOOZED),
        an_alert(14, "fs01", "availability"),
        an_alert(15, "fs01", "task", assigned_task=5, message="Backup failed"),
        an_alert(16, "fs01", "task", assigned_task=5, severity="warning", message="Backup is slow"),
        an_alert(17, "fs01", "custom", message="Somebody should look"),
        an_alert(18, "fs01", assigned_check=99, message="Of a check that is gone"),
        an_alert(19, "fs01", "custom", resolved=True),
        an_alert(20, "fs01", "task", assigned_task=6, hidden=True),
        an_alert(21, "elsewhere", "custom"),
    ]
    found = read([an_agent("fs01", checks=FAILING)], [*alerts, alerts[0]], rows)
    native = agent_id("fs01")
    assert {key: [one.id for one in behind] for (agent, key), behind in found.behind.items() if agent == native} == {
        "memory": [11, 12],
        "load": [13],
        "reachable": [14],
        "job/task 5": [15, 16],
        "alert/17": [17],
        "alert/18": [18],
    }
    assert one(found, "job/task 5").summary == "Backup failed"
    assert one(found, "memory").handling is None
    assert one(found, "load").handling == Handling(quiet=True, quiet_until=datetime(2026, 1, 6, tzinfo=UTC))
    assert one(found, "reachable").since is None
    assert wrong(found) == {"memory", "load", "job/task 5", "alert/17", "alert/18"}


def test_times_of_the_server_are_told_by_our_clock() -> None:
    alert = an_alert(1, "fs01", "custom", snoozed=True, snooze_until="2026-01-06T00:00:00Z")
    found = read([an_agent("fs01", status="overdue")], [alert], skew_s=600.0)
    assert found.sightings[0].seen == HEARD - timedelta(minutes=10)
    check = one(found, "alert/1")
    assert check.since == datetime(2026, 1, 5, 8, 20, tzinfo=UTC)
    assert check.handling is not None
    assert check.handling.quiet_until == datetime(2026, 1, 5, 23, 50, tzinfo=UTC)


def test_nothing_is_told_to_be_of_the_future() -> None:
    found = read([an_agent("fs01", status="overdue", last_seen="2026-03-01T00:00:00Z")])
    assert found.sightings[0].seen == NOW


def test_an_agent_that_was_moved_is_the_same_device_at_another_site() -> None:
    (before,) = read([an_agent("fs01")]).sightings
    (after,) = read([an_agent("fs01", client="Baker Law", site="Main")]).sightings
    assert before.native == after.native
    assert (after.client, after.site) == ("baker-law", "baker-law/main")


def test_of_an_agent_that_is_listed_twice_the_first_row_counts() -> None:
    found = read([an_agent("fs01"), an_agent("fs01", client="Baker Law")])
    assert [one.client for one in found.sightings] == ["acme-dental"]
    assert len({check.key for check in found.checks}) == len(found.checks)


def test_an_agent_without_a_client_is_shown_as_unplaced() -> None:
    assert read([an_agent("fs01", client="", site="")]).sightings[0].client == "unplaced"


@pytest.mark.parametrize(
    ("text", "shown"), [("10.1.0.5/24, fd70::5/64", "10.1.0.5"), ("fd70::5/64", "fd70::5"), ("error", "")]
)
def test_the_first_address_is_shown(text: str, shown: str) -> None:
    assert read([an_agent("fs01", local_ips=text)]).sightings[0].address == shown


def test_a_boot_time_that_wobbles_is_no_boot() -> None:
    agents = [msgspec.convert(an_agent("fs01", boot_time=epoch), Agent) for epoch in (1000.0, 1001.7, 5000.0)]
    first = steady({}, agents[:1])
    second = steady(first, agents[1:2])
    third = steady(second, agents[2:])
    assert first == second != third


@pytest.mark.parametrize("epoch", [None, 0.0, -1.0, 1e300, float("nan")])
def test_a_boot_time_that_is_none_is_not_told(epoch: float | None) -> None:
    assert boot_id_of(epoch) == ""


def test_hostile_names_are_safe_to_show() -> None:
    rows = [{**a_check(1, "script", HOSTILE, info=HOSTILE), "svc_name": HOSTILE}]
    alerts = [an_alert(1, "fs01", "custom", message=HOSTILE)]
    agent = an_agent("fs01", HOSTILE, HOSTILE, hostname=HOSTILE, operating_system=HOSTILE, plat=HOSTILE, checks=FAILING)
    found = read([{**agent, "agent_id": agent_id("fs01")}], alerts, rows)
    (sighting,) = found.sightings
    assert all(map(is_safe, (sighting.name, sighting.client_name, sighting.site_name, sighting.system)))
    assert all(is_safe(check.label) and is_safe(check.summary) for check in found.checks)
    assert sighting.platform == ""
