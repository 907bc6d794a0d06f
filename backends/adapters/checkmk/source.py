"""The `checkmk` source: three or four requests a poll, and what technicians decided."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Final

from backends.adapters.checkmk.acts import Acts, snooze_says
from backends.adapters.checkmk.calls import Calls
from backends.adapters.checkmk.options import CheckmkOptions
from backends.adapters.checkmk.placing import facts_of
from backends.adapters.checkmk.reading import Spot, Teller
from backends.api import Introduction, NotSent, Reading, Right, SafeText, SourceSettings, safe

_MOST: Final = 500
_AT_ONCE: Final = 1000
"""Records that are read without letting others have their turn."""


class CheckmkSource:
    """`Adapter`, `Acknowledges`, `Snoozes` and `Introduces`."""

    def __init__(self, settings: SourceSettings, options: CheckmkOptions) -> None:
        self.name = settings.name
        self._timing = settings.timing
        self._options = options
        self._calls = Calls(options.http, options.user)
        self._acts = Acts(self._calls, sticky=options.sticky)
        self._spots: Mapping[tuple[str, str], Spot] = {}
        self._skew_s = 0.0

    async def poll(self) -> Reading:
        """Raises `SourceError`."""
        answers = await self._calls.everything()
        teller = Teller(self.name, self._options.placement, answers, self._timing.now())
        many = len(answers.hosts) + len(answers.services) > _AT_ONCE
        told = await asyncio.to_thread(teller.told) if many else teller.told()
        self._spots, self._skew_s = told.spots, answers.skew_s or 0.0
        return told.reading

    async def close(self) -> None:
        await self._options.http.close()

    async def introduce(self) -> Introduction:
        """Raises `SourceError`."""
        about, hosts = await self._calls.hosts()
        facts: dict[str, set[str]] = {}
        for host in hosts:
            for name, values in facts_of(host).items():
                facts.setdefault(str(safe(name, 80)), set()).update(values)
        remedy = safe("Its role needs the rights to acknowledge and to set downtimes, the user the contact groups")
        return Introduction(
            product=safe(f"Checkmk {about.versions.checkmk}".strip(), 60),
            account=safe(self._options.user, 80),
            rights=(
                Right(what=safe("read hosts and services"), granted=True, reading=True),
                Right(what=safe("acknowledge, and set downtimes"), granted=None, remedy=remedy),
            ),
            facts={name: tuple(sorted(values)[:_MOST]) for name, values in sorted(facts.items()) if values},
        )

    async def acknowledge(self, native: str, key: str, by: str, text: SafeText) -> None:
        spot = self._spot(native, key)
        if not spot.acked:
            await self._acts.acknowledge(spot, by, text)

    async def unacknowledge(self, native: str, key: str, by: str) -> None:  # noqa: ARG002 - Checkmk does not ask who
        await self._acts.unacknowledge(self._spot(native, key))

    def snooze_says(self, native: str, key: str) -> SafeText:
        return snooze_says(self._spots.get((native, key)))

    async def snooze(self, native: str, key: str, by: str, until: datetime, reason: SafeText) -> None:
        now, skew = self._timing.now(), timedelta(seconds=self._skew_s)
        if until <= now:
            raise NotSent("That time is over already.")
        await self._acts.rest(self._spot(native, key), by, reason, now + skew, until + skew)

    async def wake(self, native: str, key: str, by: str) -> None:  # noqa: ARG002 - Checkmk does not ask who
        await self._acts.wake(self._spot(native, key))

    def _spot(self, native: str, key: str) -> Spot:
        """Raises `NotSent`."""
        spot = self._spots.get((native, key))
        if spot is None:
            raise NotSent(f"Checkmk has no such check on {safe(native, 80)} (any more): {safe(key, 80)}.")
        return spot
