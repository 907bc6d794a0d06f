"""What a paste becomes."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from backends.text import is_safe
from widgets.present.candidate import pasted


def test_a_paste_is_its_first_line_that_is_not_empty() -> None:
    assert pasted("\r\n  disk full \r\nquit\r\n", 500) == "disk full"


def test_a_paste_is_no_longer_than_the_room_there_is() -> None:
    assert len(pasted("x" * 600, 20)) == 20
    assert pasted("x", 0) == ""


@given(st.text(max_size=80), st.integers(0, 40))
def test_any_paste_is_safe_and_within_its_room(text: str, room: int) -> None:
    """F-28, F-31."""
    line = pasted(text, room)
    assert is_safe(line)
    assert "\n" not in line
    assert len(line) <= room
