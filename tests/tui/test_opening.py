"""The picture before the first frame: what was last known, never green, and never left behind."""

from __future__ import annotations

import io
import signal
import sys
from collections.abc import Iterator

import pytest
from rich.cells import cell_len

from backends.text import is_safe
from tests.support import pictures
from tests.support.glances import glance_of
from tests.support.office import Office
from tests.tui.test_golden import FRAMES
from tests.tui.test_terminal_end import modes_left_on
from tui.opening import ENTER, Opening, opening_lines


@pytest.fixture
def here(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Office]:
    made = Office(tmp_path_factory.mktemp("o"))
    yield made
    made.close()


def lines(size: tuple[int, int] = (160, 50)) -> list[str]:
    return list(opening_lines(glance_of(pictures.PICTURE), "rounds", size, pictures.NOW))


def test_it_shows_the_issues_in_their_order_where_the_list_will_stand() -> None:
    shown = lines()
    assert "Looking for the engine." in shown[0]
    assert "Issues 5 · by urgency" in shown[2]
    assert shown[3].index("Severity") == shown[4].index("■ critical")
    assert next(line for line in shown if "fw-hq" in line) == shown[4]


def test_nothing_in_it_is_fine_before_anybody_vouches_for_it() -> None:
    """F-69."""
    assert "● 0" in lines()[1]
    assert "0/3 sources" in lines()[1]
    assert all("? " in line for line in lines()[4:9])


@pytest.mark.parametrize("size", [(80, 24), (160, 50), (300, 80)])
def test_the_list_stands_in_the_columns_of_the_screen_that_follows(size: tuple[int, int]) -> None:
    width, height = size
    frame = (FRAMES / f"issues-{width}x{height}.txt").read_text(encoding="utf-8").splitlines()
    assert lines(size)[2].index("Issues") == frame[2].index("Issues")


@pytest.mark.parametrize("size", [(60, 15), (80, 24), (160, 50), (300, 80)])
def test_no_line_is_longer_than_the_terminal_is_wide_and_none_is_below_it(size: tuple[int, int]) -> None:
    shown = lines(size)
    assert max(map(cell_len, shown)) <= size[0]
    assert len(shown) <= size[1]


def test_it_is_text_and_nothing_else() -> None:
    """F-28."""
    assert all(is_safe(line) and "\n" not in line for line in lines())


def test_without_a_picture_it_says_that_the_engine_is_looked_for() -> None:
    assert opening_lines(None, "demo", (80, 24), pictures.NOW) == [" demo   Looking for the engine."]


def test_the_driver_takes_the_open_screen_over_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stderr", io.StringIO())
    monkeypatch.setattr(signal, "signal", lambda *_: None)
    opening = Opening()
    opening.show(["one"])
    assert opening.taken_over(f"{ENTER}x") == "x"
    assert opening.taken_over(f"{ENTER}x") == f"{ENTER}x"
    opening.close()
    assert sys.stderr.getvalue().count("\x1b[?1049l") == 0  # type: ignore[attr-defined]


def test_what_nobody_took_over_is_given_back(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stderr", io.StringIO())
    monkeypatch.setattr(signal, "signal", lambda *_: None)
    opening = Opening()
    opening.show(["one"])
    opening.close()
    opening.close()
    assert sys.stderr.getvalue().endswith("\x1b[?25h\x1b[?1049l")  # type: ignore[attr-defined]
    assert sys.stderr.getvalue().count("\x1b[?1049l") == 1  # type: ignore[attr-defined]


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP])
def test_a_program_that_is_ended_before_its_first_frame_leaves_the_terminal_clean(
    here: Office, number: signal.Signals
) -> None:
    """F-84."""
    with here.screen("--demo") as terminal:
        terminal.until_true(lambda: ENTER.encode() in terminal.raw, "the opening")
        terminal.signal(number)
        assert terminal.until_ended() == 128 + number
        assert modes_left_on(bytes(terminal.raw)) == set()


def test_the_other_screen_is_entered_once(here: Office) -> None:
    with here.screen("--demo") as terminal:
        terminal.until(r"\d+ sites.*\n[\s\S]*f fix")
        terminal.type("q")
        assert terminal.until_ended() == 0
        assert bytes(terminal.raw).count(ENTER.encode()) == 1
        assert modes_left_on(bytes(terminal.raw)) == set()
