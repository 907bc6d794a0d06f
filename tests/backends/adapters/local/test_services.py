"""The words of systemd, and of init scripts that really run."""

from __future__ import annotations

import asyncio
import shutil
import sys
from pathlib import Path

import pytest

from backends.adapters.local import services
from backends.adapters.local.services import ServicesUnread, has_systemd, services_of

FAILED = """backup.service loaded failed failed Nightly backup
bad.mount loaded failed failed /bad
broken.service not-found failed failed x
"""


def unit(**properties: str) -> str:
    known = {"Id": "nginx.service", "LoadState": "loaded", "Result": "success", "Type": "simple"} | properties
    return "\n".join(f"{key}={value}" for key, value in known.items()) + "\n"


@pytest.mark.parametrize(
    ("properties", "state", "detail"),
    [
        ({"ActiveState": "active", "SubState": "running"}, "running", ""),
        ({"ActiveState": "reloading", "SubState": "reload"}, "running", ""),
        ({"ActiveState": "inactive", "SubState": "dead"}, "stopped", ""),
        ({"ActiveState": "inactive", "SubState": "dead", "Type": "oneshot"}, "running", ""),
        ({"ActiveState": "failed", "SubState": "failed", "Result": "exit-code"}, "failed", "exit-code"),
        ({"ActiveState": "activating", "SubState": "auto-restart"}, "failed", "it keeps restarting"),
        ({"ActiveState": "activating", "SubState": "start"}, "running", ""),
        ({"LoadState": "not-found", "ActiveState": "inactive"}, "missing", ""),
        ({"LoadState": "masked", "ActiveState": "inactive"}, "stopped", "masked"),
        ({"ActiveState": "maintenance"}, "unknown", ""),
    ],
)
def test_a_unit_has_its_state(properties: dict[str, str], state: str, detail: str) -> None:
    (service,) = services_of(unit(**properties), "", ["nginx"])
    assert (service.name, service.state, service.detail, service.watched) == ("nginx", state, detail, True)


def test_failed_units_that_nobody_named_are_told_too() -> None:
    found = services_of("", FAILED, [])
    assert [(one.name, one.watched) for one in found] == [("backup", False), ("bad.mount", False), ("broken", False)]


def test_a_watched_unit_that_failed_is_told_once() -> None:
    shown = unit(Id="backup.service", Names="backup.service", ActiveState="failed")
    assert [one.name for one in services_of(shown, FAILED.splitlines()[0], ["backup"])] == ["backup"]


def test_an_answer_that_misses_a_service_is_no_answer() -> None:
    with pytest.raises(ServicesUnread):
        services_of(unit(ActiveState="active"), "", ["nginx", "mysql"])


def test_systemd_that_does_not_run_is_not_asked(tmp_path: Path) -> None:
    assert not has_systemd(tmp_path)


@pytest.mark.skipif(sys.platform != "linux" or has_systemd(), reason="asks init scripts, as a machine without systemd")
@pytest.mark.parametrize("name", ["no-such-service", "../../bin/true", "-x"])
async def test_a_service_without_an_init_script_is_missing(name: str) -> None:
    assert [one.state for one in await services.read_services([name])] == ["missing"]


async def test_no_answer_in_time_is_an_outcome_and_leaves_nothing_behind(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(services, "DEADLINE_S", 0.05)
    with pytest.raises(ServicesUnread):
        await services._answer("sleep", "60")


async def test_a_flood_of_words_is_cut() -> None:
    code, said = await services._answer("head", "-c", "3000000", "/dev/zero")
    assert (code, len(said)) == (0, 256 * 1024)


async def test_a_program_that_is_not_there_is_an_outcome() -> None:
    with pytest.raises(ServicesUnread):
        await services._answer("/nonexistent/systemctl")


async def test_being_cancelled_ends_the_program() -> None:
    task = asyncio.ensure_future(services._answer("sleep", "60"))
    await asyncio.sleep(0)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task


@pytest.mark.skipif(has_systemd() or not shutil.which("systemctl"), reason="needs systemctl without systemd")
@pytest.mark.parametrize("watched", [[], ["nginx"]])
async def test_a_systemd_that_cannot_be_reached_is_no_good_news(watched: list[str]) -> None:
    with pytest.raises(ServicesUnread):
        await services._by_systemd(watched)
