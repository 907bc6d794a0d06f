"""The composition root: from a `Profile` to a `Desk`, and the engine process's main. The only place that picks
implementations; everything heavy is imported inside the function that needs it, so that a front end stays light.
"""

from __future__ import annotations

import asyncio
import sys
from collections.abc import AsyncGenerator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Final

import msgspec

from backends.bootstrap.ground import configuration, ground, lock_of, tidy
from backends.config.paths import places
from backends.desk.protocol import DeskError, DeskErrorKind

if TYPE_CHECKING:
    from backends.config.schema import Config, Profile
    from backends.desk.protocol import Desk, Views
    from backends.fleet.changes import Picture
    from backends.fleet.glance import Glance

FIRST_ROUND_S: Final = 20.0
"""How long a one-shot command waits for sources that have not answered yet."""
LOCK_S: Final = 20.0
"""How long to wait for another process that polls for itself to be done."""
_TRY_S: Final = 0.05


def load_config(profile: Profile) -> Config:
    """The profile's configuration; defaults (this machine alone) where there is no file. Raises `ConfigError`, and
    `PathRefused` for files that others could change."""
    return configuration(profile)


def state_folder(profile: Profile) -> Path:
    """Where the profile keeps its store, audit, socket and lock. A demo has one for each set of its options."""
    return places(profile).state


def last_picture(profile: Profile) -> Picture | None:
    """What was last known, from the store, without an engine: every source stale. None when there is nothing."""
    from backends.store.picture import last_picture as stored  # noqa: PLC0415 - SQLite, for screens only

    return stored(places(profile).state)


def last_glance(profile: Profile) -> Glance | None:
    """As much of that picture as the first paint shows, at once, however large the fleet is."""
    from backends.store.picture import last_glance as stored  # noqa: PLC0415 - SQLite, for screens only

    return stored(places(profile).state)


async def connect(profile: Profile, *, views_only: bool = False) -> Desk | None:
    """A desk at the profile's running engine; None when none runs. With `views_only` the engine refuses every verb
    that changes something. Raises `DeskError(UNAVAILABLE)` when it runs but speaks another version."""
    from backends.wire.codec import Role  # noqa: PLC0415
    from backends.wire.launch import reached, return_memory  # noqa: PLC0415

    return_memory()
    return await reached(ground(profile).socket, Role.VIEWS if views_only else Role.DESK)


async def attach(profile: Profile, *, views_only: bool = False, argv: Sequence[str] = ()) -> Desk:
    """As `connect`, and starts the engine first when none runs. May be called again after a loss. Raises
    `DeskError(UNAVAILABLE)` with the reason when no engine could be started. `argv` replaces the program that is
    started."""
    running = await connect(profile, views_only=views_only)
    if running is not None:
        return running
    from backends.wire.codec import Role  # noqa: PLC0415
    from backends.wire.launch import started  # noqa: PLC0415

    where = ground(profile)
    role = Role.VIEWS if views_only else Role.DESK
    return await started(argv or engine_argv(profile), where.socket, where.log, role)


def engine_argv(profile: Profile) -> list[str]:
    """The program that front ends start as this profile's engine."""
    return [sys.executable, "-P", "-m", "backends.bootstrap", msgspec.json.encode(profile).decode("ascii", "replace")]


async def open_desk(profile: Profile) -> Desk:
    """A desk in this process that polls for itself and holds the profile's lock; closing it stops everything.
    Raises `DeskError(UNAVAILABLE)` when another process holds the lock."""
    from backends import log as logs  # noqa: PLC0415 - who polls for itself keeps the log
    from backends.bootstrap.assembly import assembled  # noqa: PLC0415 - engine, store and adapters
    from backends.wire.launch import holder_of, keep_memory_private, take_lock  # noqa: PLC0415

    config = load_config(profile)
    where = ground(profile)
    keep_memory_private()
    logs.attach(where.log, where.crashes)
    lock = take_lock(lock_of(where))
    if lock is None:
        pid = holder_of(lock_of(where))
        raise DeskError(
            DeskErrorKind.UNAVAILABLE,
            f"Another rounds (process {pid or 'unknown'}) is at work with this profile and does not answer. "
            "Wait for it, or end it.",
        )

    def release() -> None:
        lock.release()
        tidy(where)

    try:
        return await assembled(profile, config, where, release)
    except BaseException:
        release()
        raise


async def first_round(desk: Views, deadline_s: float = FIRST_ROUND_S) -> Picture:
    """The picture as soon as every source has answered or failed once, at the latest after `deadline_s`."""
    try:
        async with asyncio.timeout(deadline_s):
            await _asked_once(desk)
    except TimeoutError:
        pass  # what has not answered by now is shown as what it is
    return await desk.picture()


async def one_shot(profile: Profile, *, views_only: bool = False) -> Desk:
    """For a command that ends soon: the running engine, else a desk in this process; after the first round."""
    loop = asyncio.get_running_loop()
    deadline = loop.time() + LOCK_S
    while True:
        desk = await connect(profile, views_only=views_only)
        if desk is None:
            try:
                desk = await open_desk(profile)
            except DeskError:
                # Another command polls for itself just now, or an engine is coming up.
                if loop.time() > deadline:
                    raise
                await asyncio.sleep(_TRY_S)
                continue
        try:
            await first_round(desk)
        except BaseException:
            await desk.close()
            raise
        return desk


async def serve(profile: Profile, *, stay: bool) -> int:
    """The engine process: polls, serves the socket, ends when nobody looks and nothing runs (with `stay`: on a
    signal only). The exit code: 0 ended in order, 75 another engine of this profile runs."""
    from backends.bootstrap.process import serve as served  # noqa: PLC0415 - engine, store and adapters
    from backends.wire.launch import ANOTHER_ENGINE  # noqa: PLC0415

    code = await served(profile, load_config(profile), ground(profile), stay=stay)
    if code == ANOTHER_ENGINE:
        sys.stderr.write("rounds: an engine of this profile runs already; screens and commands use that one.\n")
    return code


async def _asked_once(desk: Views) -> None:
    sources: dict[str, bool] = {}
    stream = desk.changes()
    try:
        async for changes in stream:
            for name in changes.sources.gone:
                sources.pop(name, None)
            sources |= {source.name: source.polls > 0 for source in changes.sources.put}
            if all(sources.values()):
                return
    finally:
        if isinstance(stream, AsyncGenerator):
            await stream.aclose()
