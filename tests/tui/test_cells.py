"""What the tests read off a screen on which a wide character is half written over."""

import pyte
import pytest

from tests.support.terminal import Cells


@pytest.mark.parametrize(
    ("written", "shown"),
    [
        ("東京", "東京  "),
        ("東京\x1b[1;1H|", "| 京  "),
        ("東京\x1b[1;2H|", " |京  "),
        ("東京\x1b[1;2H||", " ||   "),
        ("東京\x1b[1;2H都", " 都   "),
        ("e\u0301東", "é東   "),
    ],
)
def test_the_other_half_of_a_wide_character_written_over_is_blank(written: str, shown: str) -> None:
    screen = Cells(6, 1)
    pyte.Stream(screen).feed(written)
    assert screen.display == [shown]
