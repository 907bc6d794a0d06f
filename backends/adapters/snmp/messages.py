"""Requests and answers of SNMP (RFC 3416), and how version 2c wraps them (RFC 1901)."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from typing import Final

from msgspec import Struct

from backends.adapters.snmp import ber
from backends.adapters.snmp.ber import Malformed, Oid, Value

GET: Final = 0xA0
RESPONSE: Final = 0xA2
BULK: Final = 0xA5
REPORT: Final = 0xA8
TOO_BIG: Final = 1

Bind = tuple[Oid, int, Value]
"""A variable: which, of what type, and what it holds."""

_MOST_BINDS: Final = 1000
"""More than one datagram can hold."""
_V2C: Final = 1


class Answer(Struct, frozen=True):
    kind: int
    """RESPONSE or REPORT."""
    number: int
    """That of the request."""
    error: int
    """0 is none; 1 is too big, 2 … 18 as in RFC 3416 §3."""
    binds: tuple[Bind, ...]


def new_number() -> int:
    """Nobody beyond the wire can guess it."""
    return secrets.randbelow(0x7FFFFFFE) + 1


def get(number: int, *, oids: Sequence[Oid]) -> bytes:
    return _request(GET, number, 0, 0, oids)


def bulk(number: int, *, oids: Sequence[Oid], repetitions: int) -> bytes:
    """The variables after `oids`, so many for each."""
    return _request(BULK, number, 0, repetitions, oids)


def _request(kind: int, number: int, first: int, second: int, oids: Sequence[Oid]) -> bytes:
    binds = b"".join(ber.sequence(ber.encoded(ber.OID, oid), b"\x05\x00") for oid in oids)
    parts = (ber.integer(number), ber.integer(first), ber.integer(second), ber.sequence(binds))
    return ber.encoded(kind, b"".join(parts))


def answer_in(data: bytes, at: int, end: int) -> Answer:
    """The answer that is encoded there. Raises `Malformed`."""
    kind, at, end = ber.element(data, at, end)
    if kind not in (RESPONSE, REPORT):
        raise Malformed(f"{kind:#x} is no answer")
    number, at = ber.whole(data, at, end)
    error, at = ber.whole(data, at, end)
    _, at = ber.whole(data, at, end)
    at, end = ber.expected(data, at, end, ber.SEQUENCE)
    binds: list[Bind] = []
    while at < end:
        start, stop = ber.expected(data, at, end, ber.SEQUENCE)
        name, middle = ber.expected(data, start, stop, ber.OID)
        tag, begins, ends = ber.element(data, middle, stop)
        binds.append((Oid(data[name:middle]), tag, ber.value(tag, data[begins:ends])))
        at = stop
        if len(binds) > _MOST_BINDS:
            raise Malformed("an answer holds too many variables")
    return Answer(kind, number, error, tuple(binds))


class Community:
    """Version 2c: the community is all that is known of one another."""

    def __init__(self, community: str) -> None:
        self._community = ber.string(community.encode("utf-8"))

    def said(self, request: bytes) -> bytes:
        """The message that carries a request."""
        return ber.sequence(ber.integer(_V2C), self._community, request)

    def heard(self, data: bytes) -> Answer | None:
        """The answer in a datagram; None where it is none of this version and community."""
        try:
            at, end = ber.expected(data, 0, len(data), ber.SEQUENCE)
            version, at = ber.whole(data, at, end)
            after = at + len(self._community)
            if version != _V2C or data[at:after] != self._community:
                return None
            return answer_in(data, after, end)
        except Malformed:
            return None
