"""A server on loopback that is healthy until it is told which fault to have."""

from __future__ import annotations

import asyncio
import contextlib
import gzip
import json
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable

from tests.support.replayed import Asked, Replayed, Said

Fault = Callable[["Server", Asked, Said, asyncio.StreamWriter], Awaitable[None]]
"""Writes what comes instead of `Said`."""

BOMB = gzip.compress(bytes(48 * 1024 * 1024), 9)


class Server:
    """One product under test. `fault` holds for every request while it is set."""

    def __init__(self, played: Replayed, context: ssl.SSLContext | None = None) -> None:
        self.played = played
        self._context = context
        self.fault: Fault | None = None
        self.asked: list[Asked] = []
        self.elsewhere: list[bytes] = []
        """What arrived at the other place that a redirect names."""
        self.other_url = ""
        self.url = ""
        self._server: asyncio.Server | None = None
        self._port = 0
        self._writers: set[asyncio.StreamWriter] = set()

    async def start(self) -> None:
        """Listen, on the same port as before."""
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", self._port, ssl=self._context)
        self._port = self._server.sockets[0].getsockname()[1]
        self.url = f"{'https' if self._context else 'http'}://127.0.0.1:{self._port}"

    async def stop(self) -> None:
        """Refuse every connection from now on, and break those that there are."""
        if self._server is not None:
            self._server.close()
            for writer in list(self._writers):
                writer.transport.abort()
            await self._server.wait_closed()
            self._server = None

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._writers.add(writer)
        try:
            with contextlib.suppress(OSError, asyncio.IncompleteReadError, asyncio.CancelledError):
                while True:
                    asked = await _read(reader)
                    self.asked.append(asked)
                    said = self.played.answer(asked)
                    if self.fault is None:
                        writer.write(whole(said))
                    else:
                        await self.fault(self, asked, said, writer)
                    await writer.drain()
        finally:
            self._writers.discard(writer)
            writer.close()


@contextlib.asynccontextmanager
async def serving(played: Replayed, context: ssl.SSLContext | None = None) -> AsyncIterator[Server]:
    """The product, and another place beside it that only writes down what arrives there."""
    # A handshake that the client breaks off is what several tests are about: the loop need not report it.
    asyncio.get_running_loop().set_exception_handler(lambda _loop, _context: None)
    server = Server(played, context)

    async def other(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(OSError):
            server.elsewhere.append(await reader.read(65536))
        writer.close()

    sink = await asyncio.start_server(other, "127.0.0.1", 0)
    server.other_url = f"http://127.0.0.1:{sink.sockets[0].getsockname()[1]}"
    await server.start()
    try:
        yield server
    finally:
        await server.stop()
        sink.close()
        await sink.wait_closed()


def whole(said: Said, body: bytes | None = None, **headers: str) -> bytes:
    """A complete answer."""
    content = said.body if body is None else body
    named = {"Content-Type": said.content_type, "Content-Length": str(len(content)), **said.headers}
    named.update((name.replace("_", "-"), value) for name, value in headers.items())
    lines = [f"HTTP/1.1 {said.status} Some", *(f"{name}: {value}" for name, value in named.items())]
    return "\r\n".join([*lines, "", ""]).encode() + content


def status(code: int, body: bytes = b"", **headers: str) -> Fault:
    """Every request is answered with that status."""

    async def fault(_server: Server, _asked: Asked, said: Said, writer: asyncio.StreamWriter) -> None:
        writer.write(whole(Said(body=body, status=code, content_type=said.content_type), **headers))

    return fault


def body(content: bytes, **headers: str) -> Fault:
    """Every request is answered with 200 and that body."""

    async def fault(_server: Server, _asked: Asked, said: Said, writer: asyncio.StreamWriter) -> None:
        writer.write(whole(said, content, **headers))

    return fault


async def elsewhere(server: Server, asked: Asked, _said: Said, writer: asyncio.StreamWriter) -> None:
    """302 to another origin."""
    writer.write(whole(Said(body=b"", status=302), Location=f"{server.other_url}{asked.path}"))


async def cut_off(_server: Server, _asked: Asked, said: Said, writer: asyncio.StreamWriter) -> None:
    """The connection breaks in the middle of the body."""
    text = whole(said)
    writer.write(text[: len(text) - max(1, len(said.body) // 2)])
    await writer.drain()
    writer.transport.abort()


async def shortened(_server: Server, _asked: Asked, said: Said, writer: asyncio.StreamWriter) -> None:
    """The body ends in the middle, and its length says that this is all."""
    writer.write(whole(said, said.body[: len(said.body) // 2]))


async def silent(_server: Server, _asked: Asked, _said: Said, _writer: asyncio.StreamWriter) -> None:
    """No answer ever."""
    await asyncio.Event().wait()


async def trickle(_server: Server, _asked: Asked, said: Said, writer: asyncio.StreamWriter) -> None:
    """One byte now and then, for longer than anybody waits."""
    for byte in whole(said, b" " * 10_000):
        writer.write(bytes([byte]))
        await writer.drain()
        await asyncio.sleep(0.05)


def each_record(spoil: Callable[[object], object]) -> Fault:
    """JSON in which every list of tables has one more entry, made by `spoil` from the first one."""

    async def fault(_server: Server, _asked: Asked, said: Said, writer: asyncio.StreamWriter) -> None:
        try:
            told = json.loads(said.body)
        except ValueError:
            writer.write(whole(said))
        else:
            writer.write(whole(said, json.dumps(_spoiled(told, spoil)).encode()))

    return fault


def _spoiled(told: object, spoil: Callable[[object], object]) -> object:
    if isinstance(told, dict):
        return {key: _spoiled(value, spoil) for key, value in told.items()}
    if isinstance(told, list) and told and isinstance(told[0], dict):
        return [*told, spoil(told[0])]
    return told


async def _read(reader: asyncio.StreamReader) -> Asked:
    head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
    first, *lines = head.rstrip("\r\n").split("\r\n")
    method, target, _ = first.split(" ", 2)
    headers = {name.strip().lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)}
    path, _, query = target.partition("?")
    content = await reader.readexactly(int(headers.get("content-length", "0")))
    return Asked(method=method, path=path, query=query, headers=headers, body=content)
