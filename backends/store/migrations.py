"""The shapes of the two databases, as ordered steps; the number of steps done is the file's `user_version`.

A step runs in one transaction together with its number, so that a migration that was killed half-way leaves the old
shape. Files that hold something already are copied first.
"""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Callable, Sequence
from contextlib import closing
from pathlib import Path
from typing import Final

from backends.private import make_folder, open_file, sync_folder

Step = Callable[[sqlite3.Connection], None]


class NewerError(Exception):
    """A later version of rounds wrote this file."""


def version_of(conn: sqlite3.Connection) -> int:
    return int(conn.execute("PRAGMA user_version").fetchone()[0])


def migrate(conn: sqlite3.Connection, path: Path, steps: Sequence[Step]) -> None:
    """Bring the database at `path`, open as `conn`, to the latest shape. Raises `NewerError` and `sqlite3.Error`."""
    version = version_of(conn)
    if version > len(steps):
        raise NewerError
    if 0 < version < len(steps):
        _copy(conn, path.with_name(f"{path.name}.before-{len(steps)}"))
    while version < len(steps):
        conn.execute("BEGIN IMMEDIATE")
        try:
            version = version_of(conn)  # another process may have been quicker
            if version < len(steps):
                steps[version](conn)
                version += 1
                conn.execute(f"PRAGMA user_version = {version:d}")
            conn.execute("COMMIT")
        except BaseException:
            if conn.in_transaction:
                conn.execute("ROLLBACK")
            raise


def _copy(conn: sqlite3.Connection, to: Path) -> None:
    make_folder(to.parent)
    half = to.with_name(f"{to.name}.half")
    half.unlink(missing_ok=True)
    os.close(open_file(half, os.O_RDWR | os.O_CREAT | os.O_EXCL))
    with closing(sqlite3.connect(half)) as copy:
        conn.backup(copy)
    half.replace(to)
    sync_folder(to.parent)


def _facts_1(conn: sqlite3.Connection) -> None:
    conn.execute("CREATE TABLE sighting (key TEXT PRIMARY KEY, body BLOB NOT NULL, sum INTEGER NOT NULL)")
    for kind in ("client", "site", "issue", "source", "run"):
        conn.execute(f"CREATE TABLE {kind} (key TEXT PRIMARY KEY, body BLOB NOT NULL, sum INTEGER NOT NULL)")
    conn.execute("CREATE TABLE moment (key TEXT PRIMARY KEY, body BLOB NOT NULL, sum INTEGER NOT NULL)")


def _facts_2(conn: sqlite3.Connection) -> None:
    conn.execute("CREATE TABLE trend (key TEXT PRIMARY KEY, body BLOB NOT NULL, sum INTEGER NOT NULL)")


def _facts_3(conn: sqlite3.Connection) -> None:
    conn.execute("CREATE TABLE glance (key TEXT PRIMARY KEY, body BLOB NOT NULL, sum INTEGER NOT NULL)")


def _journal_1(conn: sqlite3.Connection) -> None:
    columns = "key TEXT PRIMARY KEY, body BLOB NOT NULL, sum INTEGER NOT NULL"
    conn.execute(f"CREATE TABLE run ({columns}, planned REAL NOT NULL, settled INTEGER NOT NULL)")
    conn.execute("CREATE INDEX run_planned ON run (planned)")
    conn.execute("CREATE INDEX run_unsettled ON run (settled) WHERE settled = 0")
    conn.execute(f"CREATE TABLE mark ({columns})")
    conn.execute(f"CREATE TABLE note ({columns}, issue TEXT NOT NULL)")
    conn.execute("CREATE INDEX note_issue ON note (issue)")
    conn.execute(f"CREATE TABLE episode ({columns}, began REAL NOT NULL, ended REAL)")
    conn.execute("CREATE INDEX episode_ended ON episode (ended)")
    conn.execute(f"CREATE TABLE identity ({columns})")
    conn.execute(f"CREATE TABLE anchor ({columns})")
    conn.execute("CREATE TABLE spoiled (of TEXT NOT NULL, key TEXT, body BLOB, sum INTEGER)")


FACTS: Final[tuple[Step, ...]] = (_facts_1, _facts_2, _facts_3)
JOURNAL: Final[tuple[Step, ...]] = (_journal_1,)
