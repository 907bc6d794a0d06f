"""The recorded answers as a world, and a source at a server of this test that plays them."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

import msgspec
import pytest

from backends.adapters.nagios import open_source
from backends.adapters.nagios.calls import mended
from backends.adapters.nagios.placing import FACTS, USUAL
from backends.adapters.nagios.reading import Names, moment_of, reading_of
from backends.adapters.nagios.records import Comment, Downtime, Group, Host, HostObject, Program, Service
from backends.adapters.nagios.source import NagiosSource
from backends.adapters.nagios.world import Objects, Status, World
from backends.api import Check, Reading, SourceError, SourceName, SourceSettings
from backends.fleet.placement import Placement, placement
from backends.testing import FakeClock
from tests.support import faulty
from tests.support.replayed import Asked, Replayed, Said
from tests.support.replayed.nagios import ANSWERS, PLAYED, answer

AT: Final = datetime(2026, 11, 26, 7, 38, 13, tzinfo=UTC)
"""A second after the answers were recorded."""
SOURCE: Final = SourceName("nag")


def told(name: str) -> dict[str, Any]:
    """What is in `data` of a recorded answer."""
    found: dict[str, Any] = json.loads(mended((ANSWERS / f"{name}.json").read_bytes()))
    return found


def table(name: str, query: str) -> dict[str, Any]:
    found: dict[str, Any] = told(name)["data"][query]
    return found


def world(**changes: Any) -> World:
    """The recorded one."""
    result = told("programstatus")["result"]
    status = Status(
        program=msgspec.convert(table("programstatus", "programstatus"), Program),
        user=result["user"],
        asked=result["query_time"] / 1000,
        written=result["last_data_update"] / 1000,
        started=result["program_start"],
        run="1",
        skew_s=0.0,
    )
    made = World(
        status=status,
        hosts=msgspec.convert(table("hostlist", "hostlist"), dict[str, Host]),
        services=msgspec.convert(table("servicelist", "servicelist"), dict[str, dict[str, Service]]),
        downtimes=msgspec.convert(list(table("downtimelist", "downtimelist").values()), list[Downtime]),
        comments=msgspec.convert(list(table("commentlist", "commentlist").values()), list[Comment]),
    )
    return msgspec.structs.replace(made, **changes)


def objects() -> Objects:
    return Objects(
        hosts=msgspec.convert(table("objects", "hostlist"), dict[str, HostObject]),
        groups=msgspec.convert(list(table("groups", "hostgrouplist").values()), list[Group]),
    )


def rules(place: Any = None) -> Placement:
    options = {} if place is None else {"place": place}
    return placement(options, SOURCE, {}, FACTS, USUAL)


def reading(of: World | None = None, at: datetime = AT, place: Any = None, status_age_s: float = 90.0) -> Reading:
    made = of or world()
    return reading_of(
        made, objects(), moment_of(made, at, status_age_s), source=SOURCE, placement=rules(place), names=Names()
    )


def check(of: Reading, native: str, key: str) -> Check:
    return next(check for check in of.checks if (check.native, check.key) == (native, key))


def with_host(name: str, **changes: Any) -> World:
    """The recorded world with one host changed."""
    made = world()
    return msgspec.structs.replace(
        made, hosts={**made.hosts, name: msgspec.structs.replace(made.hosts[name], **changes)}
    )


def with_service(host: str, name: str, **changes: Any) -> World:
    made = world()
    some = made.services[host]
    changed = {**some, name: msgspec.structs.replace(some[name], **changes)}
    return msgspec.structs.replace(made, services={**made.services, host: changed})


class Patient(FakeClock):
    """Waiting takes no time, so that a source that has to wait for its turn goes on."""

    async def sleep(self, seconds: float) -> None:
        self._elapsed += max(seconds, 0.0)


class Played:
    """A server that plays the recorded answers, and a source at it. `says` may answer otherwise: it is asked first."""

    def __init__(self, server: faulty.Server, source: NagiosSource, clock: FakeClock) -> None:
        self.server = server
        self.source = source
        self.clock = clock
        self.says: Callable[[Asked], Said | None] = lambda _asked: None

    @property
    def sent(self) -> list[Asked]:
        """Requests that may change something."""
        return [asked for asked in self.server.asked if asked.method != "GET"]


@asynccontextmanager
async def playing(
    folder: Path, options: Mapping[str, Any] | None = None, every_s: float = 30.0
) -> AsyncIterator[Played]:
    holder: list[Played] = []

    def says(asked: Asked) -> Said:
        return (holder[0].says(asked) if holder else None) or answer(asked)

    played = Replayed(kind="nagios", answer=says, options=PLAYED.options, devices=PLAYED.devices)
    async with faulty.serving(played) as server:
        clock = Patient(AT)
        source = opened(server.url, folder, clock, options or {}, every_s)
        holder.append(Played(server, source, clock))
        try:
            yield holder[0]
        finally:
            await source.close()


def opened(
    url: str, folder: Path, clock: FakeClock, options: Mapping[str, Any] | None = None, every_s: float = 30.0
) -> NagiosSource:
    source = open_source(
        SourceSettings(
            name=SOURCE,
            kind="nagios",
            options={"url": url, "user": "rounds", **(options or {})},
            clients={},
            every_s=every_s,
            secret=_secret,
            timing=clock,
            state_dir=folder,
        )
    )
    assert isinstance(source, NagiosSource)
    return source


async def _secret() -> str:
    return "canary-77"


def changed(query: str, change: Callable[[dict[str, Any]], None]) -> Callable[[Asked], Said | None]:
    """The recorded answer to a query, changed."""

    def says(asked: Asked) -> Said | None:
        if f"query={query}&" not in f"{asked.query}&" or "objectjson" in asked.path:
            return None
        told = json.loads(mended((ANSWERS / f"{query}.json").read_bytes()))
        change(told)
        return Said(body=json.dumps(told).encode())

    return says


async def failure(played: Played) -> SourceError:
    with pytest.raises(SourceError) as caught:
        await played.source.poll()
    return caught.value
