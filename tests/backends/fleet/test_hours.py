"""Business hours: read, asked, and counted."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from backends.fleet.hours import (
    Hours,
    HoursError,
    add_open_seconds,
    open_at,
    open_seconds_between,
    parse_hours,
)

OFFICE = parse_hours("Mon-Fri 08:00-18:00 America/Chicago")
SPLIT = parse_hours("Mon-Thu 08:00-12:00, Mon-Thu 13:00-17:00, Fri 08:00-14:00 Europe/Berlin")
NIGHT = parse_hours("Fri 22:00-06:00")


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("hours", "when", "is_open"),
    [
        (OFFICE, "2026-01-05T13:59", False),
        (OFFICE, "2026-01-05T14:00", True),
        (OFFICE, "2026-01-05T23:59", True),
        (OFFICE, "2026-01-06T00:00", False),
        (OFFICE, "2026-01-10T16:00", False),
        (OFFICE, "2026-07-06T13:00", True),  # summer time: an hour earlier in UTC
        (SPLIT, "2026-01-05T11:30", False),
        (SPLIT, "2026-01-05T12:00", True),
        (SPLIT, "2026-01-09T13:30", False),
        (NIGHT, "2026-01-09T23:00", True),
        (NIGHT, "2026-01-10T05:59", True),
        (NIGHT, "2026-01-10T06:00", False),
        (parse_hours("Sat-Mon 00:00-24:00"), "2026-01-04T12:00", True),
        (parse_hours("Sat-Mon 00:00-24:00"), "2026-01-06T00:00", False),
        (parse_hours(""), "2026-01-10T03:00", True),
    ],
)
def test_it_is_open_when_the_text_says_so(hours: Hours, when: str, is_open: bool) -> None:
    assert open_at(hours, utc(when)) is is_open


@pytest.mark.parametrize(
    ("hours", "start", "seconds", "end"),
    [
        (OFFICE, "2026-01-05T14:00", 4 * 3600, "2026-01-05T18:00"),
        (OFFICE, "2026-01-05T23:00", 4 * 3600, "2026-01-06T17:00"),
        (OFFICE, "2026-01-09T23:30", 3600, "2026-01-12T14:30"),
        (OFFICE, "2026-01-10T12:00", 900, "2026-01-12T14:15"),
        (SPLIT, "2026-01-05T10:30", 3600, "2026-01-05T12:30"),
        (parse_hours(""), "2026-01-10T12:00", 900, "2026-01-10T12:15"),
    ],
)
def test_open_seconds_pass_only_while_it_is_open(hours: Hours, start: str, seconds: float, end: str) -> None:
    assert add_open_seconds(hours, utc(start), seconds) == utc(end)


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("always", "'always' is no business hours; write them like Mon-Fri 08:00-18:00 America/Chicago."),
        ("Mon-Fry 08:00-18:00", "'Fry' is no day of the week; use Mon, Tue, Wed, Thu, Fri, Sat or Sun."),
        ("Mon-Fri 08:00-25:00", "25:00 is no time of day; use 00:00 to 24:00."),
        ("Mon-Fri 08:00-18:00 America/Chikago", "'America/Chikago' is no time zone; use a name like America/Chicago."),
        (
            "Mon-Fri 08:00-18:00 ../../etc/x",
            "'../../etc/x' is no time zone; use a name like America/Chicago.",
        ),
        ("Mon 24:00-08:00", "24:00 is no time at which a day can begin; use 00:00 to 23:59."),
    ],
)
def test_an_error_is_a_sentence(text: str, sentence: str) -> None:
    with pytest.raises(HoursError) as caught:
        parse_hours(text)

    assert str(caught.value) == sentence


@given(st.text())
def test_no_text_raises_anything_but_an_hours_error(text: str) -> None:
    try:
        parse_hours(text)
    except HoursError:
        return


@settings(max_examples=50)
@given(
    st.sampled_from([OFFICE, SPLIT, NIGHT, parse_hours("")]),
    st.datetimes(datetime(2026, 1, 1), datetime(2026, 12, 31), timezones=st.just(UTC)),  # noqa: DTZ001
    st.integers(1, 100 * 3600),
)
def test_as_many_open_seconds_lie_before_the_deadline_as_were_asked_for(
    hours: Hours, start: datetime, seconds: int
) -> None:
    assert open_seconds_between(hours, start, add_open_seconds(hours, start, seconds)) == pytest.approx(seconds)
