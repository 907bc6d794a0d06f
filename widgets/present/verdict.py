"""The first line of the screen: one sentence over the whole fleet."""

from __future__ import annotations

from datetime import datetime

from backends.fleet.changes import Picture
from backends.fleet.model import Freshness, Health, Issue, SafeText, Severity, safe
from widgets.present.issues import count_word, in_order, is_open
from widgets.present.row import Cell, plain
from widgets.present.tone import SEVERITY_TONE, Tone

NEW_S = 900.0
"""An issue younger than this is called new."""


def verdict(picture: Picture, now: datetime) -> Cell:
    """What matters most, in one sentence; green words only when every source is fresh."""
    if not picture.sources:
        return plain("Nothing is watched yet.", Tone.UNKNOWN)
    doubtful = [source for source in picture.sources.values() if source.state is not Freshness.FRESH]
    if len(doubtful) == len(picture.sources):
        return plain("Nothing is known for certain: no source is fresh.", Tone.UNKNOWN)
    issues = in_order(issue for issue in picture.issues.values() if is_open(issue))
    tail = f" · {count_word(len(doubtful), 'source')} not fresh" if doubtful else ""
    if not issues:
        sentence = (
            "No open issues, as far as is known" if doubtful else "All quiet: no open issues, every source is fresh"
        )
        return plain(f"{sentence}{tail}.", Tone.UNKNOWN if doubtful else Tone.OK)
    new = sum(1 for issue in issues if (now - issue.since).total_seconds() < NEW_S)
    fresh_news = f" · {new} new in the last 15 min" if new else ""
    return plain(f"{_worst(issues, picture)}{fresh_news}{tail}", SEVERITY_TONE[issues[0].severity])


def _worst(issues: list[Issue], picture: Picture) -> SafeText:
    first = issues[0]
    down = [site for site in picture.sites.values() if site.health is Health.DOWN]
    if first.behind:
        return SafeText(f"{first.title} at {_place(first)}, {first.behind} behind it")
    if down:
        clients = len({site.client for site in down})
        return SafeText(
            f"{count_word(len(down), 'site')} down at {count_word(clients, 'client')}: {first.title}, {_place(first)}"
        )
    worst = sum(1 for issue in issues if issue.severity is first.severity)
    if worst == 1:
        return SafeText(f"{first.title}, {_place(first)}")
    clients = len({issue.client for issue in issues if issue.severity is first.severity and issue.client})
    at = f" at {count_word(clients, 'client')}" if clients else ""
    word = first.severity.value if first.severity is not Severity.INFO else "minor"
    return SafeText(f"{worst} {word} issues{at}, first {_place(first)}: {first.title}")


def _place(issue: Issue) -> SafeText:
    name = issue.device_name or safe(issue.source)
    return SafeText(f"{name} ({issue.client_name})" if issue.client_name else name)
