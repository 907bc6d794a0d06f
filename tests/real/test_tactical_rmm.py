"""What the commands say of a Tactical RMM, over a real socket and by a configuration file, is what its API says itself.
The product cannot be had here: its stand-in answers."""

from __future__ import annotations

import asyncio
import json
import urllib.request
from collections.abc import AsyncIterator
from typing import Any

import pytest
import pytest_asyncio

from backends.text import is_safe
from tests.support import faulty
from tests.support.office import Office
from tests.support.tactical import KEY, FakeRmm
from tests.support.tactical_rows import agent_id, an_agent, an_alert
from tests.support.tactical_source import played

SEVERITY = {"error": "high", "warning": "warning", "info": "info"}
HOSTILE = "\x1b]0;owned\x07\u202ecod.exe"


@pytest.fixture
def rmm() -> FakeRmm:
    made = FakeRmm()
    made.agents.append(an_agent("evil", client="Baker Law", site="Main", plat="linux"))
    made.alerts.append(an_alert(31, "evil", "custom", client="Baker Law", severity="info", message=HOSTILE))
    return made


@pytest_asyncio.fixture
async def server(rmm: FakeRmm, office: Office) -> AsyncIterator[faulty.Server]:
    async with faulty.serving(played(rmm)) as server:
        office.environment = {**office.environment, "RMM_KEY": KEY}
        office.configure(
            f"""
[technician]
name = "tech1"
[clients.acme]
name = "Acme Dental"
[sources.rmm]
kind = "tactical-rmm"
url = "{server.url}"
secret = "env:RMM_KEY"
"""
        )
        yield server


def api(server: faulty.Server, path: str, body: object = None) -> Any:
    """The server's own word, by nothing of ours."""
    request = urllib.request.Request(
        server.url + path,
        headers={"X-API-KEY": KEY},
        method="GET" if body is None else "PATCH",
        data=None if body is None else json.dumps(body).encode(),
    )
    with urllib.request.urlopen(request) as answer:
        return json.load(answer)


def expected(server: faulty.Server) -> list[tuple[str, str, str]]:
    """Device, condition and severity of everything that is wrong there."""
    found = []
    names = {}
    for agent in api(server, "/agents/"):
        name = names[agent["agent_id"]] = agent["hostname"]
        found += [(name, "reachable", "critical")] * (
            agent["status"] != "online" and agent["monitoring_type"] == "server"
        )
        found += [(name, "reboot", "info")] * agent["needs_reboot"] + [(name, "patch", "info")] * agent[
            "has_patches_pending"
        ]
        for check in api(server, f"/agents/{agent['agent_id']}/checks/"):
            status = check["check_result"]["status"]
            if status != "passing":
                family = {"diskspace": f"disk/{check.get('disk')}", "winsvc": f"service/{check.get('svc_name')}"}
                severity = SEVERITY[check["check_result"]["alert_severity"]] if status == "failing" else "info"
                found.append((name, family.get(check["check_type"], f"check/{check['readable_desc']}"), severity))
    for alert in api(server, "/alerts/", {"resolvedFilter": False}):
        if alert["assigned_check"] is None and alert["alert_type"] != "availability" and not alert["hidden"]:
            task = alert["assigned_task"]
            condition = f"alert/{alert['id']}" if task is None else f"job/task {task}"
            found.append((names[alert["agent_id"]], condition, SEVERITY[alert["severity"]]))
    return sorted(found)


async def test_issues_are_those_of_the_server_one_by_one(office: Office, server: faulty.Server, rmm: FakeRmm) -> None:
    items = await asyncio.to_thread(office.items, "issues")
    shown = sorted((one["device_name"], one["condition"], one["severity"]) for one in items)
    assert shown == await asyncio.to_thread(expected, server)
    assert len(shown) == 8
    by_name = {(one["device_name"], one["condition"]): one for one in items}
    assert by_name["dc01", "reachable"]["since"] == "2026-01-05T07:00:00Z"
    assert by_name["fs01", "disk/C:"]["title"] == "Disk Space Check: Drive C: Total: 100GB, Free: 2GB"
    assert by_name["fs01", "service/Spooler"]["next_fix"] == "rmm/service-restart"
    assert {one["client"] for one in items} == {"acme", "baker-law"}
    assert rmm.mistakes == []


async def test_devices_are_those_of_the_server_one_by_one(office: Office, server: faulty.Server) -> None:
    items = await asyncio.to_thread(office.items, "devices")
    told = {one["name"]: one for one in items}
    agents = await asyncio.to_thread(api, server, "/agents/")
    assert sorted(told) == sorted(agent["hostname"] for agent in agents)
    for agent in agents:
        device = told[agent["hostname"]]
        assert device["client_name"] == agent["client_name"]
        assert device["site"].endswith(f"/{agent['site_name'].lower()}")
        assert (device["kind"], device["platform"]) == (agent["monitoring_type"], agent["plat"])
        assert device["system"] == agent["operating_system"]
        assert device["address"] == "10.1.0.5"
    health = {name: (device["health"], device["freshness"]) for name, device in told.items()}
    assert health == {
        "fs01": ("degraded", "fresh"),
        "web01": ("ok", "fresh"),
        "dc01": ("down", "fresh"),
        "pc01": ("unknown", "silent"),
        "bk01": ("maintenance", "fresh"),
        "evil": ("ok", "fresh"),
    }
    (source,) = await asyncio.to_thread(office.items, "sources")
    assert (source["state"], source["devices"], source["quarantined"], source["note"]) == ("fresh", 6, 0, None)


async def test_nothing_of_a_hostile_alert_gets_to_the_terminal(office: Office, server: faulty.Server) -> None:
    said = await asyncio.to_thread(office.rounds, "issues", check=False)
    assert "owned" in said.stdout
    assert all(is_safe(line) for line in said.stdout.splitlines())


async def test_a_service_is_restarted_by_its_agent_from_the_command_line(
    office: Office, server: faulty.Server, rmm: FakeRmm
) -> None:
    items = await asyncio.to_thread(office.items, "issues")
    (issue,) = [one["id"] for one in items if one["condition"] == "service/Spooler"]
    said = await asyncio.to_thread(office.rounds, "fix", "run", "rmm/service-restart", issue, "--yes")
    assert "The service Spooler was restarted" in said.stdout + said.stderr
    assert rmm.told == [("POST", f"services/{agent_id('fs01')}/Spooler", {"sv_action": "restart"})]
    (run,) = await asyncio.to_thread(office.items, "runs")
    assert (run["state"], run["outcome"], run["exit"]) == ("succeeded", "fixed", 0)


async def test_a_key_that_is_wrong_makes_nothing_green(office: Office, server: faulty.Server) -> None:
    office.environment = {**office.environment, "RMM_KEY": "another-canary-1c2d"}
    said = await asyncio.to_thread(office.rounds, "status", check=False)
    assert said.returncode == 3
    assert "no source is fresh" in said.stdout
    (source,) = await asyncio.to_thread(office.items, "sources")
    assert source["fault"]["kind"] == "credentials"
    assert "rounds login" in source["fault"]["sentence"]
    assert "another-canary" not in said.stdout + said.stderr + json.dumps(source)
    assert await asyncio.to_thread(office.items, "devices") == []
