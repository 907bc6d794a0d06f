"""A kind of source as another package would bring it: devices with groups, behind a token, over HTTP."""

from __future__ import annotations

from typing import Final

from msgspec import Struct

from backends.api import (
    Access,
    Adapter,
    Check,
    FaultKind,
    Introduction,
    Question,
    Reading,
    Right,
    Sighting,
    SourceError,
    SourceSettings,
    safe,
)
from backends.fleet.model import CheckState
from backends.http.client import HttpClient
from backends.http.credentials import bearer
from backends.http.options import http_client
from backends.options import Options

QUESTIONS: Final = (
    Question(key="url", text="Address of the stock"),
    Question(key="shelf", text="Shelf", optional=True),
)
ACCESS: Final = Access(text="Stock token", hint="Made under My account > Tokens.")


class Thing(Struct):
    name: str
    groups: list[str] = []


class Shelf(Struct):
    version: str
    account: str
    may: dict[str, bool]
    things: list[Thing]


class Stock:
    def __init__(self, settings: SourceSettings) -> None:
        options = Options(settings)
        self.name = settings.name
        self._timing = settings.timing
        self._client: HttpClient = http_client(options, authorize=bearer(settings))
        self._placement = options.placement(("group",))
        options.text("shelf")
        options.finish()

    async def introduce(self) -> Introduction:
        shelf = await self._client.get("/shelf", Shelf)
        if not shelf.may.get("read"):
            raise SourceError(FaultKind.FORBIDDEN, "The account may not read; give it the role Reader in the stock.")
        groups = sorted({group for thing in shelf.things for group in thing.groups})
        return Introduction(
            product=safe(shelf.version),
            account=safe(shelf.account),
            rights=tuple(
                Right(
                    what=safe(what),
                    granted=granted,
                    remedy=safe("" if granted else f"give it the role to {what}"),
                    reading=what.startswith("read"),
                )
                for what, granted in shelf.may.items()
            ),
            facts={"group": tuple(groups)},
        )

    async def poll(self) -> Reading:
        shelf = await self._client.get("/shelf", Shelf)
        at = self._timing.now()
        sightings, checks = [], []
        for thing in shelf.things:
            place = self._placement.place({"group": thing.groups, "host": [thing.name]})
            sightings.append(
                Sighting(
                    source=self.name,
                    native=thing.name,
                    client=place.client,
                    client_name=place.client_name,
                    site=place.site,
                    site_name=place.site_name,
                    name=place.device or safe(thing.name),
                    seen=at,
                )
            )
            checks.append(
                Check(
                    source=self.name,
                    native=thing.name,
                    family="reachable",
                    label=safe("Reachable"),
                    state=CheckState.OK,
                    summary=safe("it answers"),
                    seen=at,
                )
            )
        return Reading(
            source=self.name, at=at, sightings=tuple(sightings), checks=tuple(checks), version=safe(shelf.version)
        )

    async def close(self) -> None:
        await self._client.close()


def open_source(settings: SourceSettings) -> Adapter:
    return Stock(settings)
