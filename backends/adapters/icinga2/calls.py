"""Requests to Icinga's API, each asked once. Reading asks for the attributes that are used and for nothing else."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Mapping, Sequence
from datetime import datetime
from typing import Any, Final, TypeVar

import msgspec

from backends.adapters.icinga2.records import (
    About,
    Acted,
    Comment,
    Dependency,
    Downtime,
    Execution,
    Executions,
    Found,
    Host,
    Results,
    Service,
    Told,
    Versioned,
)
from backends.adapters.icinga2.rights import Rights, rights_of
from backends.adapters.icinga2.world import Answers, Spot
from backends.api import FaultKind, SourceError, safe
from backends.http.client import Answer, HttpClient
from backends.http.decode import decoded, each

Record = TypeVar("Record")

SLICES: Final = 16
"""Requests for the services of an Icinga that has more than fit into one answer: enough for 300,000."""
_COMMON: Final = (
    "display_name",
    "state",
    "state_type",
    "check_attempt",
    "max_check_attempts",
    "last_check",
    "next_update",
    "last_state_change",
    "last_hard_state_change",
    "last_reachable",
    "enable_active_checks",
    "acknowledgement",
    "acknowledgement_expiry",
    "acknowledgement_last_change",
    "downtime_depth",
    "last_check_result",
)
HOST_ATTRIBUTES: Final = (*_COMMON, "address", "address6", "last_state_up", "vars", "version")
SERVICE_ATTRIBUTES: Final = (*_COMMON, "host_name", "name")
_DOWNTIME: Final = (
    "__name",
    "host_name",
    "service_name",
    "author",
    "comment",
    "start_time",
    "end_time",
    "fixed",
    "duration",
    "trigger_time",
)
_COMMENT: Final = ("host_name", "service_name", "entry_type", "entry_time", "author", "text")
_DEPENDENCY: Final = ("child_host_name", "child_service_name", "parent_host_name")
_JSON: Final = {"Content-Type": "application/json"}
_AS_GET: Final = {**_JSON, "X-HTTP-Method-Override": "GET"}
_ANY_STATUS: Final = (400, 404, 409, 500, 503)


class Calls:
    """One ApiUser's requests. `placing` are the facts that the placement looks at."""

    def __init__(self, http: HttpClient, placing: frozenset[str]) -> None:
        self.http = http
        extra = [attribute for fact, attribute in (("hostgroup", "groups"), ("zone", "zone")) if fact in placing]
        self._host = (*HOST_ATTRIBUTES, *extra)
        self._slices = 1

    async def rights(self) -> Rights:
        """Who we are there, and what we may. Raises `SourceError`."""
        found = await self._results(await self.http.request("GET", ""), About)
        if not found[0]:
            raise SourceError(FaultKind.PROTOCOL, f"{self.http.origin} is no Icinga 2 API; check the address.")
        return rights_of(found[0][0])

    async def skew_s(self) -> float | None:
        """How far the server's clock is ahead: its start and how long that is ago, as it says. None without the right
        to ask. Raises `SourceError`."""
        program, _ = await self._told("IcingaApplication")
        running, answer = await self._told("CIB")
        if program is None or running is None or answer is None:
            return None
        start, uptime = program.status.icingaapplication.app.program_start, running.status.uptime
        if start <= 0 or uptime <= 0:
            return None
        return _apart(start + uptime, answer.asked, answer.answered)

    async def everything(self, rights: Rights) -> Answers:
        """All hosts and services, and of the rest what there is a use for. Raises `SourceError`."""
        hosts, spoiled = await self._objects("hosts", self._host, Host, rights, "Host")
        services, more = await self._services([found.name for found in hosts], rights)
        first = Answers(hosts=hosts, services=[found.attrs for found in services], spoiled=spoiled + more)
        return await self._with_more(first, rights)

    async def host(self, name: str, rights: Rights, known: Sequence[str]) -> Answers:
        """One host with its services; no hosts when there is none of that name. `known` are the names of its services
        for servers that let us use no filter. Raises `SourceError`."""
        found, spoiled = await self._by_name("hosts", {"host": name}, self._host, Found[Host])
        if not found:
            return Answers(hosts=(), services=(), spoiled=spoiled)
        wanted: dict[str, Any] = {"filter": "service.host_name == wanted", "filter_vars": {"wanted": name}}
        try:
            services, more = await self._by_name("services", wanted, SERVICE_ATTRIBUTES, Found[Service])
        except SourceError as error:
            if error.kind is not FaultKind.FORBIDDEN or not known:
                raise
            wanted = {"services": [f"{name}!{service}" for service in known]}
            services, more = await self._by_name("services", wanted, SERVICE_ATTRIBUTES, Found[Service])
            if not services:  # one of them is gone, of which Icinga says no more than that
                raise SourceError(
                    FaultKind.PROTOCOL, f"The services of {safe(name, 80)} are others now; the next poll tells which."
                ) from error
        first = Answers(hosts=found, services=[one.attrs for one in services], spoiled=spoiled + more)
        return await self._with_more(first, rights)

    async def placeable(self, rights: Rights) -> list[Found[Host]]:
        """All hosts with what they could be placed by. Raises `SourceError`."""
        found, _ = await self._objects("hosts", (*HOST_ATTRIBUTES, "groups", "zone"), Host, rights, "Host")
        return found

    async def version(self, host: str) -> float | None:
        """The version of the host's record; None when there is no host of that name that we may see. Raises
        `SourceError`."""
        found, _ = await self._by_name("hosts", {"host": host}, ("name", "version"), Found[Versioned])
        return found[0].attrs.version if found else None

    async def downtimes(self, rights: Rights) -> list[Downtime] | None:
        """All of them; None when we may not see them. Raises `SourceError`."""
        return await self._optional("downtimes", _DOWNTIME, Downtime, rights, "Downtime")

    async def executions(self, spot: Spot) -> Mapping[str, Execution]:
        """The commands that run or ran on a host or service. Raises `SourceError`."""
        path, target = ("services", {"service": "!".join(spot)}) if spot[1] else ("hosts", {"host": spot[0]})
        found, _ = await self._by_name(path, target, ("executions",), Found[Executions])
        return (found[0].attrs.executions or {}) if found else {}

    async def act(self, action: str, body: Mapping[str, Any]) -> Acted:
        """One request; never repeated. What Icinga refuses is told in the answer. Raises `SourceError`."""
        content = msgspec.json.encode(body)
        answer = await self.http.request(
            "POST", f"actions/{action}", content=content, headers=_JSON, also=(*_ANY_STATUS, 403)
        )
        return decoded(answer.body, Acted)

    def events(self, types: Sequence[str], queue: str) -> AsyncGenerator[bytes, None]:
        """The lines of the stream, first an empty one when the server listens. `queue` has to be there up to 2.15 and
        is not looked at since. Raises `SourceError`."""
        return self.http.lines(
            "POST", "events", content=msgspec.json.encode({"types": types, "queue": queue}), headers=_JSON
        )

    async def _services(self, hosts: Sequence[str], rights: Rights) -> tuple[list[Found[Service]], int]:
        """All services: in one answer, or in as many slices by hosts as it takes, for Icinga knows no pages."""
        if self._slices == 1:
            try:
                return await self._objects("services", SERVICE_ATTRIBUTES, Service, rights, "Service")
            except SourceError as error:
                if error.kind is not FaultKind.TOO_LARGE:
                    raise
                self._slices = SLICES
        services: list[Found[Service]] = []
        spoiled = 0
        for number in range(self._slices):
            wanted = {"filter": "service.host_name in wanted", "filter_vars": {"wanted": hosts[number :: self._slices]}}
            found, more = await self._by_name("services", wanted, SERVICE_ATTRIBUTES, Found[Service])
            services += found
            spoiled += more
        return services, spoiled

    async def _with_more(self, first: Answers, rights: Rights) -> Answers:
        """The same with comments, downtimes and dependencies, as far as anything is acknowledged, resting or behind
        something."""
        comments = downtimes = dependencies = None
        every = [*(found.attrs for found in first.hosts), *first.services]
        if any(one.acknowledgement for one in every):
            comments = await self._optional("comments", _COMMENT, Comment, rights, "Comment")
        if any(one.downtime_depth for one in every):
            downtimes = await self.downtimes(rights)
        if any(not found.attrs.last_reachable for found in first.hosts):
            dependencies = await self._optional("dependencies", _DEPENDENCY, Dependency, rights, "Dependency")
        return msgspec.structs.replace(first, comments=comments, downtimes=downtimes, dependencies=dependencies)

    async def _optional(
        self, path: str, attributes: Sequence[str], kind: type[Record], rights: Rights, name: str
    ) -> list[Record] | None:
        if not rights.may(f"objects/query/{name}"):
            return None
        found, _ = await self._objects(path, attributes, kind, rights, name)
        return [one.attrs for one in found]

    async def _objects(
        self, path: str, attributes: Sequence[str], kind: type[Record], rights: Rights, name: str
    ) -> tuple[list[Found[Record]], int]:
        """All objects of a type, and the number of spoiled ones. Raises `SourceError`."""
        pairs = [("attrs", attribute) for attribute in attributes]
        answer = await self.http.request("GET", f"objects/{path}", params=pairs, also=(400, 404))
        if answer.status == 400:
            what = said(decoded(answer.body, Acted))
            raise SourceError(FaultKind.PROTOCOL, f"Icinga {rights.version} refuses what 2.13 and newer tell: {what}.")
        if answer.status == 404:  # how Icinga says that we may not
            raise SourceError(
                FaultKind.FORBIDDEN,
                f"{self.http.origin} shows our user no {path}. {rights.remedy(f'objects/query/{name}')}",
            )
        return await self._results(answer, Found[kind])  # type: ignore[valid-type]

    async def _by_name(
        self, path: str, target: Mapping[str, Any], attributes: Sequence[str], kind: type[Record]
    ) -> tuple[list[Record], int]:
        """The objects that `target` names, in the body of the request, where no name needs quoting."""
        content = msgspec.json.encode({**target, "attrs": attributes})
        answer = await self.http.request("POST", f"objects/{path}", content=content, headers=_AS_GET, also=(404,))
        return ([], 0) if answer.status == 404 else await self._results(answer, kind)

    async def _told(self, what: str) -> tuple[Told | None, Answer | None]:
        answer = await self.http.request("GET", f"status/{what}", also=(404,))
        if answer.status == 404:
            return None, None
        found, _ = await self._results(answer, Told)
        return (found[0] if found else None), answer

    async def _results(self, answer: Answer, kind: type[Record]) -> tuple[list[Record], int]:
        if len(answer.body) > _LARGE_BYTES:  # so that the loop goes on meanwhile
            return await asyncio.to_thread(read, answer.body, kind)
        return read(answer.body, kind)


_LARGE_BYTES: Final = 512 * 1024


def read(body: bytes, kind: type[Record]) -> tuple[list[Record], int]:
    """The results of an answer, and the number of those that could not be understood. Raises `SourceError`."""
    return each(decoded(body, Results).results, kind)


def _apart(told: float, asked: datetime, answered: datetime) -> float:
    """How far `told` is from all of the time between the two."""
    early, late = told - asked.timestamp(), told - answered.timestamp()
    apart = early if early < 0 else max(late, 0.0)
    return round(apart, 1)


def said(acted: Acted) -> str:
    """What Icinga says of an action, in its own words."""
    return safe(next((done.status for done in acted.results if done.status), "") or acted.status, 200)
