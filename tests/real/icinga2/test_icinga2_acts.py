"""What is decided here is so there: read back from the server by a client of the test."""

from __future__ import annotations

import json
import time
from datetime import UTC, datetime, timedelta

import pytest

from backends.adapters.icinga2.source import IcingaSource
from backends.api import NotSent, OwnFix, RunId, safe
from backends.fleet.model import CheckState
from tests.support.eventually import until
from tests.support.icinga2_source import check_in, configured, source_at
from tests.support.office import Office
from tests.support.servers.icinga2 import Icinga
from tests.support.servers.icinga2_config import NODE, ODD_HOST, ODD_SERVICE

pytestmark = pytest.mark.real

COMMANDS = [
    {"name": "restart-shop", "title": "Start the shop", "service": "shop", "endpoint": NODE, "families": ["check"]},
    {"name": "say", "kind": "check", "endpoint": NODE, "parameters": [{"name": "word", "pattern": ".*"}]},
    {"name": "nowhere", "endpoint": NODE},
    {"name": "restart-shop", "id": "no endpoint"},
    {"name": "restart-shop", "id": "its own agent", "endpoint": "$host.name$"},
]


async def handled(source: IcingaSource, native: str, key: str) -> tuple[bool, str, bool]:
    """Whether the check is acknowledged and by whom, and whether it rests; as the next poll tells it."""
    check = check_in(await source.poll(), native, key)
    assert check is not None
    if check.handling is None:
        return False, "", False
    return check.handling.acked, check.handling.acked_by, check.handling.quiet


@pytest.mark.parametrize(
    ("native", "service", "key"),
    [
        ("acme-web01", "disk /var", "disk//var"),
        ("globex-router", "", "reachable"),
        (ODD_HOST, ODD_SERVICE, f"check/{ODD_SERVICE}"),
    ],
)
async def test_an_acknowledgement_is_set_there_and_taken_back(
    icinga: Icinga, native: str, service: str, key: str
) -> None:
    target = "hosts", native
    if service:
        target = "services", f"{native}!{service}"
    async with source_at(icinga) as source:
        await source.poll()
        await source.acknowledge(native, key, "tech1", safe("I am on it"))
        assert _attributes(icinga, *target)["acknowledgement"] == 1
        await source.acknowledge(native, key, "tech2", safe("me too"))
        assert await handled(source, native, key) == (True, "tech1", False)
        await source.unacknowledge(native, key, "tech1")
        assert _attributes(icinga, *target)["acknowledgement"] == 0
        assert await handled(source, native, key) == (False, "", False)


async def test_what_is_well_is_not_acknowledged(icinga: Icinga) -> None:
    async with source_at(icinga) as source:
        await source.poll()
        with pytest.raises(NotSent, match="is OK"):
            await source.acknowledge("acme-web01", "check/ping4", "tech1", safe("?"))


async def test_a_downtime_is_made_there_and_only_ours_is_removed(icinga: Icinga) -> None:
    now = time.time()
    icinga.do(
        "schedule-downtime",
        type="Service",
        service="globex-db01!load",
        author="bob",
        comment="not ours",
        start_time=now - 1,
        end_time=now + 600,
    )
    until_ = datetime.fromtimestamp(now + 7200, UTC)
    async with source_at(icinga) as source:
        await source.poll()
        await source.snooze("globex-db01", "load", "tech1", until_, safe("Waiting for parts"))
        made = {one["attrs"]["author"]: one["attrs"] for one in _downtimes(icinga, "globex-db01", "load")}
        assert set(made) == {"bob", "tech1"}
        assert made["tech1"]["fixed"]
        assert made["tech1"]["end_time"] == pytest.approx(until_.timestamp(), abs=1.0)
        assert not _downtimes(icinga, "globex-db01", "")
        check = check_in(await source.poll(), "globex-db01", "load")
        assert check is not None
        assert check.handling is not None
        assert (check.handling.quiet, check.handling.quiet_by, check.handling.text) == (
            True,
            "tech1",
            "Waiting for parts",
        )
        assert check.handling.quiet_until is not None
        assert abs(check.handling.quiet_until - until_) < timedelta(seconds=1)
    async with source_at(icinga) as later:  # another engine, which remembers nothing
        await later.poll()
        await later.wake("globex-db01", "load", "tech2")
        assert [one["attrs"]["author"] for one in _downtimes(icinga, "globex-db01", "load")] == ["bob"]
        await later.wake("globex-db01", "load", "tech2")
        assert await handled(later, "globex-db01", "load") == (False, "", True)


async def test_a_downtime_of_a_host_is_not_one_of_its_services(icinga: Icinga) -> None:
    until_ = datetime.now(UTC) + timedelta(hours=1)
    async with source_at(icinga) as source:
        await source.poll()
        await source.snooze("acme-db01", "reachable", "tech1", until_, safe("Cabling"))
        assert icinga.object("acme-db01")["downtime_depth"] == 1
        assert icinga.object("acme-db01", "load")["downtime_depth"] == 0
        await source.wake("acme-db01", "reachable", "tech1")
        assert icinga.object("acme-db01")["downtime_depth"] == 0


async def test_a_command_runs_there_its_result_comes_back_and_the_check_sees_it(icinga: Icinga) -> None:
    told = bytearray()
    async with source_at(icinga, commands=COMMANDS) as source:
        await source.poll()
        await source.recheck("acme-web01", "check/shop")
        await until(lambda: icinga.object("acme-web01", "shop")["state"] == 2)
        reading = await source.poll()
        (fix,) = [one for one in reading.fixes or () if one.id == "restart-shop@shop"]
        assert fix.natives == ("acme-web01",)
        await source.identify("acme-web01")
        done = await source.perform("acme-web01", fix, {}, RunId("run-1"), told.extend)
        assert (done.exit, bytes(told)) == (0, b"started the shop of acme-web01\n")
        assert (icinga.fixed / "acme-web01").exists()
        await source.recheck("acme-web01", "check/shop")
        await until(lambda: icinga.object("acme-web01", "shop")["state"] == 0)
        check = check_in(await source.look("acme-web01"), "acme-web01", "check/shop")
    assert check is not None
    assert (check.state, check.summary) == (CheckState.OK, "SHOP OK - it runs")


def test_a_command_of_icinga_is_a_fix_like_any_other(icinga: Icinga, office: Office) -> None:
    (icinga.fixed / "acme-web01").unlink(missing_ok=True)
    icinga.result("acme-web01", "shop", exit_status=2, output="SHOP CRITICAL - it has stopped")
    command = '[[sources.ice.commands]]\nname = "restart-shop"\nservice = "shop"\nfamilies = ["check"]\n'
    office.configure(configured(icinga, more=command + f'endpoint = "{NODE}"\n'))
    fix = office.rounds("fix", "run", "ice/restart-shop@shop", "acme-web01", "--yes", "--json")
    (run,) = json.loads(fix.stdout)["items"]
    assert (run["state"], run["outcome"], run["exit"]) == ("succeeded", "fixed", 0)
    assert icinga.object("acme-web01", "shop")["state"] == 0
    assert office.recorded(run["id"])[-1] == "run-verified"


async def test_what_is_handed_in_from_outside_is_not_checked_over(icinga: Icinga) -> None:
    before = icinga.object("acme-web01", "disk /var")["last_check"]
    async with source_at(icinga) as source:
        await source.poll()
        with pytest.raises(NotSent, match="handed in from outside"):
            await source.recheck("acme-web01", "disk//var")
    assert icinga.object("acme-web01", "disk /var")["last_check"] == before


async def test_arguments_are_data_and_the_exit_code_is_the_commands_own(icinga: Icinga) -> None:
    told = bytearray()
    async with source_at(icinga, commands=COMMANDS) as source:
        (fix,) = [one for one in (await source.poll()).fixes or () if one.id == "say"]
        word = "$(touch /tmp/x); \"` 'x' $host.name$ é"
        done = await source.perform("acme-web01", fix, {"word": word}, RunId("run-2"), told.extend)
    assert done.exit == 3
    assert told.decode().startswith("told $(touch /tmp/x); \"` 'x'")


async def test_what_icinga_cannot_run_was_not_run(icinga: Icinga) -> None:
    async with source_at(icinga, commands=COMMANDS) as source:
        await source.poll()
        for name, words in (
            ("nowhere", "valid EventCommand"),
            ("no endpoint", "valid endpoint for ''"),
            ("its own agent", "valid endpoint for 'acme-web01'"),
        ):
            fix = OwnFix(id=name, title=safe(name))
            with pytest.raises(NotSent, match=words):
                await source.perform("acme-web01", fix, {}, RunId("run-3"), bytearray().extend)
        with pytest.raises(NotSent, match="knows no host"):
            await source.identify("no such host")


async def test_who_may_not_is_told_so_and_nothing_changes(icinga: Icinga) -> None:
    before = icinga.object("acme-web01", "disk /var")
    for user in ("viewer", "tech01"):
        async with source_at(icinga, user) as source:
            await source.poll()
            with pytest.raises(NotSent, match=f"permissions of the ApiUser {user}"):
                await source.snooze(
                    "acme-web01", "disk//var", "tech1", datetime.now(UTC) + timedelta(hours=1), safe("x")
                )
            with pytest.raises(NotSent, match=f"permissions of the ApiUser {user}"):
                await source.recheck("acme-web01", "check/shop")
    assert icinga.object("acme-web01", "disk /var")["downtime_depth"] == before["downtime_depth"]


def _attributes(icinga: Icinga, kind: str, name: str) -> dict[str, object]:
    (found,) = [one["attrs"] for one in icinga.ask(f"objects/{kind}") if one["name"] == name]
    return found


def _downtimes(icinga: Icinga, host: str, service: str) -> list[dict[str, dict[str, object]]]:
    found = icinga.ask("objects/downtimes")
    return [one for one in found if (one["attrs"]["host_name"], one["attrs"]["service_name"]) == (host, service)]
