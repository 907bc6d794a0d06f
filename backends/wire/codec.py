"""Frames of the wire: four bytes of length, then MessagePack. Typed and strict in both directions.

A connection begins with `Hello` and `Welcome` (or `Farewell`), whose shape never changes, so that two versions can
always tell each other that they differ. Then requests carry an id; a plain verb gets one `Reply` or `Failure`, a
streaming one `Item`s, each against a credit that the reader granted, until `End` or `Failure`.
"""

from __future__ import annotations

import asyncio
from datetime import datetime
from enum import StrEnum
from typing import Final

import msgspec
from msgspec import Struct

from backends.desk.protocol import DeskErrorKind

PROTOCOL: Final = 1
"""Raised whenever a frame or a fact changes in a way that the other side would misunderstand."""

REQUEST_BYTES: Final = 1024 * 1024
"""Longest frame that the engine reads."""
ANSWER_BYTES: Final = 128 * 1024 * 1024
"""Longest frame that a front end reads: the whole picture of a hundred thousand devices."""
CREDIT: Final = 2
"""Items of one stream that may be under way before the reader asks for more."""
BEAT_S: Final = 2.0
"""The engine says at least this often that it lives."""

_LENGTH_BYTES: Final = 4


class Role(StrEnum):
    DESK = "desk"
    VIEWS = "views"
    """Only looks: the engine knows no other verb on such a connection."""


class Hello(Struct, frozen=True, tag="hello", kw_only=True):
    protocol: int
    version: str
    role: Role


class Request(Struct, frozen=True, tag="ask", kw_only=True, forbid_unknown_fields=True):
    id: int
    verb: str
    args: msgspec.Raw


class More(Struct, frozen=True, tag="more", kw_only=True, forbid_unknown_fields=True):
    """One item was used up: another may come."""

    id: int


class Cancel(Struct, frozen=True, tag="cancel", kw_only=True, forbid_unknown_fields=True):
    id: int


FromClient = Hello | Request | More | Cancel


class Welcome(Struct, frozen=True, tag="welcome", kw_only=True):
    protocol: int
    version: str
    pid: int
    at: datetime


class Farewell(Struct, frozen=True, tag="farewell", kw_only=True):
    """The connection ends here, and why."""

    sentence: str


class Reply(Struct, frozen=True, tag="reply", kw_only=True):
    id: int
    value: msgspec.Raw


class Item(Struct, frozen=True, tag="item", kw_only=True):
    id: int
    value: msgspec.Raw


class End(Struct, frozen=True, tag="end", kw_only=True):
    id: int


class Failure(Struct, frozen=True, tag="failure", kw_only=True):
    id: int
    kind: DeskErrorKind
    sentence: str


class Beat(Struct, frozen=True, tag="beat", kw_only=True):
    """The engine lives; its time."""

    at: datetime


FromServer = Welcome | Farewell | Reply | Item | End | Failure | Beat


class WireError(Exception):
    """What came is not our protocol: garbage, too long, half a frame. The connection is of no use any more."""


_encoder: Final = msgspec.msgpack.Encoder()
_from_client: Final[msgspec.msgpack.Decoder[FromClient]] = msgspec.msgpack.Decoder(FromClient)
_from_server: Final[msgspec.msgpack.Decoder[FromServer]] = msgspec.msgpack.Decoder(FromServer)


def packed(value: object) -> msgspec.Raw:
    """A value on its own, to be put into a frame. One name with half a character in it must not cost all the others."""
    try:
        return msgspec.Raw(_encoder.encode(value))
    except UnicodeEncodeError:
        from backends.store.rows import body_of  # noqa: PLC0415 - rare: such names come from file systems only

        return msgspec.Raw(body_of(value))


def framed(message: FromClient | FromServer) -> bytes:
    """A whole frame, ready to be written. Raises `WireError` when it is longer than the other side would read."""
    body = _encoder.encode(message)
    if len(body) > ANSWER_BYTES:
        raise WireError(f"{len(body)} bytes are more than one frame may carry")
    return len(body).to_bytes(_LENGTH_BYTES, "big") + body


def client_message(body: bytes) -> FromClient:
    """What a front end said. Raises `WireError`."""
    try:
        return _from_client.decode(body)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise WireError("not a message of a front end") from error


def server_message(body: bytes) -> FromServer:
    """What the engine said. Raises `WireError`."""
    try:
        return _from_server.decode(body)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise WireError("not a message of an engine") from error


async def read_frame(reader: asyncio.StreamReader, longest: int) -> bytes | None:
    """The body of the next frame; None when the other side has hung up in order. Raises `WireError`."""
    try:
        head = await reader.readexactly(_LENGTH_BYTES)
    except asyncio.IncompleteReadError as error:
        if error.partial:
            raise WireError("it ended inside a frame") from error
        return None
    length = int.from_bytes(head, "big")
    if length > longest:
        raise WireError(f"a frame of {length} bytes is announced; {longest} is the most")
    try:
        return await reader.readexactly(length)
    except asyncio.IncompleteReadError as error:
        raise WireError("it ended inside a frame") from error
