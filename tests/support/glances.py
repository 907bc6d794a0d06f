"""What the first paint would show of a picture, without a store between."""

from __future__ import annotations

from backends.fleet.changes import Picture
from backends.fleet.glance import Glance, Summaries, seen


def glance_of(picture: Picture) -> Glance:
    summary = Summaries().of(picture)
    return seen(summary, [picture.issues[name] for name in summary.first], picture.sources.values())
