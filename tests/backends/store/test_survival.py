"""What the store survives: being killed, damage, a full disk, a place that cannot be written, a migration half done."""

from __future__ import annotations

import asyncio
import contextlib
import os
import random
import resource
import shutil
import signal
import sqlite3
import subprocess
import sys
import textwrap
from collections.abc import Iterator
from pathlib import Path

import pytest

from backends.fleet.changes import Changes, Delta
from backends.fleet.model import IssueId
from backends.store import db, migrations
from backends.store.picture import last_picture
from backends.store.store import Store, StoreError
from tests.support.store_facts import NOON, changes, check, issue, mark, note, run, sighting

pytestmark = pytest.mark.xdist_group("survival")

WRITER = textwrap.dedent("""
    import asyncio, sys
    from pathlib import Path
    from backends.store.store import Store
    from tests.support.store_facts import changes, check, note, run, sighting

    async def write() -> None:
        store = Store.open(Path(sys.argv[1]))
        for number in range(10_000):
            await store.put_run(run(f"r{number}", minutes=number))
            await store.add_note(note(str(number)))
            await store.save_facts([(sighting(f"h{number % 50}"), (check(f"h{number % 50}", number),))])
            await store.save_picture(changes(number + 1))
            print(number, flush=True)

    asyncio.run(write())
""")


def killed_after(folder: Path, reports: int) -> int:
    """Run a writer, kill it at once after it said that so many rounds are written; gives the last round it told."""
    root = Path(__file__).parents[3]
    environment = {**os.environ, "PYTHONPATH": str(root)}
    process = subprocess.Popen(
        [sys.executable, "-c", WRITER, str(folder)], stdout=subprocess.PIPE, env=environment, text=True, cwd=root
    )
    assert process.stdout is not None
    try:
        last = -1
        for line in process.stdout:
            last = int(line)
            if last + 1 >= reports:
                break
        process.kill()
        # What it wrote to the pipe before the signal counts as acknowledged too.
        rest = [int(line) for line in process.stdout if line.endswith("\n")]
        return max([last, *rest])
    finally:
        process.stdout.close()
        process.kill()
        process.wait()


@pytest.mark.parametrize("reports", [1, 2, 3, 5, 8, 13, 21, 34])
async def test_nothing_acknowledged_is_lost_when_the_writer_is_killed(tmp_path: Path, reports: int) -> None:
    """F-82."""
    told = killed_after(tmp_path / "state", reports)
    store = Store.open(tmp_path / "state")
    assert (store.trouble, store.writable) == ("", True)
    found = {record.id for record in await store.runs(100_000)}
    assert {f"r{number}" for number in range(told + 1)} <= found
    assert len(await store.notes(IssueId("abcdefgh"))) in (told + 1, told + 2)
    assert len(await store.load_facts()) >= min(told + 1, 50)
    await store.close()
    picture = last_picture(tmp_path / "state")
    assert picture is not None
    assert picture.seq >= told + 1


async def test_killing_over_and_over_leaves_one_whole_history(tmp_path: Path) -> None:
    for _ in range(4):
        killed_after(tmp_path / "state", 3)
    store = Store.open(tmp_path / "state")
    assert store.trouble == ""
    assert len(await store.notes(IssueId("abcdefgh"))) >= 12
    await store.close()


async def filled(folder: Path, count: int = 300) -> None:
    """A closed store with `count` runs and devices."""
    store = Store.open(folder)
    for number in range(count):
        await store.put_run(run(f"r{number}", minutes=number))
    await store.put_mark(mark())
    await store.add_note(note())
    await store.save_facts([(sighting(f"h{number}"), (check(f"h{number}"),)) for number in range(count)])
    await store.save_picture(changes())
    await store.close()


@pytest.fixture(scope="module")
def full(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Files to be copied and then damaged."""
    folder = tmp_path_factory.mktemp("full") / "state"
    asyncio.run(filled(folder))
    return folder


@pytest.fixture
def folder(full: Path, tmp_path: Path) -> Path:
    shutil.copytree(full, tmp_path / "state")
    return tmp_path / "state"


def garbage(path: Path) -> None:
    path.write_bytes(random.Random(1).randbytes(path.stat().st_size))


def half(path: Path) -> None:
    os.truncate(path, path.stat().st_size // 2)


def no_header(path: Path) -> None:
    path.write_bytes(bytes(100) + path.read_bytes()[100:])


def zero_page(path: Path) -> None:
    raw = path.read_bytes()
    start = len(raw) // 8192 * 4096
    path.write_bytes(raw[:start] + bytes(4096) + raw[start + 4096 :])


@pytest.mark.parametrize("damage", [garbage, half, no_header, zero_page])
async def test_damaged_facts_are_rebuilt_and_the_journal_is_untouched(folder: Path, damage: object) -> None:
    """F-82."""
    assert callable(damage)
    damage(folder / "facts.db")
    last_picture(folder)
    store = Store.open(folder)
    await store.load_facts()
    await store.save_facts([(sighting(f"new{number}"), ()) for number in range(500)])
    assert {f"new{number}" for number in range(500)} <= {seen.native for seen, _ in await store.load_facts()}
    assert "facts.db was damaged" in store.trouble
    assert (len(await store.runs(1000)), store.writable) == (300, True)
    assert (folder / "facts.db.damaged-1").exists()
    await store.close()
    again = Store.open(folder)
    assert again.trouble == ""
    await again.close()


@pytest.mark.parametrize(("damage", "at_least"), [(garbage, 0), (half, 50), (no_header, 300), (zero_page, 200)])
async def test_of_a_damaged_journal_is_kept_what_reads_and_the_rest_is_told(
    folder: Path, damage: object, at_least: int
) -> None:
    """F-82."""
    assert callable(damage)
    damage(folder / "journal.db")
    store = Store.open(folder)
    assert "journal.db was damaged" in store.trouble
    assert "journal.db.damaged-1" in store.trouble
    assert store.writable
    assert len(await store.runs(1000)) >= at_least
    await store.put_run(run("new", minutes=10_000))
    assert (await store.runs(1))[0].id == "new"
    await store.close()
    again = Store.open(folder)
    assert (again.trouble, (await again.runs(1))[0].id) == ("", "new")
    await again.close()


async def test_healing_that_is_cut_off_goes_on_at_the_next_start(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    no_header(folder / "journal.db")

    def cut_off(*_: object) -> None:
        raise SystemExit

    with monkeypatch.context() as patch:
        patch.setattr(db, "salvage", cut_off)
        with pytest.raises(SystemExit):
            Store.open(folder)
    store = Store.open(folder)
    assert "journal.db was damaged" in store.trouble
    assert len(await store.runs(1000)) == 300
    await store.close()
    again = Store.open(folder)
    assert (again.trouble, len(await again.runs(1000))) == ("", 300)
    await again.close()


def flip(path: Path, marker: bytes) -> None:
    """Change one bit of a row's body, which no check of SQLite's notices."""
    raw = bytearray(path.read_bytes())
    raw[raw.index(marker) + len(marker) - 1] ^= 1
    path.write_bytes(raw)


async def test_a_flipped_bit_in_the_journal_costs_that_record_and_is_told(folder: Path) -> None:
    """F-82."""
    flip(folder / "journal.db", b"Restart nginx")
    store = Store.open(folder)
    assert "1 damaged records of the journal were set aside" in store.trouble
    assert len(await store.runs(1000)) == 299
    await store.close()
    again = Store.open(folder)
    assert again.trouble == ""
    await again.close()
    with contextlib.closing(sqlite3.connect(folder / "journal.db")) as conn:
        assert conn.execute("SELECT of, length(body) > 100 FROM spoiled").fetchall() == [("run", 1)]


async def test_a_flipped_bit_in_the_facts_costs_that_device_alone(folder: Path) -> None:
    flip(folder / "facts.db", b"name\xa4h150")
    store = Store.open(folder)
    assert len(await store.load_facts()) == 299
    await store.close()


async def test_bits_flipped_anywhere_never_stop_the_store(full: Path, tmp_path: Path) -> None:
    """F-82."""
    chance = random.Random(7)
    for number in range(15):
        folder = tmp_path / str(number)
        shutil.copytree(full, folder)
        for name in ("facts.db", "journal.db"):
            raw = bytearray((folder / name).read_bytes())
            for _ in range(20):
                raw[chance.randrange(len(raw))] ^= 1 << chance.randrange(8)
            (folder / name).write_bytes(raw)
        last_picture(folder)
        store = Store.open(folder)
        await store.load_facts()
        for record in await store.runs(1000):
            assert record == run(record.id, minutes=int(record.id[1:]))
        await store.put_run(run("new"))
        await store.save_facts([(sighting("new"), ())])
        assert await store.run(run("new").id) == run("new")
        await store.close()


@pytest.mark.parametrize("name", ["facts.db", "journal.db"])
async def test_a_truncation_anywhere_never_stops_the_store(full: Path, tmp_path: Path, name: str) -> None:
    """F-82."""
    size = (full / name).stat().st_size
    for number, kept in enumerate((0, 1, 99, 100, 1000, 4096, 4097, size // 3, size - 1)):
        folder = tmp_path / str(number)
        shutil.copytree(full, folder)
        os.truncate(folder / name, kept)
        store = Store.open(folder)
        await store.load_facts()
        await store.put_run(run("new"))
        await store.save_facts([(sighting("new"), ())])
        assert store.writable
        await store.close()


def damaged_files(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.glob("facts.db.damaged-?"))


async def test_only_so_many_damaged_files_are_kept(folder: Path) -> None:
    for _ in range(8):
        garbage(folder / "facts.db")
        await Store.open(folder).close()
    assert damaged_files(folder) == [f"facts.db.damaged-{number}" for number in range(1, 6)]


@contextlib.contextmanager
def no_room(largest: int) -> Iterator[None]:
    """No file may grow beyond `largest` bytes."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    before = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (largest, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
        signal.signal(signal.SIGXFSZ, before)


async def test_without_room_nothing_is_acknowledged_and_all_is_well_when_there_is_room_again(tmp_path: Path) -> None:
    store = Store.open(tmp_path / "state")
    await store.put_run(run("first"))
    with no_room((tmp_path / "state" / "journal.db-wal").stat().st_size):
        with pytest.raises(StoreError, match="disk"):
            await store.put_run(run("second"))
        assert not store.writable
        assert "disk" in store.trouble
        assert [record.id for record in await store.runs(10)] == ["first"]
    await store.put_run(run("third"))
    assert (store.writable, store.trouble) == (True, "")
    assert {record.id for record in await store.runs(10)} == {"first", "third"}
    await store.close()


async def test_without_room_at_the_start_the_store_opens_and_says_so(tmp_path: Path) -> None:
    with no_room(0):
        store = Store.open(tmp_path / "state")
        assert not store.writable
        assert store.trouble
        assert (await store.runs(10), await store.load_facts()) == ([], [])
        with pytest.raises(StoreError):
            await store.put_run(run())
    await store.put_run(run())
    assert store.writable
    await store.close()


def does(*command: str) -> bool:
    """Whether a command of the system works here."""
    return subprocess.run(command, capture_output=True, check=False).returncode == 0


async def fill_up(store: Store) -> int:
    """Write until it fails; gives how many runs were acknowledged."""
    for written in range(10_000):
        try:
            await store.put_run(run(f"r{written}", minutes=written))
        except StoreError:
            return written
    raise AssertionError("there was room for everything")


async def test_on_a_full_file_system_nothing_is_acknowledged(tmp_path: Path) -> None:
    """F-83."""
    (tmp_path / "small").mkdir()
    if not does("mount", "-t", "tmpfs", "-o", "size=300k,mode=700", "rounds-test", str(tmp_path / "small")):
        pytest.skip("needs the right to mount")
    try:
        store = Store.open(tmp_path / "small" / "state")
        written = await fill_up(store)
        assert "disk" in store.trouble
        assert len(await store.runs(10_000)) == written
        assert not store.writable
        await store.close()
        again = Store.open(tmp_path / "small" / "state")
        assert len(await again.runs(10_000)) == written
        await again.close()
    finally:
        assert does("umount", str(tmp_path / "small"))


async def test_a_file_in_place_of_the_folder_is_told_and_stops_nothing(tmp_path: Path) -> None:
    (tmp_path / "state").write_text("in the way")
    store = Store.open(tmp_path / "state")
    assert (store.writable, await store.marks(), last_picture(tmp_path / "state")) == (False, [], None)
    assert str(tmp_path / "state") in store.trouble
    with pytest.raises(StoreError):
        await store.put_mark(mark())
    await store.close()


async def test_a_folder_in_place_of_a_file_is_told_and_stops_nothing(tmp_path: Path) -> None:
    (tmp_path / "state" / "journal.db").mkdir(parents=True)
    store = Store.open(tmp_path / "state")
    assert (store.writable, await store.runs(1)) == (False, [])
    await store.save_facts([(sighting(), ())])
    await store.close()


async def test_a_symbolic_link_in_place_of_a_file_is_not_followed(tmp_path: Path) -> None:
    (tmp_path / "state").mkdir()
    (tmp_path / "elsewhere").touch()
    (tmp_path / "state" / "journal.db").symlink_to(tmp_path / "elsewhere")
    store = Store.open(tmp_path / "state")
    assert not store.writable
    assert "symbolic link" in store.trouble
    assert (tmp_path / "elsewhere").stat().st_size == 0
    await store.close()


def close_to_writing(folder: Path, *, closed: bool) -> None:
    for name in ("facts.db", "journal.db"):
        (folder / name).chmod(0o400 if closed else 0o600)
    folder.chmod(0o500 if closed else 0o700)


@pytest.mark.skipif(os.geteuid() == 0, reason="the superuser may write everywhere")
async def test_a_read_only_folder_is_read_and_told(folder: Path) -> None:
    """F-83."""
    close_to_writing(folder, closed=True)
    store = Store.open(folder)
    assert (store.writable, len(await store.runs(1000))) == (False, 300)
    assert last_picture(folder) is not None
    await store.close()
    close_to_writing(folder, closed=False)


async def test_a_read_only_file_system_is_read_and_told(folder: Path) -> None:
    if not does("mount", "--bind", str(folder), str(folder)):
        pytest.skip("needs the right to mount")
    try:
        assert does("mount", "-o", "remount,ro,bind", str(folder))
        store = Store.open(folder)
        assert (store.writable, len(await store.runs(1000)), len(await store.load_facts())) == (False, 300, 300)
        assert "read-only" in store.trouble
        assert last_picture(folder) is not None
        with pytest.raises(StoreError, match="read-only"):
            await store.put_run(run("new"))
        await store.close()
    finally:
        assert does("umount", str(folder))


async def test_files_of_a_later_version_are_read_and_not_written(folder: Path) -> None:
    with contextlib.closing(sqlite3.connect(folder / "journal.db")) as conn:
        conn.execute("PRAGMA user_version = 99")
    before = (folder / "journal.db").read_bytes()
    store = Store.open(folder)
    assert "A later version of rounds wrote" in store.trouble
    assert (store.writable, len(await store.runs(1000))) == (False, 300)
    with pytest.raises(StoreError, match="later version"):
        await store.put_run(run("new"))
    await store.close()
    assert (folder / "journal.db").read_bytes() == before


def widen(conn: sqlite3.Connection) -> None:
    conn.execute("ALTER TABLE run ADD COLUMN colour TEXT")
    conn.execute("CREATE TABLE extra (key TEXT)")


def fail_half_way(conn: sqlite3.Connection) -> None:
    widen(conn)
    raise sqlite3.OperationalError("no such thing")


async def test_a_migration_copies_first_and_keeps_everything(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("backends.store.store.JOURNAL", (*migrations.JOURNAL, widen))
    store = Store.open(folder)
    assert (store.trouble, len(await store.runs(1000))) == ("", 300)
    await store.close()
    copy = folder / "journal.db.before-2"
    assert copy.stat().st_mode & 0o777 == 0o600
    with contextlib.closing(sqlite3.connect(copy)) as conn:
        assert (migrations.version_of(conn), conn.execute("SELECT count(*) FROM run").fetchone()) == (1, (300,))


async def test_a_migration_that_fails_leaves_the_old_shape(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as patch:
        patch.setattr("backends.store.store.JOURNAL", (*migrations.JOURNAL, fail_half_way))
        store = Store.open(folder)
        assert (store.writable, len(await store.runs(1000))) == (False, 300)
        await store.close()
    store = Store.open(folder)
    assert (store.trouble, store.writable, len(await store.runs(1000))) == ("", True, 300)
    await store.close()


MIGRATOR = textwrap.dedent("""
    import os, signal, sqlite3, sys
    from pathlib import Path
    from backends.store import migrations

    def die(conn):
        conn.execute("ALTER TABLE run ADD COLUMN colour TEXT")
        conn.execute("DELETE FROM run")
        os.kill(os.getpid(), signal.SIGKILL)

    path = Path(sys.argv[1])
    conn = sqlite3.connect(path, isolation_level=None)
    migrations.migrate(conn, path, (*migrations.JOURNAL, die))
""")


async def test_a_migration_that_is_killed_half_way_leaves_the_old_shape(folder: Path) -> None:
    """F-83."""
    assert not does(sys.executable, "-c", MIGRATOR, str(folder / "journal.db"))
    assert (folder / "journal.db.before-2").exists()
    store = Store.open(folder)
    assert (store.trouble, store.writable, len(await store.runs(1000))) == ("", True, 300)
    await store.close()


async def test_two_stores_on_one_folder_wait_for_each_other(tmp_path: Path) -> None:
    one, two = Store.open(tmp_path / "state"), Store.open(tmp_path / "state")
    for number in range(20):
        await one.put_run(run(f"a{number}"))
        await two.put_run(run(f"b{number}"))
    assert len(await one.runs(100)) == len(await two.runs(100)) == 40
    await one.close()
    await two.close()


async def test_the_first_paint_does_not_wait_for_a_writer(folder: Path) -> None:
    with contextlib.closing(sqlite3.connect(folder / "facts.db", isolation_level=None)) as conn:
        conn.execute("BEGIN EXCLUSIVE")
        picture = last_picture(folder)
        conn.execute("ROLLBACK")
    assert picture is not None


async def test_a_picture_with_many_changes_is_whole(tmp_path: Path) -> None:
    store = Store.open(tmp_path / "state")
    for seq in range(1, 40):
        put = Delta((issue(f"i{seq:07}"),), (IssueId(f"i{seq - 1:07}"),))
        await store.save_picture(Changes(seq=seq, at=NOON, issues=put))
    picture = last_picture(tmp_path / "state")
    assert picture is not None
    assert [*picture.issues] == ["i0000039"]
    await store.close()
