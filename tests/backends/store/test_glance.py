"""What the first paint reads of the store: as much for a large fleet as for a small one, and nothing of it fresh."""

from __future__ import annotations

import contextlib
import sqlite3
from pathlib import Path

import pytest
from msgspec.structs import replace

from backends.fleet.changes import Changes, Delta, Picture
from backends.fleet.glance import MOST, Summaries
from backends.fleet.model import Freshness, Health, HealthCounts, Issue, IssueState, SiteId
from backends.fleet.tally import counts_of, waiting
from backends.store.picture import last_glance, last_picture
from backends.store.store import Store
from tests.support.store_facts import NOON, changes, issue


def issues(count: int) -> list[Issue]:
    """Each more urgent than the one before."""
    return [replace(issue(f"issue{number:03d}"), urgency=float(number)) for number in range(count)]


def picture(*found: Issue) -> Picture:
    """With a site that is well, and one that is not."""
    whole = changes()
    ill = replace(whole.sites.put[0], id=SiteId("acme/lab"), health=Health.DOWN, devices=HealthCounts(down=2, ok=1))
    return Picture(
        seq=whole.seq,
        at=whole.at,
        sites={site.id: site for site in (*whole.sites.put, ill)},
        issues={one.id: one for one in found},
        sources={source.name: source for source in whole.sources.put},
    )


async def kept(folder: Path, shown: Picture) -> None:
    store = Store.open(folder)
    put = Changes(
        seq=shown.seq,
        at=shown.at,
        sites=Delta((*shown.sites.values(),)),
        issues=Delta((*shown.issues.values(),)),
        sources=Delta((*shown.sources.values(),)),
    )
    await store.save_picture(put, Summaries().of(shown), whole=True)
    await store.close()


async def test_the_most_urgent_come_first_and_all_are_counted(tmp_path: Path) -> None:
    await kept(tmp_path, picture(*issues(3 * MOST)))
    glance = last_glance(tmp_path)
    assert glance is not None
    first = range(3 * MOST - 1, 2 * MOST - 1, -1)
    assert [one.id for one in glance.issues] == [f"issue{number:03d}" for number in first]
    assert (waiting(glance.counts), glance.at) == (3 * MOST, NOON)


async def test_it_reads_no_more_of_a_large_picture_than_of_a_small_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    read = []
    for count in (MOST, 5 * MOST):
        await kept(tmp_path, picture(*issues(count)))
        with monkeypatch.context() as patched:
            taken: list[int] = []
            patched.setattr("backends.store.picture.opened", _counting(taken))
            assert last_glance(tmp_path) is not None
        read.append(sum(taken))
    assert read == [MOST + 2, MOST + 2]  # with the summary and a source


def _counting(taken: list[int]):  # type: ignore[no-untyped-def]
    from backends.store.rows import opened  # noqa: PLC0415 - before it is replaced

    def counted(table, rows, kind):  # type: ignore[no-untyped-def]
        rows = list(rows)
        taken.append(len(rows))
        return opened(table, rows, kind)

    return counted


async def test_nothing_in_it_is_fresh_or_well(tmp_path: Path) -> None:
    await kept(tmp_path, picture(*issues(2)))
    glance = last_glance(tmp_path)
    assert glance is not None
    assert {one.freshness for one in glance.issues} == {Freshness.STALE}
    assert {source.state for source in glance.sources.values()} == {Freshness.STALE}
    counts = glance.counts
    assert (counts.sites_ok, counts.sites_unknown, counts.devices_ok, counts.devices_unknown) == (0, 2, 0, 6)
    assert (counts.sources, counts.sources_fresh) == (1, 0)


async def test_it_counts_as_the_whole_picture_does(tmp_path: Path) -> None:
    snoozed = replace(issue("snoozed0"), state=IssueState.SNOOZED, urgency=900.0)
    explained = replace(issue("behind00"), incident=issue("issue001").id, urgency=800.0)
    await kept(tmp_path, picture(*issues(4), snoozed, explained))
    glance, whole = last_glance(tmp_path), last_picture(tmp_path)
    assert glance is not None
    assert whole is not None
    assert glance.counts == counts_of(whole)
    assert [one.id for one in glance.issues] == ["issue003", "issue002", "issue001", "issue000"]


async def test_an_issue_whose_row_is_damaged_is_left_out(tmp_path: Path) -> None:
    await kept(tmp_path, picture(*issues(3)))
    with contextlib.closing(sqlite3.connect(tmp_path / "facts.db")) as conn, conn:
        conn.execute("UPDATE issue SET body = zeroblob(20) WHERE key = 'issue001'")
    glance = last_glance(tmp_path)
    assert glance is not None
    assert [one.id for one in glance.issues] == ["issue002", "issue000"]


async def test_there_is_none_where_the_summary_is_damaged(tmp_path: Path) -> None:
    await kept(tmp_path, picture(*issues(3)))
    with contextlib.closing(sqlite3.connect(tmp_path / "facts.db")) as conn, conn:
        conn.execute("UPDATE glance SET body = zeroblob(20)")
    assert last_glance(tmp_path) is None
    assert last_picture(tmp_path) is not None


async def test_there_is_none_in_a_new_store(tmp_path: Path) -> None:
    assert last_glance(tmp_path) is None
    store = Store.open(tmp_path)
    assert last_glance(tmp_path) is None
    await store.close()
