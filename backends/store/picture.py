"""The last known picture, for the first paint: read in one go, without an engine, and with nothing in it called fresh.

Imports no more than SQLite and msgspec.
"""

from __future__ import annotations

import contextlib
import sqlite3
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Final, TypeVar

import msgspec

from backends.fleet.changes import Picture
from backends.fleet.glance import Glance, Summary, old_issue, old_source, seen
from backends.fleet.model import Client, Health, HealthCounts, Issue, Site, Source
from backends.fleet.run import Run
from backends.store.errors import SqliteError
from backends.store.facts import NAME, Moment
from backends.store.migrations import FACTS, version_of
from backends.store.reader import open_to_read
from backends.store.rows import opened

Fact = TypeVar("Fact")
Found = TypeVar("Found")
WAIT_S: Final = 0.2
"""The first paint does not wait longer for a writer."""


def last_picture(folder: Path) -> Picture | None:
    """The picture that was stored last in `folder`, devices left out; None when there is none that can be read.

    Its facts are old by nature: sources and issues are stale, and no site is called healthy.
    """
    return _read(folder, _picture)


def last_glance(folder: Path) -> Glance | None:
    """As much of that picture as the first paint shows; None when there is none that can be read."""
    return _read(folder, _glance)


def _read(folder: Path, what: Callable[[sqlite3.Connection], Found | None]) -> Found | None:
    try:
        with contextlib.closing(open_to_read(folder / NAME, WAIT_S)) as conn:
            if version_of(conn) != len(FACTS):
                return None
            conn.execute("BEGIN")  # one moment for all tables
            return what(conn)
    except (*SqliteError, OSError):
        return None


def _glance(conn: sqlite3.Connection) -> Glance | None:
    summaries = _all(conn, "glance", Summary)
    if not summaries:
        return None
    first = summaries[0].first
    asked = ", ".join("?" * len(first))
    rows = conn.execute(f"SELECT key, body, sum FROM issue WHERE key IN ({asked})", first)  # noqa: S608 - marks only
    return seen(summaries[0], opened("issue", rows, Issue), _all(conn, "source", Source))


def _picture(conn: sqlite3.Connection) -> Picture | None:
    moments = _all(conn, "moment", Moment)
    if not moments:
        return None
    return Picture(
        seq=moments[0].seq,
        at=datetime.fromtimestamp(moments[0].at, UTC),
        clients={fact.id: fact for fact in _all(conn, "client", Client)},
        sites={fact.id: _unsure(fact) for fact in _all(conn, "site", Site)},
        issues={fact.id: old_issue(fact) for fact in _all(conn, "issue", Issue)},
        sources={fact.name: old_source(fact) for fact in _all(conn, "source", Source)},
        runs={fact.id: fact for fact in _all(conn, "run", Run)},
    )


def _all(conn: sqlite3.Connection, table: str, kind: type[Fact]) -> list[Fact]:
    return opened(table, conn.execute(f"SELECT key, body, sum FROM {table} ORDER BY rowid"), kind)  # noqa: S608 - our own names


def _unsure(site: Site) -> Site:
    """Facts that are not fresh count as unknown."""
    return msgspec.structs.replace(site, health=Health.UNKNOWN, devices=HealthCounts(unknown=site.devices.total))
