"""The `prometheus` source: alerts and targets are read, alerts can be silenced, values are remembered there."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import datetime
from typing import Final, TypeVar

import msgspec

from backends.adapters.prometheus.alerts import Seen
from backends.adapters.prometheus.cluster import Cluster, Heard
from backends.adapters.prometheus.history import Span, past
from backends.adapters.prometheus.introduction import introduction
from backends.adapters.prometheus.ledger import Ledger
from backends.adapters.prometheus.matchers import equal, said
from backends.adapters.prometheus.names import device_of, placing_labels
from backends.adapters.prometheus.options import PrometheusOptions
from backends.adapters.prometheus.reading import Assembly, Evidence, Key, settled
from backends.adapters.prometheus.records import Matcher
from backends.adapters.prometheus.server import Server, ServerFacts
from backends.adapters.prometheus.silences import Silences, matchers_for, whose
from backends.api import Introduction, NotSent, Past, Reading, SafeText, SourceError, SourceSettings, safe

_AT_ONCE: Final = 500
"""Records that are read without letting others have their turn: some twenty milliseconds."""

_Got = TypeVar("_Got")


class PrometheusSource:
    """`Adapter`, `Snoozes`, `GivesHistory` and `Introduces`. Alertmanager knows no acknowledging."""

    def __init__(self, settings: SourceSettings, options: PrometheusOptions) -> None:
        self.name = settings.name
        self._options = options
        self._timing = settings.timing
        self._cluster = Cluster(options.alertmanagers, options.quick_s)
        server = options.prometheus
        self._server = Server(server, options.external, options.quick_s) if server is not None else None
        self._silences = Silences(self._cluster, Ledger(settings.state_dir, settings.name))
        self._evidence: Mapping[Key, Evidence] = {}
        self._heard: Heard | None = None
        self._facts: ServerFacts | None = None
        """What Prometheus said when it answered last."""

    async def poll(self) -> Reading:
        """Raises `SourceError`."""
        heard, fault = await self._read()
        at = self._timing.now()
        if fault is None and self._facts is not None:
            self._facts = msgspec.structs.replace(self._facts, at=at)
        if fault is not None and not settled(heard, self._options.settle_s, at):
            raise fault  # neither knows anything yet: what was known is better
        seen = Seen(source=self.name, options=self._options, heard=heard, at=at, values_hold=fault is None)
        assembly = Assembly(seen, self._facts, fault)
        records = len(heard.alerts) + (len(self._facts.targets) if self._facts is not None else 0)
        read = assembly.read() if records <= _AT_ONCE else await asyncio.to_thread(assembly.read)
        self._heard, self._evidence = heard, read.evidence
        return read.reading

    async def close(self) -> None:
        await asyncio.gather(*(client.close() for client in self._options.clients))

    async def introduce(self) -> Introduction:
        """Raises `SourceError`."""
        heard, fault = await self._read()
        return await introduction(self._options, heard, self._facts, fault, self._server)

    def snooze_says(self, native: str, key: str) -> SafeText:
        if self._heard is None:
            return safe("A silence of its alert in Alertmanager, which was not asked yet")
        matchers = self._matchers(native, key)
        if not matchers:
            return SafeText("")  # a target that does not answer is no alert
        return safe(f"A silence of {said(matchers)} in Alertmanager", 1024)

    async def snooze(self, native: str, key: str, by: str, until: datetime, reason: SafeText) -> None:
        """Raises `NotSent` and `OutcomeUnknown`."""
        matchers = self._matchers(native, key)
        if not matchers or self._heard is None:
            raise NotSent("Alertmanager has no alert for this that could be silenced.")
        now = self._timing.now()
        if until <= now:
            raise NotSent("That time is over already.")
        skew_s = self._heard.skew_s or 0.0
        await self._silences.make(native, key, matchers, by=by, since=now, until=until, reason=reason, skew_s=skew_s)

    async def wake(self, native: str, key: str, by: str) -> None:  # noqa: ARG002 - Alertmanager does not ask who ends a silence
        """Raises `NotSent`, also where the silence is not ours, and `OutcomeUnknown`."""
        if await self._silences.end(native, key):
            return
        evidence = self._evidence.get((native, key))
        names = [name for one in evidence.firing for name in one.alert.status.silenced_by or ()] if evidence else []
        if names:
            other = whose(self._heard.silences if self._heard is not None else {}, dict.fromkeys(names))
            told = other or safe("somebody else")
            raise NotSent(safe(f"It was silenced in Alertmanager by {told}: end that silence there.", 512))

    async def history(self, native: str, key: str, since: datetime, points: int) -> Sequence[Past]:
        """Raises `SourceError`."""
        evidence = self._evidence.get((native, key))
        if evidence is None or self._server is None:
            return ()
        return await past(self._server, evidence, key.split("/", 1)[0], Span.of(since, self._timing.now(), points))

    def _matchers(self, native: str, key: str) -> tuple[Matcher, ...]:
        """For the alerts behind a check; none where no alert is."""
        evidence = self._evidence.get((native, key))
        if evidence is None or not evidence.firing:
            return ()
        alerts = [one.alert for one in evidence.firing]
        matchers = matchers_for(alerts, self._options.volatile)
        named = [device_of(alert.labels, self._options) for alert in alerts]
        if not matchers or all(one.host and one.place.placed for one in named):
            return matchers
        # Of no device, or of no client: without a word on those labels, the same of each of them would be meant too.
        empty = {*self._options.device_labels, *placing_labels(self._options)} - {one.name for one in matchers}
        return (*matchers, *(equal(name, "") for name in sorted(empty.difference(self._options.volatile))))

    async def _read(self) -> tuple[Heard, SourceError | None]:
        """What Alertmanager says, and why Prometheus says nothing, where it does not; what it says is kept. Raises
        `SourceError`."""
        if self._server is None:
            return await self._cluster.read(), None
        server, now = self._server, self._timing.now()
        heard, facts = await asyncio.gather(_outcome(self._cluster.read), _outcome(lambda: server.read(now)))
        if isinstance(heard, SourceError):
            raise heard
        if isinstance(facts, SourceError):
            return heard, facts
        self._facts = facts
        return heard, None


async def _outcome(ask: Callable[[], Awaitable[_Got]]) -> _Got | SourceError:
    try:
        return await ask()
    except SourceError as error:
        return error
