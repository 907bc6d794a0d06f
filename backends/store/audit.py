"""The record of who did what, in a file of one JSON line a record; its head is also kept in the journal.

A record is on the disk before `append` returns: no record, no action. Several processes may append, one at a time by a
lock on the file. All calls block; use a thread.
"""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
import os
import sqlite3
from collections.abc import Iterator, Mapping
from datetime import datetime
from pathlib import Path
from typing import Final

from backends.fleet.audit import BEGINNING, Anchor, checked, head_of, line_of, record_after, record_of
from backends.fleet.run import AuditRecord, AuditReport
from backends.private import fault_of, make_folder, open_file, sync_folder
from backends.redaction import redacted
from backends.store.errors import SqliteError, StoreError, os_sentence
from backends.store.journal import NAME as JOURNAL_NAME
from backends.store.reader import open_to_read
from backends.store.rows import opened, sealed

BLOCK: Final = 64 * 1024
_ANCHOR_WAIT_S: Final = 2.0


class AuditLog:
    """The record at `path`; the journal beside it, when there is one, remembers its head."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._journal = path.with_name(JOURNAL_NAME)

    def append(self, by: str, event: str, subject: str, data: Mapping[str, str], at: datetime) -> AuditRecord:
        """Put one record at the end and see it onto the disk. Raises `StoreError`; then nothing was recorded, and
        nothing may be done that had to be."""
        clean = {key: redacted(value) for key, value in data.items()}
        try:
            with self._locked() as fd:
                before = self._head(fd, at)
                record = record_after(before, at=at, by=by, event=event, subject=redacted(subject), data=clean)
                _write_durably(fd, line_of(record))
                self._move_anchor(before, record)
                return record
        except OSError as error:
            raise StoreError(os_sentence(error, self.path)) from error

    def records(self, limit: int) -> list[AuditRecord]:
        """The latest, latest first; lines that are no records are left out (`verify` names them)."""
        found: list[AuditRecord] = []
        try:
            with self.path.open("rb") as file:
                for line in _lines_backwards(file.fileno(), os.fstat(file.fileno()).st_size):
                    if len(found) >= limit:
                        break
                    if (record := record_of(line)) is not None:
                        found.append(record)
        except OSError:
            return found
        return found

    def verify(self) -> AuditReport:
        """Whether anything was changed, taken out, put in or cut off. Raises `StoreError` when it cannot be read."""
        try:
            with self.path.open("rb") as file:
                # Read first: a record that is appended meanwhile is then beyond the anchor, which is as it should be.
                anchor = self._anchor()
                return checked(file, anchor)
        except FileNotFoundError:
            return checked((), self._anchor())
        except OSError as error:
            raise StoreError(os_sentence(error, self.path)) from error

    @contextlib.contextmanager
    def _locked(self) -> Iterator[int]:
        """The file, open and ours alone; made when it is not there."""
        make_folder(self.path.parent)
        new = not self.path.exists()
        if not self.path.is_symlink() and (fault := fault_of(self.path, "record")):
            raise StoreError(str(fault))
        fd = open_file(self.path, os.O_RDWR | os.O_APPEND | os.O_CREAT)
        try:
            if new:
                sync_folder(self.path.parent)
            fcntl.flock(fd, fcntl.LOCK_EX)
            yield fd
        finally:
            os.close(fd)

    def _head(self, fd: int, at: datetime) -> Anchor:
        """The end of the chain. What an interrupted write left there is put aside, and that is recorded."""
        size = os.fstat(fd).st_size
        whole, head = size, BEGINNING
        for line in _lines_backwards(fd, size):
            if (record := record_of(line)) is not None:
                head = head_of(record)
                break
            whole -= len(line)
        if whole == size:
            return head
        torn = os.pread(fd, size - whole, whole)
        aside = self.path.with_name(f"{self.path.name}.torn")
        kept = open_file(aside, os.O_WRONLY | os.O_APPEND | os.O_CREAT)
        try:
            _write_durably(kept, torn)
        finally:
            os.close(kept)
        os.ftruncate(fd, whole)
        told = {"bytes": str(len(torn)), "sha256": hashlib.sha256(torn).hexdigest(), "kept in": aside.name}
        record = record_after(head, at=at, by="rounds", event="torn-tail", subject="audit", data=told)
        _write_durably(fd, line_of(record))
        self._move_anchor(head, record)
        return head_of(record)

    def _anchor(self) -> Anchor | None:
        try:
            with contextlib.closing(open_to_read(self._journal, _ANCHOR_WAIT_S)) as conn:
                found = opened("anchor", conn.execute("SELECT key, body, sum FROM anchor"), Anchor)
        except SqliteError:
            return None
        return found[0] if found else None

    def _move_anchor(self, before: Anchor, record: AuditRecord) -> None:
        """Let the journal remember the new head, unless what it remembers does not fit: then it stays, as evidence.

        That it cannot be written is no reason to refuse: the record itself is on the disk.
        """
        try:
            known = self._anchor()
            if known not in (None, before) and not self._holds(known):
                return
            with contextlib.closing(sqlite3.connect(self._address(), uri=True, timeout=_ANCHOR_WAIT_S)) as conn, conn:
                conn.execute("PRAGMA synchronous = FULL")
                row = sealed("anchor", "head", head_of(record))
                conn.execute("INSERT OR REPLACE INTO anchor (key, body, sum) VALUES (?, ?, ?)", row)
        except SqliteError:
            return

    def _address(self) -> str:
        """The journal, if it is there: it is made by the store, not by us."""
        return self._journal.absolute().as_uri() + "?mode=rw"

    def _holds(self, known: Anchor | None) -> bool:
        """Whether the file has the record that the journal remembers; so it is when we died just before the anchor."""
        with self.path.open("rb") as file:
            return any((record := record_of(line)) is not None and head_of(record) == known for line in file)


def _write_durably(fd: int, content: bytes) -> None:
    """All of it on the disk, or nothing of it in the file. Raises `OSError`."""
    before = os.fstat(fd).st_size
    try:
        view = memoryview(content)
        while view:
            view = view[os.write(fd, view) :]
        os.fsync(fd)
    except OSError:
        with contextlib.suppress(OSError):
            os.ftruncate(fd, before)
        raise


def _lines_backwards(fd: int, size: int) -> Iterator[bytes]:
    """The lines before `size`, last first, their ends included; the last may have none."""
    rest, position = b"", size
    while position:
        step = min(BLOCK, position)
        position -= step
        rest = os.pread(fd, step, position) + rest
        lines = _split(rest)
        rest = lines[0]
        yield from reversed(lines[1:])
    if rest:
        yield rest


def _split(text: bytes) -> list[bytes]:
    """Lines with their ends, by LF only."""
    parts = text.split(b"\n")
    lines = [part + b"\n" for part in parts[:-1]]
    return [*lines, parts[-1]] if parts[-1] else lines
