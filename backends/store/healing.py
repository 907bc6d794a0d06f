"""Damaged files: put aside so that nothing is lost for good, and read for what is still whole."""

from __future__ import annotations

import contextlib
import itertools
import os
import shutil
import sqlite3
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, Final

from backends.private import open_file, write_file
from backends.store.errors import SqliteError, tolerant

KEPT: Final = 5
"""Damaged files of one name that are kept; the oldest makes room."""
GAP_ROWS: Final = 2000
"""After so many missing rows in a row nothing more is expected."""
_COMPANIONS: Final = ("", "-wal", "-journal")
_MAGIC: Final = b"SQLite format 3\0"


def set_aside(path: Path) -> Path:
    """Rename the database at `path`, and what belongs to it, to the first free `….damaged-N`. Raises `OSError`.

    The log beside it goes with it: played into a new file it would be damage again. Until `salvaged` is called,
    `unsalvaged` tells which file it was, whatever happens to this process.
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
    write_file(_marker(path), aside.name.encode())
    for companion in reversed(_COMPANIONS):
        with contextlib.suppress(FileNotFoundError):
            Path(f"{path}{companion}").replace(f"{aside}{companion}")
    Path(f"{path}-shm").unlink(missing_ok=True)
    return aside


def unsalvaged(path: Path) -> Path | None:
    """The damaged file that was put aside for the one at `path` and not read yet, also when that was cut off."""
    try:
        aside = path.with_name(_marker(path).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    return aside if aside.exists() else None


def salvaged(path: Path) -> None:
    """All that reads is in the new database."""
    _marker(path).unlink(missing_ok=True)


def _marker(path: Path) -> Path:
    return path.with_name(f"{path.name}.healing")


def salvage(aside: Path, into: sqlite3.Connection, tables: Sequence[str]) -> tuple[int, bool]:
    """Copy what still reads from the damaged file into the new database. Gives the number of rows, and whether every
    table was read to its end."""
    rescued, whole = 0, True
    try:
        with _readable(aside, into) as old:
            into.execute("BEGIN IMMEDIATE")
            for table in tables:
                count, complete = _salvage_table(old, into, table)
                rescued += count
                whole = whole and complete
            into.execute("COMMIT")
    except (*SqliteError, OSError):
        if into.in_transaction:
            into.execute("ROLLBACK")
        return 0, False
    return rescued, whole


@contextlib.contextmanager
def _readable(aside: Path, pattern: sqlite3.Connection) -> Iterator[sqlite3.Connection]:
    """A connection to a copy of the damaged file, its header mended after that of a new one; the original stays."""
    copy = aside.with_name(f"{aside.name}.reading")
    try:
        os.close(open_file(copy, os.O_WRONLY | os.O_CREAT | os.O_TRUNC))
        shutil.copyfile(aside, copy)
        if Path(f"{aside}-wal").exists():
            shutil.copyfile(f"{aside}-wal", f"{copy}-wal")
        _mend_header(copy, pattern)
        with contextlib.closing(tolerant(sqlite3.connect(copy, isolation_level=None))) as conn:
            conn.execute("PRAGMA writable_schema = ON")  # or a file that is too short is refused as a whole
            yield conn
    finally:
        for companion in ("", "-wal", "-shm", "-journal"):
            Path(f"{copy}{companion}").unlink(missing_ok=True)


def _mend_header(copy: Path, pattern: sqlite3.Connection) -> None:
    """Give a file whose first bytes are no header that of a new database of ours: page size and format are alike."""
    with copy.open("r+b") as file:
        if file.read(len(_MAGIC)) == _MAGIC:
            return
        header = bytearray(pattern.serialize()[:100])
        pages = copy.stat().st_size // int.from_bytes(header[16:18], "big")
        header[28:32] = pages.to_bytes(4, "big")
        header[32:40] = bytes(8)  # the list of free pages
        header[92:96] = header[24:28]  # the number of pages is valid for this change
        file.seek(0)
        file.write(header)


def _salvage_table(old: sqlite3.Connection, into: sqlite3.Connection, table: str) -> tuple[int, bool]:
    columns = [row[1] for row in into.execute(f"PRAGMA table_info({table})")]
    names = ", ".join(columns)
    marks = ", ".join("?" * len(columns))
    put = f"INSERT OR IGNORE INTO {table} ({names}) VALUES ({marks})"  # noqa: S608 - our own names
    count, last, complete = 0, 0, False
    for row in _rows(old, f"SELECT rowid, {names} FROM {table} NOT INDEXED ORDER BY rowid"):  # noqa: S608
        if row is None:
            break
        last = int(row[0])
        count += _kept(into, put, row[1:])
    else:
        complete = True
    missing = 0
    while not complete and missing < GAP_ROWS:  # behind a bad page there may be good ones
        last += 1
        row = next(_rows(old, f"SELECT rowid, {names} FROM {table} NOT INDEXED WHERE rowid = {last:d}"), None)  # noqa: S608
        missing = 0 if row else missing + 1
        if row:
            count += _kept(into, put, row[1:])
    return count, complete


def _kept(into: sqlite3.Connection, put: str, row: tuple[Any, ...]) -> int:
    try:
        return into.execute(put, row).rowcount
    except sqlite3.IntegrityError:  # a flipped bit made a NULL: such a row is lost
        return 0


def _rows(conn: sqlite3.Connection, query: str) -> Iterator[tuple[Any, ...] | None]:
    """The rows, then None if the reading broke off."""
    try:
        yield from conn.execute(query)
    except SqliteError:
        yield None
