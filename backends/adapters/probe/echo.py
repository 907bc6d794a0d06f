"""ICMP echo as bytes (RFC 792, RFC 4443): requests made, replies understood. Pure.

Behind the header stand a token, which is ours alone, and the number of the request: the identifier of a datagram
socket is chosen by the kernel, and the sequence number has sixteen bits only.
"""

from __future__ import annotations

import struct
from typing import Final

TOKEN_BYTES: Final = 8
_HEADER: Final = struct.Struct("!BBHHH")
_BODY: Final = struct.Struct(f"!{TOKEN_BYTES}sI")
_REQUEST: Final = {4: 8, 6: 128}
_REPLY: Final = {4: 0, 6: 129}
_WHOLE: Final = _HEADER.size + _BODY.size
_WORDS: Final = struct.Struct(f"!{_WHOLE // 2}H")


def request(version: int, ident: int, number: int, token: bytes) -> bytes:
    """An echo request for IP `version` 4 or 6. `number` is below 2 to the 32; its low half is the sequence number."""
    body = _BODY.pack(token, number)
    kind = _REQUEST[version]
    bare = _HEADER.pack(kind, 0, 0, ident, number & 0xFFFF) + body
    if version == 6:
        return bare  # the kernel fills the sum in: it covers addresses that only the kernel knows
    return _HEADER.pack(kind, 0, _checksum(bare), ident, number & 0xFFFF) + body


def replied(version: int, packet: bytes, token: bytes) -> int | None:
    """The number of the request that `packet` answers; None for whatever is no answer to one of ours. A raw socket, and
    macOS on every socket, gives the IP header as well."""
    if version == 4 and packet[:1] and packet[0] >> 4 == 4:
        packet = packet[(packet[0] & 0x0F) * 4 :]
    if len(packet) < _WHOLE or packet[0] != _REPLY[version] or packet[1] != 0:
        return None
    if packet[_HEADER.size : _HEADER.size + TOKEN_BYTES] != token:
        return None
    return int.from_bytes(packet[_HEADER.size + TOKEN_BYTES : _WHOLE], "big")


def _checksum(packet: bytes) -> int:
    """The Internet checksum (RFC 1071) of a packet whose own field is zero."""
    total: int = sum(_WORDS.unpack(packet))
    total = (total & 0xFFFF) + (total >> 16)
    return ~(total + (total >> 16)) & 0xFFFF
