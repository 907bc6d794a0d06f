"""The engine as a process of its own: takes the lock, serves the socket, and comes to an orderly end."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
import threading
from collections.abc import Callable, Coroutine
from typing import Any, Final

import backends
from backends import log as logs
from backends.bootstrap.assembly import assembled, remove_story
from backends.bootstrap.ground import lock_of, tidy
from backends.config.paths import Places
from backends.config.schema import Config, Profile
from backends.desk.inprocess import InProcessDesk
from backends.engine.clock import SystemClock
from backends.wire.codec import Role
from backends.wire.launch import (
    ANOTHER_ENGINE,
    Lock,
    keep_memory_private,
    left_alone,
    reached,
    return_memory,
    stopped_by_signal,
    take_lock,
)
from backends.wire.server import Server

log = logging.getLogger("rounds.engine")

LOCK_S: Final = 20.0
"""How long to wait for a command that polls for itself to be done."""
LEAVE_S: Final = 5.0
"""How long the interpreter may take to end after the engine has."""
_TRY_S: Final = 0.05


async def serve(
    profile: Profile, config: Config, where: Places, *, stay: bool, ready: Callable[[], None] = lambda: None
) -> int:
    """See `bootstrap.serve`. `ready` is called when front ends can connect."""
    keep_memory_private()
    return_memory()
    stop = stopped_by_signal()
    lock = await _the_lock(where)
    if lock is None:
        return ANOTHER_ENGINE
    logs.attach(where.log, where.crashes)
    try:
        clock = SystemClock()
        desk = await assembled(profile, config, where, lambda: None, clock)
        server = Server(desk, where.socket, backends.__version__, clock.now)
        try:
            await server.open()
            log.info("engine of profile %s is up", profile.name)
            ready()
            await _until_over(desk, server, stop, stay=stay)
        finally:
            await server.close()
            await desk.close()
        log.info("engine of profile %s ends", profile.name)
        if profile.demo is not None:
            logs.detach()
            await asyncio.to_thread(remove_story, where)
    finally:
        lock.release()
        tidy(where)
    _leave_soon()
    return 0


def _leave_soon() -> None:
    """Everything is written and let go of. A thread that hangs in a system call (a dead network file system, a keyring)
    must not keep the process alive for ever: the interpreter would wait for it."""
    timer = threading.Timer(LEAVE_S, os._exit, (0,))
    timer.daemon = True
    timer.start()


async def _the_lock(where: Places) -> Lock | None:
    """The profile's lock; None when another engine answers or somebody does not let go of it."""
    loop = asyncio.get_running_loop()
    deadline = loop.time() + LOCK_S
    while (lock := take_lock(lock_of(where))) is None:
        other = await reached(where.socket, Role.VIEWS)
        if other is not None:
            await other.close()
            return None
        if loop.time() > deadline:
            return None
        await asyncio.sleep(_TRY_S)
    return lock


async def _until_over(desk: InProcessDesk, server: Server, stop: asyncio.Event, *, stay: bool) -> None:
    """Until a signal, until nobody looks and nothing runs, or until the engine breaks (which raises)."""
    reasons: list[Coroutine[Any, Any, object]] = [stop.wait(), desk.failed()]
    if not stay:
        reasons.append(left_alone(lambda: server.sessions, lambda: desk.busy, server.changed))
    tasks = [asyncio.ensure_future(reason) for reason in reasons]
    try:
        done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        for task in done:
            task.result()
    finally:
        for task in tasks:
            task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await asyncio.gather(*tasks, return_exceptions=True)
