"""The journal: what people decided and what was done. Nothing in it can be had again, so every row carries a checksum
and is on the disk before the call returns."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Final

from backends.fleet.model import DeviceId, Episode, IssueId, Mark, Note, RunId, SourceName
from backends.fleet.run import Run
from backends.store.rows import checksum, key_of, opened, sealed

Key = tuple[SourceName, str]
"""A source's name and its own id of a device."""

NAME: Final = "journal.db"
TABLES: Final = ("run", "mark", "note", "episode", "identity", "anchor", "spoiled")
_SEALED: Final = ("run", "mark", "note", "episode", "identity")


def put_run(conn: sqlite3.Connection, run: Run) -> None:
    conn.execute(
        "INSERT OR REPLACE INTO run (key, body, sum, planned, settled) VALUES (?, ?, ?, ?, ?)",
        (*sealed("run", run.id, run), run.planned.timestamp(), run.settled),
    )


def runs(conn: sqlite3.Connection, limit: int) -> list[Run]:
    """Latest first."""
    rows = conn.execute("SELECT key, body, sum FROM run ORDER BY planned DESC, rowid DESC LIMIT ?", (limit,))
    return opened("run", rows, Run)


def run(conn: sqlite3.Connection, run_id: RunId) -> Run | None:
    found = opened("run", conn.execute("SELECT key, body, sum FROM run WHERE key = ?", (run_id,)), Run)
    return found[0] if found else None


def unsettled_runs(conn: sqlite3.Connection) -> list[Run]:
    rows = conn.execute("SELECT key, body, sum FROM run WHERE settled = 0 ORDER BY planned")
    return opened("run", rows, Run)


def put_mark(conn: sqlite3.Connection, mark: Mark) -> None:
    _put(conn, "mark", mark.issue, mark)


def delete_mark(conn: sqlite3.Connection, issue: IssueId) -> None:
    conn.execute("DELETE FROM mark WHERE key = ?", (issue,))


def marks(conn: sqlite3.Connection) -> list[Mark]:
    return opened("mark", conn.execute("SELECT key, body, sum FROM mark ORDER BY rowid"), Mark)


def add_note(conn: sqlite3.Connection, note: Note) -> None:
    key = str(conn.execute("SELECT coalesce(max(rowid), 0) + 1 FROM note").fetchone()[0])
    row = (*sealed("note", key, note), note.issue)
    conn.execute("INSERT INTO note (key, body, sum, issue) VALUES (?, ?, ?, ?)", row)


def notes(conn: sqlite3.Connection, issue: IssueId) -> list[Note]:
    """Oldest first."""
    return opened(
        "note", conn.execute("SELECT key, body, sum FROM note WHERE issue = ? ORDER BY rowid", (issue,)), Note
    )


def put_episodes(conn: sqlite3.Connection, episodes: Iterable[Episode]) -> None:
    for episode in episodes:
        put_episode(conn, episode)


def put_episode(conn: sqlite3.Connection, episode: Episode) -> None:
    row = sealed("episode", f"{episode.issue} {episode.began.isoformat()}", episode)
    ended = None if episode.ended is None else episode.ended.timestamp()
    conn.execute(
        "INSERT OR REPLACE INTO episode (key, body, sum, began, ended) VALUES (?, ?, ?, ?, ?)",
        (*row, episode.began.timestamp(), ended),
    )


def episodes(conn: sqlite3.Connection, since: datetime) -> list[Episode]:
    """Those that had not ended by `since`, oldest first."""
    query = "SELECT key, body, sum FROM episode WHERE ended IS NULL OR ended >= ? ORDER BY began, rowid"
    return opened("episode", conn.execute(query, (since.timestamp(),)), Episode)


def prune_episodes(conn: sqlite3.Connection, before: datetime) -> None:
    conn.execute("DELETE FROM episode WHERE ended < ?", (before.timestamp(),))


def put_identities(conn: sqlite3.Connection, mapping: Mapping[Key, DeviceId]) -> None:
    rows = (sealed("identity", key_of(*key), (*key, device)) for key, device in mapping.items())
    conn.executemany("INSERT OR REPLACE INTO identity (key, body, sum) VALUES (?, ?, ?)", rows)


def delete_identities(conn: sqlite3.Connection, keys: Iterable[Key]) -> None:
    conn.executemany("DELETE FROM identity WHERE key = ?", ((key_of(*key),) for key in keys))


def identities(conn: sqlite3.Connection) -> dict[Key, DeviceId]:
    rows = conn.execute("SELECT key, body, sum FROM identity ORDER BY rowid")
    found = opened("identity", rows, tuple[SourceName, str, DeviceId])
    return {(source, native): device for source, native, device in found}


def set_spoiled_aside(conn: sqlite3.Connection) -> int:
    """Move rows whose checksum does not fit out of the way; gives their number. They are kept for people to look at."""
    count = 0
    for table in _SEALED:
        rows = conn.execute(f"SELECT rowid, key, body, sum FROM {table}").fetchall()  # noqa: S608 - our own names
        bad = [row for row in rows if not isinstance(row[2], bytes) or checksum(table, row[1], row[2]) != row[3]]
        conn.executemany("INSERT INTO spoiled (of, key, body, sum) VALUES (?, ?, ?, ?)", ((table, *r[1:]) for r in bad))
        conn.executemany(f"DELETE FROM {table} WHERE rowid = ?", ((row[0],) for row in bad))  # noqa: S608
        count += len(bad)
    return count


def _put(conn: sqlite3.Connection, table: str, key: str, fact: object) -> None:
    conn.execute(f"INSERT OR REPLACE INTO {table} (key, body, sum) VALUES (?, ?, ?)", sealed(table, key, fact))  # noqa: S608
