"""What is wrong with rounds itself, shown where everything else that is wrong is shown: as a source that has failed."""

from __future__ import annotations

from datetime import datetime
from typing import Final

from backends.api import Fault, FaultKind, SourceName, safe
from backends.fleet.fleet import Fleet
from backends.fleet.freshness import with_source
from backends.fleet.model import Freshness, Source
from backends.fleet.start import without_source

STORE: Final = SourceName("rounds-store")
"""Is there only while something is wrong with it."""


def with_trouble(fleet: Fleet, trouble: str, now: datetime) -> Fleet:
    """`fleet` with what is wrong with the store; nothing of it when `trouble` is empty."""
    known = fleet.sources.get(STORE)
    if not trouble:
        return without_source(fleet, STORE, now) if known is not None else fleet
    sentence = safe(trouble, 512)
    if known is not None and known.fault is not None and known.fault.sentence == sentence:
        return fleet
    since = known.fault.since if known is not None and known.fault is not None else now
    fault = Fault(kind=FaultKind.INTERNAL, sentence=sentence, since=since)
    return with_source(fleet, Source(name=STORE, kind="store", state=Freshness.FAILED, fault=fault, polls=1), now)
