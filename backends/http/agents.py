"""Sources that are one host behind each address: what a kind says in `Ask` becomes a `Part` of its source."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import datetime
from typing import Final
from urllib.parse import urlsplit

import msgspec
from msgspec import Struct

from backends.api import (
    Check,
    ConfigurationError,
    FaultKind,
    Identity,
    Reading,
    SafeText,
    Sighting,
    SourceError,
    SourceName,
    Timing,
    joined,
    safe,
)
from backends.fleet.model import CheckState, Health, Severity
from backends.fleet.placement import Placement
from backends.http.client import HttpClient
from backends.http.credentials import Authorize, nobody
from backends.http.options import http_client
from backends.options import Options

FACTS: Final = ("host", "address")
"""By what such a host can be placed: the name that it has, and the one that its address has."""
_AWAY: Final = frozenset({FaultKind.REFUSED, FaultKind.UNREACHABLE, FaultKind.TIMEOUT})
"""Faults of a host that does not answer; after any other one it may be well."""


class Place(Struct, frozen=True, kw_only=True):
    """One host of a source, as the configuration tells it."""

    native: str
    """Its address without the scheme: `host:port`, with the path where there is one."""
    address: str
    """The host in it."""
    client: HttpClient


def places(
    options: Options, *, port: int, authorize: Authorize = nobody, headers: Mapping[str, str] | None = None
) -> tuple[Place, ...]:
    """The hosts that `urls` names, with what `http_client` takes of the table. An address without a scheme is http,
    one without a port has `port`. Raises `ConfigurationError`."""
    urls = options.texts("urls")
    if not urls:
        raise ConfigurationError("urls", f'Say where it is: urls = ["http://host:{port}"].')
    found: dict[str, Place] = {}
    for url in urls:
        try:
            client = http_client(options, url=_whole(url, port), authorize=authorize, headers=headers, key="urls")
        except ConfigurationError as error:
            raise (ConfigurationError("urls", error.sentence) if error.key == "url" else error) from None
        native = _whole(url, port).partition("://")[2].rstrip("/")
        if native in found:
            raise ConfigurationError("urls", f"{safe(native, 80)} is named twice.")
        found[native] = Place(native=native, address=urlsplit(client.origin).hostname or native, client=client)
    return tuple(found.values())


class About(Struct, frozen=True, kw_only=True):
    """What a host says of itself."""

    name: str
    platform: str = ""
    system: str = ""
    agent: str = ""
    """The id that its agent was given, which it keeps."""


class Agent:
    """A `Part`: one host that tells of itself."""

    def __init__(
        self,
        source: SourceName,
        product: str,
        place: Place,
        *,
        placement: Placement,
        timing: Timing,
        ask: Ask,
        alone: bool,
    ) -> None:
        self.native = place.native
        self.place = place
        self.fault: SourceError | None = None
        self._source = source
        self._product = product
        self._placement = placement
        self._timing = timing
        self._ask = ask
        self._last: Sighting | None = None
        self._alone = alone
        """There is no other one: what it says is all that the source says."""
        self._started = timing.now()

    async def poll(self) -> Reading:
        """Never raises `SourceError`: a host that does not answer is a reading, with `fault` beside it."""
        try:
            reading = await self.look()
        except SourceError as error:
            self.fault = error
            return self._failed(error)
        self.fault = None
        return msgspec.structs.replace(reading, complete=True, covers=()) if self._alone else reading

    async def look(self) -> Reading:
        """Raises `SourceError`."""
        reading = await self._ask(self)
        self._last = reading.sightings[0]
        return reading

    def reading(self, at: datetime, about: About, checks: Sequence[Check]) -> Reading:
        """What the host said at that time; `reachable` is added."""
        sighting = msgspec.structs.replace(self._sighting(about), health=Health.OK, seen=at)
        up = self._reachable(at, CheckState.OK, None, safe(f"{self._product} answers there"))
        return Reading(
            source=self._source,
            at=at,
            sightings=(sighting,),
            checks=(up, *checks),
            complete=False,
            covers=(self.native,),
        )

    def _sighting(self, about: About) -> Sighting:
        name = about.name or self.place.address
        at = self._placement.place({"host": (name,), "address": (self.place.address,)})
        return Sighting(
            source=self._source,
            native=self.native,
            client=at.client,
            client_name=at.client_name,
            site=at.site,
            site_name=at.site_name,
            name=at.device or safe(name, 120),
            platform=about.platform,
            address=safe(self.place.address, 120),
            identity=Identity(agent=about.agent),
            system=safe(about.system, 120),
            seen=self._started,
        )

    def _failed(self, error: SourceError) -> Reading:
        """Its last facts stay, and grow old."""
        away = error.kind in _AWAY
        last = self._last or self._sighting(About(name=""))
        state = CheckState.CRITICAL if away else CheckState.UNKNOWN
        at = self._timing.now()
        return Reading(
            source=self._source,
            at=at,
            sightings=(msgspec.structs.replace(last, health=Health.DOWN if away else Health.UNKNOWN, partial=True),),
            checks=(self._reachable(at, state, None if away else Severity.HIGH, error.sentence),),
            complete=False,
            covers=(self.native,),
        )

    def _reachable(self, at: datetime, state: CheckState, severity: Severity | None, summary: SafeText) -> Check:
        return Check(
            source=self._source,
            native=self.native,
            family="reachable",
            label=safe(f"{self._product} answers"),
            state=state,
            severity=severity,
            summary=summary,
            seen=at,
        )


Ask = Callable[[Agent], Awaitable[Reading]]
"""Asks a host, and makes a reading by `Agent.reading`. Raises `SourceError`."""


async def polled(source: SourceName, agents: Sequence[Agent], timing: Timing) -> Reading:
    """All hosts at once, for who does not poll the parts. Raises `SourceError` where none of them answers."""
    readings = await asyncio.gather(*(agent.poll() for agent in agents))
    faults = [agent.fault for agent in agents if agent.fault is not None]
    if len(faults) == len(agents):
        raise faults[0]
    return msgspec.structs.replace(joined(readings), source=source, at=timing.now(), complete=True, covers=())


def _whole(url: str, port: int) -> str:
    scheme, found, rest = url.rpartition("://")
    host, slash, path = rest.partition("/")
    if not host.rpartition(":")[2].isdigit() or host.endswith("]"):
        host = f"{host}:{port}"
    return f"{scheme if found else 'http'}://{host}{slash}{path}"
