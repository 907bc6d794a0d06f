"""What its agents are told to do: once, with every key, and with an outcome that is known or said to be unknown."""

from __future__ import annotations

import re
from typing import Any

import pytest

from backends.adapters.tactical_rmm.source import TacticalRmm
from backends.api import Executed, NotSent, OutcomeUnknown, OwnFix, RunId, RunsOwnFixes
from backends.fleet.run import Risk
from tests.support import faulty
from tests.support.tactical import FakeRmm
from tests.support.tactical_rows import a_script, agent_id, an_agent
from tests.support.tactical_source import QuickClock

FS01, WEB01 = agent_id("fs01"), agent_id("web01")
SCRIPT = {"script": 1, "output": "wait", "args": [], "run_as_user": False, "env_vars": [], "timeout": 30}


async def fixes(source: TacticalRmm) -> dict[str, OwnFix]:
    return {fix.id: fix for fix in (await source.poll()).fixes or ()}


async def run(source: TacticalRmm, fix: str, native: str = FS01, **given: str) -> tuple[Executed, str]:
    """What came of it, and what it printed."""
    output: list[bytes] = []
    known = await fixes(source)
    executed = await source.perform(native, known[fix], given, RunId("r1"), output.append)
    return executed, b"".join(output).decode()


def test_it_runs_fixes_of_its_own(source: TacticalRmm) -> None:
    assert isinstance(source, RunsOwnFixes)


async def test_scripts_and_what_agents_can_do_are_offered_where_they_are_for(source: TacticalRmm) -> None:
    known = await fixes(source)
    windows = tuple(sorted(agent_id(name) for name in ("fs01", "dc01", "pc01", "bk01")))
    assert {name: fix.natives for name, fix in known.items()} == {
        "service-restart": windows,
        "service-start": windows,
        "service-stop": windows,
        "reboot": None,
        "wake-on-lan": None,
        "command": windows,
        "command-posix": (WEB01,),
        "maintenance-on": None,
        "maintenance-off": None,
        "script-1": windows,
        "script-2": (WEB01,),
        "script-5": windows,
    }
    assert known["command"].risk is Risk.DESTRUCTIVE
    assert "--now" in known["script-2"].about


async def test_a_new_agent_or_script_is_offered_too(source: TacticalRmm, rmm: FakeRmm, clock: QuickClock) -> None:
    await source.poll()
    assert (await source.poll()).fixes is None
    rmm.agents.append(an_agent("fs02"))
    assert agent_id("fs02") in ((await fixes(source))["script-1"].natives or ())
    rmm.scripts.append(a_script(9, "New", "python"))
    clock.passed += 601
    assert "script-9" in await fixes(source)


async def test_what_a_script_is_given_is_part_of_what_is_agreed_to_but_not_its_secrets(
    source: TacticalRmm, rmm: FakeRmm
) -> None:
    rmm.scripts = [a_script(1, "Backup", args=["-all"], env_vars=["TOKEN=hush"], run_as_user=True)]
    about = (await fixes(source))["script-1"].about
    assert "arguments: -all" in about
    assert "environment: TOKEN" in about
    assert "as the user who is logged in" in about
    assert "hush" not in about


async def test_a_script_runs_once_and_its_output_and_exit_code_come_back(source: TacticalRmm, rmm: FakeRmm) -> None:
    rmm.exit, rmm.output = 3, "spooler: 2 files"
    rmm.history[FS01] = [{"id": 7, "type": "script_run", "script": 1, "script_results": {"retcode": 0}}]
    assert await run(source, "script-1") == (Executed(exit=3), "spooler: 2 files\n")
    assert rmm.told == [("POST", f"agents/{FS01}/runscript", SCRIPT)]


async def test_the_end_of_a_script_is_waited_for_as_long_as_an_agent_takes_to_tell(
    source: TacticalRmm, rmm: FakeRmm, clock: QuickClock
) -> None:
    rmm.history[FS01] = [{"id": 7, "type": "cmd_run"}]
    rmm.reports_after = 4
    assert (await run(source, "script-1"))[0] == Executed(exit=0)
    assert clock.passed == 2.0


async def test_an_end_that_is_never_told_is_unknown(source: TacticalRmm, rmm: FakeRmm) -> None:
    rmm.reports_after = 1000
    rmm.exit = 0
    with pytest.raises(OutcomeUnknown, match="the agent has not told Tactical RMM yet"):
        await run(source, "script-1")
    assert len(rmm.told) == 1


async def test_two_runs_of_one_script_at_once_are_not_told_apart(source: TacticalRmm, rmm: FakeRmm) -> None:
    rmm.beside = 1
    with pytest.raises(OutcomeUnknown, match="run twice at the same time"):
        await run(source, "script-1")


async def test_a_script_that_may_take_longer_than_a_proxy_waits_is_started_and_asked_after(
    source: TacticalRmm, rmm: FakeRmm, clock: QuickClock
) -> None:
    rmm.reports_after, rmm.exit, rmm.output = 100, 4, "defragmented"
    assert await run(source, "script-5") == (Executed(exit=4), "defragmented\n")
    assert rmm.told[0][2]["output"] == "forget"
    assert 600 < clock.passed < 1800


async def test_output_that_cannot_be_text_is_shown_all_the_same(source: TacticalRmm, rmm: FakeRmm) -> None:
    rmm.output = "half \ud800 a pair"
    assert (await run(source, "script-1"))[1] == "half \ufffd a pair\n"


@pytest.mark.parametrize(
    ("fix", "given", "told", "says"),
    [
        (
            "service-restart",
            {"service": "Spooler"},
            ("POST", f"services/{FS01}/Spooler", {"sv_action": "restart"}),
            "The service Spooler was restarted successfully",
        ),
        (
            "service-stop",
            {"service": "My Svc (x86)"},
            ("POST", f"services/{FS01}/My Svc (x86)", {"sv_action": "stop"}),
            "The service My Svc (x86) was stoped successfully",
        ),
        ("reboot", {}, ("POST", f"agents/{FS01}/reboot", {}), "ok"),
        ("wake-on-lan", {}, ("POST", f"agents/{FS01}/wol", {}), f"Wake-on-LAN sent to {FS01}"),
        (
            "maintenance-on",
            {},
            ("PUT", f"agents/{FS01}", {"maintenance_mode": True}),
            "The agent was updated successfully",
        ),
        (
            "maintenance-off",
            {},
            ("PUT", f"agents/{FS01}", {"maintenance_mode": False}),
            "The agent was updated successfully",
        ),
        (
            "command",
            {"shell": "powershell", "command": "Get-Date; 'x'"},
            (
                "POST",
                f"agents/{FS01}/cmd",
                {
                    "shell": "powershell",
                    "cmd": "Get-Date; 'x'",
                    "timeout": 120,
                    "custom_shell": None,
                    "run_as_user": False,
                },
            ),
            "done: Get-Date; 'x'",
        ),
    ],
)
async def test_what_every_agent_can_do_is_told_in_one_request(  # noqa: PLR0917 - one for each column
    source: TacticalRmm, rmm: FakeRmm, fix: str, given: dict[str, str], told: tuple[str, str, dict[str, Any]], says: str
) -> None:
    assert await run(source, fix, **given) == (Executed(exit=0), f"{says}\n")
    assert rmm.told == [told]


async def test_maintenance_shows_in_the_next_poll(source: TacticalRmm) -> None:
    await run(source, "maintenance-on")
    told = {one.native: one.health.value for one in (await source.poll()).sightings}
    assert told[FS01] == "maintenance"
    await source.look(FS01)


@pytest.mark.parametrize("fix", ["script-1", "reboot", "service-restart", "command"])
async def test_an_agent_that_took_too_long_may_have_done_it_and_is_not_asked_twice(
    source: TacticalRmm, rmm: FakeRmm, fix: str
) -> None:
    """`timeout` with status 200, or 400 with a sentence (F-08, F-09)"""
    rmm.nats = "slow"
    with pytest.raises(OutcomeUnknown, match=r"may have (been )?done"):
        await run(source, fix, service="Spooler", shell="cmd", command="dir")
    assert len(rmm.told) == 1


@pytest.mark.parametrize("fix", ["script-1", "reboot", "service-restart", "command"])
async def test_nothing_is_sent_to_an_agent_that_is_not_connected(source: TacticalRmm, rmm: FakeRmm, fix: str) -> None:
    """The ping itself is an internal error of the server then, with a web page."""
    rmm.unconnected = {FS01}
    with pytest.raises(NotSent, match="not connected to Tactical RMM now"):
        await run(source, fix, service="Spooler", shell="cmd", command="dir")
    assert rmm.told == []


@pytest.mark.parametrize("fix", ["script-1", "reboot", "service-restart", "command"])
async def test_an_agent_that_is_lost_after_the_ping_may_have_been_reached(
    source: TacticalRmm, rmm: FakeRmm, fix: str
) -> None:
    rmm.lost_after_ping = True
    with pytest.raises(OutcomeUnknown, match="HTTP 500"):
        await run(source, fix, service="Spooler", shell="cmd", command="dir")
    assert len(rmm.told) == 1


async def test_without_its_message_bus_nothing_is_sent(source: TacticalRmm, rmm: FakeRmm) -> None:
    rmm.nats = "down"
    with pytest.raises(NotSent, match="does not answer Tactical RMM now"):
        await run(source, "script-1")
    assert rmm.told == []


@pytest.mark.parametrize("fix", ["script-1", "reboot", "command"])
async def test_a_message_bus_that_goes_down_after_the_ping_reached_nothing(
    source: TacticalRmm, rmm: FakeRmm, fix: str
) -> None:
    """`natsdown` with status 200"""
    rmm.bus_lost_after_ping = True
    with pytest.raises(NotSent, match=r"message bus of Tactical RMM \(NATS\) is down"):
        await run(source, fix, service="Spooler", shell="cmd", command="dir")
    assert len(rmm.told) == 1


async def test_a_proxy_that_gives_up_says_nothing_of_the_agent(source: TacticalRmm, rmm: FakeRmm) -> None:
    rmm.gateway_gives_up = True
    with pytest.raises(OutcomeUnknown, match="HTTP 504"):
        await run(source, "reboot")
    assert len(rmm.told) == 1


async def test_what_is_refused_in_a_bare_sentence_may_have_been_done(
    source: TacticalRmm, server: faulty.Server
) -> None:
    """So it says too that an agent did not answer in time; what is wrong with a request comes as an object."""
    known = await fixes(source)
    with pytest.raises(OutcomeUnknown, match=r"says: Not available on this platform\. It may have"):
        await source.perform(WEB01, known["service-restart"], {"service": "nginx"}, RunId("r1"), lambda _: None)
    server.fault = faulty.status(400, b'{"maintenance_mode": ["Must be a valid boolean."]}')
    with pytest.raises(NotSent, match="refuses: Must be a valid boolean"):
        await source.perform(FS01, known["maintenance-on"], {}, RunId("r2"), lambda _: None)


async def test_a_command_is_offered_with_the_shells_of_the_platform(source: TacticalRmm) -> None:
    known = await fixes(source)
    shells = {name: known[name].parameters[0] for name in ("command", "command-posix")}
    assert {name: shell.default for name, shell in shells.items()} == {
        "command": "powershell",
        "command-posix": "/bin/sh",
    }
    assert not re.fullmatch(shells["command"].pattern, "/bin/sh")
    assert not re.fullmatch(shells["command-posix"].pattern, "cmd")


async def test_a_right_that_is_missing_is_named_and_its_fixes_are_offered_no_more(
    source: TacticalRmm, rmm: FakeRmm, clock: QuickClock
) -> None:
    rmm.lacking = {"can_run_scripts"}
    with pytest.raises(NotSent, match="Give its user a role with the right can_run_scripts"):
        await run(source, "script-1")
    known = await fixes(source)
    assert "reboot" in known
    assert not any(name.startswith("script-") for name in known)
    rmm.lacking = set()
    clock.passed += 601
    assert "script-1" in await fixes(source)


@pytest.mark.parametrize(
    ("right", "says"),
    [("can_list_agent_history", "history cannot be read"), ("can_ping_agents", "may not ping agents")],
)
async def test_without_the_rights_to_know_how_it_ends_nothing_is_sent(
    source: TacticalRmm, rmm: FakeRmm, right: str, says: str
) -> None:
    rmm.lacking = {right}
    with pytest.raises(NotSent, match=says):
        await run(source, "script-1")
    assert rmm.told == []


async def test_a_script_that_is_given_something_else_than_was_shown_is_not_run(
    source: TacticalRmm, rmm: FakeRmm, clock: QuickClock
) -> None:
    """Also where a poll comes between the consent and the run."""
    rmm.scripts = [a_script(1, "Clean", args=["-dry-run"])]
    agreed = (await fixes(source))["script-1"]
    rmm.scripts = [a_script(1, "Clean", args=["-all"])]
    clock.passed += 601
    await source.poll()
    with pytest.raises(NotSent, match="was changed in Tactical RMM"):
        await source.perform(FS01, agreed, {}, RunId("r1"), lambda _: None)
    assert rmm.told == []


async def test_a_script_that_is_gone_is_not_run(source: TacticalRmm, rmm: FakeRmm, clock: QuickClock) -> None:
    script = (await fixes(source))["script-1"]
    rmm.scripts = []
    clock.passed += 601
    await source.poll()
    with pytest.raises(NotSent, match="not on the server any more"):
        await source.perform(FS01, script, {}, RunId("r1"), lambda _: None)
    assert rmm.told == []


async def test_a_connection_that_is_lost_meanwhile_leaves_the_outcome_unknown(
    source: TacticalRmm, rmm: FakeRmm, server: faulty.Server
) -> None:
    known = await fixes(source)
    server.fault = faulty.cut_off
    with pytest.raises(OutcomeUnknown):
        await source.perform(FS01, known["maintenance-on"], {}, RunId("r1"), lambda _: None)
    assert len(rmm.told) == 1


@pytest.mark.parametrize("service", ["..", ".", "../../agents", "a/b", "{{global.KEY}}", "x\ny", ""])
async def test_a_service_is_called_by_a_name_and_by_nothing_that_leads_elsewhere(
    source: TacticalRmm, service: str
) -> None:
    (parameter,) = (await fixes(source))["service-restart"].parameters
    assert re.fullmatch(parameter.pattern, service) is None
    assert re.fullmatch(parameter.pattern, "MSSQL$PROD_1.2 (x86)")
