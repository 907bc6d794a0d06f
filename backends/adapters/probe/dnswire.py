"""DNS messages as bytes (RFC 1035; RFC 6891 for the size): one question asked, its answers read. Pure."""

from __future__ import annotations

import ipaddress
import struct
from typing import Final

from msgspec import Struct

from backends.text import safe

TYPES: Final = {"A": 1, "NS": 2, "CNAME": 5, "MX": 15, "TXT": 16, "AAAA": 28}
RCODES: Final = {
    0: "no error",
    1: "the question is malformed",
    2: "the server failed",
    3: "the name does not exist",
    4: "not implemented",
    5: "refused",
}
LARGEST_BYTES: Final = 1232
"""What we take in one datagram: what passes every path whole (DNS flag day 2020)."""
_HEADER: Final = struct.Struct("!6H")
_RECORD: Final = struct.Struct("!HHIH")
_IN, _OPT = 1, 41
_RESPONSE, _TRUNCATED, _RECURSE = 0x8000, 0x0200, 0x0100
_JUMPS: Final = 64


class Answer(Struct, frozen=True, kw_only=True):
    """What a server says."""

    rcode: int
    records: tuple[str, ...]
    """Those of the type that was asked for, as people write them."""
    truncated: bool


def question(ident: int, name: str, kind: str) -> bytes:
    """Raises `ValueError` for a name that cannot be asked for."""
    header = _HEADER.pack(ident, _RECURSE, 1, 0, 0, 1)
    size = b"\0" + struct.pack("!HHIH", _OPT, LARGEST_BYTES, 0, 0)
    return header + _question(name, kind) + size


def answer(packet: bytes, ident: int, name: str, kind: str) -> Answer | None:
    """None for what is no answer to this question. Raises `ValueError` for one that is damaged."""
    if len(packet) < _HEADER.size:
        return None
    theirs, flags, questions, count, _, _ = _HEADER.unpack_from(packet)
    if theirs != ident or not flags & _RESPONSE:
        return None
    at = _HEADER.size
    if questions == 1:
        asked, at = _name(packet, at)
        if asked.casefold() != name.rstrip(".").casefold() or packet[at : at + 4] != _kind(kind):
            return None
        at += 4
    elif questions or not flags & 0x0F:
        return None
    records = []
    for _ in range(count):
        _, at = _name(packet, at)
        if at + _RECORD.size > len(packet):
            raise ValueError("a record is cut off")
        type_, class_, _, length = _RECORD.unpack_from(packet, at)
        at += _RECORD.size
        if at + length > len(packet):
            raise ValueError("a record is cut off")
        if (type_, class_) == (TYPES[kind], _IN):
            records.append(_text(packet, at, length, kind))
        at += length
    return Answer(rcode=flags & 0x0F, records=tuple(records), truncated=bool(flags & _TRUNCATED))


def normal(text: str, kind: str) -> str:
    """An expected record as `answer` gives it."""
    if kind in ("A", "AAAA"):
        try:
            return str(ipaddress.ip_address(text))
        except ValueError:
            return text
    return text if kind == "TXT" else text.rstrip(".").casefold()


def _question(name: str, kind: str) -> bytes:
    out = bytearray()
    for label in name.rstrip(".").split("."):
        raw = label.encode("idna") if not label.isascii() else label.encode("ascii")
        if not 1 <= len(raw) <= 63:
            raise ValueError("a part of the name is empty or longer than 63 characters")
        out += bytes((len(raw),)) + raw
    if len(out) > 254:
        raise ValueError("the name is longer than 253 characters")
    return bytes(out) + b"\0" + _kind(kind)


def _kind(kind: str) -> bytes:
    return struct.pack("!HH", TYPES[kind], _IN)


def _name(packet: bytes, at: int) -> tuple[str, int]:
    """The name at `at` and where it ends. Jumps go backwards only, so that there is an end."""
    labels: list[str] = []
    end = -1
    for _ in range(_JUMPS * 4):
        if at >= len(packet):
            raise ValueError("a name is cut off")
        length = packet[at]
        if length & 0xC0 == 0xC0:
            if at + 2 > len(packet):
                raise ValueError("a name is cut off")
            end = at + 2 if end < 0 else end
            target = int.from_bytes(packet[at : at + 2], "big") & 0x3FFF
            if target >= at:
                raise ValueError("a name refers to what comes after it")
            at = target
        elif length & 0xC0:
            raise ValueError("a name has a length that is none")
        elif length == 0:
            return ".".join(labels), at + 1 if end < 0 else end
        else:
            labels.append(packet[at + 1 : at + 1 + length].decode("ascii", "replace"))
            at += 1 + length
    raise ValueError("a name does not end")


def _text(packet: bytes, at: int, length: int, kind: str) -> str:
    data = packet[at : at + length]
    if kind in ("A", "AAAA"):
        if length != (4 if kind == "A" else 16):
            raise ValueError("an address has a length that is none")
        return str(ipaddress.ip_address(data))
    if kind == "MX":
        if length < 3:
            raise ValueError("a record is cut off")
        return f"{int.from_bytes(data[:2], 'big')} {safe(_name(packet, at + 2)[0], 253).casefold()}"
    if kind == "TXT":
        parts, place = [], 0
        while place < length:
            parts.append(data[place + 1 : place + 1 + data[place]])
            place += 1 + data[place]
        return safe(b"".join(parts).decode("utf-8", "replace"), 512)
    return safe(_name(packet, at)[0], 253).casefold()
