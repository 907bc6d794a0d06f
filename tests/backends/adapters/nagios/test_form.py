"""The pages of cmd.cgi, as a real one wrote them, and times as its fields want them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backends.adapters.nagios.form import NO_TIMES, Verdict, form_of, outcome_of_page
from backends.adapters.nagios.times import TimeError, wall_of
from backends.text import is_safe
from tests.support.replayed.nagios import ANSWERS, COOKIE

NOW = datetime(2026, 11, 26, 7, 38, 12, tzinfo=UTC)
LATER = datetime(2026, 11, 27, 18, 5, 0, tzinfo=UTC)


def page(name: str) -> str:
    return (ANSWERS / f"{name}.html").read_text()


def test_a_form_has_its_fields_and_its_cookie() -> None:
    form = form_of(page("form"), f"{COOKIE}; SameSite=Strict; HttpOnly")
    assert form.cookie == COOKIE
    assert form.fields["nagFormId"] == COOKIE.removeprefix("NagFormId=")
    assert (form.fields["start_time"], form.fields["end_time"]) == ("2026-11-26 07:38:12", "2026-11-26 09:38:12")
    assert not form.locked


def test_a_form_may_have_a_locked_author() -> None:
    assert form_of(page("form-locked"), "").locked


def test_a_form_of_an_old_nagios_has_neither_cookie_nor_field() -> None:
    form = form_of("<form><INPUT TYPE='HIDDEN' NAME='cmd_typ' VALUE='33'></form>", "")
    assert (form.cookie, form.fields) == ("", {"cmd_typ": "33"})


@pytest.mark.parametrize("cookie", ["NagFormId=a\r\nX: y", "other=1", "NagFormId=" + "a" * 500, "NagFormId=<b>"])
def test_a_cookie_that_is_none_is_not_sent_back(cookie: str) -> None:
    assert form_of("", cookie).cookie in ("", "NagFormId=a")


@pytest.mark.parametrize(
    ("name", "verdict", "said"),
    [
        ("done", Verdict.DONE, ""),
        ("no-times", Verdict.REFUSED, NO_TIMES),
        ("no-comment", Verdict.REFUSED, "Comment was not entered"),
        ("no-cookie", Verdict.REFUSED, "Error: Invalid or missing CSRF cookie!"),
        ("no-pipe", Verdict.REFUSED, "Error: Could not stat() command file '/var/lib/nagios4/rw/nagios.cmd'!"),
        (
            "not-authorized",
            Verdict.FORBIDDEN,
            "Sorry, but you are not authorized to commit the specified command.",
        ),
        (
            "read-only",
            Verdict.FORBIDDEN,
            "It appears as though you do not have permission to submit the command you requested...",
        ),
        ("form", Verdict.UNKNOWN, ""),
    ],
)
def test_a_page_is_understood_by_its_sentence(name: str, verdict: Verdict, said: str) -> None:
    outcome = outcome_of_page(page(name))
    assert (outcome.verdict, outcome.said) == (verdict, said)


def test_where_authentication_is_off_nagios_refuses() -> None:
    told = "<P>\n<DIV CLASS='errorMessage'>Sorry Dave, I can't let you do that...</DIV><br>"
    assert outcome_of_page(told).verdict is Verdict.REFUSED


def test_a_refusal_counts_more_than_a_success_on_the_same_page() -> None:
    """A comment that is shown again may hold any sentence."""
    assert outcome_of_page(page("no-comment") + page("done")).verdict is Verdict.REFUSED


@given(st.text())
def test_no_page_raises_or_is_taken_for_done(text: str) -> None:
    outcome = outcome_of_page(f"<P><DIV CLASS='errorMessage'>{text}</DIV></P>{text}")
    assert outcome.verdict is not Verdict.DONE
    assert is_safe(outcome.said)
    form_of(f"<input name='{text}' value='{text}'>{text}", text)


@pytest.mark.parametrize(
    ("shown", "written"),
    [
        ("2026-11-26 07:38:12", "2026-11-27 18:05:00"),
        ("2026-11-26T08:38:12", "2026-11-27T19:05:00"),
        ("11-26-2026 02:38:12", "11-27-2026 13:05:00"),
        ("26-11-2026 13:08:12", "27-11-2026 23:35:00"),
        ("11-25-2026 20:38:12", "11-27-2026 07:05:00"),
    ],
)
def test_the_form_tells_order_and_distance_from_utc(shown: str, written: str) -> None:
    assert wall_of(shown, NOW).written(LATER) == written


def test_a_server_whose_clock_is_a_little_off_is_understood() -> None:
    assert wall_of("2026-11-26 08:40:42", NOW).offset == timedelta(hours=1)


@pytest.mark.parametrize(
    "shown", ["", "yesterday", "2026-11-26", "2026-13-26 07:38:12", "2026-11-20 07:38:12", "07:46:00"]
)
def test_a_time_that_cannot_be_now_is_not_believed(shown: str) -> None:
    with pytest.raises(TimeError, match="not understood"):
        wall_of(shown, NOW)


def test_on_a_day_whose_number_is_its_months_the_order_has_to_be_said() -> None:
    """5 May: nobody can tell which of the two is the day."""
    now, tomorrow = datetime(2026, 5, 5, 12, tzinfo=UTC), datetime(2026, 5, 6, 12, tzinfo=UTC)
    shown = "05-05-2026 12:00:00"
    with pytest.raises(TimeError, match="date_format"):
        wall_of(shown, now).written(tomorrow)
    assert wall_of(shown, now).written(now + timedelta(hours=2)) == "05-05-2026 14:00:00"
    assert wall_of(shown, now, "us").written(tomorrow) == "05-06-2026 12:00:00"
    assert wall_of(shown, now, "euro").written(tomorrow) == "06-05-2026 12:00:00"


def test_a_format_that_does_not_fit_is_not_used() -> None:
    with pytest.raises(TimeError, match="date_format"):
        wall_of("2026-11-26 07:38:12", NOW, "us")


def test_a_zone_knows_when_the_clocks_change() -> None:
    """Berlin is an hour ahead of UTC in March, and two from the 29th on."""
    now, after = datetime(2026, 3, 28, 12, tzinfo=UTC), datetime(2026, 3, 30, 12, tzinfo=UTC)
    wall = wall_of("2026-03-28 13:00:00", now)
    assert wall.written(after) == "2026-03-30 13:00:00"
    assert wall.written(after, ZoneInfo("Europe/Berlin")) == "2026-03-30 14:00:00"


@given(
    st.sampled_from([("us", "%m-%d-%Y %H:%M:%S"), ("euro", "%d-%m-%Y %H:%M:%S"), ("iso8601", "%Y-%m-%d %H:%M:%S")]),
    st.integers(0, 10 * 366 * 86400),
    st.integers(-48, 56),
    st.integers(0, 60 * 24 * 90),
)
def test_what_is_written_is_that_time_there(order: tuple[str, str], seconds: int, quarters: int, minutes: int) -> None:
    offset = timedelta(minutes=15 * quarters)
    now = NOW + timedelta(seconds=seconds)
    end = now + timedelta(minutes=minutes)
    written = wall_of((now + offset).strftime(order[1]), now, order[0]).written(end)
    assert datetime.strptime(written, order[1]).replace(tzinfo=UTC) - offset == end
