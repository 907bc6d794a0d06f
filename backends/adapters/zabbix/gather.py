"""The calls of one poll, and what is kept between polls so that the next one asks for less.

A poll that asks for everything: `host.get`, `problem.get`, `trigger.get`, `item.get`. Between two of those (ten minutes
apart, or sooner after a failure, or when a host is new) the same four ask only for what changes from minute to minute.
More is asked only when there is something new to name: who acknowledged, which maintenance; and proxies once a minute,
where there are any.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Final

import msgspec
from msgspec import Struct

from backends.adapters.zabbix import asks
from backends.adapters.zabbix.options import ZabbixOptions
from backends.adapters.zabbix.records import (
    Host,
    Item,
    Maintenance,
    Problem,
    Proxy,
    Record,
    Trigger,
    User,
    moment,
    understood,
    whole,
)
from backends.adapters.zabbix.session import Refusal, Session
from backends.adapters.zabbix.version import Version
from backends.api import FaultKind, Timing

ALL_AGAIN_S: Final = 600.0
PROXIES_AGAIN_S: Final = 60.0
MOST_PROBLEMS: Final = 50_000
MOST_VALUES: Final = 3_000
"""Latest values that are asked for: each costs the server a look into its history."""
PULSES: Final = 20
PULSE_DELAY_S: Final = 60.0
"""Items that are asked at least so often tell whether the server is at work."""
LIFELESS_S: Final = 150.0
"""With no new value of any of them for so long, it is not."""
_PING: Final = re.compile(r"icmpping(?:\[.*\])?", re.DOTALL)
_DELAY: Final = re.compile(r"(\d{1,6})([smhd]?)(?:;.*)?", re.DOTALL)
_UNIT_S: Final = {"": 1, "s": 1, "m": 60, "h": 3600, "d": 86400}


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
        self._pulses: dict[str, Item] = {}
        self._proxies: dict[str, Proxy] = {}
        self._users: dict[str, str] = {}
        self._maintenances: dict[str, str] = {}
        self._awaited = False
        """Whether there are items that ought to have values all the time."""
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
        items = {item.itemid: item for trigger in triggers.values() for item in trigger.items}
        pulses = [one for one in self._pulses.values() if one.hostid == native]
        items.update(await self._valued({one.itemid: one for one in pulses}))
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
            pings={one.hostid: one.itemid for one in self._pulses.values() if _PING.fullmatch(one.key_)},
            proxies=dict(self._proxies),
            users=dict(self._users),
            maintenances=dict(self._maintenances),
            stopped=self._stopped(items, at, skew_s),
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
            page = await self._get("problem.get", asks.problems(version, below=below), Problem)
            before = len(found)
            found.update((problem.eventid, problem) for problem in page)
            self._spoiled += len(page) - (len(found) - before)
            oldest = min((number for problem in page if (number := whole(problem.eventid))), default=0)
            if len(page) < asks.PAGE or len(found) == before or oldest <= 1:
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
        still = await self._get("trigger.get", asks.still(sorted(ids)), Trigger) if ids else []
        told = {one.triggerid: self._triggers[one.triggerid] for one in still if one.triggerid in self._triggers}
        return told, False

    async def _triggers_of(self, ids: Collection[str]) -> dict[str, Trigger]:
        if not ids:
            return {}
        found = await self._get("trigger.get", asks.triggers(sorted(ids)), Trigger)
        return _by(found, [trigger.triggerid for trigger in found])

    async def _ask_values(self, triggers: Mapping[str, Trigger], *, valued: bool, again: bool) -> dict[str, Item]:
        """Latest values of the items behind problems, as far as they are not there, and of those that tell of life."""
        items = {item.itemid: item for trigger in triggers.values() for item in trigger.items}
        if again or (self._pulses and self._stopped(self._pulses, self._timing.now(), self._session.skew_s or 0.0)):
            found = await self._get("item.get", asks.pulses(), Item)
            self._pulses = _telling(found, self._hosts)
            self._awaited = any(_ought_to_tell(item, self._hosts) for item in found)
            return {**items, **self._pulses}
        numbers = [item for item in items.values() if item.numeric][:MOST_VALUES]
        asked = {} if valued else {item.itemid: item for item in numbers}
        now = await self._valued({**asked, **self._pulses})
        self._pulses = {name: now[name] for name in self._pulses if name in now}
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
        if not any(host.proxy for host in self._hosts.values()):
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
                self._maintenances[one.maintenanceid] = one.name

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
        found, spoiled = understood(raws, kind)
        self._spoiled += spoiled
        return found

    def _stopped(self, items: Mapping[str, Item], at: datetime, skew_s: float) -> datetime | None:
        latest = [moment(items[name].lastclock, skew_s) for name in self._pulses if name in items]
        told = [when for when in latest if when is not None]
        if not told:
            return at - timedelta(days=1) if self._awaited else None  # what is older is not told as a latest value
        return max(told) if at - max(told) >= timedelta(seconds=LIFELESS_S) else None


def _telling(found: Iterable[Item], hosts: Mapping[str, Host]) -> dict[str, Item]:
    """Pings of the hosts whose availability is not known otherwise, and the twenty items that were heard of last."""
    pings = {item.hostid: item for item in found if _PING.fullmatch(item.key_) and item.hostid in hosts}
    kept = {item.itemid: item for name, item in pings.items() if not available(hosts[name])}
    often = [item for item in found if _often(item) and whole(item.lastclock)]
    often.sort(key=lambda item: (-(whole(item.lastclock) or 0), item.itemid))
    return {**kept, **{item.itemid: item for item in often[:PULSES]}}


def _often(item: Item) -> bool:
    return 0 < delay_s(item.delay) <= PULSE_DELAY_S


def _ought_to_tell(item: Item, hosts: Mapping[str, Host]) -> bool:
    """Its host answers, and it is asked often."""
    return _often(item) and item.hostid in hosts and "1" in available(hosts[item.hostid])


def available(host: Host) -> tuple[str, ...]:
    """What is known of its interfaces: `1` and `2`, without those that are not known."""
    told = (*(interface.available for interface in host.interfaces), host.active_available)
    return tuple(one for one in told if one in ("1", "2"))


def delay_s(text: str) -> float:
    """Seconds between two values of an item; 0 where it is a macro or a schedule."""
    found = _DELAY.fullmatch(text)
    return float(int(found[1]) * _UNIT_S[found[2]]) if found else 0.0


def _with_state(host: Host, state: Host) -> Host:
    return msgspec.structs.replace(
        host,
        name=state.name,
        status=state.status,
        maintenance_status=state.maintenance_status,
        maintenanceid=state.maintenanceid,
        active_available=state.active_available,
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
