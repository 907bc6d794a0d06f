"""The engine's end of the socket: lets in its owner only, and answers each front end as its role allows.

A connection costs bounded memory however it behaves: requests in flight, unread bytes and items under way are limited,
a stream sends only against credit, and who takes nothing for minutes is let go. Nobody else notices.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
import socket
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Final

from backends.desk.protocol import Desk
from backends.private import fault_of, make_folder
from backends.wire.codec import (
    PROTOCOL,
    REQUEST_BYTES,
    Farewell,
    Hello,
    Role,
    Welcome,
    WireError,
    client_message,
    framed,
    read_frame,
)
from backends.wire.peer import peer_uid
from backends.wire.session import Acts, Session
from backends.wire.verbs import DESK, VIEWS

log = logging.getLogger("rounds.wire")

HELLO_S: Final = 5.0
"""A connection that has not introduced itself by then is closed."""
CONNECTIONS: Final = 64
"""Front ends at one time."""
_BACKLOG: Final = 32


class Server:
    """Serves one desk on one socket until it is closed."""

    def __init__(self, desk: Desk, path: Path, version: str, now: Callable[[], datetime]) -> None:
        self._desk = desk
        self._path = path
        self._version = version
        self._now = now
        self._server: asyncio.Server | None = None
        self._tasks: set[asyncio.Task[None]] = set()
        self._acts = Acts()
        self._sessions = 0
        self._changed = asyncio.Event()

    @property
    def sessions(self) -> int:
        """Front ends that are connected and have introduced themselves."""
        return self._sessions

    async def open(self) -> None:
        """Take the socket: the caller holds the profile's lock, so a file that is in the way is a dead engine's."""
        make_folder(self._path.parent)
        if (fault := fault_of(self._path.parent, "socket's folder")) is not None:
            raise PermissionError(str(fault))
        with contextlib.suppress(FileNotFoundError):
            self._path.unlink()
        listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        try:
            listener.bind(str(self._path))
            self._path.chmod(0o600)
            listener.setblocking(False)
            self._server = await asyncio.start_unix_server(self._accepted, sock=listener, backlog=_BACKLOG)
        except BaseException:
            listener.close()
            raise

    async def close(self) -> None:
        """Hang up on everybody and remove the socket file."""
        with contextlib.suppress(FileNotFoundError):
            self._path.unlink()
        if self._server is not None:
            self._server.close()
        for task in tuple(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self._acts.settled()

    async def changed(self) -> None:
        """Wait until a front end came or left."""
        self._changed.clear()
        await self._changed.wait()

    def _accepted(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.get_running_loop().create_task(self._connection(reader, writer))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _connection(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            role = await self._introduced(reader, writer)
            if role is not None:
                await self._session(role, reader, writer)
        except WireError as error:
            log.warning("a connection was closed: %s", error)
        except (OSError, TimeoutError):
            pass  # it hung up, or never said who it is: nothing to tell anybody
        finally:
            writer.transport.abort()

    async def _session(self, role: Role, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        verbs = VIEWS if role is Role.VIEWS else DESK
        self._sessions += 1
        self._changed.set()
        try:
            await Session(
                desk=self._desk, verbs=verbs, reader=reader, writer=writer, now=self._now, acts=self._acts
            ).run()
        finally:
            self._sessions -= 1
            self._changed.set()

    async def _introduced(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> Role | None:
        """The role that was asked for, after a welcome; None when the connection was refused, with the reason said."""
        uid = peer_uid(writer.get_extra_info("socket"))
        if uid is not None and uid != os.getuid():
            log.warning("user %d tried to connect and was refused", uid)
            return None
        async with asyncio.timeout(HELLO_S):
            body = await read_frame(reader, REQUEST_BYTES)
            if body is None:
                return None
            hello = client_message(body)
            if not isinstance(hello, Hello):
                raise WireError("it did not introduce itself")
            if refusal := self._refusal(hello):
                writer.write(framed(Farewell(sentence=refusal)))
                await writer.drain()
                return None
            welcome = Welcome(protocol=PROTOCOL, version=self._version, pid=os.getpid(), at=self._now())
            writer.write(framed(welcome))
            await writer.drain()
            return hello.role

    def _refusal(self, hello: Hello) -> str:
        if (hello.protocol, hello.version) != (PROTOCOL, self._version):
            return (
                f"The engine that runs is rounds {self._version} and this is rounds {hello.version}. "
                "Close every screen of the old one, or end its `rounds engine`, and start again."
            )
        if self._sessions >= CONNECTIONS:
            return f"{CONNECTIONS} screens and commands are connected to the engine already. Close one and start again."
        return ""
