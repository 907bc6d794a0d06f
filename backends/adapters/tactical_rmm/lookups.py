"""Which agents' checks are asked for one by one, and when: those that fail soon, of the others a few in each poll."""

from __future__ import annotations

import math
from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Final
from urllib.parse import quote

from msgspec import Struct

from backends.adapters.tactical_rmm.calls import rows
from backends.adapters.tactical_rmm.records import Agent, AgentCheck, Rollup
from backends.api import FaultKind, SourceError, Timing
from backends.http.client import HttpClient

MOST: Final = 20
"""Agents that fail and are looked at in one poll; the rest has its turn in the next ones."""
MOST_COLD: Final = 5
"""Agents of which the server does not know at hand how their checks are, and that are looked at in one poll."""
AGAIN_S: Final = 120.0
"""An agent whose numbers of failing checks stay the same is looked at this often, for what its checks say."""
KNOWN_S: Final = 600.0
"""How long a look counts as knowledge where nothing else tells how the checks are."""
_GIVE_UP: Final = 3
"""Looks that fail in a row in one poll."""


class Looked(Struct, frozen=True, kw_only=True):
    """The checks of one agent."""

    at: datetime
    """When they were asked for."""
    boot_s: float
    rollup: Rollup
    """What the list of agents said of them then."""
    checks: Sequence[AgentCheck]
    spoiled: int = 0
    """Checks that could not be understood."""

    @property
    def failing(self) -> bool:
        return any(check.failing for check in self.checks)

    def vouched(self, rollup: Rollup) -> bool:
        """Whether the list of agents still says the same of them."""
        return not rollup.cold and rollup == self.rollup


class Lookups:
    """What is known of the checks of agents, in turns."""

    def __init__(self, client: HttpClient, timing: Timing) -> None:
        self._client = client
        self._timing = timing
        self.looked: dict[str, Looked] = {}
        """By agent."""
        self.barred = False
        """Checks may not be read."""
        self._followed_s: dict[str, float] = {}
        """Boot time until which an agent is looked at in every poll."""
        self._asked_s: dict[str, float] = {}
        """Boot time at which an agent had its turn, whatever came of it."""

    async def turn(self, agents: Sequence[Agent], alerted: Collection[str]) -> int:
        """Look at those whose turn it is; returns the number of rows or answers that could not be understood. `alerted`
        are agents of which an alert says that a check fails. Raises `SourceError` where the server is gone."""
        cold = {agent.agent_id for agent in agents if agent.checks.cold and agent.online}
        failing = {agent.agent_id for agent in agents if agent.checks.fails or agent.agent_id in alerted}
        # One that has just recovered is looked at once more: then its checks say so.
        failing |= {native for native, looked in self.looked.items() if looked.failing}
        now_s = self._timing.boot_s()
        self._followed_s = {native: until for native, until in self._followed_s.items() if until > now_s}
        failing |= self._followed_s.keys()
        known = {agent.agent_id: agent for agent in agents}
        self.looked = {
            native: one for native, one in self.looked.items() if native in known and native in failing | cold
        }
        self._asked_s = {native: one for native, one in self._asked_s.items() if native in known}
        if self.barred:
            return 0
        due = sorted((self._asked_s.get(native, -math.inf), native) for native in known if native in failing | cold)
        names = [native for _, native in due if self._due(known[native], native in failing)]
        first = [native for native in names if native in failing][:MOST]
        rest = [native for native in names if native not in failing][:MOST_COLD]
        return await self._look_at([known[native] for native in first + rest])

    async def look(self, agent: Agent) -> int:
        """Ask for the checks of one agent now; returns the number of spoiled rows. Raises `SourceError`."""
        self._asked_s[agent.agent_id] = self._timing.boot_s()
        checks, spoiled = await rows(self._client, f"/agents/{quote(agent.agent_id, safe='')}/checks/", AgentCheck)
        self.looked[agent.agent_id] = Looked(
            at=self._timing.now(),
            boot_s=self._timing.boot_s(),
            rollup=agent.checks,
            checks=checks,
            spoiled=spoiled,
        )
        return spoiled

    def follow(self, native: str) -> None:
        """Its checks are about to change: it is looked at in every poll for a while."""
        self._followed_s[native] = self._timing.boot_s() + AGAIN_S

    def bar(self) -> None:
        """Checks may not be read: what was known of them is not known any more."""
        self.barred = True
        self.looked.clear()

    def _due(self, agent: Agent, failing: bool) -> bool:
        looked = self.looked.get(agent.agent_id)
        if looked is None or agent.agent_id in self._followed_s:
            return True
        age_s = self._timing.boot_s() - looked.boot_s
        if failing:
            return age_s >= AGAIN_S or not looked.vouched(agent.checks)
        return bool(looked.checks) or age_s >= KNOWN_S

    async def _look_at(self, agents: Sequence[Agent]) -> int:
        spoiled = in_a_row = 0
        for agent in agents:
            try:
                spoiled += await self.look(agent)
                in_a_row = 0
            except SourceError as error:
                if error.kind is FaultKind.FORBIDDEN:
                    self.bar()
                    break
                if error.kind not in (FaultKind.PROTOCOL, FaultKind.SERVER, FaultKind.TOO_LARGE):
                    raise
                spoiled += 1  # one agent that was deleted meanwhile, or is broken there, costs no other
                in_a_row += 1
                if in_a_row == _GIVE_UP:
                    break
        return spoiled
