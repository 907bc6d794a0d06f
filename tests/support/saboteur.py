"""Put into an engine from outside as its `sitecustomize`: kills it, or its screen, or both, at one step of its work.

Nothing of rounds is patched: only what the standard library offers for making things durable or sending them. Each step
has a name that counts its kind, so that the same one is met in every run: `run 2 before` is just before the second
commit of a run to the journal, `audit 1 half` is in the middle of the first line of the audit.

`SABOTAGE_FOLDER` is where the engine appends the steps it took (`trace`); `SABOTAGE_AT` names the step at which
`SABOTAGE_OF` (engine, screen or both) dies, once a folder. Or `SABOTAGE_STATEMENT` gives the statement to a database
at which any process dies. Needs nothing but the standard library.
"""

from __future__ import annotations

import asyncio.selector_events
import itertools
import os
import signal
import sqlite3
import sys
from collections import Counter
from pathlib import Path
from typing import Any, Final

KINDS: Final = {"run": "run", "mark": "mark", "note": "note", "anchor": "anchor"}
"""Tables of the journal whose commits are steps, by the name of the step."""
FILES: Final = {"audit.jsonl": "audit", "demo-devices.jsonl": "act"}
"""Files whose lines are steps."""


class Saboteur:
    """Counts steps, and strikes at one of them."""

    def __init__(self, folder: Path, at: str, victim: str) -> None:
        self._folder = folder
        self._at = at
        self._victim = victim
        self._starter = os.getppid()
        self._begun: Counter[str] = Counter()
        self._trace = os.open(folder / "trace", os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)

    def begin(self, kind: str) -> str:
        """The name of the next step of that kind."""
        self._begun[kind] += 1
        return f"{kind} {self._begun[kind]}"

    def count(self, kind: str) -> int:
        return self._begun[kind]

    def now(self, step: str) -> bool:
        """Whether it is this step; noted either way."""
        plain_write(self._trace, f"{step}\n".encode())
        return step == self._at and not (self._folder / "struck").exists()

    def pass_by(self, step: str) -> None:
        if self.now(step):
            self.strike()

    def strike(self) -> None:
        (self._folder / "struck").touch()
        if self._victim in ("screen", "both"):
            os.kill(self._starter, signal.SIGKILL)
        if self._victim in ("engine", "both"):
            os.kill(os.getpid(), signal.SIGKILL)


plain_write = os.write
plain_fsync = os.fsync
plain_connect = sqlite3.connect


def watch(saboteur: Saboteur) -> None:
    """Put steps around everything that is made durable or sent."""
    _watch_files(saboteur)
    _watch_databases(saboteur)
    _watch_sockets(saboteur)


def _watch_files(saboteur: Saboteur) -> None:
    under_way: dict[str, str] = {}

    def write(fd: int, data: Any) -> int:
        kind = FILES.get(_name_of(fd))
        if kind is None:
            return plain_write(fd, data)
        under_way[kind] = step = saboteur.begin(kind)
        saboteur.pass_by(f"{step} before")
        if saboteur.now(f"{step} half"):
            plain_write(fd, data[: len(data) // 2])
            saboteur.strike()
            return len(data) // 2  # a screen alone was hit: the engine writes the rest as it would any short write
        return plain_write(fd, data)

    def fsync(fd: int) -> None:
        kind = FILES.get(_name_of(fd))
        if kind in under_way:
            saboteur.pass_by(f"{under_way[kind]} written")
        plain_fsync(fd)
        if kind in under_way:
            saboteur.pass_by(f"{under_way.pop(kind)} after")

    os.write = write
    os.fsync = fsync  # type: ignore[assignment]


def _name_of(fd: int) -> str:
    try:
        return Path(f"/proc/self/fd/{fd}").readlink().name
    except OSError:
        return ""


def _watch_databases(saboteur: Saboteur) -> None:
    class Watched(sqlite3.Connection):
        def __init__(self, database: Any, *args: Any, **kwargs: Any) -> None:
            super().__init__(database, *args, **kwargs)
            self._journal = "journal.db" in str(database)
            self._step = ""

        def execute(self, sql: str, *args: Any) -> sqlite3.Cursor:
            if sql == "COMMIT" and self._step:
                with _Around(saboteur, self._step):
                    self._step = ""
                    return super().execute(sql, *args)
            table = sql.partition(" INTO ")[2].partition(" ")[0]
            if self._journal and not self._step and table in KINDS:
                self._step = saboteur.begin(KINDS[table])
                saboteur.pass_by(f"{self._step} before")
            return super().execute(sql, *args)

        def __exit__(self, *error: Any) -> Any:
            if not self._step:
                return super().__exit__(*error)
            with _Around(saboteur, self._step):
                self._step = ""
                return super().__exit__(*error)

    def connect(*args: Any, **kwargs: Any) -> sqlite3.Connection:
        connection: sqlite3.Connection = plain_connect(*args, **{"factory": Watched, **kwargs})
        return connection

    sqlite3.connect = connect  # type: ignore[assignment]


class _Around:
    """Steps just before and just after what is inside."""

    def __init__(self, saboteur: Saboteur, step: str) -> None:
        self._saboteur, self._step = saboteur, step

    def __enter__(self) -> None:
        self._saboteur.pass_by(f"{self._step} written")

    def __exit__(self, *_: object) -> None:
        self._saboteur.pass_by(f"{self._step} after")


def _watch_sockets(saboteur: Saboteur) -> None:
    """Answers to front ends, and what goes to a host between `sent` and `ended`."""
    transport: Any = asyncio.selector_events._SelectorSocketTransport  # type: ignore[attr-defined]
    plain = transport.write

    def write(self: Any, data: Any) -> None:
        kind = ""
        if b"\xa4type\xa5reply" in bytes(data[:32]):
            kind = "reply"
        elif saboteur.count("run") == 2 and isinstance(self.get_extra_info("peername"), tuple):
            kind = "packet"
        if not kind:
            plain(self, data)
            return
        step = saboteur.begin(kind)
        saboteur.pass_by(f"{step} before")
        plain(self, data)
        saboteur.pass_by(f"{step} after")

    transport.write = write


def end_at_statement(last: int) -> None:
    """Let this process, whatever it is, die just before its `last`-th statement to a database."""
    statements = itertools.count(1)

    class Doomed(sqlite3.Connection):
        def execute(self, sql: str, *args: Any) -> sqlite3.Cursor:
            if next(statements) == last:
                os.kill(os.getpid(), signal.SIGKILL)
            return super().execute(sql, *args)

    def connect(*args: Any, **kwargs: Any) -> sqlite3.Connection:
        connection: sqlite3.Connection = plain_connect(*args, **{"factory": Doomed, **kwargs})
        return connection

    sqlite3.connect = connect  # type: ignore[assignment]


if "SABOTAGE_STATEMENT" in os.environ:
    end_at_statement(int(os.environ["SABOTAGE_STATEMENT"]))
elif "backends.bootstrap" in sys.orig_argv and "SABOTAGE_FOLDER" in os.environ:
    watch(
        Saboteur(
            Path(os.environ["SABOTAGE_FOLDER"]),
            os.environ.get("SABOTAGE_AT", ""),
            os.environ.get("SABOTAGE_OF", "engine"),
        )
    )
