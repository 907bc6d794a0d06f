"""Turns a place and a picture into the rows of a list, and a key of it back into the fact behind it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from typing import TypeVar

from msgspec import Struct

from backends.fleet.changes import Picture
from backends.fleet.model import Check, Device, Issue, SafeText, SiteId
from backends.fleet.run import AuditRecord, DeviceCard, Run
from tui.filtering import Filter
from tui.place import Noun, Place
from widgets.present import clients, devices, issues, runs, sources
from widgets.present.issues import count_word, is_open
from widgets.present.row import Column, Row

Fact = TypeVar("Fact")


class Fetched(Struct, frozen=True, kw_only=True):
    """What is not in the picture and was asked for."""

    devices: tuple[Device, ...] = ()
    card: DeviceCard | None = None
    runs: tuple[Run, ...] = ()
    audit: tuple[AuditRecord, ...] = ()


class Asked(Struct, frozen=True, kw_only=True):
    """What a list is to be made of."""

    place: Place
    picture: Picture
    fetched: Fetched
    chosen: Filter
    now: datetime


class Listed(Struct, frozen=True, kw_only=True):
    """A list ready to be shown."""

    columns: tuple[Column, ...]
    rows: tuple[Row, ...]
    heading: SafeText
    empty: SafeText
    facts: dict[str, object]
    """By key."""


class Lister:
    """Keeps the rows of facts that have not changed, so that they are neither made nor painted again."""

    def __init__(self) -> None:
        self._kept: dict[tuple[Noun, str], tuple[object, Row]] = {}

    def listed(self, asked: Asked) -> Listed:
        return _LISTS[asked.place.noun](self, asked)

    def rows(
        self, noun: Noun, facts: Iterable[Fact], key: Callable[[Fact], str], make: Callable[[Fact], Row]
    ) -> tuple[tuple[Row, ...], dict[str, object]]:
        rows: list[Row] = []
        by_key: dict[str, object] = {}
        for fact in facts:
            name = key(fact)
            kept = self._kept.get((noun, name))
            if kept is None or (kept[0] is not fact and kept[0] != fact):
                kept = self._kept[noun, name] = (fact, make(fact))
            rows.append(kept[1])
            by_key[name] = fact
        if len(self._kept) > 4 * len(rows) + 4096:
            self._kept.clear()
        return tuple(rows), by_key


def _issues(lister: Lister, asked: Asked) -> Listed:
    facts = [
        issue
        for issue in asked.picture.issues.values()
        if _here(asked.place, issue) and asked.chosen.issue(issue, asked.now)
    ]
    if not asked.place.query:
        facts = [issue for issue in facts if is_open(issue)]
    rows, by_key = lister.rows(Noun.ISSUES, issues.in_order(facts), lambda one: one.id, issues.issue_row)
    return Listed(
        columns=issues.COLUMNS,
        rows=rows,
        heading=SafeText(f"Issues {len(rows)} · by urgency"),
        empty=SafeText("No issue matches." if asked.place.query else "No open issues."),
        facts=by_key,
    )


def _here(place: Place, issue: Issue) -> bool:
    return (
        (place.client is None or issue.client == place.client)
        and (place.site is None or issue.site == place.site)
        and (place.source is None or place.source in issue.sources)
        and (place.device is None or issue.device == place.device)
    )


def _clients(_: Lister, asked: Asked) -> Listed:
    sums = clients.ClientSums(asked.picture)
    facts = [one for one in clients.in_order(asked.picture, sums) if asked.chosen.words(one.id, one.name, one.contract)]
    made = {one.id: clients.client_table_row(one, sums, asked.picture) for one in facts}
    return Listed(
        columns=clients.TABLE_COLUMNS,
        rows=tuple(made.values()),
        heading=SafeText(f"Clients {len(made)}"),
        empty=SafeText("No client matches." if asked.place.query else "No clients are known yet."),
        facts={one.id: one for one in facts},
    )


def _sites(_: Lister, asked: Asked) -> Listed:
    open_at: Counter[SiteId] = Counter(issue.site for issue in asked.picture.issues.values() if is_open(issue))
    facts = [
        one
        for one in clients.sites_in_order(asked.picture, asked.place.client)
        if asked.chosen.words(one.id, one.client_name, one.name)
    ]
    return Listed(
        columns=clients.SITE_COLUMNS,
        rows=tuple(clients.site_row(one, open_at[one.id]) for one in facts),
        heading=SafeText(f"Sites {len(facts)}"),
        empty=SafeText("No site matches." if asked.place.query else "No sites are known yet."),
        facts={one.id: one for one in facts},
    )


def _devices(lister: Lister, asked: Asked) -> Listed:
    facts = [
        one
        for one in devices.in_order(asked.fetched.devices)
        if (asked.place.client is None or one.client == asked.place.client)
        and (asked.place.site is None or one.site == asked.place.site)
        and (asked.place.source is None or asked.place.source in one.sources)
        and asked.chosen.device(one, asked.now)
    ]
    rows, by_key = lister.rows(Noun.DEVICES, facts, lambda one: one.id, devices.device_row)
    return Listed(
        columns=devices.COLUMNS,
        rows=rows,
        heading=SafeText(f"Devices {len(rows)}"),
        empty=SafeText("No device matches." if asked.place.query else "No devices are known here."),
        facts=by_key,
    )


def _checks(lister: Lister, asked: Asked) -> Listed:
    known = asked.fetched.card
    facts: Sequence[Check] = (
        devices.checks_in_order(known.checks) if known and known.device.id == asked.place.device else ()
    )
    facts = [one for one in facts if asked.chosen.words(one.label, one.key, one.state, one.summary)]
    rows, by_key = lister.rows(Noun.CHECKS, facts, devices.check_key, devices.check_row)
    return Listed(
        columns=devices.CHECK_COLUMNS,
        rows=rows,
        heading=SafeText(f"Checks {len(rows)}"),
        empty=SafeText("No check matches." if asked.place.query else "No checks are known of it."),
        facts=by_key,
    )


def _sources(lister: Lister, asked: Asked) -> Listed:
    facts = [
        one
        for one in sources.in_order(asked.picture.sources.values())
        if asked.chosen.words(one.name, one.kind, one.state)
    ]
    rows, by_key = lister.rows(Noun.SOURCES, facts, lambda one: one.name, sources.source_row)
    return Listed(
        columns=sources.COLUMNS,
        rows=rows,
        heading=SafeText(f"Sources {len(rows)}"),
        empty=SafeText("No source matches." if asked.place.query else "No sources are configured."),
        facts=by_key,
    )


def _runs(lister: Lister, asked: Asked) -> Listed:
    known = {run.id: run for run in asked.fetched.runs} | asked.picture.runs
    facts = [
        run
        for run in runs.in_order(known.values())
        if asked.chosen.words(run.id, run.title, run.device_name, run.client_name, run.by, run.state, run.verified)
    ]
    rows, by_key = lister.rows(Noun.RUNS, facts, lambda one: one.id, runs.run_row)
    return Listed(
        columns=runs.COLUMNS,
        rows=rows,
        heading=SafeText(f"Runs {len(rows)} · latest first"),
        empty=SafeText("No run matches." if asked.place.query else "No fix was run yet."),
        facts=by_key,
    )


def _audit(lister: Lister, asked: Asked) -> Listed:
    facts = [
        one for one in asked.fetched.audit if asked.chosen.words(one.by, one.event, one.subject, *one.data.values())
    ]
    rows, by_key = lister.rows(Noun.AUDIT, facts, lambda one: str(one.seq), runs.audit_row)
    return Listed(
        columns=runs.AUDIT_COLUMNS,
        rows=rows,
        heading=SafeText(f"Audit · the last {count_word(len(rows), 'record')}"),
        empty=SafeText("No record matches." if asked.place.query else "Nothing is on record yet."),
        facts=by_key,
    )


_LISTS: dict[Noun, Callable[[Lister, Asked], Listed]] = {
    Noun.ISSUES: _issues,
    Noun.CLIENTS: _clients,
    Noun.SITES: _sites,
    Noun.DEVICES: _devices,
    Noun.CHECKS: _checks,
    Noun.SOURCES: _sources,
    Noun.RUNS: _runs,
    Noun.AUDIT: _audit,
}
