"""Decisions of technicians, told to Nagios by its form: the page is asked for, which changes nothing, and sent once."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Final

from backends.adapters.nagios import form as forms
from backends.adapters.nagios.calls import Calls
from backends.adapters.nagios.form import FORM_ID, Form, Verdict, form_of, outcome_of_page
from backends.adapters.nagios.handling import TAG, is_ours
from backends.adapters.nagios.options import NagiosOptions
from backends.adapters.nagios.records import Checkable
from backends.adapters.nagios.rights import remedy_of
from backends.adapters.nagios.times import TimeError, wall_of
from backends.adapters.nagios.world import Spot
from backends.api import NotSent, OutcomeUnknown, SafeText, SourceError, safe
from backends.http.outcome import outcome_of

_UNTELLABLE: Final = "<>;"
"""The page takes brackets out of names and refuses a semicolon: another host or service might be meant."""
_COMMENT: Final = str.maketrans({"<": "‹", ">": "›", ";": ","})


class Acts:
    """What one user does. Raises `NotSent` and `OutcomeUnknown`, all of them."""

    def __init__(self, calls: Calls, options: NagiosOptions) -> None:
        self._calls = calls
        self._options = options
        self._made: dict[Spot, float] = {}
        """When downtimes were made since we are here, by the server's clock: for some seconds it does not list them."""

    async def acknowledge(self, spot: Spot, by: str, text: SafeText) -> None:
        one = await self._now(spot)
        if one.problem_has_been_acknowledged:
            return
        if one.well or one.pending:
            raise NotSent(f"{_named(spot)} has no problem in Nagios now, and nothing else can be acknowledged there.")
        command = forms.ACKNOWLEDGE_SERVICE if spot[1] else forms.ACKNOWLEDGE_HOST
        form = await self._form(command, spot)
        more = {"sticky_ack": "on"} if self._options.sticky else {}
        more |= {"send_notification": "on"} if self._options.notify else {}
        await self._send(command, spot, form, {**more, **_comment(form, by, text or "Acknowledged")})

    async def unacknowledge(self, spot: Spot) -> None:
        command = forms.REMOVE_SERVICE_ACKNOWLEDGEMENT if spot[1] else forms.REMOVE_HOST_ACKNOWLEDGEMENT
        await self._send(command, spot, await self._form(command, spot), {})

    async def rest(self, spot: Spot, by: str, until: datetime, reason: SafeText, now: datetime) -> None:
        """A fixed downtime of this host or service alone. `until` and `now` are by the server's clock."""
        if until <= now:
            raise NotSent("The end of this downtime has passed already; nothing was sent.")
        command = forms.SCHEDULE_SERVICE_DOWNTIME if spot[1] else forms.SCHEDULE_HOST_DOWNTIME
        form = await self._form(command, spot)
        start = form.fields.get("start_time", "")
        try:
            end = wall_of(start, now, self._options.date_format).written(until, self._options.zone)
        except TimeError as error:
            raise NotSent(str(error)) from error
        times = {"start_time": start, "end_time": end, "fixed": "1", "trigger": "0", "hours": "0", "minutes": "0"}
        more = {} if spot[1] else {"childoptions": "0"}
        await self._send(command, spot, form, {**times, **more, **_comment(form, by, reason, TAG)})
        self._made[spot] = now.timestamp()

    async def wake(self, spot: Spot) -> None:
        """Delete the downtimes that we made, and none of others. Where there is none any more, nothing is done."""
        try:
            status = await self._calls.status()
            there, _ = await self._calls.downtimes()
        except SourceError as error:
            raise NotSent(error.sentence) from error
        ours = [one for one in there if is_ours(one) and (one.host_name, one.service_description) == spot]
        if not ours and self._made.get(spot, 0.0) >= status.written - 1:
            raise NotSent("Nagios has not written the new downtime down yet; try again in a quarter of a minute.")
        command = forms.DELETE_SERVICE_DOWNTIME if spot[1] else forms.DELETE_HOST_DOWNTIME
        for one in ours:
            form = await self._form(command, spot)
            await self._send(command, spot, form, {"down_id": str(one.downtime_id)}, named=False)
        self._made.pop(spot, None)

    async def recheck(self, spot: Spot) -> None:
        one = await self._now(spot)
        if not one.checks_enabled:
            raise NotSent(
                f"Nagios does not check {_named(spot)} itself: it waits for results that are sent to it, or its checks "
                "are switched off."
            )
        command = forms.SCHEDULE_SERVICE_CHECK if spot[1] else forms.SCHEDULE_HOST_CHECK
        form = await self._form(command, spot)
        times = {"start_time": form.fields.get("start_time", ""), "force_check": "on"}
        await self._send(command, spot, form, times)

    async def _now(self, spot: Spot) -> Checkable:
        try:
            return await self._calls.one(spot)
        except SourceError as error:
            raise NotSent(error.sentence) from error

    async def _form(self, command: int, spot: Spot) -> Form:
        """The empty form."""
        if not _tellable(spot):
            raise NotSent(
                f"The name {_named(spot)} has a character that Nagios's own page cannot take "
                f"({' '.join(_UNTELLABLE)}); rename it there, or act in Nagios by other means."
            )
        try:
            page, cookie = await self._calls.page(command)
        except SourceError as error:
            raise NotSent(error.sentence) from error
        self._judged(page, spot, needs=False)
        return form_of(page, cookie)

    async def _send(self, command: int, spot: Spot, form: Form, more: Mapping[str, str], *, named: bool = True) -> None:
        """The one request that changes something."""
        fields = {"cmd_typ": str(command), "cmd_mod": "2", **more}
        if named:
            fields |= {"host": spot[0], **({"service": spot[1]} if spot[1] else {})}
        if FORM_ID in form.fields:
            fields[FORM_ID] = form.fields[FORM_ID]
        try:
            page = await self._calls.commit(fields, form.cookie)
        except SourceError as error:
            raise outcome_of(error) from error
        self._judged(page, spot, needs=True)

    def _judged(self, page: str, spot: Spot, *, needs: bool) -> None:
        """Raise where the page says that it was refused; with `needs`, also where it does not say that it was done."""
        outcome = outcome_of_page(page)
        if outcome.verdict is Verdict.FORBIDDEN:
            what = "service" if spot[1] else "host"
            who = safe(self._options.user or "our user", 60)
            raise NotSent(
                f"Nagios does not let {who} do this to {_named(spot)}, or knows it no more. {remedy_of(who, what)}"
            )
        if outcome.verdict is Verdict.REFUSED:
            raise NotSent(f"Nagios refuses: {outcome.said}")
        if needs and outcome.verdict is Verdict.UNKNOWN:
            raise OutcomeUnknown(
                "Nagios answered with a page that says neither yes nor no. "
                "It may have been done all the same: look there before you try again."
            )


def _tellable(spot: Spot) -> bool:
    return not any(char in name for name in spot for char in _UNTELLABLE)


def snooze_says(spot: Spot) -> SafeText:
    """What `rest` does, in a sentence; empty where Nagios's page cannot take the name."""
    if not _tellable(spot):
        return SafeText("")
    host, service = (safe(name, 80) for name in spot)
    if service:
        return safe(f"A downtime in Nagios for the service {service} of {host}, and for nothing else of it")
    return safe(f"A downtime in Nagios for the host {host} itself, not for its services")


def _comment(form: Form, by: str, text: str, tag: str = "") -> dict[str, str]:
    """Author and text. Where Nagios puts its own user's name in the author's place, ours goes before the text."""
    author = safe(by, 80).translate(_COMMENT) or "rounds"
    told = f"{author}: {text}" if form.locked else text
    return {"com_author": author, "com_data": f"{told.translate(_COMMENT)}{tag}"}


def _named(spot: Spot) -> SafeText:
    return safe(f"{safe(spot[1], 80)} of {safe(spot[0], 80)}" if spot[1] else spot[0], 170)
