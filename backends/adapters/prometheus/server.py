"""What is asked of Prometheus, or of what answers like it (Mimir, Thanos, VictoriaMetrics)."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Final, TypeVar
from urllib.parse import quote

import msgspec
from msgspec import Struct

from backends.adapters.prometheus import promql
from backends.adapters.prometheus.external import external_labels
from backends.adapters.prometheus.records import (
    ActiveAlertmanagers,
    BuildInfo,
    ConfigText,
    Envelope,
    Found,
    Group,
    Groups,
    Labels,
    Rule,
    RuleAlert,
    Series,
    Target,
    Targets,
)
from backends.api import FaultKind, SourceError
from backends.http.client import HttpClient, Params
from backends.http.decode import decoded, each
from backends.text import SafeText, safe

_ABSENT: Final = (404, 405, 406, 501)
"""What a relative of Prometheus answers where it has no such page."""
_REFUSED: Final = (400, 422, 503)
"""Come with a sentence of their own."""
LOOK_BACK: Final = timedelta(hours=6)
"""How far it is looked for when a target last answered."""

Record = TypeVar("Record")
TargetName = tuple[tuple[str, str], ...]
"""A target's labels, sorted."""


class RuleFacts(Struct, frozen=True, kw_only=True):
    """One alerting rule with its alerts."""

    rule: Rule
    alerts: tuple[RuleAlert, ...]


class ServerFacts(Struct, frozen=True, kw_only=True):
    """What Prometheus says at one moment."""

    at: datetime
    """When, by our clock."""
    targets: tuple[Target, ...] = ()
    rules: tuple[RuleFacts, ...] = ()
    heard_by: int | None = None
    """How many Alertmanagers it sends to; None where it does not tell."""
    last_up: Mapping[TargetName, datetime | None] = {}
    """When a target that is down last answered, by our clock; None where it did not for as long as is looked back."""
    external: Labels = {}
    """The labels that it puts on alerts when it sends them."""
    version: SafeText = SafeText("")
    spoiled: int = 0
    skew_s: float | None = None


def name_of(target: Target) -> TargetName:
    return tuple(sorted(target.labels.items()))


class Server:
    """One Prometheus."""

    def __init__(self, client: HttpClient, external: Labels | None, quick_s: float) -> None:
        """`quick_s` is how long it may take for one answer."""
        self.client = client
        self._quick_s = quick_s
        self._given = external
        self._external: Labels | None = external
        self._version: SafeText | None = None
        self._skew_s = 0.0
        self._told_skew_s: float | None = None
        self._last_up: dict[TargetName, datetime | None] = {}

    async def read(self, now: datetime) -> ServerFacts:
        """Raises `SourceError`."""
        try:
            return await self._read(now)
        except SourceError:
            self._version = None  # it may be another one when it answers again
            self._external = self._given
            raise

    async def _read(self, now: datetime) -> ServerFacts:
        if self._version is None:
            build = await self._ask("status/buildinfo", BuildInfo)
            self._version = safe(f"Prometheus {build.version}" if build and build.version else "Prometheus", 80)
        if self._external is None:
            config = await self._ask("status/config", ConfigText, also=(*_ABSENT, 401, 403))
            self._external = external_labels(config.yaml if config else "")
        listed, groups, active = await asyncio.gather(
            self._ask("targets", Targets, {"state": "active"}),
            self._ask("rules", Groups, {"type": "alert"}),
            self._ask("alertmanagers", ActiveAlertmanagers),
        )
        targets, spoiled = each((listed.active_targets if listed else None) or (), Target)
        rules, unread = _rules((groups.groups if groups else None) or ())
        return ServerFacts(
            at=now,
            targets=tuple(targets),
            rules=tuple(rules),
            heard_by=len(active.active_alertmanagers or ()) if active else None,
            last_up=await self._last_seen(targets),
            external=self._external,
            version=self._version,
            spoiled=spoiled + unread,
            skew_s=self._told_skew_s,
        )

    async def values(self, query: str, start: datetime, end: datetime, step_s: float) -> list[Series]:
        """The series of a query over a time, all by our clock. Raises `SourceError`."""
        shift = timedelta(seconds=self._skew_s)
        params = {
            "query": query,
            "start": f"{(start + shift).timestamp():.3f}",
            "end": f"{(end + shift).timestamp():.3f}",
            "step": f"{step_s:.3f}",
        }
        found = await self._ask("query_range", Found, params, also=_REFUSED)
        return each((found.result if found else None) or (), Series)[0]

    async def names(self, label: str) -> Sequence[str]:
        """The values of a label. Raises `SourceError`."""
        return await self._ask(f"label/{quote(label, safe='')}/values", list[str]) or ()

    @property
    def skew(self) -> timedelta:
        """How far its clock is ahead of ours."""
        return timedelta(seconds=self._skew_s)

    async def _last_seen(self, targets: Sequence[Target]) -> dict[TargetName, datetime | None]:
        """For targets that are down. What was seen up in an earlier poll is known; for others it is asked once."""
        names = {name_of(target) for target in targets}
        self._last_up = {name: when for name, when in self._last_up.items() if name in names}
        for target in targets:
            if target.health == "up" and target.last_scrape is not None:
                self._last_up[name_of(target)] = target.last_scrape - self.skew
        down = [name_of(target) for target in targets if target.health == "down"]
        if any(name not in self._last_up for name in down):
            for series in await self._last_answers():
                if series.value is not None and (when := promql.moment(series.value[1])) is not None:
                    self._last_up.setdefault(tuple(sorted(series.metric.items())), when - self.skew)
            for name in down:
                self._last_up.setdefault(name, None)
        return {name: self._last_up[name] for name in down}

    async def _last_answers(self) -> list[Series]:
        """None where Prometheus does not want to look back so far: it is worth no more than a finer date."""
        try:
            found = await self._ask("query", Found, {"query": promql.last_answers(LOOK_BACK)}, also=_REFUSED)
        except SourceError:
            return []
        return each((found.result if found else None) or (), Series)[0]

    async def _ask(
        self, path: str, kind: type[Record], params: Params | None = None, also: Sequence[int] = _ABSENT
    ) -> Record | None:
        """The data of an answer; None where there is no such page. An error inside an answer is an error."""
        answer = await self.client.request("GET", path, params=params, also=also, deadline_s=self._quick_s)
        if answer.skew_s is not None:
            self._skew_s = self._told_skew_s = answer.skew_s
        if answer.status not in (200, *_REFUSED):
            return None
        envelope = decoded(answer.body, Envelope)
        if envelope.status != "success":
            said = safe(envelope.error or envelope.error_type or "without a reason", 200)
            raise SourceError(FaultKind.PROTOCOL, f"{self.client.origin} refuses {path}: {said}.")
        return decoded(bytes(envelope.data), kind)


def _rules(raws: Sequence[msgspec.Raw]) -> tuple[list[RuleFacts], int]:
    groups, spoiled = each(raws, Group)
    found = []
    for group in groups:
        rules, unread = each(group.rules or (), Rule)
        spoiled += unread
        for rule in rules:
            alerts, torn = each(rule.alerts or (), RuleAlert)
            spoiled += torn
            if rule.type == "alerting":
                found.append(RuleFacts(rule=rule, alerts=tuple(alerts)))
    return found, spoiled
