"""Facts as rows: a key, a body (MessagePack), and a checksum over both, since SQLite does not notice a flipped bit."""

from __future__ import annotations

import zlib
from collections.abc import Callable, Iterable
from datetime import datetime
from typing import Final, TypeVar

import msgspec

Fact = TypeVar("Fact")

_encoder: Final = msgspec.msgpack.Encoder()


def body_of(fact: object) -> bytes:
    """MessagePack. A lone surrogate, which no encoding can hold, becomes an escape in clear letters."""
    try:
        return _encoder.encode(fact)
    except UnicodeEncodeError:
        return _encoder.encode(_mended(msgspec.to_builtins(fact, builtin_types=(datetime,))))


def _mended(value: object) -> object:
    if isinstance(value, str):
        return value.encode("utf-8", "backslashreplace").decode("utf-8")
    if isinstance(value, dict):
        return {_mended(key): _mended(inner) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [_mended(inner) for inner in value]
    return value


def key_of(source: str, native: str) -> str:
    """Sources' names have no line break, so that no two pairs share a key; surrogates cannot be stored."""
    return f"{source}\n{native}".encode("utf-8", "backslashreplace").decode("utf-8")


def checksum(table: str, key: str, body: bytes) -> int:
    """Binds the body to its place, so that a row that was swapped with another shows too."""
    return zlib.crc32(body, zlib.crc32(f"{table}\0{key}\0".encode("utf-8", "surrogatepass")))


def sealed(table: str, key: str, fact: object) -> tuple[str, bytes, int]:
    """Key, body and checksum of a row."""
    body = body_of(fact)
    return key, body, checksum(table, key, body)


def opened(
    table: str, rows: Iterable[tuple[str, bytes, int]], kind: type[Fact], spoiled: Callable[[str], None] | None = None
) -> list[Fact]:
    """The facts of the rows that are whole; `spoiled` is told the key of each that is not."""
    whole = []
    crc32, begun = zlib.crc32, zlib.crc32(f"{table}\0".encode())
    for key, body, found in rows:
        # `checksum`, for thousands of rows on the way to the first picture.
        if isinstance(body, bytes) and crc32(body, crc32(f"{key}\0".encode("utf-8", "surrogatepass"), begun)) == found:
            whole.append((key, body))
        elif spoiled is not None:
            spoiled(key)
    try:
        # One array decodes several times faster than its items one by one.
        return msgspec.msgpack.decode(_array_of([body for _, body in whole]), type=list[kind])  # type: ignore[valid-type]
    except msgspec.DecodeError:
        return _one_by_one(whole, kind, spoiled)


def _array_of(bodies: list[bytes]) -> bytes:
    return b"\xdd" + len(bodies).to_bytes(4, "big") + b"".join(bodies)


def _one_by_one(rows: list[tuple[str, bytes]], kind: type[Fact], spoiled: Callable[[str], None] | None) -> list[Fact]:
    """For bodies that another version of the program wrote in a shape that this one does not know."""
    out = []
    for key, body in rows:
        try:
            out.append(msgspec.msgpack.decode(body, type=kind))
        except msgspec.DecodeError:
            if spoiled is not None:
                spoiled(key)
    return out
