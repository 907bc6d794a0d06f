"""Whether anybody vouches for what is shown: when not, NO SIGNAL and since when."""

from __future__ import annotations

from datetime import datetime, tzinfo
from typing import Final

from msgspec import Struct

from backends.fleet.changes import Picture
from backends.fleet.model import Freshness, SafeText, Source
from backends.fleet.verdict import Level, verdict
from widgets.present.poster import Poster
from widgets.present.row import Tone

NO_SIGNAL: Final = "NO SIGNAL"
ALL_CLEAR: Final = "ALL CLEAR"


class Silence(Struct, frozen=True, kw_only=True):
    """Nothing that is shown is fresh."""

    since: datetime | None
    """When a source was last heard; None when none ever was."""


def silence_of(picture: Picture, *, vouched: bool) -> Silence | None:
    """None while the engine vouches for the picture and at least one source is heard."""
    if vouched and any(_is_heard(source) for source in picture.sources.values()):
        return None
    return Silence(since=max((source.seen for source in picture.sources.values() if source.seen), default=None))


def _is_heard(source: Source) -> bool:
    """One failed poll is not silence yet; never having answered is."""
    return source.state is Freshness.FRESH or (source.state is Freshness.STALE and source.seen is not None)


def headline(silence: Silence, now: datetime, zone: tzinfo) -> SafeText:
    """`NO SIGNAL since 03:12`, with the date when that is not today."""
    return SafeText(f"{NO_SIGNAL} {_when(silence, now, zone)}")


def _when(silence: Silence, now: datetime, zone: tzinfo) -> SafeText:
    if silence.since is None:
        return SafeText("yet")
    there, today = silence.since.astimezone(zone), now.astimezone(zone)
    same = there.date() == today.date()
    return SafeText(f"since {there:%H:%M}" if same else f"since {there:%d %b %H:%M}")


def alarm(silence: Silence, why: SafeText, now: datetime, zone: tzinfo) -> Poster:
    """What covers the wall while nothing on it is fresh."""
    line = headline(silence, now, zone)
    return Poster(
        words=(NO_SIGNAL, _when(silence, now, zone).upper()),
        line=SafeText(f"{line} · {why}" if why else line),
        tone=Tone.CRITICAL if silence.since else Tone.UNKNOWN,
    )


def calm(picture: Picture, now: datetime, *, all_issues: bool = True) -> Poster:
    """What is said where no tile would be: all clear only over fresh facts of which every single one is fine."""
    found = verdict(picture, now, all_issues=all_issues)
    counts = found.counts
    fine = found.level is Level.OK and all_issues and not counts.snoozed
    if fine and counts.sites and counts.sites_ok + counts.sites_maintenance == counts.sites:
        return Poster(words=(ALL_CLEAR,), line=found.sentence, tone=Tone.OK)
    return Poster(words=(), line=found.sentence, tone=Tone.STRONG if found.level is Level.OK else Tone.UNKNOWN)
