"""All that the author of an adapter needs: `Adapter`, its capabilities, `Reading`, `SourceError`.

An adapter answers `poll()` with a `Reading` or raises `SourceError`; where the source says what it said last, that is
`unchanged(name, at)`, and costs next to nothing. It never retries, sleeps between polls, logs secrets or knows who
looks. Everything else is a capability of its own: implement the protocols that the product offers *with the
credentials at hand*, and the screen shows the keys that work. All text goes through `safe` before it enters a reading.
The entry point (group `rounds.adapter`) names a function `open_source(settings: SourceSettings) -> Adapter` that
imports what it needs, validates its own options (`ConfigurationError`) and does no I/O.
"""

from __future__ import annotations

from backends.api.acts import Acknowledges, Closes, Rechecks, Snoozes
from backends.api.adapter import Adapter, GivesSlices, OpenSource, Part, SourceSettings, Spreads, Timing
from backends.api.errors import ConfigurationError, DoneInPart, NotSent, OutcomeUnknown, SourceError
from backends.api.fixes import Emit, Executed, OpensShell, RunsFixes, RunsOwnFixes, Script
from backends.api.introduction import Access, Introduces, Introduction, Question, Right
from backends.api.tells import GivesHistory, Past, StreamsEvents
from backends.api.turns import in_turns
from backends.fleet.conditions import Conditions
from backends.fleet.model import (
    Can,
    Check,
    CheckState,
    Client,
    ClientId,
    Fault,
    FaultKind,
    Handling,
    Health,
    Identity,
    RunId,
    SafeText,
    Severity,
    Sighting,
    SiteId,
    SourceName,
    safe,
    slug,
)
from backends.fleet.placement import Facts, Place, Placement
from backends.fleet.reading import Reading, joined, unchanged
from backends.fleet.run import OwnFix, Parameter, Risk

__all__ = [
    "Access",
    "Acknowledges",
    "Adapter",
    "Can",
    "Check",
    "CheckState",
    "Client",
    "ClientId",
    "Closes",
    "Conditions",
    "ConfigurationError",
    "DoneInPart",
    "Emit",
    "Executed",
    "Facts",
    "Fault",
    "FaultKind",
    "GivesHistory",
    "GivesSlices",
    "Handling",
    "Health",
    "Identity",
    "Introduces",
    "Introduction",
    "NotSent",
    "OpenSource",
    "OpensShell",
    "OutcomeUnknown",
    "OwnFix",
    "Parameter",
    "Part",
    "Past",
    "Place",
    "Placement",
    "Question",
    "Reading",
    "Rechecks",
    "Right",
    "Risk",
    "RunId",
    "RunsFixes",
    "RunsOwnFixes",
    "SafeText",
    "Script",
    "Severity",
    "Sighting",
    "SiteId",
    "Snoozes",
    "SourceError",
    "SourceName",
    "SourceSettings",
    "Spreads",
    "StreamsEvents",
    "Timing",
    "in_turns",
    "joined",
    "safe",
    "slug",
    "unchanged",
]
