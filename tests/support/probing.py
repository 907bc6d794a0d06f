"""What a probe looks at in tests, all of it on loopback: sources, a DNS server, a port that nobody has."""

from __future__ import annotations

import asyncio
import os
import struct
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, cast

import pytest

from backends.adapters.probe import dnswire
from backends.adapters.probe.pinger import NoPing, Pinger
from backends.adapters.probe.source import ProbeSource
from backends.api import SourceSettings
from backends.engine.clock import SystemClock
from backends.fleet.model import Client, ClientId, SourceName, safe

ACME = Client(id=ClientId("acme"), name=safe("Acme"))


async def no_secret() -> str:
    raise AssertionError("nobody should ask for a secret")


def settings(**options: Any) -> SourceSettings:
    """A probe source of Acme."""
    return SourceSettings(
        name=SourceName("eyes"),
        kind="probe",
        options={"client": "acme", "site": "HQ", **options},
        clients={ACME.id: ACME},
        every_s=30.0,
        secret=no_secret,
        timing=SystemClock(),
        state_dir=Path(),
    )


@asynccontextmanager
async def eyes(**options: Any) -> AsyncIterator[ProbeSource]:
    made = ProbeSource(settings(**options))
    try:
        yield made
    finally:
        await made.close()


async def pinging_or_skip() -> None:
    """Skip where this machine lets nobody ping; on the machine that decides, fail."""
    pinger = Pinger()
    try:
        pinger.permitted()
    except NoPing as error:
        if os.environ.get("CI") == "true":
            pytest.fail(str(error))
        pytest.skip(str(error))
    finally:
        pinger.close()


@asynccontextmanager
async def listening(address: str = "127.0.0.1", port: int = 0) -> AsyncIterator[int]:
    """Somebody who takes connections and hangs up; gives the port."""
    server = await asyncio.start_server(lambda _, writer: writer.close(), address, port)
    try:
        yield server.sockets[0].getsockname()[1]
    finally:
        server.close()
        await server.wait_closed()


Says = Callable[[bytes], bytes | None]
"""From a question to what is sent back; None is nothing."""


class _Nameserver(asyncio.DatagramProtocol):
    def __init__(self, says: Says) -> None:
        self._says = says
        self.asked: list[bytes] = []
        self.transport: asyncio.DatagramTransport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast("asyncio.DatagramTransport", transport)

    def datagram_received(self, data: bytes, addr: Any) -> None:
        self.asked.append(data)
        said = self._says(data)
        if said is not None and self.transport is not None:
            self.transport.sendto(said, addr)


@asynccontextmanager
async def nameserver(says: Says) -> AsyncIterator[tuple[int, list[bytes]]]:
    """A DNS server over UDP; gives its port and the questions that came."""
    transport, protocol = await asyncio.get_running_loop().create_datagram_endpoint(
        lambda: _Nameserver(says), ("127.0.0.1", 0)
    )
    try:
        yield transport.get_extra_info("sockname")[1], protocol.asked
    finally:
        transport.close()


def reply(question: bytes, *records: tuple[str, bytes], rcode: int = 0, flags: int = 0x8180) -> bytes:
    """An answer to `question` with records of its own name: their type and their bytes."""
    ident = question[:2]
    end = question.index(b"\0", 12) + 5
    body = b"".join(
        b"\xc0\x0c" + struct.pack("!HHIH", dnswire.TYPES[kind], 1, 60, len(data)) + data for kind, data in records
    )
    return ident + struct.pack("!5H", flags | rcode, 1, len(records), 0, 0) + question[12:end] + body
