"""Frames: what goes in comes out, and nothing else does any harm."""

from __future__ import annotations

import asyncio

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from backends.desk.protocol import DeskError, DeskErrorKind
from backends.wire.codec import (
    REQUEST_BYTES,
    Cancel,
    Hello,
    More,
    Request,
    Role,
    WireError,
    client_message,
    framed,
    packed,
    read_frame,
    server_message,
)
from backends.wire.verbs import DESK, VIEWS

MESSAGES = [
    Hello(protocol=1, version="0.1.0", role=Role.VIEWS),
    Request(id=7, verb="devices", args=packed({"query": "sev>=high", "limit": 3})),
    More(id=7),
    Cancel(id=7),
]


def reader_of(data: bytes) -> asyncio.StreamReader:
    reader = asyncio.StreamReader()
    reader.feed_data(data)
    reader.feed_eof()
    return reader


@pytest.mark.parametrize("message", MESSAGES, ids=lambda message: type(message).__name__)
async def test_a_message_comes_out_as_it_went_in(message: Hello | Request | More | Cancel) -> None:
    body = await read_frame(reader_of(framed(message)), REQUEST_BYTES)
    assert body is not None
    assert client_message(body) == message


@given(st.binary(max_size=200))
def test_garbage_is_a_wire_error_and_nothing_else(body: bytes) -> None:
    for decode in (client_message, server_message):
        try:
            decode(body)
        except WireError:
            continue


@given(st.binary(max_size=60))
async def test_a_stream_of_garbage_ends_in_order_or_as_a_wire_error(data: bytes) -> None:
    reader = reader_of(data)
    try:
        while await read_frame(reader, 1024) is not None:
            pass
    except WireError:
        pass


async def test_an_oversized_frame_is_refused_before_it_is_read() -> None:
    reader = reader_of((REQUEST_BYTES + 1).to_bytes(4, "big"))
    with pytest.raises(WireError, match="is announced"):
        await read_frame(reader, REQUEST_BYTES)


@pytest.mark.parametrize("cut", [1, 3, 4, 9])
async def test_half_a_frame_is_a_wire_error(cut: int) -> None:
    with pytest.raises(WireError, match="inside a frame"):
        await read_frame(reader_of(framed(MESSAGES[1])[:cut]), REQUEST_BYTES)


async def test_a_hang_up_between_frames_is_the_end() -> None:
    assert await read_frame(reader_of(b""), REQUEST_BYTES) is None


def test_deep_nesting_is_a_wire_error() -> None:
    with pytest.raises(WireError):
        client_message(b"\x91" * 100_000)


def test_a_view_is_never_an_act() -> None:
    acts = set(DESK) - set(VIEWS)
    assert acts == {
        "refresh", "reload", "plan", "approve", "check_run", "acknowledge", "unacknowledge", "claim", "snooze", "wake",
        "note", "shell", "snooze_says", "close_issue", "recheck", "second_opinion",
    }  # fmt: skip
    assert set(VIEWS) < set(DESK)


def test_closing_the_engines_desk_is_no_verb() -> None:
    assert "close" not in DESK


@pytest.mark.parametrize(
    "args",
    [
        {},
        {"issue": 5, "by": "tech1"},
        {"issue": "x"},
        {"issue": "x", "by": "tech1", "until": "tomorrow", "reason": ""},
        {"issue": "x", "by": "tech1", "until": "2026-01-05T09:00:00Z", "reason": "", "more": 1},
        [],
        "snooze",
        None,
    ],
)
def test_arguments_that_do_not_fit_are_wrong_use(args: object) -> None:
    with pytest.raises(DeskError) as error:
        DESK["snooze"].arguments(packed(args))
    assert error.value.kind is DeskErrorKind.WRONG_USE


@given(st.binary(max_size=80), st.sampled_from(sorted(DESK)))
def test_no_bytes_can_crash_the_decoding_of_arguments(raw: bytes, verb: str) -> None:
    try:
        arguments = DESK[verb].arguments(msgspec.Raw(raw))
    except DeskError:
        return
    assert set(arguments) == set(DESK[verb].fields)
