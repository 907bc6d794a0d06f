"""The store keeps what it was given, newest shape, right order."""

from __future__ import annotations

import contextlib
import os
import sqlite3
import stat
import subprocess
import sys
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import msgspec
import pytest
import pytest_asyncio
from msgspec.structs import replace

from backends.fleet.changes import Changes, Delta
from backends.fleet.model import DeviceId, Freshness, Health, IssueId, Mark, RunId, SourceName
from backends.fleet.run import RunState, Verified
from backends.fleet.trend import Trend
from backends.store.picture import last_picture
from backends.store.rows import checksum, opened
from backends.store.store import Store, StoreError
from tests.support.store_facts import EU, HQ, NOON, changes, check, episode, issue, mark, note, run, sighting


@pytest_asyncio.fixture
async def store(tmp_path: Path) -> AsyncIterator[Store]:
    opened = Store.open(tmp_path / "state")
    yield opened
    await opened.close()


async def again(store: Store, tmp_path: Path) -> Store:
    await store.close()
    return Store.open(tmp_path / "state")


async def test_a_new_store_has_no_trouble(store: Store) -> None:
    assert (store.trouble, store.writable) == ("", True)


async def test_facts_come_back_as_they_were(store: Store) -> None:
    await store.save_facts([(sighting("h1"), (check("h1"),)), (sighting("h2"), ())])
    assert await store.load_facts() == [(sighting("h1"), (check("h1"),)), (sighting("h2"), ())]


async def test_facts_of_the_same_device_are_replaced(store: Store) -> None:
    await store.save_facts([(sighting("h1"), (check("h1", 1.0),))])
    await store.save_facts([(sighting("h1"), (check("h1", 2.0),))])
    assert [checks[0].value for _, checks in await store.load_facts()] == [2.0]


async def test_facts_of_devices_that_are_gone_are_forgotten(store: Store) -> None:
    await store.save_facts([(sighting("h1"), ()), (sighting("h2"), ())])
    await store.save_facts((), [(EU, "h1")])
    assert [seen.native for seen, _ in await store.load_facts()] == ["h2"]


async def test_one_native_id_at_two_sources_is_two_devices(store: Store) -> None:
    other = SourceName("rmm")
    await store.save_facts([(sighting("1", EU), ()), (sighting("1", other), ())])
    assert {seen.source for seen, _ in await store.load_facts()} == {EU, other}


async def test_a_native_id_that_no_encoding_holds_is_kept_in_clear_letters(store: Store) -> None:
    await store.save_facts([(sighting("a\ud800b"), ())])
    assert [seen.native for seen, _ in await store.load_facts()] == [r"a\ud800b"]


def a_trend(native: str = "h1", key: str = "disk//var", *values: float | None) -> Trend:
    told = values or (1.0, None, 2.5)
    return Trend(source=EU, native=native, key=key, unit="%", times=tuple(range(len(told))), values=told)


async def test_trends_outlive_the_store(store: Store, tmp_path: Path) -> None:
    mine, other = (a_trend(), a_trend("h1", "load", 7.0)), (a_trend("h2"),)
    await store.save_trends({(EU, "h1"): mine, (EU, "h2"): other})
    reopened = await again(store, tmp_path)
    assert await reopened.load_trends() == [*mine, *other]
    await reopened.close()


async def test_trends_of_a_device_are_replaced_and_forgotten_as_a_whole(store: Store) -> None:
    await store.save_trends({(EU, "h1"): (a_trend(), a_trend("h1", "load")), (EU, "h2"): (a_trend("h2"),)})
    await store.save_trends({(EU, "h1"): (a_trend("h1", "load"),)}, [(EU, "h2")])
    assert await store.load_trends() == [a_trend("h1", "load")]


async def test_a_damaged_trend_costs_only_its_own_device(store: Store, tmp_path: Path) -> None:
    await store.save_trends({(EU, name): (a_trend(name),) for name in ("h1", "h2", "h3")})
    await store.close()
    with contextlib.closing(sqlite3.connect(tmp_path / "state" / "facts.db")) as conn, conn:
        conn.execute("UPDATE trend SET body = zeroblob(20) WHERE key LIKE '%h2'")
    reopened = Store.open(tmp_path / "state")
    assert [trend.native for trend in await reopened.load_trends()] == ["h1", "h3"]
    await reopened.close()


async def test_a_store_of_before_there_were_trends_keeps_what_it_has(tmp_path: Path) -> None:
    store = Store.open(tmp_path / "state")
    await store.save_facts([(sighting("h1"), ())])
    await store.close()
    with contextlib.closing(sqlite3.connect(tmp_path / "state" / "facts.db")) as conn, conn:
        conn.execute("DROP TABLE trend")
        conn.execute("DROP TABLE glance")
        conn.execute("PRAGMA user_version = 1")
    reopened = Store.open(tmp_path / "state")
    assert await reopened.load_trends() == []
    await reopened.save_trends({(EU, "h1"): (a_trend(),)})
    assert await reopened.load_trends() == [a_trend()]
    assert [seen.native for seen, _ in await reopened.load_facts()] == ["h1"]
    await reopened.close()


async def test_a_run_outlives_the_store(store: Store, tmp_path: Path) -> None:
    await store.put_run(run())
    reopened = await again(store, tmp_path)
    assert await reopened.run(RunId("r1")) == run()
    await reopened.close()


async def test_runs_come_latest_first_and_limited(store: Store) -> None:
    for name, minutes in (("a", 1), ("b", 3), ("c", 2)):
        await store.put_run(run(name, minutes=minutes))
    assert [found.id for found in await store.runs(2)] == ["b", "c"]


SETTLED = [
    (RunState.RUNNING, Verified.PENDING, False, False),
    (RunState.SUCCEEDED, Verified.PENDING, False, False),
    (RunState.SUCCEEDED, Verified.FIXED, False, True),
    (RunState.FAILED, Verified.NOT_VERIFIED, False, True),
    (RunState.UNKNOWN, Verified.NOT_VERIFIED, False, False),
    (RunState.UNKNOWN, Verified.FIXED, True, True),
]


@pytest.mark.parametrize(("state", "verified", "checked", "settled"), SETTLED)
async def test_a_run_is_unsettled_until_nobody_has_to_ask_about_it(
    store: Store, state: RunState, verified: Verified, checked: bool, settled: bool
) -> None:
    await store.put_run(replace(run("r1", state), verified=verified, checked=checked))
    assert (await store.unsettled_runs() == []) is settled


async def test_an_unknown_run_stays_unsettled_however_many_came_after_it(store: Store) -> None:
    await store.put_run(replace(run("old", RunState.UNKNOWN), verified=Verified.NOT_VERIFIED))
    for number in range(50):
        await store.put_run(replace(run(f"r{number}", RunState.SUCCEEDED), verified=Verified.FIXED))
    assert [found.id for found in await store.unsettled_runs()] == ["old"]


async def test_an_unknown_id_is_no_run(store: Store) -> None:
    assert await store.run(RunId("nope")) is None


async def test_the_last_mark_of_an_issue_counts(store: Store) -> None:
    await store.put_mark(mark(owner="tech1"))
    await store.put_mark(mark(owner="tech2"))
    assert [found.owner for found in await store.marks()] == ["tech2"]


async def test_a_mark_that_was_kept_before_sources_were_told_is_read() -> None:
    old = {"issue": "abcdefgh", "acked_by": "tech1", "snoozed_behind": 0, "notes": 2}
    rows = [("abcdefgh", msgspec.msgpack.encode(old), checksum("mark", "abcdefgh", msgspec.msgpack.encode(old)))]
    (found,) = opened("mark", rows, Mark)
    assert (found.acked_by, found.notes, found.acked_told, found.snoozed_told) == ("tech1", 2, (), ())


async def test_a_deleted_mark_is_gone(store: Store) -> None:
    await store.put_mark(mark())
    await store.delete_mark(IssueId("abcdefgh"))
    assert await store.marks() == []


async def test_notes_of_an_issue_come_oldest_first(store: Store) -> None:
    for text in ("one", "two"):
        await store.add_note(note(text))
    await store.add_note(note("elsewhere", name="zzzzzzzz"))
    assert [found.text for found in await store.notes(IssueId("abcdefgh"))] == ["one", "two"]


async def test_the_same_note_twice_is_two_notes(store: Store) -> None:
    await store.add_note(note())
    await store.add_note(note())
    assert len(await store.notes(IssueId("abcdefgh"))) == 2


async def test_episodes_that_ended_before_are_left_out(store: Store) -> None:
    for began, ended in ((50, 40), (20, 10), (35, None)):
        await store.put_episodes([episode(began, ended)])
    found = await store.episodes(NOON - timedelta(days=30))
    assert found == [episode(35, None), episode(20, 10)]


async def test_an_episode_gets_its_end(store: Store) -> None:
    await store.put_episodes([episode(2, None)])
    await store.put_episodes([episode(2, 1)])
    assert await store.episodes(NOON - timedelta(days=30)) == [episode(2, 1)]


async def test_old_episodes_can_be_forgotten(store: Store) -> None:
    await store.put_episodes([episode(50, 40)])
    await store.prune_episodes(NOON - timedelta(days=30))
    assert await store.episodes(NOON - timedelta(days=365)) == []


async def test_identities_add_up(store: Store) -> None:
    await store.put_identities({(EU, "a"): DeviceId("1"), (EU, "b"): DeviceId("2")})
    await store.put_identities({(EU, "b"): DeviceId("3")})
    await store.delete_identities([(EU, "a")])
    assert await store.identities() == {(EU, "b"): "3"}


async def test_a_closed_store_refuses_to_write(store: Store) -> None:
    await store.close()
    with pytest.raises(StoreError):
        await store.put_run(run())


async def test_every_file_is_the_owners_alone_whatever_the_umask(tmp_path: Path) -> None:
    before = os.umask(0)
    try:
        store = Store.open(tmp_path / "state")
        await store.put_run(run())
        await store.save_facts([(sighting(), ())])
        await store.runs(1)
        modes = {path.name: stat.S_IMODE(path.stat().st_mode) for path in (tmp_path / "state").iterdir()}
        folder = stat.S_IMODE((tmp_path / "state").stat().st_mode)
        await store.close()
    finally:
        os.umask(before)
    assert folder == 0o700
    assert {"facts.db", "facts.db-wal", "journal.db", "journal.db-wal"} <= set(modes)
    assert set(modes.values()) == {0o600}


async def test_the_picture_is_seen_while_it_is_still_in_the_log(store: Store, tmp_path: Path) -> None:
    await store.save_picture(changes())
    assert (tmp_path / "state" / "facts.db-wal").stat().st_size > 0
    picture = last_picture(tmp_path / "state")
    assert picture is not None
    assert (picture.seq, picture.at, [*picture.issues], [*picture.runs]) == (5, NOON, ["abcdefgh"], ["r1"])


async def test_the_picture_is_seen_after_the_store_was_closed(store: Store, tmp_path: Path) -> None:
    await store.save_picture(changes())
    await store.close()
    assert last_picture(tmp_path / "state") is not None


async def test_nothing_in_the_last_picture_is_fresh_or_healthy(store: Store, tmp_path: Path) -> None:
    await store.save_picture(changes())
    picture = last_picture(tmp_path / "state")
    assert picture is not None
    assert picture.sources[EU].state is Freshness.STALE
    assert picture.issues[IssueId("abcdefgh")].freshness is Freshness.STALE
    assert (picture.sites[HQ].health, picture.sites[HQ].devices.unknown) == (Health.UNKNOWN, 3)


async def test_changes_add_up_in_the_stored_picture(store: Store, tmp_path: Path) -> None:
    await store.save_picture(changes())
    delta: Delta = Delta((issue("second00"),), (IssueId("abcdefgh"),))
    await store.save_picture(Changes(seq=6, at=NOON, issues=delta))
    picture = last_picture(tmp_path / "state")
    assert picture is not None
    assert (picture.seq, [*picture.issues], [*picture.sites]) == (6, ["second00"], [HQ])


async def test_a_whole_picture_leaves_nothing_of_the_one_before(store: Store, tmp_path: Path) -> None:
    await store.save_picture(changes())
    await store.save_picture(Changes(seq=1, at=NOON), whole=True)
    picture = last_picture(tmp_path / "state")
    assert picture is not None
    assert (picture.seq, picture.issues, picture.sites) == (1, {}, {})


def test_there_is_no_picture_where_there_is_no_store(tmp_path: Path) -> None:
    assert last_picture(tmp_path) is None
    assert list(tmp_path.iterdir()) == []


async def test_there_is_no_picture_in_a_new_store(store: Store, tmp_path: Path) -> None:
    assert last_picture(tmp_path / "state") is None


def test_the_first_paint_loads_no_more_than_it_needs() -> None:
    heavy = ("asyncio", "httpx", "keyring", "asyncssh", "textual", "platformdirs", "tomli", "tomlkit", "psutil")
    code = f"import sys, backends.store.picture; print([name for name in {heavy} if name in sys.modules])"
    told = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert told.stdout.strip() == "[]"
