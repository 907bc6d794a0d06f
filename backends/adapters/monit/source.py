"""The `monit` source: one part for each host."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence

import msgspec

from backends.adapters.monit.acts import FIXES, Acts
from backends.adapters.monit.calls import Calls
from backends.adapters.monit.options import MonitOptions
from backends.adapters.monit.reading import checks_of, platform_of
from backends.adapters.monit.records import Status
from backends.api import (
    Can,
    Emit,
    Executed,
    FaultKind,
    Identity,
    Introduction,
    NotSent,
    OwnFix,
    Part,
    Reading,
    Right,
    RunId,
    SourceError,
    SourceSettings,
    safe,
)
from backends.http.agents import About, Agent, polled


class MonitSource:
    """`Adapter`, `Spreads`, `RunsOwnFixes`, `Rechecks` and `Introduces`."""

    def __init__(self, settings: SourceSettings, options: MonitOptions) -> None:
        self.name = settings.name
        self._timing = settings.timing
        self._user = options.user
        self._calls = {place.native: Calls(place.client, options.user) for place in options.places}
        self._agents = {
            place.native: Agent(
                settings.name,
                "Monit",
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
        told = await asyncio.gather(*(calls.status() for calls in self._calls.values()))
        may = [calls.may_act is True for calls in self._calls.values()]
        remedy = safe("Take `read-only` from our user behind `allow` of `set httpd` in monitrc, and reload Monit.")
        return Introduction(
            product=safe(", ".join(sorted({f"Monit {one.version}" for one in told})), 120),
            account=safe(self._user, 80),
            rights=(
                Right(what=safe("read services"), granted=True, reading=True),
                Right(
                    what=safe("start, stop and restart services, check now"),
                    granted=all(may),
                    remedy=safe("") if all(may) else remedy,
                ),
            ),
            facts={
                "host": tuple(sorted({one.host for one in told if one.host})[:500]),
                "address": tuple(sorted({agent.place.address for agent in self._agents.values()})[:500]),
            },
        )

    async def identify(self, native: str) -> tuple[Identity, str]:
        """Raises `NotSent`."""
        calls = self._known(native)
        try:
            status = await calls.status()
        except SourceError as error:
            raise NotSent(error.sentence) from error
        return Identity(agent=_agent(status)), ""

    async def perform(
        self,
        native: str,
        fix: OwnFix,
        arguments: Mapping[str, str],
        run: RunId,  # noqa: ARG002 - Monit takes no id
        emit: Emit,
    ) -> Executed:
        """Raises `NotSent` or `OutcomeUnknown`; never tries twice."""
        return await Acts(self._known(native), self._timing).perform(fix.id, arguments.get("service", ""), emit)

    async def recheck(self, native: str, key: str) -> None:  # noqa: ARG002 - Monit looks at all that it has, or at nothing
        await Acts(self._known(native), self._timing).recheck()

    async def look(self, native: str) -> Reading:
        """Raises `SourceError`."""
        agent = self._agents.get(native)
        if agent is None:
            raise SourceError(FaultKind.CONFIGURATION, f"The source {self.name} has no host {safe(native, 80)}.")
        return await agent.look()

    async def _ask(self, agent: Agent) -> Reading:
        calls = self._calls[agent.native]
        status = await calls.status()
        about = About(
            name=status.host,
            platform=platform_of(status),
            system=f"{status.platform} {status.release}".strip(),
            agent=_agent(status),
        )
        at = self._timing.now()
        checks = tuple(checks_of(status, self.name, agent.native, at, calls.skew_s or 0.0))
        return msgspec.structs.replace(
            agent.reading(at, about, checks),
            quarantined=status.spoiled,
            version=safe(f"Monit {status.version}", 40),
            skew_s=calls.skew_s,
            fixes=FIXES,
            lacks=() if any(one.may_act for one in self._calls.values()) else (Can.RUN_OWN, Can.RECHECK),
        )

    def _known(self, native: str) -> Calls:
        """Raises `NotSent`."""
        calls = self._calls.get(native)
        if calls is None:
            raise NotSent(f"The source {self.name} has no host {safe(native, 80)} (any more).")
        return calls


def _agent(status: Status) -> str:
    return f"monit-{status.id}" if status.id else ""
