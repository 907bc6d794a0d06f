"""Signs and colours for terminals that can show less: nothing moves, nothing that is ours is missing."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len
from rich.segment import Segment
from rich.style import Style
from textual.color import Color

from backends.text import is_safe
from tests.support.office import ROOT
from tui.plain import TABLE, AsciiSigns, NoColours
from tui.terminal import CONSOLE
from widgets.present.tone import CHECK_GLYPH, FRESHNESS_GLYPH, HEALTH_GLYPH, SEVERITY_GLYPH

BLACK = Color(0, 0, 0)
ASCII = AsciiSigns("ascii")


@given(st.text(st.characters(exclude_categories=("Cc", "Cs", "Cf"))))
def test_a_text_keeps_its_width_and_becomes_ascii(text: str) -> None:
    """F-90."""
    plain = ASCII.text(text)
    assert plain.isascii()
    assert cell_len(plain) == cell_len(text)


@pytest.mark.parametrize(
    ("charset", "shown"),
    [
        ("ascii", "B?ckerei ???? ??? 5 x 3"),
        ("iso8859-1", "Bäckerei ???? ??? 5 x 3"),
        (CONSOLE, "Bäckerei ???? Żия 5 x 3"),
    ],
)
def test_what_the_terminal_has_stays_and_the_rest_is_visibly_missing(charset: str, shown: str) -> None:
    assert AsciiSigns(charset).text("Bäckerei 東浜 Żия 5 × 3") == shown


@pytest.mark.parametrize("glyphs", [SEVERITY_GLYPH, HEALTH_GLYPH, CHECK_GLYPH, FRESHNESS_GLYPH])
def test_what_is_told_apart_by_glyph_is_in_ascii_too(glyphs: dict[object, str]) -> None:
    plain = [ASCII.text(glyph) for glyph in glyphs.values()]
    assert len(set(plain)) == len(set(glyphs.values()))
    assert all(sign.strip() for sign in plain)


def literals(path: Path) -> Iterator[str]:
    """The texts in a module but for its documentation."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    for node in ast.walk(tree):
        for child in ast.iter_child_nodes(node):
            if isinstance(child, ast.Constant) and isinstance(child.value, str) and not isinstance(node, ast.Expr):
                yield child.value


def test_every_sign_that_we_draw_with_has_one_in_ascii() -> None:
    files = [
        *(ROOT / "widgets").rglob("*.py"),
        *(ROOT / "tui").rglob("*.py"),
        *(ROOT / "backends" / "fleet").rglob("*.py"),
    ]
    ours = {char for path in files for text in literals(path) for char in text if ord(char) > 0x7F and is_safe(char)}
    assert "■" in ours
    assert {char for char in ours if ord(char) not in TABLE and not char.isalpha()} == set()


def test_a_scrollbar_ends_with_a_whole_cell_and_a_sparkline_keeps_its_heights() -> None:
    handle = Segment("▄", Style(meta={"@mouse.down": "grab"}))
    assert [one.text for one in ASCII.apply([handle, Segment("▁▄█")], BLACK)] == [" ", "_-#"]


def test_ascii_segments_are_handed_on_as_they_are() -> None:
    segments = [Segment("plain"), Segment("text")]
    assert ASCII.apply(segments, BLACK) is segments


def test_of_a_style_only_what_needs_no_colour_is_left() -> None:
    style = Style(color="red", bgcolor="blue", bold=True, italic=True, reverse=True, strike=True)
    (segment,) = NoColours().apply([Segment("x", style)], BLACK)
    assert segment.style == Style(bold=True, reverse=True)
