"""Output of a run in bounded memory."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from backends.fixes.tail import EVERY_S, KEPT_BYTES, PIECE_BYTES, Tail
from backends.fleet.model import RunId
from backends.fleet.run import RunOutput
from backends.text import is_safe


class Watch:
    def __init__(self) -> None:
        self.now = 0.0
        self.pieces: list[RunOutput] = []
        self.tail = Tail(RunId("r-1"), lambda: self.now, self.pieces.append)


def test_the_last_part_is_kept_and_all_bytes_are_counted() -> None:
    """F-41."""
    watch = Watch()
    for number in range(20_000):
        watch.tail.feed(b"line %d\n" % number)
    assert watch.tail.text.startswith("…\n")
    assert watch.tail.text.endswith("line 19999\n")
    assert len(watch.tail.text) <= KEPT_BYTES + 2
    assert watch.tail.total == sum(len(b"line %d\n" % number) for number in range(20_000))


def test_a_flood_is_shown_as_few_short_pieces() -> None:
    """F-41."""
    watch = Watch()
    for _ in range(1000):
        watch.tail.feed(b"x" * 100_000)
        watch.now += EVERY_S / 100
    assert len(watch.pieces) <= 12
    assert max(len(piece.text) for piece in watch.pieces) <= PIECE_BYTES + 2
    assert watch.pieces[-1].text.startswith("…\n")


def test_the_last_piece_is_shown_when_the_run_ends() -> None:
    watch = Watch()
    watch.tail.feed(b"one\n")
    watch.tail.feed(b"two\n")
    assert [piece.text for piece in watch.pieces] == ["one\n"]
    watch.tail.close()
    assert [piece.text for piece in watch.pieces] == ["one\n", "two\n"]


def test_a_character_that_comes_in_two_parts_is_one() -> None:
    watch = Watch()
    for part in (b"caf\xc3", b"\xa9\n"):
        watch.tail.feed(part)
        watch.now += EVERY_S
    assert "".join(piece.text for piece in watch.pieces) == "café\n"


@given(st.lists(st.binary(max_size=200), max_size=20))
def test_whatever_comes_out_is_safe_to_show(parts: list[bytes]) -> None:
    watch = Watch()
    for part in parts:
        watch.tail.feed(part)
        watch.now += EVERY_S / 2
    watch.tail.close()
    assert all(is_safe(piece.text) for piece in watch.pieces)
    assert is_safe(watch.tail.text)
    assert watch.tail.total == sum(map(len, parts))
