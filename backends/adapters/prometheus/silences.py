"""Snoozing: a silence of exactly the alerts behind a condition, and the end of exactly that silence."""

from __future__ import annotations

import contextlib
import logging
import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Final

import msgspec

from backends.adapters.prometheus.cluster import Cluster
from backends.adapters.prometheus.ledger import Entry, Ledger
from backends.adapters.prometheus.matchers import equal, exact
from backends.adapters.prometheus.records import Alert, Made, Matcher, NewSilence, Refusal, Silence
from backends.api import FaultKind, NotSent, OutcomeUnknown, SafeText, SourceError, safe
from backends.http.client import Answer, HttpClient
from backends.http.decode import decoded

log = logging.getLogger("rounds.prometheus")

_NEVER_LEFT: Final = frozenset({FaultKind.REFUSED, FaultKind.NAME, FaultKind.TLS, FaultKind.SECRET})
"""Nothing was sent: another of the cluster may be asked."""
_TURNED_AWAY: Final = frozenset({FaultKind.CREDENTIALS, FaultKind.FORBIDDEN, FaultKind.RATE_LIMITED})
_READ: Final = tuple(status for status in range(300, 500) if status not in (401, 403, 407, 429))
"""Refusals that come with a reason."""
_ID: Final = re.compile(r"[0-9A-Za-z-]{1,64}")
_META: Final = re.compile(r"([\\.+*?()|\[\]{}^$])")


def matchers_for(alerts: Sequence[Alert], volatile: Iterable[str]) -> tuple[Matcher, ...]:
    """Matchers for these alerts and as few others as matchers can say: each label that all of them have alike, and
    where they differ (a warning and a critical one), the values that are there and no others."""
    told = [{one.name: one.value for one in exact(alert.labels, volatile)} for alert in alerts]
    out = []
    for name in sorted({name for labels in told for name in labels}):
        values = sorted({labels.get(name, "") for labels in told})
        if len(values) == 1:
            out.append(equal(name, values[0]))
        else:
            either = "|".join(_META.sub(r"\\\1", value) for value in values)
            out.append(Matcher(name=name, value=either, is_regex=True, is_equal=True))
    return tuple(out)


class Silences:
    """Makes and ends silences at the Alertmanagers of one source."""

    def __init__(self, cluster: Cluster, ledger: Ledger) -> None:
        self._cluster = cluster
        self._ledger = ledger

    async def make(
        self,
        native: str,
        key: str,
        matchers: tuple[Matcher, ...],
        *,
        by: str,
        since: datetime,
        until: datetime,
        reason: str,
        skew_s: float,
    ) -> None:
        """A silence for a condition; one of ours that is there already is replaced. The times are by our clock. Raises
        `NotSent` and `OutcomeUnknown`."""
        shift = timedelta(seconds=skew_s)
        silence = NewSilence(
            matchers=matchers,
            starts_at=since + shift,
            ends_at=until + shift,
            created_by=by,
            comment=reason or "snoozed",
        )
        before = await self._ledger.of(native, key)
        intent = Entry(native=native, key=key, sent=silence)
        try:
            await self._ledger.keep(*before, intent)
        except OSError as error:
            raise NotSent(f"It cannot be written down here that it is ours: {error.strerror}.") from error
        try:
            made = await self._made(silence, [entry.silence for entry in before if entry.silence][-1:])
        except NotSent:
            await self._rewritten(native, key, before)
            raise
        await self._rewritten(native, key, [msgspec.structs.replace(intent, silence=made)])

    async def end(self, native: str, key: str) -> bool:
        """End what `make` made; False when there is nothing of ours. Raises `NotSent` and `OutcomeUnknown`."""
        entries = await self._ledger.of(native, key)
        try:
            ours = await self._alive(entries)
        except SourceError as error:
            raise NotSent(error.sentence) from error
        for name in ours:
            answer = await self._send("DELETE", f"silence/{name}", None)
            if answer.status not in (200, 204, 404):
                raise NotSent(_refused(answer))
        if entries:
            await self._rewritten(native, key, ())
        return bool(entries)

    async def _made(self, silence: NewSilence, earlier: Sequence[str]) -> str:
        """The id of the silence, that takes the place of an earlier one where that is still known."""
        for name in (*earlier, ""):
            answer = await self._send("POST", "silences", msgspec.structs.replace(silence, id=name))
            if answer.status == 404 and name:
                continue  # that one is not known any more: a certain refusal, and a new one is made
            if answer.status not in (200, 202):
                raise NotSent(_refused(answer))
            return _made(answer)
        raise NotSent("Alertmanager refuses it.")

    async def _alive(self, entries: Sequence[Entry]) -> list[str]:
        """The ids of those that are not over. Of one that nobody knows the id of, that is found by all that was sent.
        Raises `SourceError`."""
        found = []
        for entry in entries:
            if _ID.fullmatch(entry.silence):
                silence = await self._cluster.find(entry.silence)
                known = [silence] if silence is not None else []
            else:
                known = [one for one in await self._cluster.all_silences() if _is(one, entry.sent)]
            found += [one.id for one in known if one.status.state != "expired" and _ID.fullmatch(one.id)]
        return list(dict.fromkeys(found))

    async def _rewritten(self, native: str, key: str, entries: Sequence[Entry]) -> None:
        try:
            if entries:
                await self._ledger.keep(*entries)
            else:
                await self._ledger.forget(native, key)
        except OSError as error:
            log.warning("what became of a silence cannot be written down: %s", error)

    async def _send(self, method: str, path: str, silence: NewSilence | None) -> Answer:
        """Once; to another of the cluster only where certainly nothing was sent."""
        content = msgspec.json.encode(silence) if silence is not None else None
        failure: SourceError | None = None
        for client in self._cluster.in_turn():
            try:
                return await _sent(client, method, path, content)
            except SourceError as error:
                if error.kind in _TURNED_AWAY:
                    raise NotSent(error.sentence) from error
                if error.kind not in _NEVER_LEFT:
                    raise OutcomeUnknown(f"{error.sentence} Look in Alertmanager whether it was done.") from error
                failure = failure or error
        raise NotSent(failure.sentence if failure is not None else "No Alertmanager is configured.")


async def _sent(client: HttpClient, method: str, path: str, content: bytes | None) -> Answer:
    headers = {"Content-Type": "application/json"} if content is not None else {}
    return await client.request(method, path, content=content, headers=headers, also=_READ)


def whose(silences: Mapping[str, Silence], names: Iterable[str]) -> SafeText:
    """Who made the silences of an alert, and how long they last; empty when none is known."""
    known = [silences[name] for name in names if name in silences]
    said = [
        f"{one.created_by or 'somebody'} until {one.ends_at:%Y-%m-%d %H:%M} UTC ({one.comment or 'no comment'})"
        for one in known
    ]
    return safe(", ".join(said), 300)


def _made(answer: Answer) -> str:
    try:
        name = decoded(answer.body, Made).silence_id
    except SourceError as error:
        raise OutcomeUnknown(f"{error.sentence} Look in Alertmanager whether the silence is there.") from error
    if not _ID.fullmatch(name):
        raise OutcomeUnknown("Alertmanager does not say which silence it made: look for it there.")
    return name


def _is(silence: Silence, sent: NewSilence) -> bool:
    """Whether it is the one that was sent; times are kept to the millisecond there."""
    return (
        (silence.created_by, silence.comment) == (sent.created_by, sent.comment)
        and abs((silence.ends_at - sent.ends_at).total_seconds()) < 0.002
        and sorted(silence.matchers, key=repr) == sorted(sent.matchers, key=repr)
    )


def _refused(answer: Answer) -> str:
    """Alertmanager says why, as a text or in an object."""
    told: str | Refusal = ""
    with contextlib.suppress(msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        told = msgspec.json.decode(answer.body, type=str | Refusal)
    said = told if isinstance(told, str) else told.message
    return safe(f"Alertmanager refuses it: {said.strip() or 'it gives no reason'} (HTTP {answer.status}).", 400)
