"""Global scripts run on the real server's side, and what they print comes back."""

from __future__ import annotations

from pathlib import Path

import pytest

from backends.adapters.zabbix.source import ZabbixSource
from backends.api import Can, Executed, NotSent, OwnFix, RunId, SourceName
from backends.bootstrap.assembly import desk_over
from backends.desk.protocol import Approval
from backends.engine.clock import SystemClock
from backends.engine.polling import Polled
from backends.fleet.model import FixId, Freshness, Source, device_id
from backends.fleet.run import RunState
from tests.support.bench import CONFIG, places_in
from tests.support.servers.zabbix_asking import by_password, by_token
from tests.support.servers.zabbix_seed import Seed

pytestmark = pytest.mark.real

RUN = RunId("run-1")


async def offered(source: ZabbixSource) -> dict[str, OwnFix]:
    return {fix.title: fix for fix in (await source.poll()).fixes or ()}


async def performed(source: ZabbixSource, zabbix: Seed, title: str, host: str) -> tuple[Executed, str]:
    printed: list[bytes] = []
    fix = (await offered(source))[title]
    done = await source.perform(zabbix.hosts[host], fix, {}, RUN, printed.append)
    return done, b"".join(printed).decode()


async def test_scripts_are_offered_where_they_are_for(zabbix: Seed) -> None:
    async with by_token(zabbix) as source:
        fixes = await offered(source)
    acme = {zabbix.hosts[name] for name in ("acme-dc01", "acme-web01", "acme-nas01", "acme-old")}
    assert set(fixes["Only at acme"].natives or ()) == acme
    assert fixes["Fixes/Restart spooler"].natives is None


async def test_one_runs_on_the_agent_and_its_output_comes_back(zabbix: Seed) -> None:
    async with by_password(zabbix) as source:
        done, printed = await performed(source, zabbix, "Fixes/Restart spooler", "acme-dc01")
    assert (done.exit, printed) == (0, "spooler restarted")
    assert (zabbix.server.folder / "spooler").read_text() == "running\n"


async def test_one_runs_on_the_server_as_whom_we_are(zabbix: Seed) -> None:
    async with by_password(zabbix) as source:
        done, printed = await performed(source, zabbix, "Who asks", "acme-dc01")
    assert (done.exit, printed) == (0, "acme-dc01 tech01\n")


async def test_one_that_fails_is_told_with_what_it_printed(zabbix: Seed) -> None:
    async with by_password(zabbix) as source:
        done, printed = await performed(source, zabbix, "Breaks", "acme-dc01")
    assert (done.exit, printed) == (1, "it broke")


async def test_through_the_desk_it_takes_the_way_of_every_fix(zabbix: Seed, tmp_path: Path) -> None:
    (zabbix.server.folder / "spooler").unlink(missing_ok=True)
    name, fix = SourceName("zabbix-eu"), FixId(f"zabbix-eu/{zabbix.scripts['Restart spooler']}")
    async with by_password(zabbix) as adapter:
        source = Source(name=name, kind="zabbix", state=Freshness.STALE, every_s=30.0, capabilities=(Can.RUN_OWN,))
        desk = await desk_over([(Polled(adapter, 30.0), source)], CONFIG, places_in(tmp_path), SystemClock())
        try:
            await desk.first_round()
            plan = await desk.plan(fix, [device_id(name, zabbix.hosts["acme-dc01"])], "tech1")
            assert "Restart the spooler of this device?" in plan.affects
            (run,) = await desk.approve(plan.id, Approval(confirmed=True))
            async for _ in desk.output(run.id):
                pass
            done = await desk.run(run.id)
        finally:
            await desk.close()
    assert (done.state, done.exit, done.output) == (RunState.SUCCEEDED, 0, "spooler restarted")
    assert (zabbix.server.folder / "spooler").read_text() == "running\n"


async def test_on_a_host_that_does_not_answer_it_was_not_run(zabbix: Seed) -> None:
    async with by_password(zabbix) as source:
        with pytest.raises(NotSent, match="cannot connect"):
            await performed(source, zabbix, "Fixes/Restart spooler", "borg-fw01")


async def test_on_a_host_that_it_is_not_for_it_is_not_run(zabbix: Seed) -> None:
    async with by_password(zabbix) as source:
        with pytest.raises(NotSent, match="does not offer"):
            await performed(source, zabbix, "Only at acme", "borg-fw01")


async def test_a_token_hits_the_fault_of_this_version_and_is_told_the_remedy(zabbix: Seed) -> None:
    """6.0.14 answers HTTP 500 with nothing in it."""
    async with by_token(zabbix) as source:
        with pytest.raises(NotSent, match="cannot run scripts for an API token") as caught:
            await performed(source, zabbix, "Who asks", "acme-dc01")
        assert Can.RUN_OWN in (await source.poll()).lacks
    assert 'user = "' in str(caught.value)


async def test_one_that_was_changed_since_it_was_shown_is_not_run(zabbix: Seed) -> None:
    script = zabbix.scripts["Who asks"]
    async with by_password(zabbix) as source:
        fix = (await offered(source))["Who asks"]
        (before,) = zabbix.api("script.get", {"scriptids": [script], "output": ["command"]})
        zabbix.api("script.update", {"scriptid": script, "command": "echo something else"})
        try:
            with pytest.raises(NotSent, match="was changed in Zabbix"):
                await source.perform(zabbix.hosts["acme-dc01"], fix, {}, RUN, lambda _: None)
        finally:
            zabbix.api("script.update", {"scriptid": script, **before})


async def test_it_knows_a_host_again_before_a_fix(zabbix: Seed) -> None:
    async with by_token(zabbix) as source:
        identity, _ = await source.identify(zabbix.hosts["acme-dc01"])
        with pytest.raises(NotSent):
            await source.identify("4711")
    assert identity.serial == "SN-ACME-1"


async def test_a_host_that_is_made_anew_under_its_name_has_another_id(zabbix: Seed) -> None:
    """F-16: Zabbix gives no id twice, so that what was planned for the earlier one finds nobody."""
    wanted = {"host": "twice", "groups": [{"groupid": zabbix.group("Clients/Acme/HQ")}], "interfaces": []}
    (first,) = zabbix.api("host.create", wanted)["hostids"]
    zabbix.api("host.delete", [first])
    (second,) = zabbix.api("host.create", wanted)["hostids"]
    try:
        async with by_token(zabbix) as source:
            with pytest.raises(NotSent, match="no host"):
                await source.identify(first)
            await source.identify(second)
    finally:
        zabbix.api("host.delete", [second])
    assert first != second
