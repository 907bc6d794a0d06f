"""Damaged files: put aside so that nothing is lost for good, and read for what is still whole."""

from __future__ import annotations

import contextlib
import itertools
import sqlite3
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final

KEPT: Final = 5
"""Damaged files of one name that are kept; the oldest makes room."""
_COMPANIONS: Final = ("", "-wal", "-journal")


def set_aside(path: Path) -> Path:
    """Rename the database at `path`, and what belongs to it, to the first free `….damaged-N`. Raises `OSError`.

    The log beside it goes with it: played into a new file it would be damage again.
    """
    free = [path.with_name(f"{path.name}.damaged-{number}") for number in range(1, KEPT + 1)]
    aside = next((name for name in free if not name.exists()), None)
    if aside is None:
        for companion in _COMPANIONS:
            Path(f"{free[0]}{companion}").unlink(missing_ok=True)
        for to, name in itertools.pairwise(free):
            for companion in _COMPANIONS:
                with contextlib.suppress(FileNotFoundError):
                    Path(f"{name}{companion}").replace(f"{to}{companion}")
        aside = free[-1]
    for companion in reversed(_COMPANIONS):
        with contextlib.suppress(FileNotFoundError):
            Path(f"{path}{companion}").replace(f"{aside}{companion}")
    Path(f"{path}-shm").unlink(missing_ok=True)
    return aside


def salvage(aside: Path, into: sqlite3.Connection, tables: Sequence[str]) -> tuple[int, bool]:
    """Copy what still reads from the damaged file into the new database. Gives the number of rows, and whether every
    table was read to its end."""
    rescued, whole = 0, True
    try:
        with contextlib.closing(sqlite3.connect(aside, isolation_level=None)) as old:
            old.text_factory = lambda raw: raw.decode("utf-8", "replace")
            into.execute("BEGIN IMMEDIATE")
            for table in tables:
                count, complete = _salvage_table(old, into, table)
                rescued += count
                whole = whole and complete
            into.execute("COMMIT")
    except sqlite3.Error:
        if into.in_transaction:
            into.execute("ROLLBACK")
        return 0, False
    return rescued, whole


def _salvage_table(old: sqlite3.Connection, into: sqlite3.Connection, table: str) -> tuple[int, bool]:
    columns = [row[1] for row in into.execute(f"PRAGMA table_info({table})")]
    marks = ", ".join("?" * len(columns))
    put = f"INSERT OR IGNORE INTO {table} ({', '.join(columns)}) VALUES ({marks})"  # noqa: S608 - our own names
    count, complete = 0, True
    # From both ends: one bad page then costs its own rows only.
    for order in ("ASC", "DESC"):
        reading = _rows(old, f"SELECT {', '.join(columns)} FROM {table} NOT INDEXED ORDER BY rowid {order}")  # noqa: S608
        for row in reading:
            if row is None:
                complete = False
                break
            with contextlib.suppress(sqlite3.IntegrityError):  # a flipped bit made a NULL: such a row is lost
                count += into.execute(put, row).rowcount
        else:
            break  # read to the end: no need for the other one
    return count, complete


def _rows(conn: sqlite3.Connection, query: str) -> Iterator[tuple[object, ...] | None]:
    """The rows, then None if the reading broke off."""
    try:
        yield from conn.execute(query)
    except sqlite3.Error:
        yield None
