"""An SNMP v2c agent that answers from a walk and misbehaves as a test wants; and sources on such agents."""

from __future__ import annotations

import json
import socket
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from backends.adapters.snmp import ber
from backends.adapters.snmp.messages import BULK, GET, RESPONSE
from backends.adapters.snmp.options import snmp_options
from backends.adapters.snmp.source import SnmpSource
from backends.api import Client, ClientId, SourceName, SourceSettings, Timing, safe
from backends.testing import FakeClock

WALKS = Path(__file__).parents[1] / "backends" / "adapters" / "snmp" / "walks"
COMMUNITY = "s3cret"
TAGS = {
    "Integer": ber.INTEGER,
    "OctetString": ber.STRING,
    "Octets": ber.STRING,
    "ObjectIdentifier": ber.OID,
    "TimeTicks": ber.TICKS,
    "Counter32": ber.COUNTER32,
    "Counter64": ber.COUNTER64,
    "Gauge32": ber.GAUGE32,
}
Row = tuple[str, str, str]
"""Object id, type and value."""


def recorded(name: str) -> list[Row]:
    """A walk; its counters, states and storage were added to what was recorded."""
    return [tuple(row) for row in json.loads((WALKS / f"{name}.json").read_text(encoding="utf-8"))]


def changed(rows: Sequence[Row], changes: Mapping[str, str | None]) -> list[Row]:
    """With other values at some object ids; None takes one away."""
    known = {oid for oid, _, _ in rows}
    assert set(changes) <= known, set(changes) - known
    return [
        (oid, kind, changes.get(oid, value) or "")
        for oid, kind, value in rows
        if oid not in changes or changes[oid] is not None
    ]


def encoded(kind: str, value: str) -> bytes:
    tag = TAGS[kind]
    if tag == ber.OID:
        return ber.encoded(tag, ber.oid(value))
    if kind == "Octets":
        return ber.encoded(tag, bytes.fromhex(value))
    if tag == ber.STRING:
        return ber.encoded(tag, value.encode("utf-8", "surrogateescape"))
    return ber.encoded(tag, ber.integer(int(value))[2:])


class Agent(threading.Thread):
    """Answers on a free port of loopback until it is closed."""

    def __init__(self, rows: Sequence[Row], community: str = COMMUNITY) -> None:
        super().__init__(daemon=True)
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._socket.bind(("127.0.0.1", 0))
        self.port: int = self._socket.getsockname()[1]
        self._community = community.encode()
        self.requests: list[tuple[int, int, int]] = []
        """Kind, variables and repetitions of each that came."""
        self.rows = rows
        self.silent = False
        self.loses_over = 0
        """Requests for more variables than this get no answer; 0 is never."""
        self.too_big_over = 0
        """And these are told to be too big."""
        self.mute_below = ""
        """Requests for what is at or below this object id get no answer."""
        self.circles = False
        """After the last variable comes the first of the column again."""
        self.before: list[bytes] = []
        """Datagrams that are sent in front of every answer."""
        self.spoils: set[str] = set()
        """Ways in which every answer is wrong: `number`, `community`, `cut`."""
        self.refuses: dict[str, int] = {}
        """Error status for requests at or below object ids."""

    @property
    def rows(self) -> Sequence[Row]:
        return self._rows

    @rows.setter
    def rows(self, rows: Sequence[Row]) -> None:
        self._rows = rows
        held = {tuple(map(int, oid.split("."))): encoded(kind, value) for oid, kind, value in rows}
        self._held, self._order = held, sorted(held)

    def run(self) -> None:
        while True:
            try:
                data, sender = self._socket.recvfrom(65535)
            except OSError:
                return
            if not data:
                return
            answer = self._answer(data)
            if answer is not None:
                for datagram in (*self.before, answer):
                    self._socket.sendto(datagram, sender)

    def close(self) -> None:
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as waker:
            waker.sendto(b"", ("127.0.0.1", self.port))
        self.join(10)
        self._socket.close()

    def _answer(self, data: bytes) -> bytes | None:
        at, end = ber.expected(data, 0, len(data), ber.SEQUENCE)
        _, at = ber.whole(data, at, end)
        start, at = ber.expected(data, at, end, ber.STRING)
        if data[start:at] != self._community or self.silent:
            return None
        kind, at, end = ber.element(data, at, end)
        number, at = ber.whole(data, at, end)
        _, at = ber.whole(data, at, end)
        each, at = ber.whole(data, at, end)
        asked = list(_asked(data, at, end))
        count = len(asked) * (each if kind == BULK else 1)
        self.requests.append((kind, len(asked), each))
        if self.loses_over and count > self.loses_over:
            return None
        if self.mute_below and self._below(asked, self.mute_below):
            return None
        status = 1 if self.too_big_over and count > self.too_big_over else self._refusal(asked)
        binds = [] if status else (self._got(asked) if kind == GET else self._after(asked, each))
        number += "number" in self.spoils
        body = (ber.integer(number), ber.integer(status), ber.integer(0), ber.sequence(*binds))
        community = self._community.swapcase() if "community" in self.spoils else self._community
        answer = ber.sequence(ber.integer(1), ber.string(community), ber.encoded(RESPONSE, b"".join(body)))
        return answer[: len(answer) // 2] if "cut" in self.spoils else answer

    def _refusal(self, asked: Sequence[tuple[int, ...]]) -> int:
        for oid, status in self.refuses.items():
            if self._below(asked, oid):
                return status
        return 0

    def _below(self, asked: Sequence[tuple[int, ...]], oid: str) -> bool:
        root = tuple(map(int, oid.split(".")))
        return any(one[: len(root)] == root for one in asked)

    def _got(self, asked: Sequence[tuple[int, ...]]) -> list[bytes]:
        return [_bind(oid, self._held.get(oid, b"\x80\x00")) for oid in asked]

    def _after(self, asked: Sequence[tuple[int, ...]], each: int) -> list[bytes]:
        binds, last = [], list(asked)
        for _ in range(each):
            for place, oid in enumerate(last):
                found = next((one for one in self._order if one > oid), None)
                if self.circles and found is not None and found[:-1] != oid[: len(found) - 1]:
                    found = next((one for one in self._order if one[:-1] == oid[: len(one) - 1]), found)
                binds.append(_bind(oid, b"\x82\x00") if found is None else _bind(found, self._held[found]))
                last[place] = found or oid
        return binds


def _asked(data: bytes, at: int, end: int) -> Iterator[tuple[int, ...]]:
    at, end = ber.expected(data, at, end, ber.SEQUENCE)
    while at < end:
        start, at = ber.expected(data, at, end, ber.SEQUENCE)
        first, last = ber.expected(data, start, at, ber.OID)
        yield tuple(map(int, ber.dotted(data[first:last]).split(".")))


def _bind(oid: tuple[int, ...], value: bytes) -> bytes:
    return ber.sequence(ber.encoded(ber.OID, ber.oid(".".join(map(str, oid)))), value)


@contextmanager
def agent(rows: Sequence[Row], community: str = COMMUNITY) -> Iterator[Agent]:
    made = Agent(rows, community)
    made.start()
    try:
        yield made
    finally:
        made.close()


def settings_of(tmp_path: Path, table: Mapping[str, Any], timing: Timing, secret: str = COMMUNITY) -> SourceSettings:
    async def tell() -> str:
        return secret

    return SourceSettings(
        name=SourceName("acme-net"),
        kind="snmp",
        options={"client": "acme", "site": "HQ", "deadline": "2s", **table},
        clients={ClientId("acme"): Client(id=ClientId("acme"), name=safe("Acme Dental"))},
        every_s=30,
        secret=tell,
        timing=timing,
        state_dir=tmp_path,
    )


def open_snmp(
    tmp_path: Path, hosts: Sequence[int | str], timing: Timing | None = None, *, secret: str = COMMUNITY, **options: Any
) -> SnmpSource:
    """A source on these addresses, or ports of loopback."""
    named = [f"127.0.0.1:{host}" if isinstance(host, int) else host for host in hosts]
    settings = settings_of(tmp_path, {"hosts": named, **options}, timing or FakeClock(), secret)
    return SnmpSource(settings, snmp_options(settings))
