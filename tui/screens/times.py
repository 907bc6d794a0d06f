"""How times are told: as ages, in the technician's zone, or in that of the site that a row is about."""

from __future__ import annotations

from datetime import tzinfo
from enum import Enum

from backends.fleet.changes import Picture
from backends.fleet.hours import HoursError, parse_hours
from backends.fleet.model import Client, ClientId, SafeText
from widgets.present.age import zone_of


class Telling(Enum):
    AGES = "Ages instead of times."
    MINE = "Times in your zone instead of ages."
    SITE = "Times in the zone of each row's client, from its business hours."

    @property
    def next(self) -> Telling:
        ways = list(Telling)
        return ways[(ways.index(self) + 1) % len(ways)]

    @property
    def sentence(self) -> SafeText:
        return SafeText(self.value)


def zone_of_fact(fact: object, picture: Picture, mine: tzinfo) -> tzinfo:
    """The zone of the client that the fact belongs to, as its business hours name it; else the technician's."""
    key = fact.id if isinstance(fact, Client) else getattr(fact, "client", None)
    client = picture.clients.get(ClientId(key)) if isinstance(key, str) else None
    if client is None or not client.hours:
        return mine
    try:
        return zone_of(parse_hours(client.hours).zone)
    except HoursError:
        return mine
