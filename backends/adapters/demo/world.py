"""Who is in the imaginary world: companies, their sites, the machines there. Built once, never changes.

The n-th machine is the same whatever the number of machines, so that a bigger fleet is the smaller one and more.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Final

from msgspec import Struct

from backends.adapters.demo.luck import choose, fraction, letters, number, stream
from backends.adapters.demo.names import (
    BRANCHES,
    CLOUDS,
    FACES,
    FIRST_SITES,
    PROVIDERS,
    ROLES,
    SURNAMES,
    TRADES,
    ZONES,
    Face,
)
from backends.adapters.demo.outfit import BRANCH, HEAD_OFFICE, MORE, initials, system_of
from backends.adapters.demo.sources import SPLIT
from backends.fleet.model import Client, ClientId, Contract, SafeText, Severity, SiteId, SlaTarget, safe, slug

ZABBIX, ICINGA, RMM, PROBE = SPLIT
_ALONE: Final = {source: (source,) for source in SPLIT}
_BOTH: Final = {(watcher, other): (watcher, other) for watcher in (ZABBIX, ICINGA) for other in (RMM, PROBE)}
"""Who knows a machine, one tuple for all of which that is true."""

_MINUTES: Final = 60.0
CLOUD: Final = "Cloud"
"""The name of the site where hosted services are."""


class Company(Struct, frozen=True, kw_only=True):
    """A client, and where in the world it is."""

    client: Client
    overseas: bool
    """Watched by the monitoring server in the United States."""


class Branch(Struct, frozen=True, kw_only=True):
    """A site and the line that it hangs on."""

    number: int
    company: int
    id: SiteId
    name: SafeText
    uplink: str
    machines: tuple[int, ...]
    """Indexes, the firewall first."""


class Machine(Struct, frozen=True, kw_only=True, gc=False):
    """A device as it would describe itself."""

    index: int
    company: int
    branch: int
    name: str
    kind: str
    role: str
    platform: str
    system: SafeText
    address: SafeText
    serial: str
    macs: tuple[str, ...]
    sources: tuple[str, ...]
    """Who knows it: who watches it first, whose agent runs on it second."""
    natives: tuple[str, ...]

    @property
    def unix(self) -> bool:
        return self.platform in ("linux", "darwin", "freebsd")


class World(Struct, frozen=True, kw_only=True):
    seed: int
    companies: tuple[Company, ...]
    branches: tuple[Branch, ...]
    machines: tuple[Machine, ...]

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
        self._members: list[list[int]] = []
        self._filled: list[int] = []
        self._clouds: dict[int, int] = {}
        self._open: dict[int, int] = {}
        self._ordinal: dict[int, int] = {}
        self._named: dict[tuple[int, str], int] = {}
        self._machines: list[Machine] = []
        self._shares = [
            index for index in range(len(companies)) for _ in range(1 + number(seed, "share", index) % 4)
        ]  # fmt: skip

    def build(self, devices: int) -> World:
        for index in range(devices):
            self._machines.append(self._machine(index))
        branches = tuple(self._branch(site, *found) for site, found in enumerate(self._sites))
        return World(
            seed=self._seed, companies=self._companies, branches=branches, machines=tuple(self._machines)
        )  # fmt: skip

    def _branch(self, site: int, company: int, name: str, _room: int) -> Branch:
        client = self._companies[company].client
        return Branch(
            number=site,
            company=company,
            id=SiteId(f"{client.id}/{slug(name)}"),
            name=safe(name),
            uplink=choose(PROVIDERS, self._seed, "uplink", client.id, name) if name != CLOUD else "",
            machines=tuple(self._members[site]),
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
        self._members.append([])
        self._filled.append(0)
        return len(self._sites) - 1

    def _site_name(self, company: int, ordinal: int) -> str:
        if ordinal > len(BRANCHES):
            return f"Branch {ordinal}"
        start = number(self._seed, "branches", company) % len(BRANCHES)
        return BRANCHES[(start + 5 * (ordinal - 1)) % len(BRANCHES)]

    def _machine(self, index: int) -> Machine:
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
        role = self._role(company, kind)
        name = self._name(company, site, kind, role)
        platform, system = system_of(kind, role, bits >> 32)
        serial = letters(10, self._seed, "serial", index).upper() if kind not in ("cloud", "vm") else ""
        sources = self._known_to(company, kind)
        address = f"10.{20 + site // 256 % 200}.{site % 256}.{slot + 1}"
        mac = letters(10, self._seed, "mac", index)
        return Machine(
            index=index,
            company=company,
            branch=site,
            name=name,
            kind=kind,
            role=role,
            platform=platform,
            system=safe(system),
            address=safe(address if kind != "cloud" else f"{role}.example"),
            serial=serial,
            macs=("02:" + ":".join(mac[at : at + 2] for at in range(0, 10, 2)),) if kind != "cloud" else (),
            sources=sources,
            natives=tuple(self._native(source, company, index, name, address) for source in sources),
        )

    def _native(self, source: str, company: int, index: int, name: str, address: str) -> str:
        if source == ZABBIX:
            return str(10_000 + index)
        if source == ICINGA:
            return f"{self._companies[company].client.id}!{name}"
        if source == RMM:
            return letters(16, self._seed, "agent", index)
        return address

    def _known_to(self, company: int, kind: str) -> tuple[str, ...]:
        watcher = ICINGA if self._companies[company].overseas else ZABBIX
        if kind == "server":
            return _BOTH[watcher, RMM]
        if kind == "firewall":
            return _BOTH[watcher, PROBE]
        if kind in ("workstation", "vm"):
            return _ALONE[RMM]
        if kind in ("printer", "cloud"):
            return _ALONE[PROBE]
        return _ALONE[watcher]

    def _role(self, company: int, kind: str) -> str:
        if kind in ("server", "vm"):
            order = self._count(company, "roles")
            return ROLES[order] if order < len(ROLES) else ROLES[order % (len(ROLES) - 1) + 1]
        if kind == "cloud":
            return CLOUDS[self._count(company, "clouds") % len(CLOUDS)]
        return ""

    def _count(self, company: int, what: str) -> int:
        before = self._named.get((company, what), 0)
        self._named[company, what] = before + 1
        return before

    def _name(self, company: int, site: int, kind: str, role: str) -> str:
        place = slug(self._sites[site][1])
        stem = {
            "server": role,
            "vm": f"vm-{role}",
            "cloud": role,
            "workstation": f"{initials(self._companies[company].client.name)}-pc",
            "nas": "nas-",
        }.get(kind)
        if stem is None:
            short = {"firewall": "fw", "switch": "sw", "access-point": "ap", "printer": "prn", "ups": "ups"}[kind]
            stem = f"{short}-{place}"
            again = self._count(company, stem)
            return stem if not again else f"{stem}-{again + 1}"
        ordinal = self._count(company, stem) + 1
        if kind == "cloud":
            return stem if ordinal == 1 else f"{stem}-{ordinal}"
        width = {"workstation": 3, "nas": 1}.get(kind, 2)
        return f"{stem}{ordinal:0{width}}"
