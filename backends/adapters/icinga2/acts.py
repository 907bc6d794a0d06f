"""Decisions of technicians, told to Icinga: one request each, never repeated."""

from __future__ import annotations

import contextlib
from collections.abc import Mapping, Sequence
from typing import Any, Final

from backends.adapters.icinga2.calls import Calls, said
from backends.adapters.icinga2.handling import TAG
from backends.adapters.icinga2.records import Acted, Downtime
from backends.adapters.icinga2.rights import Rights
from backends.adapters.icinga2.world import Spot
from backends.api import NotSent, SafeText, SourceError, safe
from backends.http.outcome import outcome_of

ALREADY: Final = "already acknowledged"
"""Ends what Icinga says of a second acknowledgement (`lib/icinga/apiactions.cpp`)."""


class Acts:
    """What one ApiUser does. `rights` are what is known of its permissions."""

    def __init__(self, calls: Calls, *, sticky: bool, acknowledge_s: float) -> None:
        self._calls = calls
        self._sticky = sticky
        self._acknowledge_s = acknowledge_s
        self._ours: dict[Spot, list[str]] = {}
        """Downtimes that were made since we are here."""

    async def acknowledge(self, spot: Spot, by: str, text: SafeText, now: float, rights: Rights) -> None:
        """`now` is by the server's clock. Raises `NotSent` and `OutcomeUnknown`, as all of these."""
        body: dict[str, Any] = {"author": by, "comment": text or "Acknowledged", "sticky": self._sticky}
        if self._acknowledge_s:
            body["expiry"] = now + self._acknowledge_s
        acted = await self._asked("acknowledge-problem", spot, body)
        if _code(acted) == 409 and said(acted).rstrip(".").endswith(ALREADY):
            return
        self._refused("acknowledge-problem", spot, acted, rights)

    async def unacknowledge(self, spot: Spot, by: str, rights: Rights) -> None:
        acted = await self._asked("remove-acknowledgement", spot, {"author": by})
        self._refused("remove-acknowledgement", spot, acted, rights)

    async def rest(self, spot: Spot, by: str, reason: SafeText, span: tuple[float, float], rights: Rights) -> None:
        """A fixed downtime of this host or service alone; `span` is its start and end by the server's clock."""
        body = {"author": by, "comment": f"{reason}{TAG}", "start_time": span[0], "end_time": span[1], "fixed": True}
        acted = await self._asked("schedule-downtime", spot, body)
        self._refused("schedule-downtime", spot, acted, rights)
        self._ours.setdefault(spot, []).extend(done.name for done in acted.results if done.name)

    async def wake(self, spot: Spot, by: str, rights: Rights) -> None:
        """Remove the downtimes that we made, and none of others. Where there is none any more, nothing is done."""
        for name in await self._ours_at(spot, rights):
            acted = await self._sent("remove-downtime", {"downtime": name, "author": by})
            self._refused("remove-downtime", spot, acted, rights)
        self._ours.pop(spot, None)

    async def recheck(self, spot: Spot, rights: Rights) -> None:
        acted = await self._asked("reschedule-check", spot, {"force": True})
        self._refused("reschedule-check", spot, acted, rights)

    async def recheck_services(self, host: str, services: Sequence[str]) -> None:
        """Have these services of a host checked again, as far as that is permitted: a courtesy to who looks next."""
        names = [f"{host}!{service}" for service in services]
        with contextlib.suppress(SourceError):
            await self._calls.act("reschedule-check", {"type": "Service", "services": names, "force": True})

    async def execute(self, spot: Spot, body: Mapping[str, Any], rights: Rights) -> str:
        """The id of the execution that Icinga has begun."""
        acted = await self._asked("execute-command", spot, body)
        self._refused("execute-command", spot, acted, rights)
        execution = next((done.execution for done in acted.results if done.execution), "")
        if not execution:
            raise NotSent(f"Icinga began nothing: {said(acted) or 'it does not say why'}.")
        return execution

    async def _ours_at(self, spot: Spot, rights: Rights) -> list[str]:
        """The names of the downtimes there that carry our tag. Where we may not see downtimes: those of which we know
        that we made them."""
        try:
            there = await self._calls.downtimes(rights)
        except SourceError as error:
            raise NotSent(error.sentence) from error
        if there is None:
            return self._ours.get(spot, [])
        return sorted(one.name for one in there if _is_ours(one) and (one.host_name, one.service_name) == spot)

    async def _asked(self, action: str, spot: Spot, body: Mapping[str, Any]) -> Acted:
        """The host or service is addressed by its name, in the body: no name is ever part of a filter."""
        host, service = spot
        target = {"type": "Service", "service": f"{host}!{service}"} if service else {"type": "Host", "host": host}
        return await self._sent(action, {**body, **target})

    async def _sent(self, action: str, body: Mapping[str, Any]) -> Acted:
        try:
            return await self._calls.act(action, body)
        except SourceError as error:
            raise outcome_of(error) from error

    def _refused(self, action: str, spot: Spot, acted: Acted, rights: Rights) -> None:
        """Raise `NotSent` where Icinga did not do it."""
        code, permission = _code(acted), f"actions/{action}"
        if 200 <= code < 300:
            return
        name = safe("!".join(filter(None, spot)), 80)
        if code == 503:
            raise NotSent("Icinga is loading its configuration anew; nothing was done. Try again in a moment.")
        if code in (403, 404) and not acted.results:  # what we have just read is there: we may not
            if rights.may(permission):
                raise NotSent(
                    f"Icinga does not find {name} for this: it is gone, or the permission {permission} of the ApiUser "
                    f"{safe(rights.user, 60)} has a filter that leaves it out."
                )
            raise NotSent(f"Icinga does not let us do this. {rights.remedy(permission)}")
        raise NotSent(f"Icinga refuses: {said(acted) or f'{action} failed with code {code:.0f}'}")


def _code(acted: Acted) -> float:
    return next((done.code for done in acted.results), acted.error or 500.0)


def _is_ours(downtime: Downtime) -> bool:
    return downtime.comment.endswith(TAG)


def snooze_says(spot: Spot) -> SafeText:
    """What `rest` does, in a sentence."""
    host, service = (safe(name, 80) for name in spot)
    if service:
        return safe(f"A downtime in Icinga for the service {service} of {host}, and for nothing else of it")
    return safe(f"A downtime in Icinga for the host {host} itself, not for its services")
