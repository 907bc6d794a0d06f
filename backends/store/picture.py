"""The last known picture, for the first paint: read in one go, without an engine, and with nothing in it called fresh.

Imports no more than SQLite and msgspec.
"""

from __future__ import annotations

import contextlib
import sqlite3
from datetime import UTC, datetime
from pathlib import Path
from typing import Final, TypeVar

import msgspec

from backends.fleet.changes import Picture
from backends.fleet.model import Client, Freshness, Health, HealthCounts, Issue, Site, Source
from backends.fleet.run import Run
from backends.store.errors import SqliteError
from backends.store.facts import NAME, Moment
from backends.store.migrations import FACTS, version_of
from backends.store.reader import open_to_read
from backends.store.rows import opened

Fact = TypeVar("Fact")
WAIT_S: Final = 0.2
"""The first paint does not wait longer for a writer."""


def last_picture(folder: Path) -> Picture | None:
    """The picture that was stored last in `folder`, devices left out; None when there is none that can be read.

    Its facts are old by nature: sources and issues are stale, and no site is called healthy.
    """
    path = folder / NAME
    try:
        with contextlib.closing(open_to_read(path, WAIT_S)) as conn:
            if version_of(conn) != len(FACTS):
                return None
            conn.execute("BEGIN")  # one moment for all tables
            return _picture(conn)
    except (*SqliteError, OSError):
        return None


def _picture(conn: sqlite3.Connection) -> Picture | None:
    moments = _all(conn, "moment", Moment)
    if not moments:
        return None
    return Picture(
        seq=moments[0].seq,
        at=datetime.fromtimestamp(moments[0].at, UTC),
        clients={fact.id: fact for fact in _all(conn, "client", Client)},
        sites={fact.id: _unsure(fact) for fact in _all(conn, "site", Site)},
        issues={fact.id: msgspec.structs.replace(fact, freshness=_aged(fact)) for fact in _all(conn, "issue", Issue)},
        sources={fact.name: msgspec.structs.replace(fact, state=_aged(fact)) for fact in _all(conn, "source", Source)},
        runs={fact.id: fact for fact in _all(conn, "run", Run)},
    )


def _all(conn: sqlite3.Connection, table: str, kind: type[Fact]) -> list[Fact]:
    return opened(table, conn.execute(f"SELECT key, body, sum FROM {table} ORDER BY rowid"), kind)  # noqa: S608 - our own names


def _aged(fact: Issue | Source) -> Freshness:
    state = fact.state if isinstance(fact, Source) else fact.freshness
    return Freshness.STALE if state is Freshness.FRESH else state


def _unsure(site: Site) -> Site:
    """Facts that are not fresh count as unknown."""
    return msgspec.structs.replace(site, health=Health.UNKNOWN, devices=HealthCounts(unknown=site.devices.total))
