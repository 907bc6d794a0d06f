"""Opening a database only to look at it."""

from __future__ import annotations

import sqlite3
from pathlib import Path

from backends.store.errors import tolerant


def open_to_read(path: Path, timeout_s: float) -> sqlite3.Connection:
    """A connection that can change nothing, and sees what is still in the log beside the file. Raises
    `sqlite3.Error`."""
    conn = _connected(path, "mode=ro", timeout_s)
    try:
        conn.execute("SELECT 1 FROM sqlite_schema").fetchone()
    except sqlite3.OperationalError:
        conn.close()
        if Path(f"{path}-wal").exists() or not path.exists():
            raise
        # A folder that cannot be written has no place for the index of the log. There is no log: nothing is missed.
        conn = _connected(path, "mode=ro&immutable=1", timeout_s)
    except BaseException:
        conn.close()
        raise
    return conn


def _connected(path: Path, how: str, timeout_s: float) -> sqlite3.Connection:
    address = f"{path.absolute().as_uri()}?{how}"
    return tolerant(
        sqlite3.connect(address, uri=True, timeout=timeout_s, isolation_level=None, check_same_thread=False)
    )
