"""ICMP as bytes."""

from __future__ import annotations

import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backends.adapters.probe.echo import replied, request

TOKEN = b"our-own!"


def answer_to(packet: bytes, kind: int) -> bytes:
    return bytes((kind,)) + packet[1:]


@pytest.mark.parametrize(("version", "kind"), [(4, 0), (6, 129)])
def test_an_answer_names_the_request_it_answers(version: int, kind: int) -> None:
    packet = request(version, 7, 0xFFFF_FFFE, TOKEN)
    assert replied(version, answer_to(packet, kind), TOKEN) == 0xFFFF_FFFE


def test_the_checksum_of_a_request_adds_up() -> None:
    packet = request(4, 0xBEEF, 12345, TOKEN)
    total = sum(struct.unpack(f"!{len(packet) // 2}H", packet))
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    assert total == 0xFFFF


def test_an_answer_is_found_behind_its_ip_header() -> None:
    answer = answer_to(request(4, 7, 42, TOKEN), 0)
    assert replied(4, b"\x46" + bytes(23) + answer, TOKEN) == 42


@pytest.mark.parametrize(
    "packet",
    [b"", b"\x45", request(4, 7, 42, TOKEN), answer_to(request(4, 7, 42, b"others'!"), 0), b"\x00" * 12],
    ids=["nothing", "half a header", "a request", "another program's", "too short"],
)
def test_what_is_no_answer_to_us_is_nothing(packet: bytes) -> None:
    assert replied(4, packet, TOKEN) is None


@given(st.binary(max_size=80), st.sampled_from([4, 6]))
def test_no_packet_is_taken_for_ours_or_raises(packet: bytes, version: int) -> None:
    assert replied(version, packet, TOKEN) is None
