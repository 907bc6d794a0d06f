"""A stored picture of a fleet, and the changes that come upon its most urgent issues, for benchmarks."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from pathlib import Path

import msgspec
from msgspec.structs import replace

from backends.fleet.changes import Picture
from backends.fleet.model import Issue, IssueId, SafeText, safe
from backends.fleet.tally import waits
from widgets.present.issues import in_order

STEP_S = 0.25
"""Changes come in batches, as the engine sends them."""

SHOWN = 20
"""So many issues change in turn: rows that are on the screen at any size."""


def store(path: Path, picture: Picture) -> None:
    path.write_bytes(msgspec.msgpack.encode(picture))


def stored(path: Path) -> Picture:
    return msgspec.msgpack.decode(path.read_bytes(), type=Picture)


def crowded(before: Path, after: Path, issues: int) -> None:
    """Store a picture with so many open issues: those that it has, told again and again of other devices."""
    picture = stored(before)
    listed = in_order(filter(waits, picture.issues.values()))
    rounds = range(-(-issues // len(listed)))
    every = [_again(issue, number) for number in rounds for issue in listed][:issues]
    store(after, replace(picture, issues={issue.id: issue for issue in every}))


def _again(issue: Issue, number: int) -> Issue:
    if not number:
        return issue
    name = safe(f"{issue.device_name}-{number}")
    return replace(issue, id=IssueId(f"{issue.id}-{number}"), device_name=name, urgency=issue.urgency - 1e6 * number)


class Churn:
    """`step` gives the issues that changed since the last one: another value in the title, nothing else."""

    def __init__(self, issues: Sequence[Issue], changes: float) -> None:
        self._issues = list(issues[:SHOWN])
        self._each = changes * STEP_S
        self._owed = 0.0
        self._count = itertools.count(1)

    def step(self) -> list[Issue]:
        self._owed += self._each
        due, self._owed = int(self._owed), self._owed % 1
        return [self._changed(next(self._count)) for _ in range(due)]

    def _changed(self, number: int) -> Issue:
        issue = self._issues[number % len(self._issues)]
        value = f"{number * 7 % 900 + 100}"
        return replace(issue, title=SafeText(f"{issue.title[:16]} {value[:2]}.{value[2]} %"))
