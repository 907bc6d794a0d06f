"""What rounds shows of a real Monit is what that says itself; what it is told to do happens there."""

from __future__ import annotations

import json
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from backends.adapters.monit.acts import FIXES
from backends.adapters.monit.source import MonitSource
from backends.api import Can, FaultKind, NotSent, OwnFix, RunId, SourceError
from backends.engine.clock import SystemClock
from backends.fleet.model import CheckState
from backends.text import is_safe
from tests.support.eventually import until
from tests.support.office import Office
from tests.support.opened import opened
from tests.support.servers.monit import ODD, USERS, Monit

pytestmark = [pytest.mark.real, pytest.mark.xdist_group("monit")]

WORDS = {
    "OK": "ok",
    "Resource limit matched": "warning",
    "Not monitored": "unknown",
    "Waiting": "unknown",
    "Initializing": "unknown",
}
"""What Monit says to people, as a state; everything else is critical."""


def fix(name: str) -> OwnFix:
    return next(one for one in FIXES if one.id == name)


def configured(office: Office, monit: Monit, every: str = "5s") -> None:
    office.configure(
        f"""
[technician]
name = "tech1"
[clients.acme]
name = "Acme Dental"
[sources.mon]
kind = "monit"
urls = ["{monit.url}"]
user = "admin"
secret = "command:printf {USERS["admin"]}"
every = "{every}"
place = {{ host = "^(?P<client>[a-z]+)-" }}
"""
    )


@asynccontextmanager
async def source_at(monit: Monit, folder: Path, user: str = "admin", password: str = "") -> AsyncIterator[MonitSource]:
    made = opened(
        "monit", folder, SystemClock(), secret=password or USERS[user], urls=monit.url, user=user, client="acme"
    )
    assert isinstance(made, MonitSource)
    try:
        yield made
    finally:
        await made.close()


def test_issues_and_devices_are_what_monit_says(office: Office, monit: Monit) -> None:
    configured(office, monit)
    with office.follow("sources"):
        issues, devices, (source,) = office.items("issues"), office.items("devices"), office.items("sources")
    wrong = sorted(name for name, word in monit.summary().items() if word != "OK")
    assert sorted(re.split(": | is not | was not ", item["title"])[0] for item in issues) == wrong
    (device,) = devices
    assert (device["name"], device["client_name"], device["platform"]) == (monit.host, "Acme Dental", "linux")
    assert (source["state"], source["quarantined"]) == ("fresh", 0)


async def test_every_service_has_the_state_that_monit_says(monit: Monit, tmp_path: Path) -> None:
    told = {name: WORDS.get(word, "critical") for name, word in monit.summary().items()}
    async with source_at(monit, tmp_path) as source:
        reading = await source.poll()
    assert (reading.version, reading.quarantined, reading.lacks) == ("Monit 5.33.0", 0, ())
    assert reading.skew_s == 0.0, "both clocks are this machine's"
    assert {check.target: str(check.state) for check in reading.checks if check.target} == told
    hostile = next(check for check in reading.checks if check.target == "hostile")
    assert is_safe(hostile.summary)
    assert "forged" in hostile.summary
    assert ODD in {check.label for check in reading.checks}


async def test_a_service_is_stopped_and_started_there(office: Office, monit: Monit, tmp_path: Path) -> None:
    before = monit.shop()
    assert before
    async with source_at(monit, tmp_path) as source:
        identity, _ = await source.identify(monit.native)
        assert identity.agent.startswith("monit-")
        done = await source.perform(monit.native, fix("stop"), {"service": "shop"}, RunId("1"), bytearray().extend)
        assert done.exit == 0
    assert monit.shop() == 0
    assert monit.summary()["shop"] == "Not monitored"
    configured(office, monit)
    (issue,) = [one["id"] for one in office.items("issues") if one["title"].startswith("shop ")]
    ran = office.rounds("fix", "run", "mon/start", issue, "--yes", "--json")
    (run,) = json.loads(ran.stdout)["items"]
    assert (run["state"], run["outcome"], run["exit"]) == ("succeeded", "fixed", 0)
    assert monit.shop() not in (0, before)
    assert office.recorded(run["id"])[-1] == "run-verified"


async def test_a_restart_gives_another_process(monit: Monit, tmp_path: Path) -> None:
    before, said = monit.shop(), bytearray()
    async with source_at(monit, tmp_path) as source:
        done = await source.perform(monit.native, fix("restart"), {"service": "shop"}, RunId("2"), said.extend)
        check = next(one for one in (await source.look(monit.native)).checks if one.key == "service/shop")
    assert (done.exit, check.state) == (0, CheckState.OK)
    assert b"shop is watched, status 0" in said
    assert monit.shop() not in (0, before)


async def test_what_cannot_be_started_says_so(monit: Monit, tmp_path: Path) -> None:
    async with source_at(monit, tmp_path) as source:
        with pytest.raises(NotSent, match="no service nothing there"):
            await source.perform(monit.native, fix("start"), {"service": "nothing"}, RunId("3"), bytearray().extend)
        done = await source.perform(monit.native, fix("unmonitor"), {"service": ODD}, RunId("4"), bytearray().extend)
        assert done.exit == 0
        assert monit.summary()[ODD] == "Not monitored"
        await source.perform(monit.native, fix("monitor"), {"service": ODD}, RunId("5"), bytearray().extend)
        assert monit.summary()[ODD] == "Status failed"


async def test_who_may_only_read_is_told_so_and_nothing_changes(monit: Monit, tmp_path: Path) -> None:
    before = monit.shop()
    async with source_at(monit, tmp_path, "viewer") as source:
        (part,) = source.parts()
        assert (await part.poll()).lacks == (Can.RUN_OWN, Can.RECHECK)
        with pytest.raises(NotSent, match="may only read"):
            await source.perform(monit.native, fix("restart"), {"service": "shop"}, RunId("6"), bytearray().extend)
        refused = [right.what for right in (await source.introduce()).rights if not right.granted]
    assert refused == ["start, stop and restart services, check now"]
    assert monit.shop() == before


def test_it_is_connected_by_its_questions(office: Office, monit: Monit) -> None:
    office.configure('[technician]\nname = "tech1"\n[clients.acme]\nname = "Acme Dental"\n')
    given = {"urls": monit.url, "user": "viewer"}
    words = [word for key, value in given.items() for word in ("--set", f"{key}={value}")]
    words += ["--secret", f"command:printf {USERS['viewer']}", "--place", "none", "--client", "acme", "--name", "mon"]
    said = office.rounds("connect", "monit", *words, "--yes").stderr
    assert "Monit 5.33.0" in said
    (device,) = office.items("devices")
    assert (device["name"], device["client"]) == (monit.host, "acme")


async def test_it_is_asked_to_look_now(monit: Monit, tmp_path: Path) -> None:
    before = monit.log.count("Awakened")
    async with source_at(monit, tmp_path) as source:
        await source.recheck(monit.native, "service/shop")
    await until(lambda: monit.log.count("Awakened") > before)


async def test_a_wrong_password_is_said(monit: Monit, tmp_path: Path) -> None:
    async with source_at(monit, tmp_path, password="wrong") as source:
        with pytest.raises(SourceError, match="does not accept our credentials") as caught:
            await source.poll()
    assert caught.value.kind is FaultKind.CREDENTIALS


def test_one_that_is_stopped_is_a_critical_issue_and_nothing_is_green(office: Office, monit: Monit) -> None:
    configured(office, monit)
    with office.follow("devices") as devices, office.follow("issues") as issues:

        def device() -> dict[str, object]:
            return devices.facts.get(monit.host, {})

        devices.until(lambda: device().get("freshness") == "fresh", "a fresh device")
        try:
            monit.stop()
            issues.until(
                lambda: any("Nothing listens" in str(one["title"]) for one in issues.facts.values()), "the issue"
            )
            devices.until(lambda: device().get("health") == "down", "a device that is down")
            issues.until(
                lambda: (
                    {"Nothing" in one["title"] for one in issues.facts.values() if one["freshness"] == "fresh"}
                    == {True}
                ),
                "that all else is old",
            )
            assert office.rounds("status", check=False).returncode == 2
        finally:
            monit.start()
        devices.until(lambda: device().get("health") == "degraded", "a device that answers again")
