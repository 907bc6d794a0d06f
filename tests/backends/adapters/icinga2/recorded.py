"""Answers of a real Icinga 2.13.6, recorded by the story of `tests/support/servers/icinga2_story.py`, and what the
adapter makes of them."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, TypeVar

import msgspec

from backends.adapters.icinga2.placing import FACTS, USUAL
from backends.adapters.icinga2.reading import Moment, Teller, moment
from backends.adapters.icinga2.records import Comment, Dependency, Downtime, Found, Host, Results, Service
from backends.adapters.icinga2.world import Answers, World, world_of
from backends.api import Check, Client, ClientId, Sighting, SourceName, safe
from backends.fleet.placement import placement
from backends.http.decode import each

ANSWERS = Path(__file__).with_name("answers")
SOURCE = SourceName("ice")
CLIENTS = {ClientId("acme"): Client(id=ClientId("acme"), name=safe("Acme Dental"))}

Record = TypeVar("Record")


def raw(name: str) -> bytes:
    return (ANSWERS / f"{name}.json").read_bytes()


def found(name: str, kind: type[Record], **changed: Any) -> list[Found[Record]]:
    """The objects of a recorded answer; `changed` are attributes of all of them."""
    document = json.loads(raw(name))
    for result in document["results"]:
        result["attrs"].update(changed)
    results = msgspec.json.decode(json.dumps(document).encode(), type=Results).results
    objects, spoiled = each(results, Found[kind])  # type: ignore[valid-type]
    assert not spoiled
    return objects


def recorded_at() -> datetime:
    """When it was recorded, by the server's own clock."""
    start = json.loads(raw("status-app"))["results"][0]["status"]["icingaapplication"]["app"]["program_start"]
    uptime = json.loads(raw("status-cib"))["results"][0]["status"]["uptime"]
    return datetime.fromtimestamp(start + uptime, UTC)


def answers() -> Answers:
    return Answers(
        hosts=found("hosts", Host),
        services=[one.attrs for one in found("services", Service)],
        downtimes=[one.attrs for one in found("downtimes", Downtime)],
        comments=[one.attrs for one in found("comments", Comment)],
        dependencies=[one.attrs for one in found("dependencies", Dependency)],
    )


def world() -> World:
    return world_of(answers())


def now(later_s: float = 0.0, skew_s: float = 0.0) -> Moment:
    return moment(datetime.fromtimestamp(recorded_at().timestamp() + later_s - skew_s, UTC), skew_s)


def teller(options: Mapping[str, Any] | None = None) -> Teller:
    return Teller(SOURCE, placement(options or {}, SOURCE, CLIENTS, FACTS, USUAL))


class Told:
    """A world as it is told, by what one looks for."""

    def __init__(self, known: World | None = None, at: Moment | None = None, options: Mapping[str, Any] | None = None):
        sightings, checks = teller(options).whole(known or world(), at or now())
        self.sightings: dict[str, Sighting] = {sighting.native: sighting for sighting in sightings}
        self.checks: dict[tuple[str, str], Check] = {(check.native, check.key): check for check in checks}
