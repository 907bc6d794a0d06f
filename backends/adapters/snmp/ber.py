"""BER as SNMP uses it (X.690 with the limits of RFC 3417 §8): definite lengths, and the types of RFC 2578.

An object id is kept as it travels: its contents in bytes (`Oid`). That one is below another is then a common beginning,
and only the index of a row is ever taken apart.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, NewType

Oid = NewType("Oid", bytes)
"""The contents of an encoded object id."""
Value = int | bytes | str | None
"""An INTEGER, counter, gauge or time; an OCTET STRING, IpAddress or Opaque; an object id with dots; nothing."""

INTEGER: Final = 0x02
STRING: Final = 0x04
NULL: Final = 0x05
OID: Final = 0x06
SEQUENCE: Final = 0x30
COUNTER32: Final = 0x41
GAUGE32: Final = 0x42
TICKS: Final = 0x43
COUNTER64: Final = 0x46
NO_OBJECT: Final = 0x80
NO_INSTANCE: Final = 0x81
END: Final = 0x82

_UNSIGNED: Final = frozenset((COUNTER32, GAUGE32, TICKS, 0x47, COUNTER64))
_ARCS: Final = 128
"""No object id has more (RFC 2578 §3.5)."""


class Malformed(ValueError):  # noqa: N818 - what came is so
    """What came is no BER, or none that SNMP allows."""


def encoded(tag: int, contents: bytes) -> bytes:
    size = len(contents)
    if size < 0x80:
        return bytes((tag, size)) + contents
    length = size.to_bytes((size.bit_length() + 7) // 8, "big")
    return bytes((tag, 0x80 | len(length))) + length + contents


def integer(number: int) -> bytes:
    size = (number if number >= 0 else ~number).bit_length() // 8 + 1
    return encoded(INTEGER, number.to_bytes(size, "big", signed=True))


def string(text: bytes) -> bytes:
    return encoded(STRING, text)


def sequence(*parts: bytes) -> bytes:
    return encoded(SEQUENCE, b"".join(parts))


def oid(dotted: str) -> Oid:
    """`1.3.6.1` as it travels."""
    first, second, *arcs = (int(arc) for arc in dotted.split("."))
    return Oid(b"".join(map(_arc, (first * 40 + second, *arcs))))


def below(base: Oid, index: Sequence[int]) -> Oid:
    return Oid(base + b"".join(map(_arc, index)))


def _arc(number: int) -> bytes:
    out = bytes((number & 0x7F,))
    while number := number >> 7:
        out = bytes((number & 0x7F | 0x80,)) + out
    return out


def arcs(contents: bytes) -> tuple[int, ...]:
    """The numbers in a piece of an object id that begins and ends between two of them. Raises `Malformed`."""
    if contents.isascii():
        found = tuple(contents)
    else:
        numbers: list[int] = []
        number = 0
        for byte in contents:
            number = number << 7 | byte & 0x7F
            if not byte & 0x80:
                numbers.append(number)
                number = 0
        found = tuple(numbers)
        if contents[-1] & 0x80:
            raise Malformed("an object id ends within a number")
    if len(found) > _ARCS or max(found, default=0) >= 1 << 35:
        raise Malformed("an object id is too long")
    return found


def dotted(contents: bytes) -> str:
    """An object id for people. Raises `Malformed`."""
    numbers = arcs(contents)
    if not numbers:
        return "0.0"
    first = min(numbers[0] // 40, 2)
    return ".".join(map(str, (first, numbers[0] - first * 40, *numbers[1:])))


def element(data: bytes, at: int, end: int) -> tuple[int, int, int]:
    """Tag, and where the contents of the element at `at` begin and end. Raises `Malformed`."""
    if at + 2 > end:
        raise Malformed("the message is cut off")
    start = at + 2
    size = data[at + 1]
    if size & 0x80:
        count = size & 0x7F
        if not 1 <= count <= 4 or start + count > end:
            raise Malformed("a length is none that SNMP allows")
        size = int.from_bytes(data[start : start + count], "big")
        start += count
    if start + size > end:
        raise Malformed("the message is cut off")
    return data[at], start, start + size


def expected(data: bytes, at: int, end: int, tag: int) -> tuple[int, int]:
    """Where the contents of the element at `at` begin and end, which has to be of this type. Raises `Malformed`."""
    found, start, stop = element(data, at, end)
    if found != tag:
        raise Malformed(f"type {found:#x} where {tag:#x} belongs")
    return start, stop


def whole(data: bytes, at: int, end: int) -> tuple[int, int]:
    """The INTEGER at `at`, and where it ends. Raises `Malformed`."""
    start, stop = expected(data, at, end, INTEGER)
    if not 1 <= stop - start <= 8:
        raise Malformed("a number is too long")
    return int.from_bytes(data[start:stop], "big", signed=True), stop


def value(tag: int, contents: bytes) -> Value:
    """What a variable holds. Raises `Malformed`."""
    if tag == INTEGER:
        return int.from_bytes(contents[:9], "big", signed=True)
    if tag in _UNSIGNED:
        # Some agents send counters above 2^31 without the zero byte in front: there is no negative one.
        number = int.from_bytes(contents[-9:], "big")
        return number & 0xFFFFFFFFFFFFFFFF if tag == COUNTER64 else number & 0xFFFFFFFF
    if tag == OID:
        return dotted(contents)
    if tag in (NULL, NO_OBJECT, NO_INSTANCE, END):
        return None
    return contents
