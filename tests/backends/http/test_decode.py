"""Hostile JSON is a sentence; one bad record does not spoil the others; waiting times are clamped."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from backends.api import FaultKind, SourceError
from backends.http.decode import decoded, each
from backends.http.retry import LONGEST_S, SHORTEST_S, retry_after

NOW = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)


class Host(msgspec.Struct):
    name: str
    load: float = 0.0


@pytest.mark.parametrize(
    "body",
    [
        b'{"name": "a", "load": NaN}',
        b'{"name": "a", "load": Infinity}',
        b'{"name": "a", "load": -Infinity}',
        b'{"name": "a", "load": 1e400}',
        b'{"name": "a", "load": ' + b"9" * 5000 + b"}",
        b'{"name": "a", "other": ' + b"[" * 200_000 + b"]" * 200_000 + b"}",
        b"[" * 200_000,
        b'{"a":' * 200_000,
        b'{"name": "\xed\xa0\x80"}',
        b'{"name": "caf\xe9"}',
        '{"name": "a"}'.encode("utf-16"),
        b'{"name": 3}',
        b'{"name": null}',
        b"[]",
        b"",
        b"   ",
        b"<html>",
        b'{"name": "a"',
        b'{"name": "a"} trailing',
    ],
)
def test_what_is_no_such_record_is_a_sentence(body: bytes) -> None:
    with pytest.raises(SourceError) as caught:
        decoded(body, Host)
    assert caught.value.kind is FaultKind.PROTOCOL
    assert len(caught.value.sentence) < 300


@pytest.mark.parametrize("kind", [dict, list, object])
def test_nesting_without_end_is_a_sentence_for_untyped_values_too(kind: type) -> None:
    with pytest.raises(SourceError):
        decoded(b"[" * 200_000 + b"]" * 200_000, kind)


def test_a_byte_order_mark_is_no_mistake() -> None:
    assert decoded(b'\xef\xbb\xbf{"name": "a"}', Host).name == "a"


@pytest.mark.parametrize(
    ("text", "name"),
    [
        (r"\ud800", "\ufffd"),
        (r"a\udc00b", "a\ufffdb"),
        (r"\ud83d\ude00\ud83d", "\U0001f600\ufffd"),
        (r"\\ud800\ud800", "\\ud800\ufffd"),
    ],
)
def test_half_a_surrogate_pair_is_marked(text: str, name: str) -> None:
    assert decoded(b'{"name": "%b"}' % text.encode(), Host).name == name


def test_of_a_key_that_is_there_twice_the_last_counts() -> None:
    assert decoded(b'{"name": "a", "name": "b"}', Host).name == "b"


@given(st.binary(max_size=300))
def test_no_bytes_raise_anything_but_a_source_error(body: bytes) -> None:
    try:
        assert isinstance(decoded(body, Host), Host)
    except SourceError:
        return


def test_records_that_are_none_are_set_aside_and_counted() -> None:
    raws = decoded(b'[{"name": "a"}, {"name": 1}, {"name": "b"}, null, {"name": "\\ud800"}]', list[msgspec.Raw])
    whole, spoiled = each(raws, Host)
    assert ([host.name for host in whole], spoiled) == (["a", "b", "\ufffd"], 2)


@pytest.mark.parametrize(
    ("header", "expected"),
    [
        ("30", 30.0),
        ("0", SHORTEST_S),
        ("999999", LONGEST_S),
        ("Mon, 02 Mar 2026 12:00:45 GMT", 45.0),
        ("Mon, 02 Mar 2020 12:00:00 GMT", SHORTEST_S),
        ("Mon, 02 Mar 2099 12:00:00 GMT", LONGEST_S),
        ("", None),
        ("soon", None),
        ("-5", None),
        ("1.5", None),
        ("9" * 40, None),
        ("٣", None),
    ],
)
def test_waiting_times_are_read_and_clamped(header: str, expected: float | None) -> None:
    assert retry_after(header, NOW) == expected


@given(st.text(max_size=60))
def test_no_header_raises_or_makes_us_wait_for_ever(header: str) -> None:
    wait = retry_after(header, NOW + timedelta(hours=1))
    assert wait is None or SHORTEST_S <= wait <= LONGEST_S
