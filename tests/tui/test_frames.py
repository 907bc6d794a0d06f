"""What is left out of a frame is on the terminal already: a terminal that is sent the difference shows the same."""

from __future__ import annotations

import pyte
import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.console import Console
from rich.segment import Segment
from rich.style import Style
from textual._compositor import ChopsUpdate, LayoutUpdate
from textual.geometry import Region
from textual.strip import Strip

from tui.frames import Frames, changed

WIDTH, HEIGHT = 24, 3
STYLES = (Style(color="#ffffff"), Style(color="#ff0000", bold=True), Style(bgcolor="#000080"))
CONSOLE = Console(color_system="truecolor", width=WIDTH, height=HEIGHT)
TEXTS = st.text("ab ■é", max_size=6)
WIDE = st.sampled_from(["字", "🙂", "e\u0301", "ab"])


def strip(parts: list[tuple[str, int]], width: int) -> Strip:
    segments = [Segment(text, STYLES[style]) for text, style in parts if text]
    return Strip(segments).adjust_cell_length(width, STYLES[0])


PARTS = st.lists(st.tuples(TEXTS | WIDE, st.integers(0, 2)), max_size=5)
LINES = st.lists(PARTS, min_size=HEIGHT, max_size=HEIGHT)
CUT = st.integers(1, WIDTH - 1)


@st.composite
def updates(draw: st.DrawFn) -> list[LayoutUpdate | ChopsUpdate]:
    made: list[LayoutUpdate | ChopsUpdate] = []
    for _ in range(draw(st.integers(1, 6))):
        cut = draw(CUT)
        lines = [
            {0: strip(left, cut), cut: strip(right, WIDTH - cut)}
            for left, right in zip(draw(LINES), draw(LINES), strict=True)
        ]
        if not made or draw(st.booleans()):
            made.append(LayoutUpdate([list(line.values()) for line in lines], Region(0, 0, WIDTH, HEIGHT)))
            continue
        span = draw(st.sampled_from([(0, cut), (cut, WIDTH), (0, WIDTH)]))
        made.append(ChopsUpdate(lines, [(y, *span) for y in range(HEIGHT)], [[cut, WIDTH]] * HEIGHT))
    return made


def terminal() -> tuple[pyte.Screen, pyte.Stream]:
    screen = pyte.Screen(WIDTH, HEIGHT)
    return screen, pyte.Stream(screen)


def looks(screen: pyte.Screen) -> list[list[tuple[object, ...]]]:
    return [
        [(cell.data, cell.fg, cell.bg, cell.bold) for cell in (screen.buffer[y][x] for x in range(WIDTH))]
        for y in range(HEIGHT)
    ]


@given(updates())
def test_a_terminal_that_is_sent_the_difference_shows_the_same(made: list[LayoutUpdate | ChopsUpdate]) -> None:
    (lean, to_lean), (whole, to_whole) = terminal(), terminal()
    frames = Frames()
    for update in made:
        to_lean.feed(frames.rendered(update, CONSOLE))
        if isinstance(update, ChopsUpdate):  # Textual ends a piece at its span; ours at its own end
            for y, x1, x2 in update.spans:
                for x, piece in update.chops[y].items():
                    if piece is not None and x1 <= x < x2:
                        to_whole.feed(f"\x1b[{y + 1};{x + 1}H{piece.render(CONSOLE)}")
        else:
            to_whole.feed(update.render_segments(CONSOLE).replace("\n", ""))
        assert looks(lean) == looks(whole)


@given(updates())
def test_what_is_shown_is_not_sent_again(made: list[LayoutUpdate | ChopsUpdate]) -> None:
    frames = Frames()
    for update in made:
        frames.rendered(update, CONSOLE)
    assert frames.rendered(made[-1], CONSOLE) == ""


def test_what_was_forgotten_is_sent_again() -> None:
    frames, update = Frames(), LayoutUpdate([[strip([("text", 0)], WIDTH)]], Region(0, 0, WIDTH, 1))
    first = frames.rendered(update, CONSOLE)
    frames.forget()
    assert frames.rendered(update, CONSOLE) == first


def test_of_a_clock_one_digit_is_sent() -> None:
    before, after = strip([(" ", 0), ("12:00:01", 1)], 9), strip([(" ", 0), ("12:00:02", 1)], 9)
    assert changed(before, after) == [(8, [Segment("2", STYLES[1])])]


def test_of_a_row_the_changed_cells_are_sent_in_their_places() -> None:
    before = strip([("name  ", 0), ("12 % ", 1), ("ok", 0)], 13)
    after = strip([("name  ", 0), ("13 % ", 1), ("no", 0)], 13)
    assert changed(before, after) == [(7, [Segment("3", STYLES[1])]), (11, [Segment("no", STYLES[0])])]


@pytest.mark.parametrize("text", ["字", "🙂", "e\u0301", "\u200b"])
def test_a_line_of_doubtful_widths_is_sent_whole(text: str) -> None:
    """A terminal that takes a character for wider than we do keeps no bits of what was there before."""
    before, after = strip([(f"{text} 1", 0)], 8), strip([(f"{text} 2", 0)], 8)
    assert changed(before, after) == [(0, list(after))]
