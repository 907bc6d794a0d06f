"""From the lists of agents, alerts and checks to what a reading says. Pure."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Final

from msgspec import Struct

from backends.adapters.tactical_rmm.checks import AgentChecks
from backends.adapters.tactical_rmm.records import Agent, Alert
from backends.adapters.tactical_rmm.world import Moment, World
from backends.api import Check, Identity, Sighting, SourceName, safe
from backends.fleet.model import Health
from backends.fleet.placement import Facts, Placement
from backends.fleet.steps import Steps, finished
from backends.http.decode import AT_ONCE

FACTS: Final = ("client_name", "site_name", "host", "platform", "monitoring_type")
"""What a rule of placement can look at."""
USUAL: Final = ({"client_name": "(?P<client>.+)", "site_name": "(?P<site>.+)"}, {"client_name": "(?P<client>.+)"})
"""Its clients and sites are clients and sites."""
LONGEST_SERIAL: Final = 128
STEADY_S: Final = 120.0
"""A boot time is often the time less the uptime, and differs by a little each time that it is told."""
_PLATFORMS: Final = ("windows", "linux", "darwin")
_ADDRESS: Final = re.compile(r"[0-9a-fA-F.:]+")
_LAST_EPOCH: Final = 32_503_680_000.0
"""The year 3000."""

Key = tuple[str, str]
"""An agent's id and the key of a condition."""


class Told(Struct, frozen=True, kw_only=True):
    """What a `Reading` says, and which alerts are behind which condition."""

    sightings: tuple[Sighting, ...] = ()
    checks: tuple[Check, ...] = ()
    behind: Mapping[Key, tuple[Alert, ...]] = {}


def told(source: SourceName, moment: Moment, world: World, placement: Placement) -> Told:
    """Of an agent that is listed twice, the first row counts."""
    return finished(telling(source, moment, world, placement))


def telling(source: SourceName, moment: Moment, world: World, placement: Placement) -> Steps[Told]:
    """`told` in steps: a thousand agents take some dozen milliseconds."""
    of_agent: dict[str, list[Alert]] = {}
    for alert in {alert.id: alert for alert in world.alerts}.values():
        if not alert.resolved and alert.agent_id:
            of_agent.setdefault(alert.agent_id, []).append(alert)
    sightings: dict[str, Sighting] = {}
    checks: list[Check] = []
    behind: dict[Key, tuple[Alert, ...]] = {}
    for number, agent in enumerate(world.agents, 1):
        if number % AT_ONCE == 0:
            yield
        if agent.agent_id in sightings:
            continue
        one = AgentChecks(source, moment, world, agent, of_agent.get(agent.agent_id, ()))
        sightings[agent.agent_id] = _sighting(source, agent, placement, one, world.boots.get(agent.agent_id))
        checks += one.checks
        behind.update(((agent.agent_id, key), alerts) for key, alerts in one.behind.items())
    return Told(sightings=tuple(sightings.values()), checks=tuple(checks), behind=behind)


def facts_of(agent: Agent) -> Facts:
    """What there is to place it by."""
    return {
        "client_name": [agent.client_name],
        "site_name": [agent.site_name],
        "host": [agent.hostname],
        "platform": [agent.plat or ""],
        "monitoring_type": [agent.monitoring_type],
    }


def identity_of(agent: Agent) -> Identity:
    return Identity(agent=agent.agent_id, serial=(agent.serial_number or "")[:LONGEST_SERIAL])


def boot_id_of(epoch: float | None) -> str:
    """Empty where the agent has not told when it booted."""
    booted = _moment(epoch)
    return booted.isoformat(timespec="seconds") if booted is not None else ""


def steady(before: Mapping[str, float], agents: Sequence[Agent]) -> dict[str, float]:
    """When agents booted, by id: what was told first, as long as what is told now differs by less than a boot takes."""
    found: dict[str, float] = {}
    for agent in agents:
        epoch, known = agent.boot_time, before.get(agent.agent_id)
        if epoch is not None and _moment(epoch) is not None:
            found[agent.agent_id] = known if known is not None and abs(known - epoch) <= STEADY_S else epoch
    return found


def _sighting(
    source: SourceName, agent: Agent, placement: Placement, checks: AgentChecks, booted: float | None
) -> Sighting:
    place = placement.place(facts_of(agent))
    return Sighting(
        source=source,
        native=agent.agent_id,
        client=place.client,
        client_name=place.client_name,
        site=place.site,
        site_name=place.site_name,
        name=place.device or safe(agent.hostname),
        kind="workstation" if agent.monitoring_type == "workstation" else "server",
        platform=agent.plat if agent.plat in _PLATFORMS else "",
        address=safe(_first_address(agent.local_ips or "")),
        health=_health(agent, lost=checks.lost),
        boot_id=boot_id_of(booted),
        booted=_moment(booted),
        identity=identity_of(agent),
        system=safe(agent.operating_system or "", 120),
        seen=checks.heard,
        partial=checks.partial,
    )


def _health(agent: Agent, *, lost: bool) -> Health:
    if agent.maintenance_mode:
        return Health.MAINTENANCE
    if agent.online:
        return Health.OK
    return Health.DOWN if lost else Health.UNKNOWN


def _first_address(text: str) -> str:
    first = text.split(",", maxsplit=1)[0].strip().partition("/")[0]
    return first if _ADDRESS.fullmatch(first) else ""


def _moment(epoch: float | None) -> datetime | None:
    if epoch is None or not math.isfinite(epoch) or not 0 < epoch < _LAST_EPOCH:
        return None
    return datetime.fromtimestamp(epoch, UTC)
