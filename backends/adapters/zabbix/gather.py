"""The calls of one poll, and what is kept between polls so that the next one asks for less.

A poll that asks for everything: `host.get`, `problem.get`, `trigger.get`, `item.get`. Between two of those (ten minutes
apart, or sooner after a failure, or when a host is new) the same four ask only for what changes from minute to minute.
More is asked only when there is something new to name: who acknowledged, which maintenance; and proxies once a minute,
where there are any.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Final

import msgspec
from msgspec import Struct

from backends.adapters.zabbix import asks
from backends.adapters.zabbix.begun import whose
from backends.adapters.zabbix.options import ZabbixOptions
from backends.adapters.zabbix.pulse import Pulse, listened_to, pulse_of
from backends.adapters.zabbix.records import (
    Host,
    Item,
    Maintenance,
    Problem,
    Proxy,
    Record,
    Trigger,
    User,
    understanding,
    whole,
)
from backends.adapters.zabbix.session import Refusal, Session
from backends.adapters.zabbix.version import Version
from backends.api import FaultKind, Timing, in_turns

ALL_AGAIN_S: Final = 600.0
PROXIES_AGAIN_S: Final = 60.0
MOST_PROBLEMS: Final = 50_000
MOST_TRIGGERS: Final = 10_000
"""In one request: some three megabytes of answer."""
MOST_VALUES: Final = 3_000
"""Latest values that are asked for: each costs the server a look into its history."""


class Snapshot(Struct, frozen=True, kw_only=True):
    """All that one poll knows, ready to be read."""

    at: datetime
    skew_s: float
    hosts: Mapping[str, Host] = {}
    problems: Sequence[Problem] = ()
    triggers: Mapping[str, Trigger] = {}
    """Of the problems; one that is missing is disabled, or out of our sight."""
    items: Mapping[str, Item] = {}
    pings: Mapping[str, str] = {}
    """The item that pings a host, by host."""
    proxies: Mapping[str, Proxy] = {}
    users: Mapping[str, str] = {}
    maintenances: Mapping[str, str] = {}
    stopped: datetime | None = None
    """The server has given no new value since; None while it is at work, and where that does not show."""
    quarantined: int = 0
    truncated: int = 0
    """More problems than that are not told."""


class Gather:
    """Asks, and remembers."""

    def __init__(self, session: Session, options: ZabbixOptions, timing: Timing) -> None:
        self._session = session
        self._facts = options.placement.facts
        self._timing = timing
        self._all_at: float | None = None
        self._proxies_at: float | None = None
        self._hosts: dict[str, Host] = {}
        self._triggers: dict[str, Trigger] = {}
        self._hidden: set[str] = set()
        """Triggers of problems that were not told."""
        self._pulse = Pulse()
        self._proxies: dict[str, Proxy] = {}
        self._users: dict[str, str] = {}
        self._maintenances: dict[str, str] = {}
        self._spoiled = 0

    def forget(self) -> None:
        """Ask for everything the next time."""
        self._all_at = self._proxies_at = None

    async def everything(self) -> Snapshot:
        """One poll. Raises `SourceError`."""
        version = await self._session.version()
        self._spoiled = 0
        now = self._timing.boot_s()
        again = self._all_at is None or now - self._all_at >= ALL_AGAIN_S
        if again:
            self._users.clear()
            self._maintenances.clear()
        again = await self._ask_hosts(version, again=again)
        problems, truncated = await self._ask_problems(version)
        triggers, valued = await self._ask_triggers(problems, again=again)
        items = await self._ask_values(triggers, valued=valued, again=again)
        await self._ask_proxies(version, now)
        await self._ask_names(problems)
        if again:
            self._all_at = now
        return self._snapshot(self._hosts, problems, triggers, items, truncated)

    async def one(self, native: str) -> Snapshot:
        """One host. Raises `SourceError`."""
        version = await self._session.version()
        self._spoiled = 0
        hosts = await self._get("host.get", asks.hosts(version, self._facts, only=[native]), Host)
        problems = await self._get("problem.get", asks.problems(version, only=[native]), Problem)
        triggers = await self._triggers_of({problem.objectid for problem in problems})
        masters = {one.triggerid for trigger in triggers.values() for one in trigger.dependencies} - triggers.keys()
        if masters:
            problems += await self._get("problem.get", asks.problems_of(version, sorted(masters)), Problem)
            triggers.update(await self._triggers_of({one.objectid for one in problems} - triggers.keys()))
        items = {item.itemid: item for trigger in triggers.values() for item in trigger.items}
        pings = {one.itemid: one for one in self._pulse.items.values() if one.hostid == native}
        items.update(await self._valued(pings))
        await self._ask_names(problems)
        return self._snapshot({host.hostid: host for host in hosts}, problems, triggers, items, 0)

    def _snapshot(
        self,
        hosts: Mapping[str, Host],
        problems: Sequence[Problem],
        triggers: Mapping[str, Trigger],
        items: Mapping[str, Item],
        truncated: int,
    ) -> Snapshot:
        at, skew_s = self._timing.now(), self._session.skew_s or 0.0
        return Snapshot(
            at=at,
            skew_s=skew_s,
            hosts=dict(hosts),
            problems=problems,
            triggers=triggers,
            items=items,
            pings=self._pulse.pings,
            proxies=dict(self._proxies),
            users=dict(self._users),
            maintenances=dict(self._maintenances),
            stopped=self._pulse.stopped(at, skew_s),
            quarantined=self._spoiled,
            truncated=truncated,
        )

    async def _ask_hosts(self, version: Version, *, again: bool) -> bool:
        """Whether everything was asked for, since some hosts were not known yet."""
        if not again:
            states = await self._get("host.get", asks.states(version), Host)
            if self._hosts and all(state.hostid in self._hosts for state in states):
                self._hosts = {state.hostid: _with_state(self._hosts[state.hostid], state) for state in states}
                return False
        hosts = await self._get("host.get", asks.hosts(version, self._facts), Host)
        self._hosts = _by(hosts, [host.hostid for host in hosts])
        self._spoiled += len(hosts) - len(self._hosts)
        return True

    async def _ask_problems(self, version: Version) -> tuple[list[Problem], int]:
        """All of them, page by page, latest first; and at how many it was broken off, else 0."""
        found: dict[str, Problem] = {}
        below: str | None = None
        while True:
            raws = await self._session.call("problem.get", asks.problems(version, below=below), list[msgspec.Raw])
            page, spoiled = await in_turns(understanding(raws, Problem))
            self._spoiled += spoiled
            before = len(found)
            found.update((problem.eventid, problem) for problem in page)
            self._spoiled += len(page) - (len(found) - before)
            oldest = min((number for problem in page if (number := whole(problem.eventid))), default=0)
            if len(raws) < asks.PAGE or len(found) == before or oldest <= 1:
                return list(found.values()), 0
            if len(found) >= MOST_PROBLEMS:
                return list(found.values()), len(found)
            below = str(oldest)

    async def _ask_triggers(self, problems: Iterable[Problem], *, again: bool) -> tuple[dict[str, Trigger], bool]:
        """What stands behind the problems, and whether its latest values came with it."""
        ids = {problem.objectid for problem in problems}
        if again or ids - self._hidden - self._triggers.keys():
            self._triggers = await self._triggers_of(ids)
            # What is disabled, or out of our sight, is asked for again when everything is.
            self._hidden = ids - self._triggers.keys()
            return self._triggers, True
        still: list[Trigger] = []
        for some in _in_parts(ids):
            still += await self._get("trigger.get", asks.still(some), Trigger)
        self._hidden.difference_update(one.triggerid for one in still)
        told = {one.triggerid: self._triggers[one.triggerid] for one in still if one.triggerid in self._triggers}
        return told, False

    async def _triggers_of(self, ids: Collection[str]) -> dict[str, Trigger]:
        found: list[Trigger] = []
        for some in _in_parts(ids):
            found += await self._get("trigger.get", asks.triggers(some), Trigger)
        return _by(found, [trigger.triggerid for trigger in found])

    async def _ask_values(self, triggers: Mapping[str, Trigger], *, valued: bool, again: bool) -> dict[str, Item]:
        """Latest values of the items behind problems, as far as they are not there, and of those that tell of life."""
        items = {item.itemid: item for trigger in triggers.values() for item in trigger.items}
        if again or self._pulse.stopped(self._timing.now(), self._session.skew_s or 0.0):
            asked = listened_to(self._hosts)
            found = await self._get("item.get", asks.pulses(asked), Item) if asked else []
            self._pulse = pulse_of(found, self._hosts)
            return {**items, **self._pulse.items}
        numbers = [item for item in items.values() if item.numeric][:MOST_VALUES]
        behind = {} if valued else {item.itemid: item for item in numbers}
        now = await self._valued({**behind, **self._pulse.items})
        heard = {name: now.get(name, item) for name, item in self._pulse.items.items()}
        self._pulse = msgspec.structs.replace(self._pulse, items=heard)
        return {**items, **now}

    async def _valued(self, items: Mapping[str, Item]) -> dict[str, Item]:
        """The same items with the values that they have now."""
        if not items:
            return {}
        now = await self._get("item.get", asks.values(sorted(items)), Item)
        return {
            item.itemid: msgspec.structs.replace(items[item.itemid], lastvalue=item.lastvalue, lastclock=item.lastclock)
            for item in now
            if item.itemid in items
        }

    async def _ask_proxies(self, version: Version, now: float) -> None:
        if not any(host.asked_by for host in self._hosts.values()):
            return
        if self._proxies_at is None or now - self._proxies_at >= PROXIES_AGAIN_S:
            found = await self._get("proxy.get", asks.proxies(version), Proxy)
            self._proxies = _by(found, [proxy.proxyid for proxy in found])
            self._proxies_at = now

    async def _ask_names(self, problems: Sequence[Problem]) -> None:
        """Of people and maintenances that are not known by name yet. Only the people of our own groups are shown to us,
        unless we are a super admin."""
        users, maintenances = _nameless(problems, self._hosts.values())
        if users := users - self._users.keys():
            self._users.update((name, f"user {name}") for name in users)
            for user in await self._allowed("user.get", asks.users(sorted(users)), User):
                self._users[user.userid] = user.username
        if maintenances := maintenances - self._maintenances.keys():
            self._maintenances.update(dict.fromkeys(maintenances, ""))
            for one in await self._allowed("maintenance.get", asks.maintenances(sorted(maintenances)), Maintenance):
                self._maintenances[one.maintenanceid] = whose(one)

    async def _allowed(self, method: str, params: asks.Params, kind: type[Record]) -> list[Record]:
        """Nothing where our role may not ask."""
        try:
            return await self._get(method, params, kind)
        except Refusal as refusal:
            if refusal.kind is FaultKind.CREDENTIALS:
                raise
            return []

    async def _get(self, method: str, params: asks.Params, kind: type[Record]) -> list[Record]:
        raws = await self._session.call(method, params, list[msgspec.Raw])
        found, spoiled = await in_turns(understanding(raws, kind))
        self._spoiled += spoiled
        return found


def _in_parts(ids: Collection[str]) -> Iterator[list[str]]:
    """So many as one answer has room for."""
    ordered = sorted(ids)
    for start in range(0, len(ordered), MOST_TRIGGERS):
        yield ordered[start : start + MOST_TRIGGERS]


def _with_state(host: Host, state: Host) -> Host:
    return msgspec.structs.replace(
        host,
        name=state.name,
        status=state.status,
        maintenance_status=state.maintenance_status,
        maintenanceid=state.maintenanceid,
        active_available=state.active_available,
        proxy_groupid=state.proxy_groupid,
        assigned_proxyid=state.assigned_proxyid,
        interfaces=state.interfaces,
    )


def _nameless(problems: Iterable[Problem], hosts: Iterable[Host]) -> tuple[set[str], set[str]]:
    users: set[str] = set()
    maintenances = {host.maintenanceid for host in hosts if host.in_maintenance}
    for problem in problems:
        users.update(act.userid for act in problem.acknowledges)
        users.update(one.userid for one in problem.suppression_data)
        maintenances.update(one.maintenanceid for one in problem.suppression_data)
    return users - {"0", ""}, maintenances - {"0", ""}


def _by(records: Sequence[Record], keys: Sequence[str]) -> dict[str, Record]:
    """By id; of two with one id the first."""
    out: dict[str, Record] = {}
    for key, record in zip(keys, records, strict=True):
        out.setdefault(key, record)
    return out
