"""What people and fixes do to the fleet: marks on issues, runs, and a fix that was verified."""

from __future__ import annotations

from datetime import datetime

import msgspec

from backends.fleet.draft import Draft
from backends.fleet.episodes import fixed
from backends.fleet.fleet import Fleet
from backends.fleet.marks import completed
from backends.fleet.model import FixId, IssueId, Mark, RunId
from backends.fleet.run import Run
from backends.fleet.settle import settled


def with_mark(fleet: Fleet, mark: Mark, now: datetime) -> Fleet:
    """With what a technician decided; an empty mark takes the old one away."""
    draft = Draft(fleet, now)
    issue = fleet.issues.get(mark.issue)
    if issue is not None:
        mark = completed(mark, issue)
        draft.undressed.add(mark.issue)
    if mark == Mark(issue=mark.issue):
        draft.marks.drop(mark.issue)
    else:
        draft.marks.put(mark.issue, mark)
    return settled(draft)


def with_run(fleet: Fleet, run: Run) -> Fleet:
    """With a run as it stands now."""
    if fleet.runs.get(run.id) == run:
        return fleet
    return msgspec.structs.replace(fleet, runs={**fleet.runs, run.id: run})


def without_run(fleet: Fleet, name: RunId) -> Fleet:
    """Without a run that is no longer shown."""
    if name not in fleet.runs:
        return fleet
    return msgspec.structs.replace(fleet, runs={key: run for key, run in fleet.runs.items() if key != name})


def with_fix(fleet: Fleet, issue: IssueId, fix: FixId) -> Fleet:
    """With the condition's last episode on the account of a fix that was verified: if it comes back, it is said how
    long that held."""
    before = fleet.episodes.get(issue, ())
    return msgspec.structs.replace(fleet, episodes={**fleet.episodes, issue: fixed(before, fix)}) if before else fleet
