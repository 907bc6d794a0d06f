"""NO SIGNAL, ALL CLEAR, and the letters they are written in."""

from __future__ import annotations

from datetime import UTC, timedelta

import pytest
from msgspec.structs import replace

from backends.fleet.changes import Picture
from backends.fleet.model import Freshness, Health, HealthCounts, SafeText, Source
from tests.support import pictures
from widgets.present import letters
from widgets.present.old import as_old
from widgets.present.poster import poster_lines
from widgets.present.row import Tone
from widgets.present.signal import Silence, alarm, calm, headline, silence_of

PICTURE = pictures.PICTURE


def of_state(state: Freshness, **more: object) -> Picture:
    """Every source is in that state."""
    sources: dict[str, Source] = {
        name: replace(source, state=state, **more) for name, source in pictures.SOURCES.items()
    }
    return replace(PICTURE, sources=sources)


def fine() -> Picture:
    counts = HealthCounts(ok=3)
    sites = {key: replace(site, health=Health.OK, devices=counts) for key, site in pictures.SITES.items()}
    return replace(of_state(Freshness.FRESH), issues={}, sites=sites)


def test_with_one_source_heard_there_is_a_signal() -> None:
    assert silence_of(PICTURE, vouched=True) is None


def test_nobody_vouching_is_no_signal_since_a_source_was_last_heard() -> None:
    """F-69."""
    silence = silence_of(as_old(PICTURE), vouched=False)
    assert silence == Silence(since=pictures.ago(seconds=4))


@pytest.mark.parametrize("state", [Freshness.SILENT, Freshness.FAILED])
def test_every_source_silent_is_no_signal_though_the_engine_lives(state: Freshness) -> None:
    """F-69, F-79."""
    assert silence_of(of_state(state), vouched=True) is not None


def test_one_failed_poll_is_not_silence_yet() -> None:
    assert silence_of(of_state(Freshness.STALE), vouched=True) is None


def test_sources_that_were_never_heard_are_no_signal() -> None:
    silence = silence_of(of_state(Freshness.STALE, seen=None), vouched=True)
    assert silence is not None
    assert headline(silence, pictures.NOW, UTC) == "NO SIGNAL yet"


def test_no_source_at_all_is_no_signal() -> None:
    assert silence_of(Picture(seq=0, at=pictures.NOW), vouched=True) is not None


def test_since_when_is_a_time_today_and_a_date_before() -> None:
    today = Silence(since=pictures.ago(hours=8))
    before = Silence(since=pictures.NOW - timedelta(days=3))
    assert headline(today, pictures.NOW, UTC) == "NO SIGNAL since 04:04"
    assert headline(before, pictures.NOW, UTC) == "NO SIGNAL since 18 Nov 12:04"


@pytest.mark.parametrize(("width", "height"), [(80, 21), (200, 56), (400, 96)])
def test_no_signal_is_written_large_wherever_there_is_room(width: int, height: int) -> None:
    poster = alarm(Silence(since=pictures.NOW), SafeText("why"), pictures.NOW, UTC)
    lines = poster_lines(poster, width, height)
    inked = [line for line in lines if any("█" in piece.text for piece in line.left)]
    assert len(inked) >= 2 * letters.HEIGHT
    assert len(lines) <= height


def test_where_there_is_no_room_it_is_one_solid_line_of_text() -> None:
    poster = alarm(Silence(since=pictures.NOW), SafeText("why"), pictures.NOW, UTC)
    (line,) = poster_lines(poster, 40, 6)
    assert "NO SIGNAL since 12:04" in line.left[0].text
    assert line.fill is Tone.CRITICAL


def test_all_clear_is_said_over_fresh_facts_that_are_all_fine() -> None:
    assert calm(fine(), pictures.NOW).words == ("ALL CLEAR",)


@pytest.mark.parametrize(
    "doubtful",
    [
        replace(fine(), sources=of_state(Freshness.STALE).sources),
        replace(fine(), sources={}),
        replace(fine(), sites=pictures.SITES),
        replace(fine(), sites={}),
        replace(fine(), issues={key: issue for key, issue in pictures.ISSUES.items() if issue.state == "snoozed"}),
        as_old(fine()),
    ],
    ids=["a stale source", "no source", "sites not ok", "no site", "snoozed", "nobody vouches"],
)
def test_all_clear_is_never_said_over_less(doubtful: Picture) -> None:
    """F-69."""
    assert calm(doubtful, pictures.NOW).words == ()
    assert calm(doubtful, pictures.NOW).tone is not Tone.OK


def test_all_clear_is_not_said_over_a_part_of_the_issues() -> None:
    assert calm(fine(), pictures.NOW, all_issues=False).words == ()


def test_letters_are_as_wide_as_they_are_said_to_be() -> None:
    for scale in (1, 2, 3):
        for text in ("NO SIGNAL", "SINCE 03:12", "ALL CLEAR"):
            drawn = letters.drawn(text, scale)
            assert {len(line) for line in drawn} == {letters.columns(text, scale)}
            assert len(drawn) == letters.rows(scale)


def test_names_are_drawn_without_accents_and_other_scripts_not_at_all() -> None:
    assert letters.drawable("Bäckerei & Söhne") == "BACKEREI SOHNE"
    assert letters.drawable("東浜精機") == ""
    assert letters.columns("東浜") == 0
