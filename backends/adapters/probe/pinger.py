"""Pings: one socket for each version of IP, requests told apart by number, sent in batches between which others run.

A datagram socket (Linux where `net.ipv4.ping_group_range` permits it, macOS) needs no privilege; a raw one needs
CAP_NET_RAW. Where the kernel stamps arrivals, a busy event loop does not make a device look slow.
"""

from __future__ import annotations

import asyncio
import contextlib
import errno
import os
import secrets
import socket
import struct
import sys
import time
from collections import deque
from typing import Final

from msgspec import Struct

from backends.adapters.probe import echo
from backends.fleet.addresses import Address

BATCH: Final = 48
"""Requests that are sent, or replies that are taken, before everything else has its turn."""
FULL_S: Final = 0.004
"""How long to wait where the kernel takes no more."""
REMEDY: Final = (
    'Permit it with `sysctl -w net.ipv4.ping_group_range="0 2147483647"`, or give the engine CAP_NET_RAW; '
    "until then TCP alone is tried."
)
_SO_TIMESTAMPNS: Final = 35
_STAMP: Final = struct.Struct("@ll")
_RECEIVED: Final = 2048
_BUFFER_BYTES: Final = 1024 * 1024
_SOL_RAW, _ICMP_FILTER, _ICMP6_FILTER = 255, 1, 1


class NoPing(Exception):  # noqa: N818 - a state of this machine
    """This machine does not let us ping. The sentence says so and what to do."""

    def __init__(self, version: int, reason: str) -> None:
        super().__init__(f"This machine does not let rounds ping over IPv{version} ({reason}). {REMEDY}")


class _Wire(Struct):
    """One open socket."""

    version: int
    socket: socket.socket
    raw: bool


class _Asked(Struct):
    """One request under way. Times are nanoseconds."""

    address: str
    answer: asyncio.Future[float]
    steady: int = 0
    wall: int = 0


class Pinger:
    """Sockets are opened at the first ping of their version, and closed by `close`."""

    def __init__(self) -> None:
        self._token = secrets.token_bytes(echo.TOKEN_BYTES)
        self._ident = secrets.randbelow(0x10000)
        self._number = secrets.randbelow(1 << 32)
        self._wires: dict[int, _Wire] = {}
        self._asked: dict[int, _Asked] = {}
        self._queue: deque[tuple[_Wire, int]] = deque()
        self._sending: asyncio.Handle | None = None

    async def ping(self, address: Address, deadline_s: float) -> float | None:
        """Milliseconds until the answer; None when none came in time. Raises `NoPing`, and `OSError` where the kernel
        knows of no way there."""
        loop = asyncio.get_running_loop()
        wire = self._wire(address.version)
        self._number = number = (self._number + 1) & 0xFFFFFFFF
        asked = self._asked[number] = _Asked(address=str(address), answer=loop.create_future())
        self._queue.append((wire, number))
        if self._sending is None:
            self._sending = loop.call_soon(self._send)
        timer = loop.call_later(deadline_s, _give_up, asked.answer)
        try:
            return await asked.answer
        except TimeoutError:
            return None
        finally:
            timer.cancel()
            self._asked.pop(number, None)

    def permitted(self, version: int = 4) -> None:
        """Raises `NoPing` where this machine does not let us. Sends nothing."""
        self._wire(version)

    def how(self) -> str:
        """By what kind of socket: `a raw socket`, `a datagram socket`."""
        return "a raw socket" if any(wire.raw for wire in self._wires.values()) else "a datagram socket"

    def close(self) -> None:
        """Nobody gets an answer any more."""
        if self._sending is not None:
            self._sending.cancel()
            self._sending = None
        for wire in self._wires.values():
            asyncio.get_running_loop().remove_reader(wire.socket)
            wire.socket.close()
        self._wires.clear()
        self._queue.clear()
        for asked in self._asked.values():
            _give_up(asked.answer)

    def _wire(self, version: int) -> _Wire:
        wire = self._wires.get(version)
        if wire is None:
            wire = self._wires[version] = _opened(version)
            asyncio.get_running_loop().add_reader(wire.socket, self._receive, wire)
        return wire

    def _send(self) -> None:
        """A batch of what waits; the next one comes after whatever else is ready."""
        loop = asyncio.get_running_loop()
        for _ in range(min(BATCH, len(self._queue))):
            wire, number = self._queue[0]
            asked = self._asked.get(number)
            if asked is not None and not asked.answer.done():
                packet = echo.request(wire.version, self._ident, number, self._token)
                asked.steady, asked.wall = time.monotonic_ns(), time.time_ns()
                try:
                    wire.socket.sendto(packet, (asked.address, 0))
                except OSError as error:
                    if error.errno in (errno.EAGAIN, errno.ENOBUFS):
                        self._sending = loop.call_later(FULL_S, self._send)
                        return
                    asked.answer.set_exception(error)
            self._queue.popleft()
        self._sending = loop.call_soon(self._send) if self._queue else None

    def _receive(self, wire: _Wire) -> None:
        for _ in range(BATCH):
            try:
                packet, said, _, sender = wire.socket.recvmsg(_RECEIVED, 64)
            except OSError:
                return  # nothing more, or word of somebody's error, which a deadline tells as well
            number = echo.replied(wire.version, packet, self._token)
            asked = self._asked.get(number) if number is not None else None
            if asked is None or asked.answer.done() or sender[0].partition("%")[0] != asked.address:
                continue  # not ours, too late, twice, or from somebody else than was asked
            asked.answer.set_result(_took_ms(asked, said))


def _took_ms(asked: _Asked, said: list[tuple[int, int, bytes]]) -> float:
    """By the kernel's stamp where there is one; never longer than by our own clock, which no leap disturbs."""
    took = time.monotonic_ns() - asked.steady
    for level, kind, data in said:
        if level == socket.SOL_SOCKET and kind == _SO_TIMESTAMPNS and len(data) >= _STAMP.size:
            seconds, nanoseconds = _STAMP.unpack_from(data)
            stamped = seconds * 1_000_000_000 + nanoseconds - asked.wall
            took = stamped if 0 <= stamped < took else took
    return took / 1e6


def _give_up(answer: asyncio.Future[float]) -> None:
    if not answer.done():
        answer.set_exception(TimeoutError())


def _opened(version: int) -> _Wire:
    """Raises `NoPing`."""
    family, protocol = (
        (socket.AF_INET, socket.IPPROTO_ICMP) if version == 4 else (socket.AF_INET6, socket.IPPROTO_ICMPV6)
    )
    reason = ""
    for kind in (socket.SOCK_DGRAM, socket.SOCK_RAW):
        try:
            opened = socket.socket(family, kind, protocol)
        except OSError as error:
            reason = os.strerror(error.errno or 0).lower()
            continue
        opened.setblocking(False)
        with contextlib.suppress(OSError):  # each of these only helps
            opened.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, _BUFFER_BYTES)
        if sys.platform == "linux":
            with contextlib.suppress(OSError):
                opened.setsockopt(socket.SOL_SOCKET, _SO_TIMESTAMPNS, 1)
            if kind == socket.SOCK_RAW:
                with contextlib.suppress(OSError):
                    _replies_only(opened, version)
        return _Wire(version=version, socket=opened, raw=kind == socket.SOCK_RAW)
    raise NoPing(version, reason)


def _replies_only(opened: socket.socket, version: int) -> None:
    """Let the kernel drop what is not an echo reply: a raw socket is given all ICMP that arrives."""
    if version == 4:
        opened.setsockopt(_SOL_RAW, _ICMP_FILTER, struct.pack("@I", ~(1 << 0) & 0xFFFFFFFF))
    else:
        passed = [0xFFFFFFFF] * 8
        passed[129 >> 5] &= ~(1 << (129 & 31)) & 0xFFFFFFFF
        opened.setsockopt(socket.IPPROTO_ICMPV6, _ICMP6_FILTER, struct.pack("@8I", *passed))
