"""What comes from outside can neither operate a terminal nor forge a row, and nothing of it goes in silence
(F-28, F-29, F-30, F-31, F-32, F-33, F-36, F-39, F-40)."""

from __future__ import annotations

import tracemalloc
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backends.adapters.demo.hostile import PAYLOADS
from backends.text import BLOCK_CHARACTERS, LINE_COLUMNS, columns_of, decoded, is_safe, safe, safe_lines, skeleton

ANYTHING = st.text(st.characters(codec=None), max_size=400)


@given(ANYTHING, st.integers(1, 300))
def test_a_line_is_safe_short_and_one_line_whatever_comes_in(text: str, columns: int) -> None:
    """F-28, F-29, F-30, F-31, F-32, F-33."""
    line = safe(text, columns)

    assert is_safe(line)
    assert "\n" not in line
    assert columns_of(line) <= columns


@given(ANYTHING)
def test_what_is_safe_stays_as_it_is(text: str) -> None:
    assert safe(safe(text)) == safe(text)


@given(ANYTHING)
def test_many_lines_are_safe_and_keep_their_number(text: str) -> None:
    block = safe_lines(text)

    assert is_safe(block)
    assert block.count("\n") == text.replace("\r\n", "\n").count("\n")


@given(st.binary(max_size=400))
def test_bytes_of_any_kind_are_safe(raw: bytes) -> None:
    assert is_safe(decoded(raw))


@given(ANYTHING)
def test_no_character_is_taken_away_without_a_mark(text: str) -> None:
    """Each hiding character leaves one mark; what is plain stays."""
    plain = unicodedata.normalize("NFC", text[:20])
    hidden = sum(not is_safe(char) or char == "\n" for char in plain)
    marks = sum(char in "‹" or "␀" <= char <= "␡" for char in safe(plain, 4000))

    assert marks >= hidden


@pytest.mark.parametrize("code", [*range(0x20), *range(0x7F, 0xA0)])
def test_every_control_character_is_shown_and_not_sent(code: int) -> None:
    """F-28, F-29, F-30, F-31, F-32, F-33."""
    text = safe(f"a{chr(code)}b")

    assert is_safe(text)
    assert chr(code) not in text
    assert len(text) >= 3
    assert not is_safe(f"a{chr(code)}b") or chr(code) == "\n"  # the control: unmade text is not called safe


@pytest.mark.parametrize("text", [text for _, text in PAYLOADS], ids=[name for name, _ in PAYLOADS])
def test_every_payload_of_the_demo_is_harmless(text: str) -> None:
    """F-28, F-29, F-30, F-31, F-32, F-33, F-34, F-35, F-36."""
    assert is_safe(safe(text))
    assert is_safe(safe_lines(text))


INVISIBLE = ("\u200b", "\u200d", "\u2060", "\ufeff", "\u00ad", "\u034f", "\u115f", "\u3164", "\u2800", "\ufe0f")
SELECTORS = ("\U000e0100", "\U000e01ef", "\U00016fe4", "\U000e0041", "\u180e", "\u061c")


@pytest.mark.parametrize("char", [*INVISIBLE, *SELECTORS])
def test_what_is_drawn_as_nothing_is_marked(char: str) -> None:
    """F-36: a text of variation selectors would travel unseen."""
    assert safe(f"dc{char}01") == f"dc‹U+{ord(char):04X}›01"


PAIRS = [
    *((f"dc{char}01", "dc01") for char in (*INVISIBLE, *SELECTORS)),
    *((f"s{other}01", f"s{one}01") for one, other in zip("aceopxyijs", "асеорхуіјѕ", strict=True)),
    *((f"S{other}01", f"S{one}01") for one, other in zip("ABEKMHOPCTXY", "АВЕКМНОРСТХУ", strict=True)),
    *((f"S{other}01", f"S{one}01") for one, other in zip("ABEZHIKMNOPTX", "ΑΒΕΖΗΙΚΜΝΟΡΤΧ", strict=True)),
    ("dcO1", "dc01"),
    ("srvl", "srv1"),
    ("srvI", "srvl"),
    ("ｄｃ01", "dc01"),
    ("dc01 ", "dc01"),
    ("dc\u00a001", "dc 01"),
    ("dc\u3000 01", "dc 01"),
    ("dc01\t", "dc01"),
    ("dç01", "dc01"),
]


@pytest.mark.parametrize(("one", "other"), PAIRS)
def test_names_that_look_alike_have_one_skeleton(one: str, other: str) -> None:
    """F-37, on the raw names and as they come in."""
    assert safe(one) != safe(other)
    assert skeleton(one) == skeleton(other)
    assert skeleton(safe(one)) == skeleton(safe(other))


@pytest.mark.parametrize(("one", "other"), [("dc01", "dc02"), ("web", "wep"), ("sql-a", "sql-b"), ("fw hq", "fwhq")])
def test_names_that_look_different_have_two(one: str, other: str) -> None:
    """F-37: the control."""
    assert skeleton(one) != skeleton(other)


@pytest.mark.parametrize(
    "text",
    ["[a=b]x", "[on]x", "[50%]x", "C:\\[x]\\", "[fe80::1]:22", '["a", true]', "[/", "a[/]b", "[@click=app.quit]x[/]"],
)
def test_markup_is_text(text: str) -> None:
    """F-34, F-35, F-39: what is data is shown as it is."""
    assert safe(text) == text


def _largest(text: str) -> int:
    tracemalloc.start()
    try:
        assert columns_of(safe(text)) <= LINE_COLUMNS
        assert len(safe_lines(text)) <= BLOCK_CHARACTERS * 8 + 2
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


@pytest.mark.parametrize(
    "text",
    ["x" * 10**6, "a" + "\u0301" * 10**6, "漢" * 333_000, "line\n" * 100_000, "\x1b" * 10**6, "\u202e" * 10**6],
    ids=["1 MB", "combining", "wide", "lines", "escapes", "overrides"],
)
def test_a_giant_text_is_cut_before_it_costs_anything(text: str) -> None:
    """F-40: 256 columns or 16 Ki characters, eight marks a character, and little memory on the way."""
    assert _largest(text) < 4 * 1024 * 1024
    assert safe(text).endswith("…")


def test_marks_over_one_character_are_eight_at_most() -> None:
    """F-40."""
    assert sum(unicodedata.combining(char) > 0 for char in safe("a" + "\u0301\u0323" * 500)) <= 9
