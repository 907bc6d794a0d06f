"""What is to be said of a source beside its fault."""

from __future__ import annotations

import pytest

from backends.fleet.model import Freshness, Source, SourceName, safe
from backends.fleet.remarks import remarks, skew, unplaced


def source(**facts: object) -> Source:
    return Source(name=SourceName("zabbix-eu"), kind="zabbix", state=Freshness.FRESH, **facts)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (None, ""),
        (29.0, ""),
        (-29.9, ""),
        (45.0, "Its clock is 45 s ahead of ours."),
        (-240.0, "Its clock is 4 min behind ours."),
        (7200.0, "Its clock is 2 h ahead of ours."),
        (86_400.0 * 3, "Its clock is 3 d ahead of ours."),
    ],
)
def test_a_clock_that_is_far_off_is_told_in_words(seconds: float | None, words: str) -> None:
    """F-80."""
    assert skew(source(skew_s=seconds)) == words


@pytest.mark.parametrize(
    ("devices", "left", "words"),
    [
        (9, 0, ""),
        (9, 1, "1 of 9 devices is unplaced: no rule gives a client."),
        (9, 4, "4 of 9 devices are unplaced: no rule gives a client."),
    ],
)
def test_what_is_not_placed_is_counted_in_words(devices: int, left: int, words: str) -> None:
    assert unplaced(source(devices=devices, unplaced=left)) == words


def test_its_own_words_come_first_and_nothing_is_left_out() -> None:
    said = remarks(source(note=safe("truncated at 50,000 items"), quarantined=1, devices=3, unplaced=3, skew_s=-60.0))
    assert said == [
        "Truncated at 50,000 items.",
        "1 record could not be understood and was set aside.",
        "3 of 3 devices are unplaced: no rule gives a client.",
        "Its clock is 1 min behind ours.",
    ]
