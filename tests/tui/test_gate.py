"""Keys that a person pressed go through; keys that were pasted or held down do not."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import pairwise

import pytest

from tui.gate import KeyGate, Ruling


def through(keys: Iterable[tuple[str, float]], *, moves: bool = False) -> list[float]:
    """The times of the keys that would act: a key that waits does, unless the next one is dropped at once."""
    gate = KeyGate()
    acting: list[float] = []
    for key, at in keys:
        ruling = gate.judge(key, at, moves=moves)
        if ruling is Ruling.DROP and acting and at - acting[-1] < 0.025:
            acting.pop()
        if ruling is not Ruling.DROP:
            acting.append(at)
    return acting


def pressed(key: str, every_s: float, count: int, start: float = 0.0) -> list[tuple[str, float]]:
    return [(key, start + every_s * number) for number in range(count)]


def test_a_single_verb_waits_for_what_may_follow_it() -> None:
    assert KeyGate().judge("a", 1.0, moves=False) is Ruling.WAIT


def test_a_move_passes_at_once() -> None:
    assert KeyGate().judge("j", 1.0, moves=True) is Ruling.PASS


@pytest.mark.parametrize("delay_s", [0.2, 0.25, 0.4, 0.5, 0.66])
@pytest.mark.parametrize("rate", [10, 25, 30, 40, 60])
def test_a_verb_that_is_held_down_acts_once(delay_s: float, rate: int) -> None:
    """F-05."""
    held = [("enter", 0.0), *pressed("enter", 1 / rate, 20 * rate, start=delay_s)]
    assert through(held) == [0.0]


def test_a_move_that_is_held_down_goes_on() -> None:
    held = [("j", 0.0), *pressed("j", 0.03, 30, start=0.5)]
    assert len(through(held, moves=True)) == 31


@pytest.mark.parametrize("every_s", [0.2, 0.25, 0.33, 0.4, 0.45])
def test_somebody_who_presses_enter_again_and_again_is_heard_within_a_second(every_s: float) -> None:
    acting = through(pressed("enter", every_s, 20))
    gaps = [later - earlier for earlier, later in pairwise(acting)]
    assert gaps
    assert all(0.7 <= gap < 1.0 for gap in gaps)


def test_a_double_press_of_a_verb_acts_once() -> None:
    """F-07."""
    assert through([("enter", 0.0), ("enter", 0.3)]) == [0.0]


def test_the_same_verb_after_something_was_typed_elsewhere_is_heard() -> None:
    gate = KeyGate()
    gate.judge(":", 0.0, moves=False)
    gate.forget()
    assert gate.judge(":", 0.5, moves=False) is Ruling.WAIT


def test_another_verb_does_not_wait_for_the_one_before() -> None:
    assert through([("a", 0.0), ("c", 0.2)]) == [0.0, 0.2]


def test_a_key_right_after_an_escape_counts_for_the_escape_was_pressed_before_it_came() -> None:
    gate = KeyGate()
    assert gate.judge("escape", 1.0, moves=True) is Ruling.PASS
    assert gate.judge("/", 1.005, moves=False) is Ruling.WAIT
    assert gate.judge("x", 1.010, moves=False) is Ruling.DROP


def test_pasted_keys_do_nothing_at_all() -> None:
    """F-06."""
    assert through((key, 0.001 * number) for number, key in enumerate("1yfa")) == []


def test_keys_right_after_a_paste_are_dropped_until_it_is_calm() -> None:
    paste = [("x", 0.0), ("y", 0.001)]
    assert through([*paste, ("a", 0.2)]) == []
    assert through([*paste, ("a", 0.4)]) == [0.4]


def test_without_a_limit_everything_passes() -> None:
    gate = KeyGate(fastest_s=0)
    assert [gate.judge("a", 0.0, moves=False) for _ in range(3)] == [Ruling.PASS] * 3
