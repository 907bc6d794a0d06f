"""DNS as bytes."""

from __future__ import annotations

import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backends.adapters.probe import dnswire
from tests.support.probing import reply

NAME = "www.acme.example"


def asked(kind: str = "A") -> bytes:
    return dnswire.question(7, NAME, kind)


@pytest.mark.parametrize(
    ("kind", "data", "text"),
    [
        ("A", bytes((10, 0, 0, 4)), "10.0.0.4"),
        ("AAAA", bytes(15) + b"\1", "::1"),
        ("CNAME", b"\5Other\xc0\x10", "other.acme.example"),
        ("NS", b"\2ns\xc0\x10", "ns.acme.example"),
        ("MX", b"\0\x0a\4mail\xc0\x10", "10 mail.acme.example"),
        ("TXT", b"\5v=spf\5 -all", "v=spf -all"),
    ],
)
def test_records_are_read_as_people_write_them(kind: str, data: bytes, text: str) -> None:
    told = dnswire.answer(reply(asked(kind), (kind, data)), 7, NAME, kind)
    assert told == dnswire.Answer(rcode=0, records=(text,), truncated=False)


def test_an_alias_before_the_address_is_no_address() -> None:
    said = reply(asked(), ("CNAME", b"\5other\xc0\x10"), ("A", bytes((10, 0, 0, 4))))
    told = dnswire.answer(said, 7, NAME, "A")
    assert told is not None
    assert told.records == ("10.0.0.4",)


def test_a_text_that_a_terminal_would_obey_is_shown_without_it() -> None:
    told = dnswire.answer(reply(asked("TXT"), ("TXT", b"\5\x1b[2Jx")), 7, NAME, "TXT")
    assert told is not None
    assert "\x1b" not in told.records[0]


@pytest.mark.parametrize(
    "said",
    [
        b"",
        asked(),
        reply(dnswire.question(8, NAME, "A")),
        reply(dnswire.question(7, "evil.example", "A")),
        reply(asked("AAAA")),
    ],
    ids=["nothing", "a question", "another number", "another name", "another type"],
)
def test_what_answers_another_question_is_no_answer(said: bytes) -> None:
    assert dnswire.answer(said, 7, NAME, "A") is None


@pytest.mark.parametrize(
    "damage",
    [
        lambda said: said[:-2],
        lambda said: said[:12] + b"\xc0\x0c" + said[14:],
        lambda said: said[:12] + b"\x80" + said[13:],
        lambda said: said[:6] + struct.pack("!H", 9) + said[8:],
        lambda said: said.replace(b"\0\4\x0a", b"\0\3\x0a"),
    ],
    ids=["cut off", "a name that refers to itself", "a bad length", "too few records", "an address of three bytes"],
)
def test_a_damaged_answer_is_an_error(damage: object) -> None:
    assert callable(damage)
    with pytest.raises(ValueError, match=r"cut off|refers|length|end"):
        dnswire.answer(damage(reply(asked(), ("A", bytes((10, 0, 0, 4))))), 7, NAME, "A")


@given(st.binary(max_size=300), st.sampled_from(sorted(dnswire.TYPES)))
def test_whatever_comes_is_read_or_is_a_value_error(said: bytes, kind: str) -> None:
    for packet in (said, reply(asked(kind)) + said, reply(asked(kind), (kind, said[:200]))):
        try:
            told = dnswire.answer(packet, 7, NAME, kind)
        except ValueError:
            continue
        assert told is None or isinstance(told.records, tuple)


@pytest.mark.parametrize("name", ["", "a..b", "x" * 64, ".".join(["x" * 60] * 5)], ids=["none", "gap", "label", "long"])
def test_a_name_that_cannot_be_asked_for_is_a_value_error(name: str) -> None:
    with pytest.raises(ValueError, match=r"part of the name|longer than"):
        dnswire.question(1, name, "A")
