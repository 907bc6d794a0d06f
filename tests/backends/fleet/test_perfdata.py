"""Performance data of plugins: numbers, limits, and which of them tells most."""

from __future__ import annotations

from math import isfinite

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backends.fleet.perfdata import Value, telling, values


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("load1=0.5;4;8;0;", [Value("load1", 0.5, "", 4.0, 8.0)]),
        ("rta=3ms;100;500;0", [Value("rta", 3.0, "ms", 100.0, 500.0)]),
        ("/var=9700MB;8000;9000;0;10000", [Value("/var", 9700.0, "MB", 8000.0, 9000.0, 10000.0)]),
        ("'it''s C:\\ %'=70%;80;90", [Value("it's C:\\ %", 70.0, "%", 80.0, 90.0)]),
        ("a=1 b=2;~:5;@1:9", [Value("a", 1.0, ""), Value("b", 2.0, "", 5.0)]),
        ("free=3GB;10:;5:", [Value("free", 3.0, "GB", 10.0, 5.0)]),
        ("time=0,25s", [Value("time", 0.25, "s")]),
        ("a=U b=1e3 c= d=1e999", [Value("b", 1000.0, "")]),
        ("", []),
        ("nothing to see", []),
    ],
)
def test_numbers_are_read_with_their_limits(text: str, found: list[Value]) -> None:
    assert values(text) == found


def test_what_is_called_as_the_subject_tells_most() -> None:
    told = values("/=10%;80;90 /var=50%;80;90 /home=99%;80;90")
    best = telling(told, "disk", "/var")
    assert best is not None
    assert best.label == "/var"


def test_else_what_is_beyond_a_limit_then_what_has_one() -> None:
    beyond = telling(values("a=1 b=1;2;3 c=5;2;3"), "check", "x")
    limited = telling(values("a=1 b=1;2;3"), "check", "x")
    assert (beyond and beyond.label, limited and limited.label) == ("c", "b")


def test_low_limits_are_beyond_when_it_is_lower() -> None:
    free, used = values("free=3GB;10:;5: used=3GB;5;10")
    assert free.over
    assert not used.over


def test_a_disk_is_a_share_of_the_whole_and_other_things_are_what_they_are() -> None:
    told = values("/var=9700MB;8000;9000;0;10000")
    assert telling(told, "disk", "/var") == Value("/var", 97.0, "%", 80.0, 90.0, 100.0)
    assert telling(told, "check", "/var") == told[0]


def test_a_share_of_next_to_nothing_is_no_share() -> None:
    told = values("/var=1;1e300;2;0;0." + "0" * 28 + "1")
    assert telling(told, "disk", "/var") == told[0]


def test_of_nothing_nothing_tells() -> None:
    assert telling([], "disk", "/") is None


@given(st.text(), st.sampled_from(["disk", "check"]))
def test_no_text_raises_and_every_number_is_one(text: str, family: str) -> None:
    best = telling(values(f"{text}=1;{text}"), family, "x")
    assert best is None or isfinite(best.value)
