"""Global scripts as fixes: what is offered, and what comes out."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from backends.api import Can, Executed, NotSent, OutcomeUnknown, OwnFix, RunId, RunsOwnFixes
from tests.support.elsewhere import LaterClock
from tests.support.replayed import Said
from tests.support.replayed.zabbix import FakeZabbix, RefusedError
from tests.support.zabbix_source import reading_from

DC, FW = "1", "4"
RUN = RunId("run-1")


def running(version: str = "7.0.19", outcome: Any = "spooler restarted\n") -> FakeZabbix:
    """A server whose scripts all print that, or whatever a function says."""
    fake = FakeZabbix(version)

    def execute(params: Any) -> Any:
        said = outcome(params) if callable(outcome) else outcome
        return said if isinstance(said, Said) else {"response": "success", "value": said, "debug": []}

    def by_hosts(params: Any) -> Any:
        asked = [one["hostid"] for one in params] if fake.number >= (7, 0) else params
        found = [one for one in fake.tables["script.get"] if one["groupid"] == "0" or asked == [DC]]
        return {asked[0]: found}

    fake.special["script.execute"] = execute
    fake.special["script.getscriptsbyhosts"] = by_hosts
    return fake


def refusing(data: str) -> FakeZabbix:
    def refuse(_: Any) -> Any:
        raise RefusedError(data, -32500)

    return running(outcome=refuse)


async def performed(fake: FakeZabbix, title: str = "Fixes/Restart spooler", host: str = DC) -> tuple[Executed, bytes]:
    printed: list[bytes] = []
    async with reading_from(fake) as source:
        assert isinstance(source, RunsOwnFixes)
        fixes = {fix.title: fix for fix in (await source.poll()).fixes or ()}
        done = await source.perform(host, fixes[title], {}, RUN, printed.append)
    return done, b"".join(printed)


async def offered(fake: FakeZabbix) -> dict[str, OwnFix]:
    async with reading_from(fake) as source:
        return {fix.title: fix for fix in (await source.poll()).fixes or ()}


async def test_scripts_are_offered_where_they_are_for() -> None:
    fixes = await offered(running())
    assert fixes["Only at acme"].natives == ("1", "2", "3")
    assert fixes["Fixes/Restart spooler"].natives is None
    assert fixes["Fixes/Restart spooler"].confirmation == "Restart the spooler of this device?"
    assert "spooler restarted" in fixes["Fixes/Restart spooler"].about


async def test_scripts_of_the_browser_are_not_offered() -> None:
    fake = running()
    fake.tables["script.get"][0]["type"] = "6"
    assert "Ping" not in await offered(fake)


@pytest.mark.parametrize("version", ["6.0.14", "6.4.21", "7.0.19", "7.4.3"])
async def test_one_runs_once_and_its_output_comes_back(version: str) -> None:
    fake = running(version)
    done, printed = await performed(fake)
    assert (done.exit, printed) == (0, b"spooler restarted\n")
    (params,) = fake.asked("script.execute")
    assert params == {"scriptid": "4", "hostid": DC}


async def test_one_that_fails_is_told_with_what_it_printed() -> None:
    done, printed = await performed(refusing("it broke"))
    assert (done.exit, printed) == (1, b"it broke")


@pytest.mark.parametrize(
    "said",
    [
        "Get value from agent failed: cannot connect to [[10.0.0.1]:10050]: [111] Connection refused",
        "No permissions to referred object or it does not exist!",
        "Global script execution on Zabbix server is disabled by server configuration.",
        "Unsupported item key.",
        "Unknown metric system.run",
        'Connection to Zabbix server "127.0.0.1" refused. Possible reasons: ...',
        "Insufficient permissions",
    ],
)
async def test_one_that_was_not_run_is_told_so(said: str) -> None:
    with pytest.raises(NotSent, match="did not run it"):
        await performed(refusing(said))


@pytest.mark.parametrize(
    "said",
    [
        "rm: cannot remove '/srv/x': Permission denied",
        "net use: connection refused",
        "stopped the service\ncannot connect to database",
        "user svc_backup is not authorized to restart it",
        "step 1 done\nSession terminated, re-login, please.",
    ],
)
@pytest.mark.parametrize("by", [{}, {"user": "tech01"}], ids=["token", "user"])
async def test_what_a_script_printed_is_never_taken_for_a_word_of_zabbix(said: str, by: dict[str, str]) -> None:
    """F-08: what ran is not told as not sent, and is not sent a second time."""
    fake, printed = refusing(said), list[bytes]()
    async with reading_from(fake, **by) as source:
        fixes = {fix.title: fix for fix in (await source.poll()).fixes or ()}
        done = await source.perform(DC, fixes["Ping"], {}, RUN, printed.append)
    assert (done.exit, b"".join(printed).decode()) == (1, said)
    assert len(fake.asked("script.execute")) == 1


async def test_a_session_that_ends_just_before_a_script_is_sent_has_it_not_sent_again() -> None:
    fake = refusing("Session terminated, re-login, please.")
    async with reading_from(fake, user="tech01") as source:
        fixes = {fix.title: fix for fix in (await source.poll()).fixes or ()}
        with pytest.raises(NotSent, match="did not run it"):
            await source.perform(DC, fixes["Ping"], {}, RUN, lambda _: None)
    assert len(fake.asked("script.execute")) == 1


@pytest.mark.parametrize(
    "said", ["Timeout while executing a shell script.", 'Cannot read the response, check connection with "x".']
)
async def test_one_that_took_too_long_may_still_be_running(said: str) -> None:
    with pytest.raises(OutcomeUnknown, match="may still be running"):
        await performed(refusing(said))


async def test_a_connection_that_ends_without_an_answer_leaves_it_open() -> None:
    with pytest.raises(OutcomeUnknown, match="may have run"):
        await performed(running(outcome=lambda _: Said(body=b"", status=502)))


async def test_the_fault_of_6_0_with_tokens_is_named_with_its_remedy() -> None:
    fake = running("6.0.14", outcome=lambda _: Said(body=b"", status=500))
    async with reading_from(fake) as source:
        fixes = {fix.title: fix for fix in (await source.poll()).fixes or ()}
        with pytest.raises(NotSent, match="cannot run scripts for an API token") as caught:
            await source.perform(DC, fixes["Ping"], {}, RUN, lambda _: None)
        assert 'user = "' in str(caught.value)
        assert Can.RUN_OWN in (await source.poll()).lacks


async def test_an_internal_error_that_comes_late_may_have_come_after_the_script() -> None:
    """F-08."""
    clock = LaterClock()

    def late(_: Any) -> Said:
        clock.later_s += 30.0
        return Said(body=b"", status=500)

    async with reading_from(running("6.0.14", outcome=late), clock=clock) as source:
        fixes = {fix.title: fix for fix in (await source.poll()).fixes or ()}
        with pytest.raises(OutcomeUnknown, match="may have run"):
            await source.perform(DC, fixes["Ping"], {}, RUN, lambda _: None)


async def test_the_same_with_a_user_or_a_newer_version_is_no_such_fault() -> None:
    fake = running("7.0.19", outcome=lambda _: Said(body=b"", status=500))
    with pytest.raises(OutcomeUnknown):
        await performed(fake)


async def test_a_script_that_was_changed_since_it_was_shown_is_not_run() -> None:
    fake = running()
    async with reading_from(fake) as source:
        fixes = {fix.title: fix for fix in (await source.poll()).fixes or ()}
        script = next(one for one in fake.tables["script.get"] if one["name"] == "Who asks")
        script["command"] = "rm -rf /srv"
        with pytest.raises(NotSent, match="was changed in Zabbix"):
            await source.perform(DC, fixes["Who asks"], {}, RUN, lambda _: None)
    assert fake.asked("script.execute") == []


async def test_a_script_that_is_not_for_that_host_is_not_run() -> None:
    fake = running()
    with pytest.raises(NotSent, match="does not offer"):
        await performed(fake, "Only at acme", FW)
    assert fake.asked("script.execute") == []


@pytest.mark.parametrize(
    ("validator", "kind", "pattern"),
    [("^[a-z]+$", "0", "^[a-z]+$"), ("web, db.1", "1", r"web|db\.1"), ("(?<x", "0", ".*")],
)
async def test_a_script_may_ask_for_one_value(validator: str, kind: str, pattern: str) -> None:
    fake = running()
    fake.tables["script.get"][0] |= {
        "manualinput": "1",
        "manualinput_prompt": "Which unit of {HOST.NAME}?",
        "manualinput_validator": validator,
        "manualinput_validator_type": kind,
        "manualinput_default_value": "web",
    }
    async with reading_from(fake) as source:
        ping = next(fix for fix in (await source.poll()).fixes or () if fix.title == "Ping")
        (parameter,) = ping.parameters
        assert (parameter.label, parameter.pattern, parameter.default) == ("Which unit of …?", pattern, "web")
        await source.perform(DC, ping, {parameter.name: "db"}, RUN, lambda _: None)
    (params,) = fake.asked("script.execute")
    assert params["manualinput"] == "db"


async def test_a_fix_is_one_struct_that_the_store_can_keep() -> None:
    for fix in (await offered(running())).values():
        assert msgspec.json.decode(msgspec.json.encode(fix), type=OwnFix) == fix
