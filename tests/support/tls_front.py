"""TLS in front of a server that speaks none, as a web server of a technician's own would put it there."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Iterator

from tests.support.aside import aside
from tests.support.certificates import Issued


@contextlib.contextmanager
def fronted(url: str, shown: Issued) -> Iterator[str]:
    """The address of the server at `url` over TLS, where that certificate is shown. What is passed on is not looked at,
    so a path behind the port stays what it is."""
    port = int(url.split("/")[2].rpartition(":")[2])
    with aside(lambda: _serving(port, shown)) as at:
        yield url.replace("http://", "https://").replace(f":{port}", f":{at}")


@contextlib.asynccontextmanager
async def _serving(port: int, shown: Issued) -> AsyncIterator[int]:
    """A handshake that the client breaks off is what some tests are about: the loop need not report it."""
    asyncio.get_running_loop().set_exception_handler(lambda _loop, _context: None)
    writers: set[asyncio.StreamWriter] = set()

    async def pass_on(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(OSError):
            while data := await reader.read(65536):
                writer.write(data)
                await writer.drain()
        writer.close()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writers.add(writer)
        try:
            beyond = await asyncio.open_connection("127.0.0.1", port)
        except OSError:
            writer.close()
            return
        writers.add(beyond[1])
        await asyncio.gather(pass_on(reader, beyond[1]), pass_on(beyond[0], writer))
        writers.difference_update((writer, beyond[1]))

    server = await asyncio.start_server(serve, "127.0.0.1", 0, ssl=shown.context())
    try:
        yield server.sockets[0].getsockname()[1]
    finally:
        server.close()
        for writer in writers:
            writer.transport.abort()
        await server.wait_closed()
