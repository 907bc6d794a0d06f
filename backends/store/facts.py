"""The cache: what was seen last, how values went, and the picture that was shown last. Losing it costs one round of
polls, and the trends."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Mapping
from typing import Final

from msgspec import Struct

from backends.fleet.changes import Changes, Delta
from backends.fleet.glance import Summary
from backends.fleet.model import Check, Sighting, SourceName
from backends.fleet.trend import Trend
from backends.store.rows import key_of, opened, sealed

Seen = tuple[Sighting, tuple[Check, ...]]
Key = tuple[SourceName, str]
"""A source and its own id of a device."""
NAME: Final = "facts.db"
KINDS: Final = {"client": "clients", "site": "sites", "issue": "issues", "source": "sources", "run": "runs"}
"""Tables of the picture, and the field of `Changes` that each one follows."""


class _SeenRow(Struct, frozen=True, array_like=True):
    sighting: Sighting
    checks: tuple[Check, ...]


class _TrendsRow(Struct, frozen=True, array_like=True):
    trends: tuple[Trend, ...]


class Moment(Struct, frozen=True):
    """When the picture was taken."""

    seq: int
    at: float
    """Seconds since 1970."""


def save(conn: sqlite3.Connection, put: Iterable[Seen], gone: Iterable[Key]) -> None:
    conn.executemany("DELETE FROM sighting WHERE key = ?", ((key_of(source, native),) for source, native in gone))
    rows = (
        sealed("sighting", key_of(sighting.source, sighting.native), _SeenRow(sighting, checks))
        for sighting, checks in put
    )
    conn.executemany("INSERT OR REPLACE INTO sighting (key, body, sum) VALUES (?, ?, ?)", rows)


def load(conn: sqlite3.Connection) -> list[Seen]:
    """Rows that are damaged are left out: the next poll brings them again."""
    rows = conn.execute("SELECT key, body, sum FROM sighting ORDER BY rowid")
    return [(row.sighting, row.checks) for row in opened("sighting", rows, _SeenRow)]


def save_trends(conn: sqlite3.Connection, put: Mapping[Key, tuple[Trend, ...]], gone: Iterable[Key]) -> None:
    """One row a device."""
    conn.executemany("DELETE FROM trend WHERE key = ?", ((key_of(source, native),) for source, native in gone))
    rows = (sealed("trend", key_of(*key), _TrendsRow(trends)) for key, trends in put.items())
    conn.executemany("INSERT OR REPLACE INTO trend (key, body, sum) VALUES (?, ?, ?)", rows)


def load_trends(conn: sqlite3.Connection) -> list[Trend]:
    """Rows that are damaged are left out: those values begin anew."""
    rows = conn.execute("SELECT key, body, sum FROM trend ORDER BY rowid")
    return [trend for row in opened("trend", rows, _TrendsRow) for trend in row.trends]


def save_picture(conn: sqlite3.Connection, changes: Changes, summary: Summary | None, *, whole: bool) -> None:
    for table, field in KINDS.items():
        delta: Delta[str, object] = getattr(changes, field)
        if whole:
            conn.execute(f"DELETE FROM {table}")  # noqa: S608 - our own names
        conn.executemany(f"DELETE FROM {table} WHERE key = ?", ((key,) for key in delta.gone))  # noqa: S608
        rows = (sealed(table, _id_of(fact), fact) for fact in delta.put)
        conn.executemany(f"INSERT OR REPLACE INTO {table} (key, body, sum) VALUES (?, ?, ?)", rows)  # noqa: S608
    moment = Moment(changes.seq, changes.at.timestamp())
    conn.execute("INSERT OR REPLACE INTO moment (key, body, sum) VALUES (?, ?, ?)", sealed("moment", "now", moment))
    if summary is not None:
        conn.execute(
            "INSERT OR REPLACE INTO glance (key, body, sum) VALUES (?, ?, ?)", sealed("glance", "now", summary)
        )


def _id_of(fact: object) -> str:
    key: str = getattr(fact, "id", "") or getattr(fact, "name", "")
    return key
