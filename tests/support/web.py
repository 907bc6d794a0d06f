"""A web server on loopback that sends the very bytes that a test wants."""

from __future__ import annotations

import asyncio
import contextlib
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from dataclasses import dataclass, field

Speak = Callable[[bytes, asyncio.StreamWriter], Awaitable[None]]
"""Takes the head of a request, writes what it likes."""


@dataclass
class Web:
    """One running server."""

    port: int
    scheme: str
    requests: list[bytes] = field(default_factory=list)
    """The heads of all requests that arrived."""

    @property
    def url(self) -> str:
        return f"{self.scheme}://127.0.0.1:{self.port}"


def answer(body: bytes = b"{}", status: str = "200 OK", **headers: str) -> bytes:
    """A whole answer; `content_encoding="gzip"` becomes a header."""
    lines = [f"HTTP/1.1 {status}", f"Content-Length: {len(body)}"]
    lines += [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
    return "\r\n".join([*lines, "", ""]).encode() + body


@contextlib.asynccontextmanager
async def serving(what: bytes | Sequence[bytes] | Speak, context: ssl.SSLContext | None = None) -> AsyncIterator[Web]:
    """A server that gives `what` to every request; of several answers one after the other, and the last for ever."""
    web = Web(0, "https" if context else "http")

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(OSError, asyncio.IncompleteReadError, asyncio.CancelledError):
            while True:
                head = await reader.readuntil(b"\r\n\r\n")
                web.requests.append(head)
                if not callable(what):
                    answers = [what] if isinstance(what, bytes) else what
                    writer.write(answers[min(len(web.requests), len(answers)) - 1])
                    await writer.drain()
                else:
                    await what(head, writer)
                    break
        writer.close()

    # A handshake that the client breaks off is what several tests are about: the loop need not report it.
    asyncio.get_running_loop().set_exception_handler(lambda _loop, _context: None)
    server = await asyncio.start_server(serve, "127.0.0.1", 0, ssl=context)
    web.port = server.sockets[0].getsockname()[1]
    try:
        yield web
    finally:
        server.close()
