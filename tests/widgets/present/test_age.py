"""Ages and times for people."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from widgets.present.age import (
    age_text,
    age_turns,
    due_text,
    due_turns,
    left_text,
    parse_span,
    span_text,
    time_text,
    zone_of,
)

NOW = datetime(2026, 11, 21, 12, 4, 31, tzinfo=UTC)


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(0, "0s"), (59.9, "59s"), (60, "1m"), (3599, "59m"), (3600, "1h"), (172799, "47h"), (172800, "2d"), (1e9, "31y")],
)
def test_a_duration_is_told_in_its_largest_unit(seconds: float, text: str) -> None:
    assert span_text(seconds) == text


@given(st.floats(-1e6, 1e11))
def test_no_duration_takes_more_than_five_columns(seconds: float) -> None:
    assert len(span_text(seconds)) <= 5


@pytest.mark.parametrize(
    ("seconds", "text", "sentence"),
    [(-5, "now", "just now"), (29, "now", "just now"), (31, "30s", "30s ago"), (61, "1m", "1m ago")],
)
def test_young_ages_go_in_steps_and_never_run_ahead(seconds: float, text: str, sentence: str) -> None:
    since = NOW - timedelta(seconds=seconds)
    assert (age_text(since, NOW), age_text(since, NOW, ago=True)) == (text, sentence)


def test_what_was_never_seen_has_no_age() -> None:
    assert age_text(None, NOW) == "—"


def test_times_are_in_the_technicians_zone_and_older_ones_are_dates() -> None:
    zone = ZoneInfo("America/Chicago")
    assert time_text(NOW, NOW, zone) == "06:04:31"
    assert time_text(NOW - timedelta(days=2), NOW, zone) == "19 Nov"
    assert time_text(NOW - timedelta(days=400), NOW, zone) == "Oct 2025"


def test_an_unknown_zone_is_the_machines_own() -> None:
    assert NOW.astimezone(zone_of("Nowhere/Land")) == NOW


def test_a_promise_is_told_by_what_is_left_of_it() -> None:
    assert left_text(NOW + timedelta(hours=3), NOW) == "3h left"
    assert left_text(NOW - timedelta(minutes=12), NOW) == "overdue by 12m"


@pytest.mark.parametrize(
    ("text", "span"),
    [
        ("30m", timedelta(minutes=30)),
        ("4h", timedelta(hours=4)),
        (" 2D ", timedelta(days=2)),
        ("1w", timedelta(weeks=1)),
    ],
)
def test_lengths_of_time_are_understood(text: str, span: timedelta) -> None:
    assert parse_span(text) == span


@given(st.text(max_size=12))
def test_any_other_text_is_none(text: str) -> None:
    assert parse_span(text) is None or text.strip()[-1].lower() in "mhdw"


@given(st.floats(-100, 4e8), st.floats(0, 1))
def test_an_age_reads_the_same_until_it_turns(seconds: float, part: float) -> None:
    since = NOW - timedelta(seconds=seconds)
    turns = age_turns(since, NOW)
    assert turns > NOW
    before = NOW + part * (turns - NOW)
    assert before == turns or age_text(since, before) == age_text(since, NOW)


@given(st.floats(-4e8, 4e8), st.floats(0, 1))
def test_what_is_left_reads_the_same_until_it_turns(seconds: float, part: float) -> None:
    until = NOW + timedelta(seconds=seconds)
    turns = due_turns(until, NOW)
    assert turns >= NOW
    before = NOW + part * (turns - NOW)
    assert before == turns or due_text(until, before) == due_text(until, NOW)


@pytest.mark.parametrize("seconds", [-5, 0, 29, 31, 59, 61, 3599, 3600, 7199, 172_799, 172_801, 86_400 * 9])
def test_an_age_has_turned_when_it_was_said_to(seconds: float) -> None:
    since = NOW - timedelta(seconds=seconds)
    assert age_text(since, age_turns(since, NOW)) != age_text(since, NOW)
