"""A UDP socket to one agent. Only datagrams from the address that was asked come in, and of those only what fits."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Final, TypeVar, cast

_Heard = TypeVar("_Heard")

_KEPT: Final = 32
"""Datagrams that wait to be looked at; more at a time is no answer of an agent, and the oldest are dropped."""


class Wire(asyncio.DatagramProtocol):
    """Connected, so that the system drops what comes from elsewhere, and tells when nothing listens there."""

    def __init__(self) -> None:
        self._transport: asyncio.DatagramTransport | None = None
        self._came: deque[bytes] = deque(maxlen=_KEPT)
        self._refused: OSError | None = None
        self._something = asyncio.Event()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.DatagramTransport", transport)  # a datagram endpoint has no other

    def datagram_received(self, data: bytes, addr: object) -> None:  # noqa: ARG002 - the system has compared it
        self._came.append(data)
        self._something.set()

    def error_received(self, exc: Exception) -> None:
        if isinstance(exc, OSError):
            self._refused = exc
            self._something.set()

    async def ask(self, message: bytes, heard: Callable[[bytes], _Heard | None], wait_s: float) -> _Heard:
        """Send once, and wait for the datagram of which `heard` makes something. Raises `TimeoutError`, `OSError`."""
        if self._transport is None:
            raise ConnectionError("the socket is closed")
        self._refused = None
        self._transport.sendto(message)
        async with asyncio.timeout(wait_s):
            while True:
                while self._came:
                    if (found := heard(self._came.popleft())) is not None:
                        return found
                if self._refused is not None:
                    raise self._refused
                self._something.clear()
                await self._something.wait()

    def close(self) -> None:
        if self._transport is not None:
            self._transport.close()
            self._transport = None


@asynccontextmanager
async def open_wire(host: str, port: int) -> AsyncIterator[Wire]:
    """Raises `OSError`."""
    _, wire = await asyncio.get_running_loop().create_datagram_endpoint(Wire, remote_addr=(host, port))
    try:
        yield wire
    finally:
        wire.close()
