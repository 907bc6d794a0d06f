"""What can go wrong with the files of the store, in sentences."""

from __future__ import annotations

import errno
import sqlite3
from pathlib import Path
from typing import Final

from backends.text import safe


class StoreError(Exception):
    """Nothing was written. The sentence is shown to the technician as it is."""

    def __init__(self, sentence: str) -> None:
        super().__init__(sentence)
        self.sentence = safe(sentence, 512)


SqliteError: Final = (sqlite3.Error, UnicodeDecodeError)
"""What SQLite raises; the second where damage went through a name in the schema or in a message."""


def tolerant(conn: sqlite3.Connection) -> sqlite3.Connection:
    """Text that is damaged reads as such, for the checksum to tell, instead of costing the whole query."""
    conn.text_factory = lambda raw: raw.decode("utf-8", "replace")
    return conn


def is_damage(error: sqlite3.Error | UnicodeDecodeError) -> bool:
    """Whether the file itself is broken, rather than its surroundings."""
    return isinstance(error, UnicodeDecodeError) or _code(error) in (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB)


def _code(error: sqlite3.Error) -> int:
    """The primary result code; -1 for errors that Python itself raises."""
    code: int | None = getattr(error, "sqlite_errorcode", None)
    return -1 if code is None else code & 0xFF


def sqlite_sentence(error: sqlite3.Error | UnicodeDecodeError, path: Path) -> str:
    """What the technician reads for an error of SQLite at `path`."""
    code = _code(error) if isinstance(error, sqlite3.Error) else -1
    if code == sqlite3.SQLITE_FULL:
        return f"The disk is full: {path} cannot be written. Make room; nothing else has to be done."
    if code in (sqlite3.SQLITE_READONLY, sqlite3.SQLITE_PERM, sqlite3.SQLITE_CANTOPEN):
        return f"{path} cannot be written: the place is read-only or not ours. Check the folder's owner and the disk."
    if code in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED):
        return f"Another program holds {path}; end it, or wait until it is done."
    if code == sqlite3.SQLITE_IOERR:
        return f"The disk failed to read or write {path}: it is full, at its quota or broken."
    return f"{path} cannot be used ({error})."


def os_sentence(error: OSError, path: Path) -> str:
    """What the technician reads for an error of the file system at `path`."""
    if error.errno in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG):
        return f"The disk is full: {path} cannot be written. Make room; nothing else has to be done."
    if error.errno in (errno.EROFS, errno.EACCES, errno.EPERM):
        return f"{path} cannot be written: the place is read-only or not ours. Check the folder's owner and the disk."
    if error.errno == errno.ELOOP:
        return f"{path} is a symbolic link; rounds does not write through one. Remove it."
    return f"{path} cannot be used: {error.strerror or error}."
