"""A first start that is cut off, damaged files, a disk without room: rounds starts, says so in a sentence, and keeps
what can be kept."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.eventually import until
from tests.support.office import ROUNDS
from tests.support.sabotage import DEMO, Promises, Sabotaged, kept, sabotaged, work

pytestmark = pytest.mark.real

FIRST_STATEMENTS = range(1, 61, 8)
"""Opening both databases for the first time and giving them their shape takes more than sixty."""


@pytest.fixture
def office() -> Iterator[Sabotaged]:
    for made in sabotaged():
        made.configure(DEMO)
        yield made


@pytest.mark.parametrize("statement", FIRST_STATEMENTS)
def test_a_first_start_is_killed_anywhere_and_the_next_one_works(office: Sabotaged, statement: int) -> None:
    doomed = {**office.environment, "SABOTAGE_STATEMENT": str(statement)}
    first = subprocess.run([*ROUNDS, "issues"], env=doomed, cwd=office.home, capture_output=True, check=False)
    assert first.returncode == -signal.SIGKILL
    conditions = {item["condition"] for item in office.items("issues")}
    assert "service/mssql-server" in conditions
    assert not any(item["family"] == "source" for item in office.items("issues"))


async def worked(office: Sabotaged) -> Promises:
    """A day's work that has come to its end, the engine too."""
    promises = Promises()
    await work(office, promises)
    for pid in office.engine_pids():
        os.kill(pid, signal.SIGTERM)
    await until(lambda: not office.engine_pids())
    return promises


def hurt(path: Path, content: bytes) -> None:
    for companion in ("-wal", "-shm"):
        Path(f"{path}{companion}").unlink(missing_ok=True)
    path.write_bytes(content)


@pytest.mark.parametrize("content", [b"", b"garbage" * 1000], ids=["empty", "garbage"])
async def test_what_was_only_seen_is_seen_again(office: Sabotaged, content: bytes) -> None:
    promises = await worked(office)
    hurt(office.state / "facts.db", content)
    assert office.rounds("status", check=False).returncode in (1, 2)
    await kept(office, promises)


async def test_of_a_journal_without_its_head_everything_is_kept_and_it_is_told(office: Sabotaged) -> None:
    promises = await worked(office)
    journal = office.state / "journal.db"
    hurt(journal, bytes(100) + journal.read_bytes()[100:])
    titles = [item["title"] for item in office.items("issues") if item["family"] == "source"]
    assert ["journal.db was damaged" in title for title in titles] == [True]
    await kept(office, promises)


@pytest.mark.parametrize("damage", ["half", "garbage"])
async def test_a_journal_that_is_lost_is_told_and_on_record(office: Sabotaged, damage: str) -> None:
    await worked(office)
    journal = office.state / "journal.db"
    whole = journal.read_bytes()
    hurt(journal, whole[: len(whole) // 2] if damage == "half" else b"garbage" * 3000)
    titles = [item["title"] for item in office.items("issues") if item["family"] == "source"]
    assert ["check before you repeat one" in title for title in titles] == [True]
    assert "store-damaged" in office.rounds("audit", "show").stdout
    assert office.rounds("audit", "verify").returncode == 0
    assert not any(item["family"] == "source" for item in office.items("issues"))
    assert len(list(office.state.glob("journal.db.damaged-*"))) == 1


FULL = f"""
set -e
mount -t tmpfs -o size=300k,mode=700 tmpfs "$1"
rounds() {{ {sys.executable} -m tui "$@"; }}
tell() {{ status=0; "$@" >out 2>&1 || status=$?; echo "$status $(tail -n 1 out)"; }}
issue=$(rounds issues --json | {sys.executable} -c '
import json, sys
print(next(i["id"] for i in json.load(sys.stdin)["items"] if i["next_fix"] == "restart-service"))')
dd if=/dev/zero of="$1/fill" bs=4k 2>/dev/null || true
tell rounds note "$issue" hello
tell rounds fix run restart-service "$issue" --yes
tell rounds devices
test ! -s "$1/demo-devices.jsonl"
rm "$1/fill"
mount -o remount,size=8m "$1"
tell rounds fix run restart-service "$issue" --yes
wc -l <"$1/demo-devices.jsonl"
"""
"""In a mount namespace of its own: the state folder fills up, and later there is room again."""


def in_a_namespace(office: Sabotaged, script: str) -> list[str]:
    office.state.mkdir(mode=0o700, parents=True)
    office.state.parent.chmod(0o700)
    enter = ["unshare", "--mount", "--propagation", "private", "sh", "-c", script, "sh", str(office.state)]
    done = subprocess.run(
        enter, env=dict(office.environment), cwd=office.home, capture_output=True, text=True, check=False, timeout=120
    )
    assert done.returncode == 0, (done.stdout, done.stderr)
    return done.stdout.splitlines()


@pytest.mark.skipif(os.geteuid() != 0, reason="needs root for a mount namespace")
def test_on_a_full_disk_nothing_is_done_without_its_record_until_there_is_room(office: Sabotaged) -> None:
    note, run, devices, again, executions = in_a_namespace(office, FULL)
    assert note.startswith("69 rounds: Nothing was done, since it could not be put on record: The disk is full")
    assert run.startswith("69 rounds: ")
    assert "The disk is full" in run
    assert devices.startswith("0 ")
    assert again.startswith("0 ")
    assert executions.strip() == "1"


@pytest.mark.skipif(os.geteuid() != 0, reason="needs root for a mount namespace")
def test_without_any_room_from_the_start_everything_is_seen_and_the_trouble_is_told(office: Sabotaged) -> None:
    said = in_a_namespace(
        office, f'mount -t tmpfs -o size=16k,mode=700 tmpfs "$1" && {sys.executable} -m tui issues --json'
    )
    items = json.loads("\n".join(said))["items"]
    assert "service/mssql-server" in {item["condition"] for item in items}
    (trouble,) = [item["title"] for item in items if item["family"] == "source"]
    assert "The disk is full" in trouble
    assert "no fix may run" in trouble
