"""Whether a TCP port takes connections, and how long that takes. Nothing is sent over the connection."""

from __future__ import annotations

import asyncio
import os
import socket
import time

from msgspec import Struct

from backends.adapters.probe.found import Found, Spec
from backends.adapters.probe.named import address_of
from backends.api import FaultKind, SourceError, safe
from backends.fleet.addresses import Address
from backends.fleet.model import CheckState


class Knock(Struct, frozen=True, kw_only=True):
    """What became of one attempt to connect."""

    ms: float | None = None
    """Until it was taken, or refused; None where nothing came back."""
    refused: bool = False
    reason: str = ""
    """In a few words, where it was not taken."""


async def knock(address: Address, port: int, deadline_s: float) -> Knock:
    """Connect, and let go at once."""
    loop = asyncio.get_running_loop()
    wire = socket.socket(socket.AF_INET if address.version == 4 else socket.AF_INET6, socket.SOCK_STREAM)
    wire.setblocking(False)
    began = time.perf_counter()
    try:
        async with asyncio.timeout(deadline_s):
            await loop.sock_connect(wire, (str(address), port))
    except ConnectionRefusedError:
        return Knock(ms=_since(began), refused=True, reason="refused")
    except TimeoutError:
        return Knock(reason=f"no answer within {deadline_s:g} s")
    except OSError as error:
        return Knock(reason=os.strerror(error.errno or 0).lower())
    finally:
        wire.close()
    return Knock(ms=_since(began))


def _since(began: float) -> float:
    return (time.perf_counter() - began) * 1000


class TcpLook:
    """One port of one host."""

    def __init__(self, spec: Spec, host: str, port: int, deadline_s: float) -> None:
        self.spec = spec
        self._host, self._port = host, port
        self._deadline_s = deadline_s

    async def look(self) -> Found:
        try:
            address = await address_of(self._host, self._deadline_s)
        except SourceError as error:
            return unnamed(error)
        told = await knock(address, self._port, self._deadline_s)
        at = f"{safe(self._host, 80)} port {self._port}"
        if told.refused:
            wrong = f"Nothing listens at {at}: it refuses connections. Start the service, or check the port."
            return Found(answers=(None,), wrong=wrong, reached=True, fault=FaultKind.REFUSED)
        if told.ms is None:
            wrong = f"{at} takes no connection ({told.reason}); check the host, the network and firewalls."
            return Found(answers=(None,), wrong=wrong, reached=False, fault=FaultKind.UNREACHABLE)
        return Found(answers=(told.ms,), said="takes connections", reached=True)

    async def close(self) -> None:
        """There is nothing to let go of."""


def unnamed(error: SourceError) -> Found:
    """A name that cannot be resolved says nothing on the host behind it."""
    return Found(wrong=error.sentence, state=CheckState.UNKNOWN, fault=error.kind)
