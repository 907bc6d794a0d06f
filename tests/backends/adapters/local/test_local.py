"""This machine as a source, held to what every adapter has to hold."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
from datetime import timedelta
from pathlib import Path

import pytest

from backends.adapters.local import NATIVE, LocalAdapter, open_source
from backends.adapters.local.gather import Gatherer
from backends.adapters.local.services import ServicesUnread
from backends.api import Adapter, Check, NotSent, OpensShell, RunsFixes, Script, SourceError
from backends.fleet.host import HostFacts
from backends.fleet.model import CheckState, RunId
from backends.testing import AdapterContract
from tests.support.here import here, settings_for

RUN = RunId("run-1")


class TestContract(AdapterContract):
    def open_adapter(self) -> Adapter:
        return here({"processes": ["\x1b[2J"], "files": ["/x\u202e"]})


def test_it_can_fix_and_open_a_shell() -> None:
    source = open_source(settings_for())
    assert isinstance(source, RunsFixes)
    assert isinstance(source, OpensShell)


async def test_a_poll_tells_the_whole_of_this_machine() -> None:
    source = here()
    reading = await source.poll()
    await source.close()
    assert reading.complete
    assert [sighting.native for sighting in reading.sightings] == [NATIVE]
    assert {"load", "memory", "disk//", "uptime"} <= {check.key for check in reading.checks}


async def test_a_watched_file_that_is_missing_is_critical() -> None:
    source = here({"files": ["/nonexistent/dump"]})
    (check,) = (check for check in (await source.poll()).checks if check.family == "file")
    await source.close()
    assert check.state is CheckState.CRITICAL


async def test_services_that_cannot_be_asked_are_unknown_and_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    async def no_answer(_: object) -> None:
        raise ServicesUnread("no answer")

    monkeypatch.setattr("backends.adapters.local.adapter.read_services", no_answer)
    source = here({"services": ["nginx"]})
    reading = await source.poll()
    await source.close()
    assert [check.state for check in reading.checks if check.family == "service"] == [CheckState.UNKNOWN]
    assert (reading.quarantined, reading.note, reading.sightings[0].partial) == (
        1,
        "could not be read: services",
        True,
    )


async def test_the_boot_is_told_to_the_second() -> None:
    source = here()
    (sighting,) = (await source.poll()).sightings
    await source.close()
    assert sighting.booted is not None
    assert sighting.booted.microsecond == 0


async def test_who_answers_is_who_was_seen() -> None:
    source = here()
    (sighting,) = (await source.poll()).sightings
    assert await source.identify(NATIVE) == (sighting.identity, sighting.boot_id)
    await source.close()


async def test_a_step_runs_here() -> None:
    source, said = here(), []
    assert (await source.execute(NATIVE, Script(code="echo $1", arguments=("hello",)), RUN, said.append)).exit == 0
    assert said == [b"hello\n"]


async def test_nothing_runs_for_another_device(tmp_path: Path) -> None:
    source, mark = here(), tmp_path / "mark"
    with pytest.raises(NotSent):
        await source.execute("elsewhere", Script(code=f"touch {mark}"), RUN, print)
    assert not mark.exists()


async def test_another_device_cannot_be_looked_at() -> None:
    with pytest.raises(SourceError):
        await here().look("elsewhere")


def test_the_shell_is_the_login_shell_alone() -> None:
    (program,) = here().shell(NATIVE)
    assert os.access(program, os.X_OK)


def test_an_account_without_a_shell_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    class Entry:
        pw_shell = "/usr/sbin/nologin"

    monkeypatch.setattr("pwd.getpwuid", lambda _: Entry)
    with pytest.raises(NotSent, match="nologin"):
        here().shell(NATIVE)


async def test_a_look_begins_after_it_was_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    """A poll that began before a fix must not be taken for the evidence after it."""
    looks: list[HostFacts] = []
    plain = Gatherer.look

    def counted(self: Gatherer, at: object) -> HostFacts:
        looks.append(plain(self, at))  # type: ignore[arg-type] # the engine's time
        return looks[-1]

    monkeypatch.setattr(Gatherer, "look", counted)
    source = here()
    task = asyncio.ensure_future(source.poll())
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    await source.look(NATIVE)
    await task
    await source.close()
    assert len(looks) == 2


async def test_a_runaway_is_found_and_gone_when_it_ended() -> None:
    source = here({"thresholds": {"process": {"warn_after": "1s", "cpu": 5}}})
    runaway = await asyncio.create_subprocess_exec("sh", "-c", "while :; do :; done")
    try:
        aim = f"{runaway.pid}:{_start_of(runaway.pid)}"
        # It has to use up a second of a processor first, however busy the machine is.
        found = await _runaways(source)
        while aim not in {check.target for check in found}:
            found = await _runaways(source)
    finally:
        runaway.kill()
        await runaway.wait()
    after = await source.look(NATIVE)
    await source.close()
    assert aim not in {check.target for check in after.checks}


async def _runaways(source: LocalAdapter) -> list[Check]:
    checks = (await source.poll()).checks
    return [check for check in checks if check.family == "process" and check.state is CheckState.WARNING]


def _start_of(pid: int) -> str:
    return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[19]


def test_it_imports_neither_a_client_nor_a_screen() -> None:
    heavy = {"httpx", "asyncssh", "textual", "cryptography"}
    code = f"import sys, backends.adapters.local; print(sorted({heavy} & {{*sys.modules}}))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"


async def test_the_time_of_a_fact_is_that_of_its_look() -> None:
    source = here()
    reading = await source.poll()
    await source.close()
    assert reading.at - reading.sightings[0].seen < timedelta(minutes=1)
