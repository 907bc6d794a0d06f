"""What the server says of itself, of our user, and of what there is to place devices by."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, TypeVar
from urllib.parse import quote

import msgspec

from backends.adapters.tactical_rmm.calls import agents as list_agents
from backends.adapters.tactical_rmm.calls import alerts as list_alerts
from backends.adapters.tactical_rmm.calls import remedy, rows
from backends.adapters.tactical_rmm.reading import FACTS, facts_of
from backends.adapters.tactical_rmm.records import Agent, AgentCheck, ClientRow, History, Script
from backends.api import FaultKind, Introduction, Right, SafeText, SourceError, safe
from backends.http.client import HttpClient

Record = TypeVar("Record")

MOST_VALUES: Final = 500
_ACTS: Final = (
    ("snooze and resolve alerts", "can_manage_alerts"),
    ("have checks run now", "can_run_checks"),
    ("run scripts", "can_run_scripts"),
    ("run commands", "can_send_cmd"),
    ("reboot", "can_reboot_agents"),
    ("control Windows services", "can_manage_winsvcs"),
    ("set maintenance", "can_edit_agent"),
    ("wake on LAN", "can_send_wol"),
)
"""Whether these are permitted shows only when they are done."""


async def introduction(client: HttpClient, product: SafeText) -> Introduction:
    """Raises `SourceError`."""
    clients, may_clients = await _listed(client, "/clients/", ClientRow)
    try:
        agents, _, _ = await list_agents(client)
        may_agents = True
    except SourceError as error:
        if error.kind is not FaultKind.FORBIDDEN:
            raise
        agents, may_agents = [], False
    rights = [
        _right("see clients and sites", "can_list_clients", granted=may_clients),
        _right("see agents", "can_list_agents", granted=may_agents),
        _everything(clients, agents),
        _right("see alerts", "can_list_alerts", granted=await _may_alerts(client)),
    ]
    if agents:
        at = f"/agents/{quote(agents[0].agent_id, safe='')}/"
        may_checks = (await _listed(client, f"{at}checks/", AgentCheck))[1]
        may_history = (await _listed(client, f"{at}history/", History))[1]
        rights.append(_right("see checks", "can_list_checks", granted=may_checks))
        rights.append(_acting("see how scripts ended", "can_list_agent_history", granted=may_history))
    rights.append(_acting("see scripts", "can_list_scripts", granted=(await _listed(client, "/scripts/", Script))[1]))
    rights += [Right(what=safe(what), granted=None, remedy=remedy(flag)) for what, flag in _ACTS]
    return Introduction(product=product, rights=tuple(rights), facts=_facts(agents))


def narrow(clients: Sequence[ClientRow], agents: Sequence[Agent]) -> SafeText:
    """What a role leaves out without a word, as far as it shows; empty where it does not."""
    if not agents:
        return safe("its role shows no agents at all: give its user a role that may list clients, sites and agents")
    shown: dict[str, int] = {}
    for agent in agents:
        shown[agent.client_name] = shown.get(agent.client_name, 0) + 1
    for client in clients:
        if (there := shown.get(client.name, 0)) < client.agent_count:
            return safe(f"its role shows {there} of the {client.agent_count} agents of {safe(client.name, 60)}")
    return SafeText("")


def _everything(clients: Sequence[ClientRow], agents: Sequence[Agent]) -> Right:
    """Whether the role shows all. A client that it does not show cannot be missed: the numbers are for comparing."""
    names = len({agent.client_name for agent in agents})
    what = safe(f"see all of them (it sees {len(agents)} agents of {names} clients)")
    if less := narrow(clients, agents):
        remedy = safe(f"{less[0].upper()}{less[1:]}. Take its limits away.")
        return Right(what=what, granted=False, remedy=remedy, reading=True)
    return Right(
        what=what,
        granted=None,
        remedy=safe(
            "Compare the numbers: a role that is limited to clients or sites leaves out the rest without a word."
        ),
        reading=True,
    )


async def _listed(client: HttpClient, path: str, kind: type[Record]) -> tuple[list[Record], bool]:
    """The rows, and whether they may be read. Raises `SourceError`."""
    try:
        found, _ = await rows(client, path, kind)
    except SourceError as error:
        if error.kind is not FaultKind.FORBIDDEN:
            raise
        return [], False
    return found, True


async def _may_alerts(client: HttpClient) -> bool:
    try:
        await list_alerts(client, timeFilter=1)
    except SourceError as error:
        if error.kind is not FaultKind.FORBIDDEN:
            raise
        return False
    return True


def _right(what: str, flag: str, *, granted: bool) -> Right:
    return Right(what=safe(what), granted=granted, remedy=SafeText("") if granted else remedy(flag), reading=True)


def _acting(what: str, flag: str, *, granted: bool) -> Right:
    """What is seen of scripts only serves to run them."""
    return msgspec.structs.replace(_right(what, flag, granted=granted), reading=False)


def _facts(agents: Sequence[Agent]) -> dict[str, tuple[str, ...]]:
    """Values that agents have."""
    found: dict[str, set[str]] = {name: set() for name in FACTS}
    for agent in agents:
        for name, values in facts_of(agent).items():
            found[name].update(value for value in values if value)
    return {name: tuple(sorted(values))[:MOST_VALUES] for name, values in found.items()}
