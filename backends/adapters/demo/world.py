"""Who is in the imaginary world: companies, their sites, the machines there. Built once, never changes.

The n-th machine is the same whatever the number of machines, so that a bigger fleet is the smaller one and more.
"""

from __future__ import annotations

from array import array
from collections.abc import Sequence
from functools import lru_cache
from typing import Final

from msgspec import Struct

from backends.adapters.demo.luck import choose, fraction, number, stream
from backends.adapters.demo.machines import Company, Lot, Machines, role_of, stem_of
from backends.adapters.demo.names import (
    BRANCHES,
    FACES,
    FIRST_SITES,
    PROVIDERS,
    SURNAMES,
    TRADES,
    ZONES,
    Face,
)
from backends.adapters.demo.outfit import BRANCH, HEAD_OFFICE, KINDS, MORE
from backends.fleet.model import Client, ClientId, Contract, SafeText, Severity, SiteId, SlaTarget, safe, slug

_MINUTES: Final = 60.0
CLOUD: Final = "Cloud"
"""The name of the site where hosted services are."""


class Branch(Struct, frozen=True, kw_only=True):
    """A site and the line that it hangs on."""

    number: int
    company: int
    id: SiteId
    name: SafeText
    uplink: str
    machines: Sequence[int]
    """Indexes, the firewall first."""


class World(Struct, frozen=True, kw_only=True):
    seed: int
    companies: tuple[Company, ...]
    branches: tuple[Branch, ...]
    machines: Machines

    @property
    def large(self) -> bool:
        """So many machines that each is watched less closely."""
        return len(self.machines) > 20_000


@lru_cache(maxsize=4)
def world_of(seed: int, clients: int, devices: int) -> World:
    """The world of these sizes; cached, because all sources of a demo share it."""
    companies = tuple(_company(seed, index, face) for index, face in enumerate(_faces(seed, clients)))
    return _Builder(seed, companies).build(devices)


def _faces(seed: int, count: int) -> list[Face]:
    """The first twelve are everybody's first; a seed deals the others."""
    others = list(FACES[12:])
    stream(seed, "faces").shuffle(others)
    first = list(FACES[:12])
    if seed != 7:
        stream(seed, "first faces").shuffle(first)
    known = (first + others)[:count]
    taken = {face.name for face in known}
    for index in range(len(known), count):
        name = f"{choose(SURNAMES, seed, 'surname', index)} {choose(TRADES, seed, 'trade', index)}"
        if name in taken:
            name = f"{name} {index}"
        taken.add(name)
        known.append(Face(name, choose(ZONES, seed, "zone", index), "Mon-Fri 08:00-18:00"))
    return known


def _company(seed: int, index: int, face: Face) -> Company:
    managed = index % 4 != 2
    hard = fraction(seed, "sla", index) < 0.4
    targets = (
        SlaTarget(severity=Severity.CRITICAL, respond_s=(15 if hard else 30) * _MINUTES, resolve_s=240 * _MINUTES),
        SlaTarget(severity=Severity.HIGH, respond_s=60 * _MINUTES, resolve_s=(480 if hard else 960) * _MINUTES),
        SlaTarget(severity=Severity.WARNING, respond_s=480 * _MINUTES),
    )
    client = Client(
        id=ClientId(slug(face.name)),
        name=safe(face.name),
        contract=Contract.MANAGED if managed else Contract.BREAK_FIX,
        hours=f"{face.days} {face.zone}" if face.days else "",
        sla=targets if managed else (),
    )
    return Company(client=client, overseas=not face.zone.startswith("Europe/"))


class _Builder:
    """Deals machines to companies one after the other, opening a site when the last one is full."""

    def __init__(self, seed: int, companies: tuple[Company, ...]) -> None:
        self._seed = seed
        self._companies = companies
        self._sites: list[tuple[int, str, int]] = []  # company, name, room
        self._members: list[array[int]] = []
        self._filled: list[int] = []
        self._clouds: dict[int, int] = {}
        self._open: dict[int, int] = {}
        self._ordinal: dict[int, int] = {}
        self._named: dict[tuple[int, str], int] = {}
        self._machines = Machines(seed, companies)
        self._shares = [
            index for index in range(len(companies)) for _ in range(1 + number(seed, "share", index) % 4)
        ]  # fmt: skip

    def build(self, devices: int) -> World:
        for index in range(devices):
            self._deal(index)
        branches = tuple(self._branch(site, *found) for site, found in enumerate(self._sites))
        return World(seed=self._seed, companies=self._companies, branches=branches, machines=self._machines)

    def _branch(self, site: int, company: int, name: str, _room: int) -> Branch:
        client = self._companies[company].client
        return Branch(
            number=site,
            company=company,
            id=SiteId(f"{client.id}/{slug(name)}"),
            name=safe(name),
            uplink=choose(PROVIDERS, self._seed, "uplink", client.id, name) if name != CLOUD else "",
            machines=self._members[site],
        )

    def _site(self, company: int) -> int:
        """The site that takes this company's next machine."""
        site = self._open.get(company)
        if site is not None and self._filled[site] < self._sites[site][2]:
            return site
        ordinal = self._ordinal.get(company, 0)
        self._ordinal[company] = ordinal + 1
        chance = fraction(self._seed, "room", company, ordinal)
        if ordinal == 0:
            name, room = choose(FIRST_SITES, self._seed, "head office", company), 8 + int(chance * 5)
        else:
            name, room = self._site_name(company, ordinal), 4 + int(chance * 4)
        if ordinal > 6:
            room += int(chance * 60)
        self._open[company] = self._new_site(company, name, room)
        return self._open[company]

    def _cloud(self, company: int) -> int:
        """The site of what a company has at others': no line of its own leads there."""
        site = self._clouds.get(company)
        if site is None:
            site = self._clouds[company] = self._new_site(company, CLOUD, 0)
        return site

    def _new_site(self, company: int, name: str, room: int) -> int:
        self._sites.append((company, name, room))
        self._machines.sites.append(name)
        self._members.append(array("I"))
        self._filled.append(0)
        return len(self._sites) - 1

    def _site_name(self, company: int, ordinal: int) -> str:
        if ordinal > len(BRANCHES):
            return f"Branch {ordinal}"
        start = number(self._seed, "branches", company) % len(BRANCHES)
        return BRANCHES[(start + 5 * (ordinal - 1)) % len(BRANCHES)]

    def _deal(self, index: int) -> None:
        count = len(self._companies)
        bits = number(self._seed, "machine", index)
        company = index % count if index < 6 * count else self._shares[bits % len(self._shares)]
        site = self._site(company)
        slot = self._filled[site]
        self._filled[site] += 1
        plan = HEAD_OFFICE if self._sites[site][1] in FIRST_SITES else BRANCH
        kind = plan[slot] if slot < len(plan) else MORE[(bits >> 20) % len(MORE)]
        if kind == "cloud":
            site = self._cloud(company)
        self._members[site].append(index)
        dealt = {"server": "roles", "vm": "roles", "cloud": "clouds"}.get(kind)
        part = self._count(company, dealt) if dealt is not None else 0
        stem = stem_of(self._companies[company].client, self._sites[site][1], kind, role_of(kind, part))
        ordinal = self._count(company, stem) + 1
        self._machines.add(Lot(company, site, slot, KINDS.index(kind), part, ordinal))

    def _count(self, company: int, what: str) -> int:
        """How many there were before it."""
        before = self._named.get((company, what), 0)
        self._named[company, what] = before + 1
        return before
