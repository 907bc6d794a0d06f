"""From an address to a socket on which an SSH server has greeted, within a time that stands still in queues."""

from __future__ import annotations

import asyncio
import contextlib
import socket
from collections.abc import AsyncIterator
from typing import Final

from backends.adapters.ssh import failures
from backends.api import SourceError

HELD_S: Final = 2.0
_PEEK: Final = 4096
_LOOK_AGAIN_S: Final = 0.05
_PATIENCE_S: Final = 1.0
"""How long a line that is no greeting may stand alone."""


class Budget:
    """The time that one look may take; stands still while it waits in a queue."""

    def __init__(self, seconds: float) -> None:
        self.seconds = seconds
        self._end = asyncio.get_running_loop().time() + seconds

    def left(self) -> float:
        return max(0.0, self._end - asyncio.get_running_loop().time())

    @contextlib.asynccontextmanager
    async def queued(self, queue: asyncio.Semaphore) -> AsyncIterator[None]:
        """Hold a place in `queue`, for a moment at most: what takes longer than that hangs and uses no processor, and
        the places are there to share the processor."""
        loop = asyncio.get_running_loop()
        began = loop.time()
        await queue.acquire()
        self._end += loop.time() - began
        place = _Place(queue)
        timer = loop.call_later(HELD_S, place.leave)
        try:
            yield
        finally:
            timer.cancel()
            place.leave()


class _Place:
    """One place in a queue, given back once."""

    def __init__(self, queue: asyncio.Semaphore) -> None:
        self._queue: asyncio.Semaphore | None = queue

    def leave(self) -> None:
        queue, self._queue = self._queue, None
        if queue is not None:
            queue.release()


def named(host: str, port: int) -> str:
    """A host as sentences name it."""
    return f"{host} port {port}"


async def reach(host: str, port: int, budget: Budget) -> socket.socket:
    """A socket on which an SSH server has sent its greeting, still unread. Raises `SourceError`."""
    at = named(host, port)
    loop = asyncio.get_running_loop()
    try:
        async with asyncio.timeout(budget.left()):
            found = await loop.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except TimeoutError as error:
        raise failures.of_socket(socket.gaierror(), at, host) from error
    except OSError as error:
        raise failures.of_socket(error, at, host) from error
    failure: SourceError | None = None
    for number, (family, kind, protocol, _, address) in enumerate(found):
        wire = socket.socket(family, kind, protocol)
        wire.setblocking(False)
        try:
            # Each address gets its share of the time, so that a dead one does not take it all.
            async with asyncio.timeout(budget.left() / (len(found) - number)):
                await loop.sock_connect(wire, address)
            await _greeting(wire, at, budget)
        except BaseException as error:
            wire.close()
            failure = _reach_failure(error, at, host, budget)
            if failure is None:
                raise
            continue
        return wire
    raise failure or failures.of_socket(socket.gaierror(), at, host)


def _reach_failure(error: BaseException, at: str, host: str, budget: Budget) -> SourceError | None:
    """The failure that lets the next address have a try; None for what is no failure of the host."""
    if isinstance(error, SourceError):
        return error
    if isinstance(error, TimeoutError):
        return failures.no_answer(at, budget.seconds)
    return failures.of_socket(error, at, host) if isinstance(error, OSError) else None


async def _greeting(wire: socket.socket, at: str, budget: Budget) -> None:
    """Wait until the server's version line is there to be read; other lines may come before it."""
    said = b""
    last = asyncio.get_running_loop().time()
    try:
        async with asyncio.timeout(budget.left()):
            while True:
                await _readable(wire)
                now = wire.recv(_PEEK, socket.MSG_PEEK)
                if not now:
                    raise failures.closed_early(at)
                if len(now) > len(said):
                    said, last = now, asyncio.get_running_loop().time()
                *lines, _ = said.split(b"\n")
                if any(line.startswith(b"SSH-") for line in lines):
                    return
                still = asyncio.get_running_loop().time() - last > _PATIENCE_S
                if len(said) >= _PEEK or (lines and still) or said.startswith(b"HTTP/"):
                    raise failures.no_ssh(at, said)
                # What is peeked at stays readable: look again in a moment.
                await asyncio.sleep(_LOOK_AGAIN_S)
    except TimeoutError as error:
        if not said:
            raise failures.says_nothing(at, budget.seconds) from error
        raise failures.too_slow(at, len(said), budget.seconds) from error


async def _readable(wire: socket.socket) -> None:
    loop = asyncio.get_running_loop()
    ready: asyncio.Future[None] = loop.create_future()
    loop.add_reader(wire, _done, ready)
    try:
        await ready
    finally:
        loop.remove_reader(wire)


def _done(ready: asyncio.Future[None]) -> None:
    if not ready.done():
        ready.set_result(None)
