"""Whether a name resolves, at a certain server or as this machine resolves it, and to what it should."""

from __future__ import annotations

import asyncio
import contextlib
import os
import secrets
import socket
import time
from collections.abc import Sequence
from typing import Final

from backends.adapters.probe import dnswire
from backends.adapters.probe.found import Found, Spec
from backends.adapters.probe.named import address_of, addresses_of
from backends.adapters.probe.tcp import unnamed
from backends.api import FaultKind, SourceError, safe
from backends.fleet.addresses import Address

TRIES: Final = 2
"""A datagram may be lost on the way: it is sent again once."""


class DnsLook:
    """One name. With `server` the server is what is looked at; without, this machine's own resolver."""

    def __init__(
        self, spec: Spec, name: str, *, kind: str, server: str, port: int, expect: Sequence[str], deadline_s: float
    ) -> None:
        self.spec = spec
        self._name = name
        self._kind = kind
        self._server, self._port = server, port
        self._expect = frozenset(dnswire.normal(one, kind) for one in expect)
        self._deadline_s = deadline_s

    async def look(self) -> Found:
        began = time.perf_counter()
        if self._server:
            return await self._at_server(began)
        try:
            told = await addresses_of(self._name, self._deadline_s)
        except SourceError as error:
            return Found(answers=(None,), wrong=error.sentence, fault=error.kind)
        version = 4 if self._kind == "A" else 6
        records = tuple(str(one) for one in told if one.version == version)
        return self._judged(records, (_since(began),))

    async def _at_server(self, began: float) -> Found:
        try:
            address = await address_of(self._server, self._deadline_s)
        except SourceError as error:
            return unnamed(error)
        at = f"The DNS server {safe(self._server, 80)}"
        try:
            told, answers = await ask(address, self._port, self._name, self._kind, self._deadline_s)
        except TimeoutError:
            wrong = f"{at} does not answer within {self._deadline_s:g} s; check it and the way there."
            return Found(answers=(None,), wrong=wrong, reached=False, fault=FaultKind.TIMEOUT)
        except ConnectionRefusedError:
            wrong = f"{at} is not running: port {self._port} refuses the question. Start it, or check the port."
            return Found(answers=(None,), wrong=wrong, reached=True, fault=FaultKind.REFUSED)
        except OSError as error:
            reason = os.strerror(error.errno or 0).lower()
            wrong = f"{at} cannot be reached ({reason}); check the network or the VPN."
            return Found(answers=(None,), wrong=wrong, reached=False, fault=FaultKind.UNREACHABLE)
        except ValueError as error:
            wrong = f"{at} gives an answer that is damaged ({error}); look at the server."
            return Found(answers=(_since(began),), wrong=wrong, reached=True, fault=FaultKind.PROTOCOL)
        if told.rcode:
            said = dnswire.RCODES.get(told.rcode, f"code {told.rcode}")
            wrong = f"{at} does not resolve {safe(self._name, 80)}: {said}. Look at its zones and forwarders."
            return Found(answers=answers, wrong=wrong, reached=True, fault=FaultKind.NAME)
        return self._judged(told.records, answers, more=told.truncated)

    def _judged(self, records: tuple[str, ...], answers: tuple[float | None, ...], *, more: bool = False) -> Found:
        told = frozenset(dnswire.normal(one, self._kind) for one in records)
        name = safe(self._name, 80)
        missing, strange = self._expect - told, told - self._expect
        wrong = ""
        if not records and not more:
            wrong = f"{name} has no {self._kind} record; correct the zone, or the check."
        elif self._expect and strange:
            wrong = f"{name} is {_some(strange)}, which is not expected; expected is {_some(self._expect)}."
        elif self._expect and missing and not more:
            wrong = f"{name} lacks {_some(missing)}; it is {_some(told)}."
        if wrong:
            return Found(answers=answers, wrong=wrong, reached=True, fault=FaultKind.NAME)
        return Found(answers=answers, said=f"is {_some(told)}", reached=True)

    async def close(self) -> None:
        """There is nothing to let go of."""


async def ask(
    server: Address, port: int, name: str, kind: str, deadline_s: float
) -> tuple[dnswire.Answer, tuple[float | None, ...]]:
    """The answer to one question over UDP, from a port and with a number that nobody can guess, and the milliseconds
    of each try. Raises `TimeoutError`, `OSError`, and `ValueError` for an answer that is damaged."""
    loop = asyncio.get_running_loop()
    wire = socket.socket(socket.AF_INET if server.version == 4 else socket.AF_INET6, socket.SOCK_DGRAM)
    wire.setblocking(False)
    try:
        wire.connect((str(server), port))  # so that only the server's own words, and its refusal, arrive
        ident = secrets.randbelow(0x10000)
        packet = dnswire.question(ident, name, kind)
        for lost in range(TRIES):
            began = time.perf_counter()
            await loop.sock_sendall(wire, packet)
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(deadline_s / TRIES):
                    while True:
                        said = await loop.sock_recv(wire, 4096)
                        if (told := dnswire.answer(said, ident, name, kind)) is not None:
                            return told, (*(None,) * lost, _since(began))
    finally:
        wire.close()
    raise TimeoutError


def _since(began: float) -> float:
    return (time.perf_counter() - began) * 1000


def _some(records: frozenset[str]) -> str:
    shown = sorted(safe(one, 80) for one in records)
    return ", ".join(shown[:4]) + (f" and {len(shown) - 4} more" if len(shown) > 4 else "")
