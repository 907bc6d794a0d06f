"""A server that answers as Icinga's API does, from recordings or as a test wants it, and keeps what it was asked."""

from __future__ import annotations

import asyncio
import contextlib
import json
import tempfile
from collections.abc import AsyncIterator, Awaitable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar
from urllib.parse import unquote

from backends.adapters.icinga2 import open_source
from backends.adapters.icinga2.source import IcingaSource
from backends.api import SourceName, SourceSettings
from backends.testing import FakeClock
from tests.backends.adapters.icinga2.recorded import CLIENTS, SOURCE, raw, recorded_at

Got = TypeVar("Got")
RECORDED = {
    "/v1/": "about",
    "/v1/status/IcingaApplication": "status-app",
    "/v1/status/CIB": "status-cib",
    **{f"/v1/objects/{name}": name for name in ("hosts", "services", "comments", "downtimes", "dependencies")},
}
NOT_FOUND = (404, b'{"error":404.0,"status":"No objects found."}')


@dataclass
class Asked:
    """One request."""

    method: str
    path: str
    query: str
    headers: Mapping[str, str]
    body: Any


@dataclass
class Fake:
    """Paths with another answer than the recorded one are in `answers`: a status and a body. `lines` are sent to who
    asks for events, and then the connection is held until `hang_up`."""

    port: int = 0
    answers: dict[str, tuple[int, bytes]] = field(default_factory=dict)
    asked: list[Asked] = field(default_factory=list)
    lines: asyncio.Queue[bytes] = field(default_factory=asyncio.Queue)
    dropped: set[str] = field(default_factory=set)
    """Paths at which the connection is closed without an answer, after the request was read."""

    held: dict[str, tuple[asyncio.Event, asyncio.Event]] = field(default_factory=dict)
    too_large: set[str] = field(default_factory=set)
    """Paths at which a GET is answered with more than anybody reads, and a query by filter with the services of its
    hosts."""
    open: list[asyncio.StreamWriter] = field(default_factory=list)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def paths(self) -> list[str]:
        return [one.path for one in self.asked]

    def may(self, *permissions: str) -> None:
        """The ApiUser has only these."""
        document = {"results": [{"user": "tech01", "version": "r2.13.6-1", "permissions": list(permissions)}]}
        self.answers["/v1/"] = (200, json.dumps(document).encode())

    def said(self, action: str, code: int, status: str, **more: object) -> None:
        """What Icinga says to an action."""
        body = {"results": [{"code": float(code), "status": status, **more}]}
        self.answers[f"/v1/actions/{action}"] = (code, json.dumps(body).encode())

    def hold(self, path: str) -> tuple[asyncio.Event, asyncio.Event]:
        """Hold back the answer of the next request there, as it is then: set when it was asked, and to be set."""
        self.held[path] = asyncio.Event(), asyncio.Event()
        return self.held[path]

    def hang_up(self) -> None:
        self.lines.put_nowait(b"")

    def _slice(self, body: Any) -> bytes:
        """The recorded services of the hosts that are wanted."""
        wanted = body["filter_vars"]["wanted"]
        results = [one for one in json.loads(raw("services"))["results"] if one["attrs"]["host_name"] in wanted]
        return json.dumps({"results": results}).encode()

    async def hang_up_all(self) -> None:
        """Close every connection."""
        for writer in self.open:
            writer.close()
        for writer in self.open:
            with contextlib.suppress(OSError):
                await writer.wait_closed()

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.open.append(writer)
        with contextlib.suppress(OSError, asyncio.IncompleteReadError, asyncio.CancelledError):
            while await self._answered(reader, writer):
                pass
        writer.close()

    async def _answered(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bool:
        head = (await reader.readuntil(b"\r\n\r\n")).decode().split("\r\n")
        headers = {name.lower(): value for name, _, value in (line.partition(": ") for line in head[1:] if line)}
        body = await reader.readexactly(int(headers.get("content-length", "0")))
        method, target, _ = head[0].split(" ")
        path, _, query = target.partition("?")
        self.asked.append(Asked(method, unquote(path), unquote(query), headers, json.loads(body) if body else None))
        if path in self.dropped:
            return False
        status, content = self.answers.get(path) or self._recorded(path)
        if path in self.held:
            asked, go = self.held.pop(path)
            asked.set()
            await go.wait()
        if path in self.too_large:
            content = b" " * (17 * 1024 * 1024) if method == "GET" else self._slice(self.asked[-1].body)
        if path == "/v1/events" and status == 200:
            await self._stream(writer)
            return False
        writer.write(f"HTTP/1.1 {status} Whatever\r\nContent-Length: {len(content)}\r\n\r\n".encode() + content)
        await writer.drain()
        return True

    async def _stream(self, writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n")
        while line := await self.lines.get():
            writer.write(b"%x\r\n%s\n\r\n" % (len(line) + 1, line))
            await writer.drain()
        writer.write(b"0\r\n\r\n")
        await writer.drain()

    def _recorded(self, path: str) -> tuple[int, bytes]:
        if path == "/v1/events":
            return 200, b""
        return (200, raw(RECORDED[path])) if path in RECORDED else NOT_FOUND


@contextlib.asynccontextmanager
async def faking() -> AsyncIterator[Fake]:
    fake = Fake()
    server = await asyncio.start_server(fake.serve, "127.0.0.1", 0)
    fake.port = server.sockets[0].getsockname()[1]
    try:
        yield fake
    finally:
        server.close()


async def passing(doing: Awaitable[Got], clock: FakeClock) -> Got:
    """What comes of it, while time goes on whenever somebody waits for it."""
    task = asyncio.ensure_future(doing)
    async with asyncio.timeout(30):
        while not task.done():
            await asyncio.sleep(0.001)
            if clock.sleepers:
                await clock.advance(1.0)
    return task.result()


async def _password() -> str:
    return "secret words"


def settings(url: str, clock: FakeClock | None = None, name: SourceName = SOURCE, **options: Any) -> SourceSettings:
    return SourceSettings(
        name=name,
        kind="icinga2",
        options={"url": url, "user": "root", **options},
        clients=CLIENTS,
        every_s=30.0,
        secret=_password,
        timing=clock or FakeClock(recorded_at()),
        state_dir=Path(tempfile.gettempdir()),
    )


def opened(fake: Fake, clock: FakeClock | None = None, **options: Any) -> IcingaSource:
    source = open_source(settings(fake.url, clock, **options))
    assert isinstance(source, IcingaSource)
    return source
