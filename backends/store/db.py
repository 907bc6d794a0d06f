"""One SQLite file: one thread that writes, two that read on connections of their own.

Nothing here raises when the file cannot be used: `trouble` says what is wrong, writes raise `StoreError`, and the next
write tries again, so that a disk with room again needs no restart.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import sqlite3
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Final, TypeVar

from backends.private import make_folder, open_file
from backends.store.errors import SqliteError, StoreError, is_damage, os_sentence, sqlite_sentence, tolerant
from backends.store.healing import salvage, salvaged, set_aside, unsalvaged
from backends.store.migrations import NewerError, Step, migrate
from backends.store.reader import open_to_read

Result = TypeVar("Result")
Work = Callable[[sqlite3.Connection], Result]

BUSY_S: Final = 5.0
CACHE_KIB: Final = 512
"""Pages that a connection holds on to. What is read is read once, at the start; four times as much is the default."""
READERS: Final = 2


class Database:
    """The file at `path`, in the shape that `steps` give it.

    `durable` commits reach the disk before they return (else they survive a crash of the program, not of the machine),
    the file is checked as a whole when it is opened, and `kept` tables are read out of it when it is damaged.
    """

    def __init__(self, path: Path, steps: Sequence[Step], *, durable: bool, kept: Sequence[str] = ()) -> None:
        self.path = path
        self.trouble = ""
        """Why writing does not work at present; empty when it does."""
        self.healed = ""
        """What was damaged and put right since the start."""
        self._steps = steps
        self._durable = durable
        self._kept = kept
        self._conn: sqlite3.Connection | None = None
        self._readers: list[sqlite3.Connection] = []
        self._mine = threading.local()
        self._generation = 0
        """Grows when the file is replaced; readers then open it anew."""
        self._closed = False
        self._writing = ThreadPoolExecutor(1, f"write-{path.name}")
        self._reading = ThreadPoolExecutor(READERS, f"read-{path.name}")

    @property
    def writable(self) -> bool:
        return not self.trouble and not self._closed

    def open(self) -> None:
        """Open it now, in the writer's thread, and wait for that."""
        self._writing.submit(self._try_open).result()

    def write_now(self, work: Work[Result], otherwise: Result) -> Result:
        """As `write`, for the start, before there is a loop; `otherwise` when it fails."""
        try:
            return self._writing.submit(self._write, work).result()
        except StoreError:
            return otherwise

    async def write(self, work: Work[Result]) -> Result:
        """Run `work` in one transaction. Raises `StoreError`; nothing of it is written then."""
        if self._closed:
            raise StoreError("The store is closed.")
        return await asyncio.get_running_loop().run_in_executor(self._writing, self._write, work)

    async def read(self, work: Work[Result], otherwise: Result) -> Result:
        """What `work` finds, or `otherwise` where the file cannot be read."""
        if self._closed:
            return otherwise
        return await asyncio.get_running_loop().run_in_executor(self._reading, self._read, work, otherwise)

    async def close(self) -> None:
        self._closed = True
        await asyncio.to_thread(self._close)

    def _close(self) -> None:
        self._writing.shutdown(wait=True)
        self._reading.shutdown(wait=True)
        for conn in (*self._readers, self._conn):
            if conn is not None:
                with contextlib.suppress(sqlite3.Error):
                    conn.close()
        self._readers, self._conn = [], None

    # In the writer's thread.

    def _try_open(self) -> None:
        with contextlib.suppress(StoreError):
            self._opened()

    def _opened(self) -> sqlite3.Connection:
        if self._conn is None:
            try:
                self._conn = self._open_or_heal()
            except SqliteError as error:
                raise self._failed(sqlite_sentence(error, self.path)) from error
            except OSError as error:
                raise self._failed(os_sentence(error, self.path)) from error
            except NewerError as error:
                sentence = f"A later version of rounds wrote {self.path}: it is only read. Install that version again."
                raise self._failed(sentence) from error
            self.trouble = ""
        return self._conn

    def _failed(self, sentence: str) -> StoreError:
        self.trouble = sentence
        return StoreError(sentence)

    def _open_or_heal(self) -> sqlite3.Connection:
        make_folder(self.path.parent)
        try:
            return self._connect()
        except SqliteError as error:
            if not is_damage(error):
                raise
        return self._heal()

    def _connect(self) -> sqlite3.Connection:
        os.close(open_file(self.path, os.O_RDWR | os.O_CREAT))
        conn = tolerant(sqlite3.connect(self.path, timeout=BUSY_S, isolation_level=None, check_same_thread=False))
        try:
            conn.execute("PRAGMA trusted_schema = OFF")
            conn.execute("PRAGMA cell_size_check = ON")
            conn.execute(f"PRAGMA cache_size = -{CACHE_KIB}")
            conn.execute("PRAGMA journal_mode = WAL")
            conn.execute(f"PRAGMA synchronous = {'FULL' if self._durable else 'NORMAL'}")
            conn.execute(f"PRAGMA journal_size_limit = {16 * 1024 * 1024}")
            if self._durable:
                _check(conn)
            migrate(conn, self.path, self._steps)
            if (aside := unsalvaged(self.path)) is not None:
                self._salvage(aside, conn)
        except BaseException:
            conn.close()
            raise
        return conn

    def _heal(self) -> sqlite3.Connection:
        """Put the damaged file aside, start a new one, and keep of the old what still reads."""
        if self._conn is not None:
            with contextlib.suppress(sqlite3.Error):
                self._conn.close()
            self._conn = None
        set_aside(self.path)
        self._generation += 1
        return self._connect()

    def _salvage(self, aside: Path, conn: sqlite3.Connection) -> None:
        """Fill the new file from the damaged one; doing so twice does no harm."""
        self.healed = f"{self.path.name} was damaged and is being rebuilt; the old one is {aside.name}."
        if self._kept:
            rescued, whole = salvage(aside, conn, self._kept)
            extent = "all" if whole else "not all"
            self.healed = (
                f"{self.path.name} was damaged: {rescued} of its records were saved, {extent} that it had; "
                f"the old one is kept as {aside.name}."
            )
        salvaged(self.path)

    def _write(self, work: Work[Result]) -> Result:
        conn = self._opened()
        try:
            return self._transact(conn, work)
        except SqliteError as error:
            if not is_damage(error):
                raise self._failed(sqlite_sentence(error, self.path)) from error
        try:
            self._conn = self._heal()
            return self._transact(self._conn, work)
        except SqliteError as error:
            raise self._failed(sqlite_sentence(error, self.path)) from error
        except OSError as error:
            raise self._failed(os_sentence(error, self.path)) from error

    def _transact(self, conn: sqlite3.Connection, work: Work[Result]) -> Result:
        try:
            conn.execute("BEGIN IMMEDIATE")
            result = work(conn)
            conn.execute("COMMIT")
        except BaseException:
            if conn.in_transaction:
                with contextlib.suppress(sqlite3.Error):
                    conn.execute("ROLLBACK")
            raise
        self.trouble = ""
        return result

    def _heal_after(self, generation: int) -> None:
        """A reader met damage in the file of `generation`."""
        if generation == self._generation:
            with contextlib.suppress(*SqliteError, OSError):
                self._conn = self._heal()

    # In a reader's thread.

    def _read(self, work: Work[Result], otherwise: Result) -> Result:
        generation = self._generation
        try:
            return work(self._reader())
        except SqliteError as error:
            if not is_damage(error):
                return otherwise
        try:
            self._writing.submit(self._heal_after, generation).result()
            return work(self._reader())
        except (*SqliteError, RuntimeError):  # RuntimeError: the writer has been closed meanwhile
            return otherwise

    def _reader(self) -> sqlite3.Connection:
        conn: sqlite3.Connection | None = getattr(self._mine, "conn", None)
        if conn is None or self._mine.generation != self._generation:
            generation = self._generation
            conn = open_to_read(self.path, BUSY_S)
            self._readers.append(conn)
            self._mine.conn, self._mine.generation = conn, generation
        return conn


def _check(conn: sqlite3.Connection) -> None:
    """Raise for damage that opening alone does not meet."""
    if conn.execute("PRAGMA integrity_check(1)").fetchone()[0] != "ok":
        damage = sqlite3.DatabaseError("database disk image is malformed")
        damage.sqlite_errorcode = sqlite3.SQLITE_CORRUPT
        raise damage
