"""What was entered can be walked through again."""

from __future__ import annotations

from tui.history import History


def of(*lines: str, most: int = 100) -> History:
    history = History(most)
    for line in lines:
        history.add(line)
    return history


def test_a_walk_goes_back_from_the_latest_and_comes_back_to_what_was_being_typed() -> None:
    history = of("a", "b")
    assert [history.walk(-1, "dra"), history.walk(-1, "b"), history.walk(1, "a"), history.walk(1, "b")] == [
        "b",
        "a",
        "b",
        "dra",
    ]


def test_a_walk_ends_at_both_ends() -> None:
    history = of("a")
    assert history.walk(1, "") is None
    history.walk(-1, "")
    assert history.walk(-1, "a") is None


def test_a_line_that_is_entered_again_stands_once_and_last() -> None:
    assert of("a", "b", "a").lines == ("b", "a")


def test_the_oldest_go_when_there_are_too_many() -> None:
    assert of("a", "b", "c", most=2).lines == ("b", "c")


def test_blank_lines_are_not_kept() -> None:
    assert of("", "  ").lines == ()
