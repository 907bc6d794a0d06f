"""Lines of blocks: bounded, honest about gaps and limits, and calm about what hardly moves."""

from __future__ import annotations

from math import inf, nan

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from backends.fleet.model import Check, CheckState, DeviceId
from backends.fleet.trend import Point, Trend
from tests.support import pictures
from widgets.present.age import zone_of
from widgets.present.card import Times, check_lines
from widgets.present.cards import check_card
from widgets.present.devices import check_row, known_checks
from widgets.present.row import Line
from widgets.present.spark import BLANK, BLOCKS, beyond, columns, extremes, last_known, moved, spark, spark_cells
from widgets.present.tone import Tone

FILES = DeviceId("acme-hq:files01")
DISK, MEMORY, LOAD = pictures.CHECKS[FILES][:3]
CARD = pictures.card(FILES)
TIMES = Times(pictures.NOW, zone_of("UTC"))


def drawn(*values: float | None, width: int = 48, unit: str = "") -> str:
    return spark(columns([(60 * place, value) for place, value in enumerate(values)], width), unit)


points = st.lists(
    st.tuples(st.integers(1, 10_000), st.one_of(st.none(), st.floats(allow_nan=True, allow_infinity=True))), max_size=60
)


@given(points, st.integers(0, 60))
def test_it_is_as_wide_as_it_may_be_and_of_blocks_alone(moves: list[tuple[int, float | None]], width: int) -> None:
    at, told = 0, list[Point]()
    for step, value in moves:
        at += step
        told.append((at, value))
    text = spark(columns(told, width))
    assert len(text) == min(width, len(told))
    assert set(text) <= {*BLOCKS, BLANK}


@given(st.lists(st.floats(allow_nan=False, allow_infinity=False), min_size=2, max_size=40, unique=True))
def test_the_highest_is_never_drawn_below_the_lowest(values: list[float]) -> None:
    text = drawn(*values)
    assert BLOCKS.index(text[values.index(max(values))]) >= BLOCKS.index(text[values.index(min(values))])


@pytest.mark.parametrize(
    ("values", "text"),
    [
        ((1, 2, 3, 4, 5, 6, 7), "▁▂▃▄▅▆▇"),
        ((7, 1), "▇▁"),
        ((5.0,), "▄"),
        ((0.0, 0.0, 0.0), "▁▁▁"),
        ((40.0, 40.0, 40.0), "▄▄▄"),
        ((-3.0, -3.0), "▄▄"),
        ((1, None, 7), "▁ ▇"),
        ((1, nan, 7), "▁ ▇"),
        ((1, inf, 7), "▁ ▇"),
        ((None, None), "  "),
        ((-1.7e308, 1.7e308), "▁▇"),
        ((), ""),
    ],
)
def test_values_and_their_blocks(values: tuple[float | None, ...], text: str) -> None:
    assert drawn(*values) == text


def test_what_hardly_moves_is_drawn_flat() -> None:
    assert len(set(drawn(97.1, 97.2, 97.1, 97.3, unit="%"))) == 1
    assert len(set(drawn(1000.0, 1004.0, 1001.0))) == 1


def test_a_peak_is_seen_however_narrow_it_is_drawn() -> None:
    assert "▇" in drawn(*[1.0] * 20, 9.0, *[1.0] * 20, width=6)


def test_a_gap_is_seen_however_short_it_was() -> None:
    assert BLANK in drawn(*[1.0] * 20, None, *[1.0] * 20, width=6)


def test_a_value_holds_until_the_next_one() -> None:
    assert columns([(0, 1.0), (60, 2.0), (600, 3.0), (660, 4.0)], 4) == (2.0, 2.0, 2.0, 4.0)


def test_the_last_column_is_the_last_value() -> None:
    assert columns([(0, 1.0), (50, 90.0), (59, 5.0), (60, 4.0)], 1) == (4.0,)


def trend_of(*values: float | None) -> Trend:
    return pictures.trend("acme-hq:files01", "disk//srv", "%", 10, *values)


@pytest.mark.parametrize(
    ("value", "state"),
    [(50.0, CheckState.OK), (85.0, CheckState.WARNING), (94.9, CheckState.WARNING), (95.0, CheckState.CRITICAL)],
)
def test_what_is_beyond_a_limit(value: float, state: CheckState) -> None:
    assert beyond(value, DISK) is state


@pytest.mark.parametrize(
    ("warn", "crit", "value", "state"),
    [
        (10.0, 5.0, 7.0, CheckState.WARNING),
        (10.0, 5.0, 4.0, CheckState.CRITICAL),
        (10.0, 5.0, 40.0, CheckState.OK),
        (None, None, 99.0, CheckState.OK),
        (90.0, None, 91.0, CheckState.WARNING),
    ],
)
def test_limits_that_hold_from_below(warn: float | None, crit: float | None, value: float, state: CheckState) -> None:
    assert beyond(value, replace(MEMORY, warn=warn, crit=crit)) is state


def test_one_limit_holds_from_below_where_the_check_says_so() -> None:
    low = replace(MEMORY, warn=10.0, crit=None, value=7.0, state=CheckState.WARNING)
    assert beyond(7.0, low) is CheckState.WARNING
    assert beyond(50.0, low) is CheckState.OK


def test_each_block_has_the_tone_of_its_value() -> None:
    cells = spark_cells(trend_of(40, 60, 88, 96), DISK, 8)
    assert [cell.tone for cell in cells] == [Tone.DIM, Tone.WARNING, Tone.CRITICAL]
    assert [len(cell.text) for cell in cells] == [2, 1, 1]


def test_lowest_highest_and_first_are_named() -> None:
    found = extremes(trend_of(None, 40, 30, None, 90))
    assert found is not None
    assert [value for _, value in found] == [30, 90, 40]


@pytest.mark.parametrize(
    ("values", "far"), [((50.0, None, 100.0), 0.5), ((100.0, 100.0), 0.0), ((0.0, 0.0), 0.0), ((None,), 0.0),
                        ((-1.7e308, 1.7e308), 2.0)],
)  # fmt: skip
def test_how_far_a_value_has_gone(values: tuple[float | None, ...], far: float) -> None:
    assert moved(trend_of(*values)) == far


def test_of_nothing_there_is_no_lowest() -> None:
    assert extremes(trend_of(None)) is None
    assert last_known(trend_of(None)) is None


def text_of(lines: list[Line]) -> str:
    return "\n".join("".join(span.text + ("<age>" if span.since else "") for span in line.spans) for line in lines)


def test_a_fresh_check_has_its_trend_after_its_value() -> None:
    assert "Disk /srv  97.2 %  ▁▂▃▃▄▆▆▇ 2h  (warn" in text_of(check_lines(CARD, TIMES))


def old(check: Check) -> Check:
    return replace(check, seen=pictures.ago(minutes=20))


def test_an_old_trend_says_until_when_it_was_so() -> None:
    """F-69."""
    card = replace(CARD, checks=(old(DISK),))
    assert "▁▂▃▃▄▆▆▇ until <age>  (warn 85 % · crit 95 %)  acme-hq, <age>" in text_of(check_lines(card, TIMES))


def test_a_card_of_an_engine_that_was_lost_is_old() -> None:
    """F-69."""
    later = replace(TIMES, now=pictures.ago(minutes=-5))
    assert "until <age>" in text_of(check_lines(CARD, later))
    assert "until <age>" in text_of(list(check_card(DISK, CARD, (), later).lines))


def test_an_old_trend_has_no_tone_of_now() -> None:
    card = replace(CARD, checks=(old(DISK),))
    (shown,) = known_checks(card.checks, card, pictures.NOW)
    cell = check_row(shown).cells[3]
    assert (cell.tone, cell.since) == (Tone.UNKNOWN, last_known(pictures.TRENDS[FILES][0]))


def test_a_checks_own_card_names_lowest_highest_and_since_when() -> None:
    text = text_of(list(check_card(DISK, CARD, (), TIMES).lines))
    assert "lowest 71 % at 09:44 · highest 97.2 % at 12:04 · from 09:44 on" in text


def test_a_trend_of_another_unit_is_not_drawn() -> None:
    text = text_of(list(check_card(replace(DISK, unit="GiB"), CARD, (), TIMES).lines))
    assert "lowest" not in text


def test_a_check_that_has_no_value_now_shows_what_it_had() -> None:
    lost = replace(DISK, value=None, unit="")
    card = replace(CARD, checks=(lost,))
    assert "critical  ▁▂▃▃▄▆▆▇ until <age>" in text_of(check_lines(card, TIMES))
    assert "highest 97.2 % at 12:04" in text_of(list(check_card(lost, card, (), TIMES).lines))


def test_one_value_is_no_trend() -> None:
    card = replace(CARD, trends=(trend_of(97.2),))
    assert "lowest" not in text_of(list(check_card(DISK, card, (), TIMES).lines))


def test_a_gap_is_blank_in_the_list_too() -> None:
    (shown,) = known_checks([LOAD], CARD, pictures.NOW)
    assert BLANK in check_row(shown).cells[3].text
