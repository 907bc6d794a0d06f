"""What is asked of one site, and told to it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final, TypeVar

import msgspec
from msgspec import Struct

from backends.adapters.checkmk.records import (
    HOST_COLUMNS,
    SERVICE_COLUMNS,
    About,
    Downtime,
    Found,
    Host,
    Object,
    Service,
    Trouble,
)
from backends.api import NotSent, SourceError
from backends.http.client import HttpClient
from backends.http.decode import decoded, each
from backends.http.outcome import outcome_of
from backends.text import safe

_JSON: Final = {"Content-Type": "application/json"}
_OTHER_WAY: Final = (404, 405, 415)
"""What a version answers that knows a collection by GET only."""
_REFUSED: Final = (400, 403, 404, 405, 406, 409, 415, 422, 428)

Record = TypeVar("Record")


class Answers(Struct, frozen=True, kw_only=True):
    """What a site says at one moment."""

    about: About
    hosts: tuple[Host, ...]
    services: tuple[Service, ...]
    downtimes: tuple[Downtime, ...]
    """Those that there are, where anything is in one."""
    spoiled: int
    skew_s: float | None


class Calls:
    """Asks and tells one site."""

    def __init__(self, http: HttpClient, user: str) -> None:
        self.http = http
        self.user = user
        self._about: About | None = None
        self._by_get = False
        """This version gives its collections by GET only."""
        self._skew_s: float | None = None

    async def everything(self) -> Answers:
        """Raises `SourceError`."""
        try:
            about = await self._who()
            hosts, torn = await self._collection("host", HOST_COLUMNS, Host)
            services, spoilt = await self._collection("service", SERVICE_COLUMNS, Service)
            quiet = any(one.scheduled_downtime_depth for one in (*hosts, *services))
            downtimes = await self.downtimes() if quiet else ()
        except SourceError:
            self._about, self._by_get = None, False  # it may be another version when it answers again
            raise
        return Answers(
            about=about,
            hosts=tuple(hosts),
            services=tuple(services),
            downtimes=tuple(downtimes),
            spoiled=torn + spoilt,
            skew_s=self._skew_s,
        )

    async def hosts(self) -> tuple[About, Sequence[Host]]:
        """Raises `SourceError`."""
        return await self._who(), (await self._collection("host", HOST_COLUMNS, Host))[0]

    async def downtimes(self, host: str = "") -> Sequence[Downtime]:
        """All, or those of one host and its services. Raises `SourceError`."""
        params = [("host_name", host)] if host else None
        found = await self.http.get("domain-types/downtime/collections/all", Found, params)
        return _objects(found, Downtime)[0]

    @property
    def site(self) -> str:
        return self._about.site if self._about is not None else ""

    async def tell(self, path: str, body: Mapping[str, Any]) -> None:
        """Send one request that changes something, once. Raises `NotSent` and `OutcomeUnknown`."""
        try:
            answer = await self.http.request(
                "POST", path, content=msgspec.json.encode(body), headers=_JSON, also=_REFUSED
            )
        except SourceError as error:
            raise outcome_of(error) from error
        if 200 <= answer.status < 300:
            return
        if answer.status == 403:
            raise NotSent(
                f"Checkmk does not permit this to {safe(self.user, 60)}: give its role the right to acknowledge and to "
                "set downtimes, and the user the contact groups of the host."
            )
        raise NotSent(f"Checkmk refuses it: {_reason(answer.body)}. (HTTP {answer.status})")

    async def _who(self) -> About:
        if self._about is None:
            answer = await self.http.request("GET", "version")
            self._about = decoded(answer.body, About)
            self._skew_s = answer.skew_s
        return self._about

    async def _collection(self, what: str, columns: Sequence[str], kind: type[Record]) -> tuple[list[Record], int]:
        path = f"domain-types/{what}/collections/all"
        if not self._by_get:
            body = msgspec.json.encode({"columns": columns})
            answer = await self.http.request("POST", path, content=body, headers=_JSON, also=_OTHER_WAY)
            if answer.status not in _OTHER_WAY:
                self._skew_s = answer.skew_s
                return _objects(decoded(answer.body, Found), kind)
        answer = await self.http.request("GET", path, params=[("columns", column) for column in columns])
        self._by_get, self._skew_s = True, answer.skew_s
        return _objects(decoded(answer.body, Found), kind)


def _objects(found: Found, kind: type[Record]) -> tuple[list[Record], int]:
    objects, spoiled = each(found.value, Object)
    whole: list[Record] = []
    for one in objects:
        records, torn = each([one.extensions], kind)
        spoiled += torn
        whole += [
            msgspec.structs.replace(record, id=str(one.id)) if isinstance(record, Downtime) else record
            for record in records
        ]
    return whole, spoiled


def _reason(body: bytes) -> str:
    try:
        told = decoded(body, Trouble)
    except SourceError:
        return "without a reason"
    return safe(told.detail or told.title or "without a reason", 200).rstrip(".")
