"""Several Alertmanagers as one: the same fingerprint is one alert, and one that is down is not all of them."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Final, TypeVar

import msgspec
from msgspec import Struct

from backends.adapters.prometheus.records import Alert, AlertmanagerStatus, Silence
from backends.api import SourceError
from backends.http.client import Answer, HttpClient
from backends.http.decode import decoded, each
from backends.text import SafeText, safe

_EVERYTHING: Final = (("active", "true"), ("silenced", "true"), ("inhibited", "true"), ("unprocessed", "true"))
"""Each of them means `these too`."""

_Got = TypeVar("_Got")


class Heard(Struct, frozen=True, kw_only=True):
    """What the Alertmanagers say at one moment."""

    alerts: tuple[Alert, ...]
    """Each fingerprint once, in the order of the fingerprints."""
    silences: Mapping[str, Silence] = {}
    """By id; asked for only when an alert is silenced."""
    spoiled: int = 0
    skew_s: float | None = None
    version: SafeText = SafeText("")
    started: datetime | None = None
    """When the one that has been up the longest was started, by our clock; None where none tells."""
    away: tuple[SafeText, ...] = ()
    """A sentence for each that does not answer while another does."""


class _Member:
    """One Alertmanager, and what is known of it while it answers."""

    def __init__(self, client: HttpClient, deadline_s: float | None) -> None:
        self.client = client
        self.status: AlertmanagerStatus | None = None
        self.skew_s: float | None = None
        self._deadline_s = deadline_s

    async def alerts(self) -> tuple[list[Alert], int]:
        answer = await self.ask("alerts", _EVERYTHING)
        self.skew_s = answer.skew_s
        return each(decoded(answer.body, list[msgspec.Raw]), Alert)

    async def silences(self) -> tuple[list[Silence], int]:
        return each(decoded((await self.ask("silences")).body, list[msgspec.Raw]), Silence)

    async def meet(self) -> None:
        """Ask who it is. One that may not be asked is nobody in particular."""
        answer = await self.ask("status", also=(403, 404, 405, 406))
        self.status = decoded(answer.body, AlertmanagerStatus) if answer.status == 200 else AlertmanagerStatus()

    async def ask(self, path: str, params: Sequence[tuple[str, str]] | None = None, also: Sequence[int] = ()) -> Answer:
        return await self.client.request("GET", path, params=params, also=also, deadline_s=self._deadline_s)

    @property
    def started(self) -> datetime | None:
        uptime = self.status.uptime if self.status is not None else None
        if uptime is None or uptime.year < 2000:
            return None
        return uptime - timedelta(seconds=self.skew_s or 0.0)


class Cluster:
    """The Alertmanagers of one source."""

    def __init__(self, clients: Sequence[HttpClient], quick_s: float) -> None:
        """`quick_s` is how long one of several may take; one alone has as long as its client gives it."""
        deadline_s = quick_s if len(clients) > 1 else None
        self._members = [_Member(client, deadline_s) for client in clients]
        self._last: frozenset[str] = frozenset()
        """Fingerprints of the answer before."""

    async def read(self) -> Heard:
        """What they say now. Raises `SourceError` when none answers."""
        answers = await self._from_all(_Member.alerts)
        good = [(member, answer) for member, answer in answers if not isinstance(answer, SourceError)]
        bad = [(member, answer) for member, answer in answers if isinstance(answer, SourceError)]
        if not good:
            raise self._none_answers([error for _, error in bad])
        alerts = merged([found for _, (found, _) in good])
        await self._know([member for member, _ in good], alerts)
        silences, unread = await self._silences([member for member, _ in good], alerts)
        starts = [member.started for member, _ in good]
        return Heard(
            alerts=alerts,
            silences=silences,
            spoiled=unread + max(spoiled for _, (_, spoiled) in good),
            skew_s=next((member.skew_s for member, _ in good if member.skew_s is not None), None),
            version=_version(good[0][0]),
            started=None if None in starts else min(start for start in starts if start is not None),
            away=tuple(safe(f"one Alertmanager is away: {error.sentence}") for _, error in bad),
        )

    def in_turn(self) -> Sequence[HttpClient]:
        """Those that answered last first."""
        return [member.client for member in sorted(self._members, key=lambda member: member.status is None)]

    async def find(self, silence: str) -> Silence | None:
        """One silence by its id, from the first that answers; None when it is not known there. Raises `SourceError`."""
        answer = await self._first(f"silence/{silence}")
        return decoded(answer.body, Silence) if answer.status == 200 else None

    async def all_silences(self) -> list[Silence]:
        """Also those that are over. Raises `SourceError`."""
        answer = await self._first("silences")
        return each(decoded(answer.body, list[msgspec.Raw]), Silence)[0] if answer.status == 200 else []

    async def _first(self, path: str) -> Answer:
        """From the first that answers. Raises `SourceError`."""
        failures = []
        for client in self.in_turn():
            try:
                return await client.request("GET", path, also=(404,))
            except SourceError as error:
                failures.append(error)
        raise self._none_answers(failures)

    async def _know(self, members: Sequence[_Member], alerts: Sequence[Alert]) -> None:
        """Who answers is asked once, and again when an alert is gone: one that has just been started knows little."""
        now = frozenset(alert.fingerprint for alert in alerts)
        again = bool(self._last - now)
        self._last = now
        strangers = [member for member in members if again or member.status is None]
        found = await asyncio.gather(*(member.meet() for member in strangers), return_exceptions=True)
        for error in found:
            if isinstance(error, BaseException) and not isinstance(error, SourceError):
                raise error

    async def _silences(self, members: Sequence[_Member], alerts: Sequence[Alert]) -> tuple[dict[str, Silence], int]:
        if not any(alert.status.silenced_by for alert in alerts):
            return {}, 0
        for member in members:
            try:
                found, spoiled = await member.silences()
            except SourceError:
                continue
            return {silence.id: silence for silence in found}, spoiled
        return {}, 0

    async def _from_all(self, ask: Callable[[_Member], Awaitable[_Got]]) -> list[tuple[_Member, _Got | SourceError]]:
        async def asked(member: _Member) -> _Got | SourceError:
            try:
                return await ask(member)
            except SourceError as error:
                member.status = None  # it may be another one when it answers again
                return error

        return list(zip(self._members, await asyncio.gather(*map(asked, self._members)), strict=True))

    def _none_answers(self, errors: Sequence[SourceError]) -> SourceError:
        if len(errors) == 1:
            return errors[0]
        first = next((error for error in errors if error.needs_hand), errors[0])
        sentence = f"None of the {len(errors)} Alertmanagers answers: {first.sentence}"
        return SourceError(first.kind, sentence, retry_after_s=first.retry_after_s)


def merged(answers: Sequence[Sequence[Alert]]) -> tuple[Alert, ...]:
    """The alerts of several as one. An alert is suppressed only where each that tells it says so."""
    found: dict[str, Alert] = {}
    for alerts in answers:
        for alert in alerts:
            known = found.get(alert.fingerprint)
            if known is None or (known.status.state == "suppressed" and alert.status.state != "suppressed"):
                found[alert.fingerprint] = alert
    return tuple(found[name] for name in sorted(found))


def _version(member: _Member) -> SafeText:
    version = member.status.version_info.version if member.status is not None else ""
    return safe(f"Alertmanager {version}" if version else "Alertmanager", 80)
