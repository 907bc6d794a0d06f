"""Requests to the CGIs, each asked once."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable, Mapping
from typing import Final, ParamSpec, TypeVar
from urllib.parse import urlencode

import msgspec
from msgspec import Struct

from backends.adapters.nagios.records import (
    NAMELESS,
    Checkable,
    Comment,
    Downtime,
    Group,
    Host,
    HostObject,
    Program,
    Result,
    Service,
    Told,
)
from backends.adapters.nagios.world import Objects, Spot, Status, World
from backends.api import FaultKind, SourceError, safe
from backends.http.client import Answer, HttpClient
from backends.http.decode import decoded, each

Record = TypeVar("Record")
Given = ParamSpec("Given")

PAGE: Final = 10_000
"""Records of one answer, until one is too large; a service takes 1.6 kB. The CGIs read everything anew for each answer,
which takes them longer than to write it."""
SMALLEST: Final = 500
MOST: Final = 200_000
"""Services of one source; more of them are another product's business."""
_FILE_UNREADABLE: Final = 2
"""`RESULT_FILE_OPEN_READ_ERROR`: the daemon is down and has taken its status file along, or the CGI may not read it."""
_VALUE_INVALID: Final = 6
"""`RESULT_OPTION_VALUE_INVALID`: of a name, that there is no such host or service (any more)."""
_LARGE_BYTES: Final = 512 * 1024
_ESCAPES: Final = re.compile(rb'\\(?:(["\\/bfnrtu])|(a)|(v)|(?=.)|$)', re.DOTALL)
_FORM: Final = {"Content-Type": "application/x-www-form-urlencoded"}


class Page(Struct, frozen=True, kw_only=True):
    """What there was in one or more pages of a list."""

    count: int = 0
    fresh: int = 0
    """Records that were not there before."""
    spoiled: int = 0
    nameless: int = 0
    cut: str = ""

    def last(self, size: int) -> bool:
        """Whether there is no other page behind it, of a `size` that was asked for. One with names that cannot be told
        apart, which count once, may be full and look shorter; one that brings nothing new is of a server that knows no
        pages."""
        return not self.fresh or (self.count < size and not self.spoiled and not self.nameless)


class Calls:
    """One user's requests."""

    def __init__(self, http: HttpClient) -> None:
        self.http = http
        self._size = PAGE
        """Records of a page; halved when answers are too large."""

    async def status(self) -> Status:
        """How the daemon is. Raises `SourceError`."""
        answer = await self._asked("statusjson", "programstatus")
        told = await self._told(answer)
        program = _one(told, "programstatus", Program)
        return Status(
            program=program,
            user=told.result.user,
            asked=told.result.query_time / 1000,
            written=told.result.last_data_update / 1000,
            started=told.result.program_start,
            run=f"{told.result.program_start:.0f}/{program.nagios_pid:.0f}",
            skew_s=answer.skew_s,
        )

    async def world(self, status: Status) -> World:
        """Everything that we may see: who acknowledged and what rests only where something is. Raises `SourceError`."""
        hosts, first = await self._paged("statusjson", "hostlist", _hosts, status.started)
        services, second = await self._paged("statusjson", "servicelist", _services, status.started)
        spoiled = first.spoiled + second.spoiled
        every: list[Checkable] = [*hosts.values(), *(one for some in services.values() for one in some.values())]
        downtimes: list[Downtime] = []
        comments: list[Comment] = []
        if any(one.scheduled_downtime_depth > 0 for one in every):
            downtimes, odd = await self.downtimes()
            spoiled += odd
        if any(one.problem_has_been_acknowledged for one in every):
            comments, odd = await self._list("commentlist", Comment, entrytypes="acknowledgement")
            spoiled += odd
        return World(
            status=status,
            hosts=hosts,
            services=services,
            downtimes=downtimes,
            comments=comments,
            spoiled=spoiled,
            nameless=first.nameless + second.nameless,
            cut=first.cut or second.cut,
        )

    async def objects(self, status: Status, *, groups: bool) -> Objects:
        """How hosts are configured, and their groups where those are asked for. Raises `SourceError`."""
        hosts, _ = await self._paged("objectjson", "hostlist", _objects, status.started)
        found: list[Group] = []
        if groups:
            told = await self._told(await self._asked("objectjson", "hostgrouplist", details="true"))
            found, _ = each(_table(told, "hostgrouplist").values(), Group)
        return Objects(hosts=hosts, groups=found, run=status.run)

    async def downtimes(self) -> tuple[list[Downtime], int]:
        """All of them, also those that have yet to begin. Raises `SourceError`."""
        return await self._list("downtimelist", Downtime)

    async def one(self, spot: Spot) -> Checkable:
        """A host or service as it is now. Raises `SourceError`."""
        host, service = spot
        if not service:
            told = await self._told(await self._asked("statusjson", "host", hostname=host))
            return _one(told, "host", Host)
        asked = await self._asked("statusjson", "service", hostname=host, servicedescription=service)
        return _one(await self._told(asked), "service", Service)

    async def page(self, command: int) -> tuple[str, str]:
        """The form for a command, and the cookie that belongs to it. Asking for it changes nothing. Raises
        `SourceError`."""
        answer = await self.http.request("GET", "cmd.cgi", params={"cmd_typ": command, "cmd_mod": 1})
        return answer.body.decode("utf-8", "replace"), answer.headers.get("set-cookie", "")

    async def commit(self, fields: Mapping[str, str], cookie: str) -> str:
        """Send a form; the page that comes back tells what became of it. Raises `SourceError`."""
        headers = {**_FORM, "Cookie": cookie} if cookie else _FORM
        answer = await self.http.request("POST", "cmd.cgi", content=urlencode(fields).encode(), headers=headers)
        return answer.body.decode("utf-8", "replace")

    async def _paged(
        self, cgi: str, query: str, take: Callable[[Told, dict[str, Record]], Page], started: float
    ) -> tuple[dict[str, Record], Page]:
        """All pages of a list, and what there was in them together; `cut` is set where there was more. `started` is the
        start of the Nagios that is being read: another one may have other hosts."""
        into: dict[str, Record] = {}
        spoiled = nameless = start = 0
        while start < MOST:
            size = self._size
            try:
                answer = await self._asked(cgi, query, details="true", start=start, count=size)
            except SourceError as error:
                if error.kind is not FaultKind.TOO_LARGE or size <= SMALLEST:
                    raise
                self._size = max(size // 2, SMALLEST)
                continue
            told = await self._told(answer)
            if told.result.program_start != started:
                raise SourceError(
                    FaultKind.SERVER,
                    f"Nagios at {self.http.origin} was started anew while it was read; it is read again.",
                )
            page = await _off(len(answer.body), take, told, into)
            if start == 0 or page.fresh:  # else it knows no pages, and has told the same again
                spoiled += page.spoiled
                nameless += page.nameless
            if page.last(size):
                return into, Page(spoiled=spoiled, nameless=nameless)
            start += size
        return into, Page(spoiled=spoiled, nameless=nameless, cut=f"truncated at {MOST:,} records of {query}")

    async def _list(self, query: str, kind: type[Record], **more: str) -> tuple[list[Record], int]:
        told = await self._told(await self._asked("statusjson", query, details="true", **more))
        return each(_table(told, query).values(), kind)

    async def _asked(self, cgi: str, query: str, **more: str | int) -> Answer:
        return await self.http.request("GET", f"{cgi}.cgi", params={"query": query, **more})

    async def _told(self, answer: Answer) -> Told:
        """The answer, when it says that it is one. Raises `SourceError`."""
        if not answer.body.strip():
            raise SourceError(
                FaultKind.SERVER,
                f"The CGIs at {self.http.origin} answer with nothing at all, as they do while Nagios does not run "
                "there: start it.",
            )
        told = await _off(len(answer.body), _read, answer.body)
        _refuse(told.result, self.http.origin)
        return told


def _read(body: bytes) -> Told:
    return decoded(mended(body), Told)


def mended(body: bytes) -> bytes:
    """The CGIs write a bell and a vertical tab in a way that JSON does not have; other versions may have more."""
    try:
        body.decode()
    except UnicodeDecodeError:
        body = body.decode("utf-8", "replace").encode()
    if rb"\a" not in body and rb"\v" not in body:
        return body
    return _ESCAPES.sub(_mended, body)


def _mended(found: re.Match[bytes]) -> bytes:
    if found[1]:
        return found[0]
    return rb"\u0007" if found[2] else rb"\u000b" if found[3] else rb"\\"


def _refuse(result: Result, origin: str) -> None:
    if result.type_code == 0:
        return
    said = safe(f"{result.type_text}: {result.message}" if result.message else result.type_text, 200)
    if result.type_code == _VALUE_INVALID:
        raise SourceError(
            FaultKind.PROTOCOL, f"Nagios does not know what it was asked for, or does not show it to us: {said}"
        )
    if result.type_code == _FILE_UNREADABLE:
        raise SourceError(
            FaultKind.SERVER,
            f"The CGIs at {origin} cannot read Nagios's files ({said}); see whether Nagios runs there, and start it.",
        )
    raise SourceError(FaultKind.SERVER, f"The CGIs at {origin} refuse the question ({said}); look at Nagios's log.")


def _one(told: Told, name: str, kind: type[Record]) -> Record:
    """Raises `SourceError`."""
    raw = told.data.get(name)
    if raw is None:
        raise SourceError(FaultKind.PROTOCOL, f"The answer has no {name} in it; check that this is a Nagios Core 4.")
    return decoded(bytes(raw), kind)


def _table(told: Told, name: str) -> dict[str, msgspec.Raw]:
    """Raises `SourceError`."""
    return _one(told, name, dict[str, msgspec.Raw])


def _hosts(told: Told, into: dict[str, Host]) -> Page:
    """Put the hosts of one page into `into`."""
    return _take(_table(told, "hostlist"), Host, into)


def _objects(told: Told, into: dict[str, HostObject]) -> Page:
    """The same for hosts as they are configured."""
    return _take(_table(told, "hostlist"), HostObject, into)


def _services(told: Told, into: dict[str, dict[str, Service]]) -> Page:
    """The same for services, which come by host."""
    count = fresh = spoiled = nameless = 0
    for host, raw in _table(told, "servicelist").items():
        tables, odd = each([raw], dict[str, msgspec.Raw])
        spoiled += odd
        for table in tables:
            page = _take(table, Service, {} if host in NAMELESS else into.setdefault(host, {}))
            count += page.count
            fresh += page.fresh if host not in NAMELESS else 0
            spoiled += page.spoiled
            nameless += page.nameless if host not in NAMELESS else page.count
    return Page(count=count, fresh=fresh, spoiled=spoiled, nameless=nameless)


def _take(table: Mapping[str, msgspec.Raw], kind: type[Record], into: dict[str, Record]) -> Page:
    before = len(into)
    spoiled = nameless = 0
    for name, raw in table.items():
        if name in NAMELESS:
            nameless += 1
            continue
        found, odd = each([raw], kind)
        spoiled += odd
        into.update((name, one) for one in found)
    return Page(count=len(table), fresh=len(into) - before, spoiled=spoiled, nameless=nameless)


async def _off(size: int, work: Callable[Given, Record], *given: Given.args, **named: Given.kwargs) -> Record:
    """`work`, beside the loop where it is about more than a few bytes, so that the loop goes on meanwhile."""
    if size > _LARGE_BYTES:
        return await asyncio.to_thread(work, *given, **named)
    return work(*given, **named)
