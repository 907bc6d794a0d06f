"""What technicians decided, told to Checkmk: acknowledgements and downtimes."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, Final

from backends.adapters.checkmk.calls import Calls
from backends.adapters.checkmk.reading import Spot
from backends.api import NotSent, SafeText, SourceError, safe

MARK: Final = "[rounds]"
"""At the end of the comments of our downtimes: Checkmk knows them all as of one automation user."""


def snooze_says(spot: Spot | None) -> SafeText:
    """Empty where Checkmk has nothing that could be put to rest."""
    if spot is None:
        return safe("")
    what = f"the service {safe(spot.service, 80)} of {safe(spot.host, 80)}" if spot.service else safe(spot.host, 80)
    alone = "" if spot.service else ", and not of its services"
    return safe(f"A downtime of {what} in Checkmk{alone}")


class Acts:
    """One request for each act, sent once."""

    def __init__(self, calls: Calls, *, sticky: bool) -> None:
        self._calls = calls
        self._sticky = sticky

    async def acknowledge(self, spot: Spot, by: str, text: SafeText) -> None:
        kind, target = _target(spot)
        await self._calls.tell(
            f"domain-types/acknowledge/collections/{kind}",
            {
                "acknowledge_type": kind,
                **target,
                "sticky": self._sticky,
                "persistent": False,
                "notify": False,
                "comment": f"{by}: {text}" if text else by,
            },
        )

    async def unacknowledge(self, spot: Spot) -> None:
        kind, target = _target(spot)
        path = "domain-types/acknowledge/actions/delete/invoke"
        await self._calls.tell(path, {"acknowledge_type": kind, **target})

    async def rest(self, spot: Spot, by: str, reason: SafeText, begin: datetime, end: datetime) -> None:
        """By the site's clock."""
        kind = "service" if spot.service else "host"
        body: dict[str, Any] = {
            "downtime_type": kind,
            "host_name": spot.host,
            "start_time": _iso(begin),
            "end_time": _iso(end),
            "recur": "fixed",
            "duration": 0,
            "comment": f"{by}: {reason} {MARK}",
        }
        if spot.service:
            body["service_descriptions"] = [spot.service]
        await self._calls.tell(f"domain-types/downtime/collections/{kind}", body)

    async def wake(self, spot: Spot) -> None:
        """End what `rest` began there, and nothing else."""
        try:
            found = await self._calls.downtimes(spot.host)
        except SourceError as error:
            raise NotSent(error.sentence) from error
        for one in found:
            ours = one.author == self._calls.user and one.comment.rstrip().endswith(MARK)
            if ours and one.id and (one.host_name, one.service) == (spot.host, spot.service):
                body = {"delete_type": "by_id", "downtime_id": one.id, "site_id": one.site_id or self._calls.site}
                await self._calls.tell("domain-types/downtime/actions/delete/invoke", body)


def _target(spot: Spot) -> tuple[str, Mapping[str, str]]:
    if spot.service:
        return "service", {"host_name": spot.host, "service_description": spot.service}
    return "host", {"host_name": spot.host}


def _iso(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
