"""Turns a place and a picture into the rows of a list, and a key of it back into the fact behind it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from typing import TypeVar

from msgspec import Struct

from backends.fleet.changes import Picture
from backends.fleet.model import Device, SafeText, SiteId
from backends.fleet.run import AuditRecord, DeviceCard, Run
from backends.fleet.tally import waits
from tui.filtering import Filter
from tui.issue_list import IssueList
from tui.narrowing import Narrowing
from tui.place import Noun, Place
from widgets.present import clients, devices, issues, runs, sources
from widgets.present.issues import count_word
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
    enough: int = 0
    """So many rows will do for now, where there are many more; 0 is all of them."""
    upto: str | None = None
    """But the one with this key belongs to it."""

    def list(
        self,
        columns: Sequence[Column],
        rows: tuple[Row, ...],
        facts: Mapping[str, object],
        heading: SafeText,
        empty: SafeText,
        *,
        whole: bool = True,
    ) -> Listed:
        return Listed(
            columns=tuple(columns),
            rows=rows,
            heading=heading,
            empty=SafeText("Nothing matches the filter; Esc clears it.") if self.chosen.text else empty,
            facts=facts,
            whole=whole,
        )


class Listed(Struct, frozen=True, kw_only=True):
    """A list ready to be shown."""

    columns: tuple[Column, ...]
    rows: tuple[Row, ...]
    heading: SafeText
    empty: SafeText
    facts: Mapping[str, object]
    """By key."""
    whole: bool = True
    """Whether no row was left out."""


class Lister:
    """Keeps the rows of facts that have not changed, so that they are neither made nor painted again."""

    def __init__(self) -> None:
        self.issues = IssueList()
        self.narrowing = Narrowing(self.issues)
        self._kept: dict[tuple[Noun, str], tuple[object, Row]] = {}

    def listed(self, asked: Asked) -> Listed:
        return _LISTS[asked.place.noun](self, asked)

    def rows(
        self, noun: Noun, facts: Iterable[Fact], key: Callable[[Fact], str], make: Callable[[Fact], Row]
    ) -> tuple[tuple[Row, ...], Mapping[str, object]]:
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
    if asked.chosen.text:
        found = lister.narrowing.of(
            asked.place, asked.picture.issues, asked.chosen, asked.now, enough=asked.enough, upto=asked.upto
        )
        by_key: Mapping[str, object]
        rows, by_key = lister.rows(Noun.ISSUES, found.issues, lambda one: one.id, lister.issues.row)
        whole = found.whole
    else:
        stood = lister.issues.of(asked.place, asked.picture.issues)
        rows, by_key, whole = stood.rows, stood.facts, True
    heading = SafeText(f"Issues {len(rows)}" if whole else f"Issues {len(rows)}+")
    return asked.list(issues.COLUMNS, rows, by_key, heading, SafeText("No open issues."), whole=whole)


def _clients(_: Lister, asked: Asked) -> Listed:
    sums = clients.ClientSums(asked.picture)
    facts = asked.chosen.of(clients.in_order(asked.picture, sums), asked.now)
    rows = tuple(clients.client_table_row(one, sums) for one in facts)
    by_key: dict[str, object] = {one.id: one for one in facts}
    return asked.list(
        clients.TABLE_COLUMNS, rows, by_key, SafeText(f"Clients {len(rows)}"), SafeText("No clients are known yet.")
    )


def _sites(_: Lister, asked: Asked) -> Listed:
    open_at: Counter[SiteId] = Counter(issue.site for issue in asked.picture.issues.values() if waits(issue))
    facts = asked.chosen.of(clients.sites_in_order(asked.picture, asked.place.client), asked.now)
    rows = tuple(clients.site_row(one, open_at[one.id]) for one in facts)
    by_key: dict[str, object] = {one.id: one for one in facts}
    return asked.list(
        clients.SITE_COLUMNS, rows, by_key, SafeText(f"Sites {len(rows)}"), SafeText("No sites are known yet.")
    )


def _devices(lister: Lister, asked: Asked) -> Listed:
    place = asked.place
    facts = asked.chosen.of(
        (
            one
            for one in asked.fetched.devices
            if (place.client is None or one.client == place.client)
            and (place.site is None or one.site == place.site)
            and (place.source is None or place.source in one.sources)
        ),
        asked.now,
    )
    rows, by_key = lister.rows(Noun.DEVICES, devices.in_order(facts), lambda one: one.id, devices.device_row)
    return asked.list(
        devices.COLUMNS, rows, by_key, SafeText(f"Devices {len(rows)}"), SafeText("No devices are known here.")
    )


def _checks(lister: Lister, asked: Asked) -> Listed:
    known = asked.fetched.card
    checks = known.checks if known is not None and known.device.id == asked.place.device else ()
    facts = devices.checks_in_order(asked.chosen.of(checks, asked.now))
    shown = devices.known_checks(facts, known, asked.now) if known is not None else []
    rows, _ = lister.rows(Noun.CHECKS, shown, lambda one: devices.check_key(one.check), devices.check_row)
    by_key: dict[str, object] = {devices.check_key(check): check for check in facts}
    return asked.list(
        devices.CHECK_COLUMNS, rows, by_key, SafeText(f"Checks {len(rows)}"), SafeText("No checks are known of it.")
    )


def _sources(lister: Lister, asked: Asked) -> Listed:
    facts = sources.in_order(asked.chosen.of(asked.picture.sources.values(), asked.now))
    rows, by_key = lister.rows(Noun.SOURCES, facts, lambda one: one.name, sources.source_row)
    return asked.list(
        sources.COLUMNS, rows, by_key, SafeText(f"Sources {len(rows)}"), SafeText("No sources are configured.")
    )


def _runs(lister: Lister, asked: Asked) -> Listed:
    known = {run.id: run for run in asked.fetched.runs} | asked.picture.runs
    facts = runs.in_order(asked.chosen.of(known.values(), asked.now))
    rows, by_key = lister.rows(Noun.RUNS, facts, lambda one: one.id, runs.run_row)
    return asked.list(runs.COLUMNS, rows, by_key, SafeText(f"Runs {len(rows)}"), SafeText("No fix was run yet."))


def _audit(lister: Lister, asked: Asked) -> Listed:
    facts = asked.chosen.of(asked.fetched.audit, asked.now)
    rows, by_key = lister.rows(Noun.AUDIT, facts, lambda one: str(one.seq), runs.audit_row)
    heading = f"Audit · the last {count_word(len(rows), 'record')}"
    return asked.list(runs.AUDIT_COLUMNS, rows, by_key, SafeText(heading), SafeText("Nothing is on record yet."))


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
