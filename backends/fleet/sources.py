"""Sources as facts: what they are worth, and the issue that a broken one is itself."""

from __future__ import annotations

from datetime import datetime
from typing import Final

import msgspec

from backends.fleet.draft import Draft
from backends.fleet.issues import drop, put
from backends.fleet.model import (
    Client,
    ClientId,
    Contract,
    Fault,
    FaultKind,
    Freshness,
    Issue,
    SafeText,
    Severity,
    SiteId,
    Source,
    SourceName,
    issue_id,
    safe,
)
from backends.fleet.reading import Reading
from backends.fleet.worth import limit, needs_hand, state_of

SOURCE: Final = "source"
"""Key and family of a source's own issue."""


def put_source(draft: Draft, source: Source) -> bool:
    """Into the draft, with its state by the time and its issue. True when the worth of its facts changed with it."""
    before = draft.sources.facts.get(source.name)
    source = msgspec.structs.replace(source, state=state_of(source, draft.now))
    if source != before:
        draft.sources.put(source.name, source)
    raise_or_drop(draft, source)
    return before is None or (before.state, before.every_s) != (source.state, source.every_s)


def raise_or_drop(draft: Draft, source: Source) -> None:
    """The source's own issue, while something is wrong with it for longer than one try."""
    name = issue_id(source.name, SOURCE)
    severity = _severity(source)
    if severity is None:
        drop(draft, name)
        return
    place = _place(draft, source.name)
    put(
        draft,
        Issue(
            id=name,
            device=None,
            source=source.name,
            sources=(source.name,),
            client=place[0].id if place else ClientId(""),
            client_name=place[0].name if place else SafeText(""),
            site=place[1] if place else SiteId(""),
            site_name=place[2] if place else SafeText(""),
            device_name=safe(source.name),
            kind=SOURCE,
            family=SOURCE,
            key=SOURCE,
            severity=severity,
            title=_title(source),
            since=_since(draft, source),
            seen=draft.now if draft.issues.facts.get(name) is None else draft.issues.facts[name].seen,
            contract=place[0].contract if place else Contract.MANAGED,
        ),
    )


def answered(source: Source | None, reading: Reading) -> Source:
    """The source after a good answer."""
    if source is None:
        source = Source(name=reading.source, kind="", state=Freshness.FRESH)
    if source.seen is not None and reading.at < source.seen:
        return source
    return msgspec.structs.replace(
        source,
        seen=reading.at,
        fault=None,
        failures=0,
        polls=max(1, source.polls),
        quarantined=reading.quarantined,
        note=reading.note,
        version=reading.version or source.version,
        skew_s=source.skew_s if reading.skew_s is None else reading.skew_s,
        lacking=reading.lacks if reading.complete else source.lacking,
    )


def suspicious(source: Source, reading: Reading, devices: int) -> Source:
    """The source after an answer that has lost all its devices."""
    before = source.fault if source.fault is not None and source.fault.kind is FaultKind.EMPTY else None
    sentence = safe(
        f"{source.name} answered with no devices at all, and had {devices} before: its last facts are kept as stale."
        " Check its filter and the permissions of its account.",
        512,
    )
    fault = Fault(kind=FaultKind.EMPTY, sentence=sentence, since=before.since if before else reading.at)
    return msgspec.structs.replace(source, fault=fault, polls=max(1, source.polls))


def _severity(source: Source) -> Severity | None:
    fault = source.fault
    if source.state is Freshness.FRESH or (source.polls == 0 and fault is None):
        return None
    if source.state is not Freshness.STALE:
        return Severity.HIGH
    again = source.failures > 1 or (fault is not None and fault.kind is FaultKind.EMPTY)
    return Severity.WARNING if fault is not None and (again or needs_hand(fault)) else None


def _title(source: Source) -> SafeText:
    if source.fault is not None:
        return source.fault.sentence
    return safe(f"{source.name} is silent: what it last said is old, and nothing of it counts as fine.")


def _since(draft: Draft, source: Source) -> datetime:
    if source.fault is not None:
        return min(source.fault.since, draft.now)
    return draft.now if source.seen is None else min(source.seen + limit(source.every_s), draft.now)


def _place(draft: Draft, source: SourceName) -> tuple[Client, SiteId, SafeText] | None:
    """The one client that the source serves; None when there are several, or none is known."""
    told = list(draft.told_by(source).facts.values())
    clients = {word.standing.client for word in told}
    if len(clients) != 1:
        return None
    first = told[0].standing
    client = draft.clients.facts.get(first.client, Client(id=first.client, name=first.client_name))
    if len({word.standing.site for word in told}) == 1:
        return client, first.site, draft.spelled(first.site, first.site_name)
    return client, SiteId(""), SafeText("")
