"""The `netdata` source: one part for each host."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

import msgspec

from backends.adapters.netdata.calls import Calls
from backends.adapters.netdata.measures import Measure, measured
from backends.adapters.netdata.options import NetdataOptions
from backends.adapters.netdata.past import past_of
from backends.adapters.netdata.reading import about, checks_of
from backends.api import Introduction, Part, Past, Reading, Right, SourceSettings, safe
from backends.http.agents import Agent, polled


class NetdataSource:
    """`Adapter`, `Spreads`, `GivesHistory` and `Introduces`."""

    def __init__(self, settings: SourceSettings, options: NetdataOptions) -> None:
        self.name = settings.name
        self._timing = settings.timing
        self._options = options
        self._calls = {place.native: Calls(place.client, held="/host/" in place.native) for place in options.places}
        self._skew: dict[str, timedelta] = {}
        self._measures: dict[str, Mapping[str, Measure]] = {}
        """The charts behind the checks of each host, as it told them last."""
        self._agents = {
            place.native: Agent(
                settings.name,
                "Netdata",
                place,
                placement=options.placement,
                timing=settings.timing,
                ask=self._ask,
                alone=len(options.places) == 1,
            )
            for place in options.places
        }

    def parts(self) -> Sequence[Part]:
        return tuple(self._agents.values())

    async def poll(self) -> Reading:
        """Raises `SourceError`."""
        return await polled(self.name, tuple(self._agents.values()), self._timing)

    async def close(self) -> None:
        await asyncio.gather(*(calls.client.close() for calls in self._calls.values()))

    async def introduce(self) -> Introduction:
        """Raises `SourceError`."""
        told = await asyncio.gather(*(calls.read() for calls in self._calls.values()))
        return Introduction(
            product=safe(", ".join(sorted({f"Netdata {one.info.version.lstrip('v')}" for one in told})), 120),
            account=safe(self._options.user, 80),
            rights=(Right(what=safe("read alarms and charts"), granted=True, reading=True),),
            facts={
                "host": tuple(sorted({one.hostname for one in told if one.hostname})[:500]),
                "address": tuple(sorted({agent.place.address for agent in self._agents.values()})[:500]),
            },
        )

    async def history(self, native: str, key: str, since: datetime, points: int) -> Sequence[Past]:
        """Of what is measured; an alarm is of a query that only Netdata knows. Raises `SourceError`."""
        measure = self._measures.get(native, {}).get(key)
        if measure is None or points < 1:
            return ()
        now, skew = self._timing.now(), self._skew.get(native, timedelta())
        after, before = (since + skew).timestamp(), (now + skew).timestamp()
        data = await self._calls[native].data(measure.chart, after, before, points)
        return past_of(data, measure, (since, now), skew, points)

    async def _ask(self, agent: Agent) -> Reading:
        told = await self._calls[agent.native].read()
        at = self._timing.now()
        found = measured(told.charts, told.info, at)
        self._measures[agent.native] = found.by_key
        self._skew[agent.native] = timedelta(seconds=told.skew_s or 0.0)
        checks = checks_of(told, found, self._options.thresholds, self.name, agent.native)
        return msgspec.structs.replace(
            agent.reading(at, about(told), checks),
            quarantined=told.spoiled,
            version=safe(f"Netdata {told.info.version.lstrip('v')}", 40),
            skew_s=told.skew_s,
        )
