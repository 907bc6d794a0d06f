"""The tree that placement makes of a source's devices: clients, their sites, how many at each, and what is left."""

from __future__ import annotations

from collections.abc import Iterable

from msgspec import Struct

from backends.fleet.model import UNPLACED, ClientId, SafeText, Sighting, safe


class Branch(Struct, frozen=True, kw_only=True):
    """One client."""

    id: ClientId
    name: SafeText
    sites: tuple[tuple[SafeText, int], ...]
    """Their names, with how many devices are there."""

    @property
    def devices(self) -> int:
        return sum(count for _, count in self.sites)


class Tree(Struct, frozen=True, kw_only=True):
    """All that one source shows."""

    clients: tuple[Branch, ...] = ()
    """By name."""
    unplaced: tuple[SafeText, ...] = ()
    """Devices that no rule gives a client."""

    @property
    def placed(self) -> int:
        return sum(client.devices for client in self.clients)

    @property
    def devices(self) -> int:
        return self.placed + len(self.unplaced)

    @property
    def says(self) -> SafeText:
        """`14 clients, 22 sites, 212 devices, 2 of them unplaced`."""
        if not self.clients:
            count = len(self.unplaced)
            return safe(f"{count:,} {'device' if count == 1 else 'devices'}, none of them placed yet")
        sites = sum(len(client.sites) for client in self.clients)
        counts = ((len(self.clients), "client"), (sites, "site"), (self.devices, "device"))
        said = ", ".join(f"{count:,} {noun if count == 1 else noun + 's'}" for count, noun in counts)
        return safe(said + (f", {len(self.unplaced):,} of them unplaced" if self.unplaced else ""))


def tree_of(sightings: Iterable[Sighting]) -> Tree:
    """What these sightings say of places."""
    names: dict[ClientId, SafeText] = {}
    sites: dict[ClientId, dict[str, tuple[SafeText, int]]] = {}
    unplaced: list[SafeText] = []
    for one in sightings:
        if one.client == UNPLACED:
            unplaced.append(one.name)
            continue
        names.setdefault(one.client, one.client_name)
        known = sites.setdefault(one.client, {})
        name, count = known.get(one.site, (one.site_name, 0))
        known[one.site] = (name, count + 1)
    order = sorted(names, key=lambda client: names[client].casefold())
    return Tree(
        clients=tuple(Branch(id=one, name=names[one], sites=tuple(sorted(sites[one].values()))) for one in order),
        unplaced=tuple(sorted(unplaced)),
    )
