"""One Tactical RMM server: what is asked how often, and what it is told to do."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Final

from backends.adapters.tactical_rmm.acts import Acts
from backends.adapters.tactical_rmm.calls import NotPermitted
from backends.adapters.tactical_rmm.calls import agents as list_agents
from backends.adapters.tactical_rmm.calls import alerts as list_alerts
from backends.adapters.tactical_rmm.fixes import offered, own_fixes, right_for
from backends.adapters.tactical_rmm.hands import Hands
from backends.adapters.tactical_rmm.introducing import introduction, narrow
from backends.adapters.tactical_rmm.lookups import Lookups
from backends.adapters.tactical_rmm.reading import FACTS, USUAL, Told, boot_id_of, identity_of, steady, telling
from backends.adapters.tactical_rmm.records import Agent, Alert
from backends.adapters.tactical_rmm.seldom import Seldom
from backends.adapters.tactical_rmm.world import Moment, World
from backends.api import (
    Can,
    Emit,
    Executed,
    FaultKind,
    Identity,
    Introduction,
    NotSent,
    OwnFix,
    Reading,
    RunId,
    SafeText,
    SourceError,
    SourceSettings,
    in_turns,
    safe,
)
from backends.http.credentials import header
from backends.http.options import http_client
from backends.options import Options

PER_MINUTE: Final = 120
"""It serves its own agents with the same few workers."""
_NO_ALERTS: Final = "its role may not list alerts (can_list_alerts)"
_NO_CHECKS: Final = "its role may not list checks (can_list_checks)"


class TacticalRmm:
    """Reads agents, checks and alerts; snoozes and resolves, has checks run, and runs what is there to run."""

    def __init__(self, settings: SourceSettings) -> None:
        options = Options(settings)
        self.name = settings.name
        self._timing = settings.timing
        self._client = http_client(options, authorize=header(settings, "X-API-KEY"), per_minute=PER_MINUTE)
        self._placement = options.placement(FACTS, USUAL)
        self._community = options.flag("community_scripts", default=False)
        options.finish()
        self._seldom = Seldom(self._client, settings.timing)
        self._lookups = Lookups(self._client, settings.timing)
        self._hands = Hands(self._client, settings.timing)
        self._acts = Acts(self._client, settings.timing, self._hands)
        self._agents: dict[str, Agent] = {}
        self._boots: dict[str, float] = {}
        self._skew_s = 0.0
        self._denied: set[str] = set()
        """Rights that were found missing when something was to be run."""
        self._offered: object = None
        """What the fixes were made of that were told last."""

    async def poll(self) -> Reading:
        """Raises `SourceError`."""
        try:
            return await self._poll()
        except SourceError:
            self._seldom.forget()
            raise

    async def close(self) -> None:
        await self._client.close()

    # What is decided about a condition.

    def snooze_says(self, native: str, key: str) -> SafeText:
        return self._acts.snooze_says((native, key))

    async def snooze(self, native: str, key: str, by: str, until: datetime, reason: SafeText) -> None:  # noqa: ARG002 - an alert has no place for who and why
        await self._acts.snooze((native, key), until)

    async def wake(self, native: str, key: str, by: str) -> None:  # noqa: ARG002 - nor does it ask who ends it
        """An alert has one snooze, and does not tell whose it is."""
        agent = self._agents.get(native)
        if (native, key) not in self._acts.behind and agent is not None and agent.maintenance_mode:
            raise NotSent("The agent is in maintenance mode there: end that by its fix “Maintenance off”.")
        await self._acts.unsnooze((native, key))

    async def close_problem(self, native: str, key: str, by: str, text: SafeText) -> None:  # noqa: ARG002 - nor who resolved it
        await self._acts.resolve((native, key))

    async def recheck(self, native: str, key: str) -> None:  # noqa: ARG002 - an agent runs all its checks
        self._lookups.follow(native)
        await self._acts.run_checks(native)

    # What is run.

    async def identify(self, native: str) -> tuple[Identity, str]:
        """As the server knows it now, and when it booted."""
        try:
            agent = await self._agent(native)
        except SourceError as error:
            raise NotSent(error.sentence) from error
        if agent is None:
            raise NotSent("Tactical RMM knows no such agent.")
        return identity_of(agent), boot_id_of(self._boots.get(native))

    async def perform(self, native: str, fix: OwnFix, arguments: Mapping[str, str], run: RunId, emit: Emit) -> Executed:  # noqa: ARG002 - Tactical RMM has no place for our id of it
        self._lookups.follow(native)
        try:
            return await self._hands.perform(native, fix, arguments, emit)
        except NotPermitted:
            self._denied.add(right_for(fix))
            raise

    async def look(self, native: str) -> Reading:
        """This agent, its alerts and checks. Raises `SourceError`."""
        agent = await self._agent(native)
        alerts: list[Alert] | None = []
        if agent is not None:
            ids = self._seldom.ids_of(agent)
            alerts, _ = await self._alerts(**({"clientFilter": [ids[0]]} if ids else {}))
            await self._look_at(agent)
        at = self._timing.now()
        found = await self._told(at, [agent] if agent else [], alerts)
        others = {key: behind for key, behind in self._acts.behind.items() if key[0] != native}
        self._acts.behind = {**others, **found.behind}
        return Reading(
            source=self.name,
            at=at,
            sightings=found.sightings,
            checks=found.checks,
            complete=False,
            covers=(native,),
        )

    async def introduce(self) -> Introduction:
        """Raises `SourceError`."""
        return await introduction(self._client, await self._seldom.ask_version())

    async def _poll(self) -> Reading:
        agents, spoiled, answer = await list_agents(self._client)
        alerts, more = await self._alerts()
        at, self._skew_s = self._timing.now(), answer.skew_s or 0.0
        if await self._seldom.ask():
            self._lookups.barred = False
            self._denied.clear()
            self._acts.lacking.clear()
        says_failing = {one.agent_id for one in alerts or () if one.agent_id and one.alert_type == "check"}
        more += await self._lookups.turn(agents, says_failing)
        self._agents = {agent.agent_id: agent for agent in agents}
        self._boots = steady(self._boots, agents)
        found = await self._told(at, agents, alerts)
        self._acts.behind = found.behind
        return Reading(
            source=self.name,
            at=at,
            sightings=found.sightings,
            checks=found.checks,
            quarantined=spoiled + more,
            version=self._seldom.version,
            skew_s=answer.skew_s,
            note=self._note(agents, alerts),
            fixes=self._fixes(agents),
            lacks=tuple(sorted({*self._acts.lacking, *((Can.SNOOZE, Can.CLOSE) if alerts is None else ())})),
        )

    async def _told(self, at: datetime, agents: list[Agent], alerts: list[Alert] | None) -> Told:
        world = World(
            agents=agents,
            alerts=alerts or (),
            no_alerts=alerts is None,
            looked=self._lookups.looked,
            no_checks=self._lookups.barred,
            boots=self._boots,
        )
        return await in_turns(telling(self.name, Moment(at=at, skew_s=self._skew_s), world, self._placement))

    async def _alerts(self, **more: object) -> tuple[list[Alert] | None, int]:
        """None where the role may not list them. Raises `SourceError`."""
        try:
            return await list_alerts(self._client, **more)
        except SourceError as error:
            if error.kind is not FaultKind.FORBIDDEN:
                raise
            return None, 0

    async def _agent(self, native: str) -> Agent | None:
        """Its row as it is now: from the list of its site, and only when it is not there any more from all. Raises
        `SourceError`."""
        known = self._agents.get(native)
        ids = self._seldom.ids_of(known) if known is not None else None
        for only in ({"site": ids[1]}, {}) if ids is not None else ({},):
            rows, _, _ = await list_agents(self._client, **only)
            found = next((agent for agent in rows if agent.agent_id == native), None)
            if found is not None:
                self._agents[native] = found
                self._boots.update(steady(self._boots, [found]))
                return found
        return None

    async def _look_at(self, agent: Agent) -> None:
        """Raises `SourceError`, but where the role may not read checks."""
        try:
            await self._lookups.look(agent)
        except SourceError as error:
            if error.kind is not FaultKind.FORBIDDEN:
                raise
            self._lookups.bar()

    def _fixes(self, agents: list[Agent]) -> tuple[OwnFix, ...] | None:
        """None while they are made of the same agents, scripts and rights as those that were told last."""
        self._hands.scripts = offered(self._seldom.scripts, community=self._community)
        platforms = {agent.agent_id: agent.plat or "" for agent in agents}
        made_of = (platforms, self._hands.scripts, frozenset(self._denied))
        if made_of == self._offered:
            return None
        self._offered = made_of
        return own_fixes(platforms, self._hands.scripts.values(), self._denied)

    def _note(self, agents: list[Agent], alerts: list[Alert] | None) -> SafeText:
        astray = sum(not alert.hidden and alert.agent_id not in self._agents for alert in alerts or ())
        notes = (
            _NO_ALERTS if alerts is None else "",
            _NO_CHECKS if self._lookups.barred else "",
            narrow(self._seldom.clients, agents),
            f"{astray} of its alerts are of no agent that it shows" if astray else "",
        )
        return safe("; ".join(note for note in notes if note), 300)
