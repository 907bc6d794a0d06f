"""Real faults made on this machine, as its own source sees them."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from backends.adapters.local import NATIVE
from backends.api import Script
from backends.fixes.library import load_library
from backends.fleet.model import Check, CheckState, FixId, RunId
from tests.support.here import here

pytestmark = pytest.mark.real


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of 4 MiB."""
    if os.geteuid() != 0 or not shutil.which("mount"):
        pytest.skip("only root may mount")
    place = tmp_path / "small disk"
    place.mkdir()
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=4m", "rounds-test", str(place)], check=False)
    if mounted.returncode != 0:
        pytest.skip("nothing may be mounted here")
    yield place
    subprocess.run(["umount", str(place)], check=True)


async def check_of(key: str) -> Check:
    source = here()
    checks = {check.key: check for check in (await source.look(NATIVE)).checks}
    await source.close()
    return checks[key]


async def test_a_full_small_file_system_is_critical_until_it_is_cleared(small_disk: Path) -> None:
    key = f"disk/{small_disk}"
    assert (await check_of(key)).state is CheckState.OK
    ballast = small_disk / "ballast"
    ballast.write_bytes(b"x" * 4_100_000)
    full = await check_of(key)
    assert (full.state, full.value) == (CheckState.CRITICAL, pytest.approx(97.7, abs=0.5))
    ballast.unlink()
    assert (await check_of(key)).state is CheckState.OK


async def test_the_bundled_fix_ends_a_runaway_of_this_machine_and_only_that() -> None:
    fix = load_library()[FixId("end-process")]
    (step,) = fix.steps_for("linux")
    runaway = subprocess.Popen(["sh", "-c", "while :; do :; done"])  # noqa: ASYNC220 - begins at once
    bystander = subprocess.Popen(["sleep", "600"])  # noqa: ASYNC220 - as above
    try:
        start = start_of(runaway.pid)
        said: list[bytes] = []
        source = here()
        stale = Script(code=step.script, arguments=(f"{bystander.pid}:1",))
        assert (await source.execute(NATIVE, stale, RunId("r1"), said.append)).exit == 75
        aimed = Script(code=step.script, arguments=(f"{runaway.pid}:{start}",))
        assert (await source.execute(NATIVE, aimed, RunId("r2"), said.append)).exit == 0, b"".join(said)
        assert (runaway.wait(), bystander.poll()) == (-15, None)
    finally:
        for process in (runaway, bystander):
            process.kill()
            process.wait()


def start_of(pid: int) -> str:
    return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[19]
