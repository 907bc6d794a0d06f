"""The fleet under another configuration: sources that came, went or are others now, and clients by its new word."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from datetime import datetime

import msgspec

from backends.fleet.draft import Draft
from backends.fleet.fleet import Fleet
from backends.fleet.freshness import rescan
from backends.fleet.merge import refresh_clients
from backends.fleet.model import Client, ClientId, Source, SourceName
from backends.fleet.places import said_of
from backends.fleet.settle import settled
from backends.fleet.sources import put_source
from backends.fleet.start import without_source


def reconfigured(
    fleet: Fleet,
    clients: Mapping[ClientId, Client],
    gone: Collection[SourceName],
    opened: Iterable[Source],
    now: datetime,
) -> Fleet:
    """Without the sources that are `gone` and all that they said; with those that were `opened`, each as the fleet
    begins with it: what one of them said before stays, as stale, until it is heard again."""
    for name in gone:
        fleet = without_source(fleet, name, now)
    before = fleet.configured.keys()
    draft = Draft(msgspec.structs.replace(fleet, configured=dict(clients)), now)
    for source in opened:
        put_source(draft, _reopened(draft.sources.facts.get(source.name), source))
    rescan(draft)
    for client in before - clients.keys():
        _unconfigured(draft, client)
    refresh_clients(draft, before | clients.keys())
    draft.undressed.update(draft.issues.facts)  # deadlines go by the client's hours and SLA
    return settled(draft)


def _reopened(known: Source | None, source: Source) -> Source:
    if known is None:
        return source
    return msgspec.structs.replace(source, devices=known.devices, unplaced=known.unplaced)


def _unconfigured(draft: Draft, client: ClientId) -> None:
    """What its devices say of it counts again; without any it is gone."""
    known = draft.clients.facts.get(client)
    if known is None or said_of(draft, client) is not None:
        return
    if any(site.client == client for site in draft.sites.facts.values()):
        draft.clients.put(client, Client(id=client, name=known.name))
    else:
        draft.clients.drop(client)
