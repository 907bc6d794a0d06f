"""Bytes from the terminal."""

from __future__ import annotations

import random
import select

import pytest
from hypothesis import given
from hypothesis import strategies as st
from textual import events

from tui.driver import TICK_S, Bell, Reader


def keys(raw: bytes) -> list[str]:
    reader = Reader()
    return [message.key for message in reader.feed(raw) if isinstance(message, events.Key)]


@pytest.mark.parametrize(
    "raw", [b"\xff", b"\xc3\x28", b"\x1b[1114112u", b"\x1b[48;99999;99999;99999;99999t", b"\xed\xa0\x80"]
)
def test_bytes_that_end_textual_are_survived_and_the_next_key_counts(raw: bytes) -> None:
    """F-87."""
    reader = Reader()
    list(reader.feed(raw))
    assert [message.key for message in reader.feed(b"j") if isinstance(message, events.Key)] == ["j"]


def test_a_character_may_come_in_two_reads() -> None:
    reader = Reader()
    first, second = "é".encode()[:1], "é".encode()[1:]
    seen = [*reader.feed(first), *reader.feed(second)]
    assert [message.character for message in seen if isinstance(message, events.Key)] == ["é"]


def test_a_paste_is_one_event_and_no_keys() -> None:
    messages = list(Reader().feed(b"\x1b[200~a\rc\x1b[201~"))
    assert [type(message) for message in messages] == [events.Paste]


def test_a_paste_that_never_ends_does_not_take_the_keyboard_away(monkeypatch: pytest.MonkeyPatch) -> None:
    """F-87."""
    reader = Reader()
    list(reader.feed(b"\x1b[200~endless"))
    monkeypatch.setattr("tui.driver.time.monotonic", lambda: reader._last + 2)
    assert [type(message) for message in reader.tick()] == [events.Paste]
    assert [message.key for message in reader.feed(b"j") if isinstance(message, events.Key)] == ["j"]


def test_twenty_kilobytes_of_noise_are_survived() -> None:
    """F-87."""
    reader = Reader()
    noise = random.Random(7).randbytes(20_000)
    for start in range(0, len(noise), 4096):
        list(reader.feed(noise[start : start + 4096]))
    list(reader.tick())


@given(st.lists(st.binary(max_size=200), max_size=6))
def test_no_bytes_raise(chunks: list[bytes]) -> None:
    """F-87."""
    reader = Reader()
    for chunk in chunks:
        list(reader.feed(chunk))
        list(reader.tick())
    reader.close()


def test_an_idle_reader_waits_for_ever_and_one_in_the_middle_of_something_looks_again(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    at = [100.0]
    monkeypatch.setattr("tui.driver.time.monotonic", lambda: at[0])
    reader = Reader()
    at[0] += 60
    assert reader.patience_s is None
    list(reader.feed(b"\x1b"))
    assert reader.patience_s == TICK_S
    at[0] += 60
    list(reader.tick())
    assert reader.patience_s is None
    list(reader.feed(b"\x1b[200~endless"))
    at[0] += 60
    assert reader.patience_s == TICK_S
    list(reader.tick())
    assert reader.patience_s is None


def test_a_bell_is_heard_beside_a_file() -> None:
    bell = Bell()
    with bell.heard() as ear:
        assert not select.select([ear], [], [], 0)[0]
        bell.set()
        assert select.select([ear], [], [], 0)[0]
    bell.set()  # nobody listens any more
    assert bell.is_set()
    bell.clear()
    with bell.heard() as ear:
        assert not select.select([ear], [], [], 0)[0]
