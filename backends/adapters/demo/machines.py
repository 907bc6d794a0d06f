"""The machines of the imaginary world: what the order of dealing decided of each takes some twenty bytes, all that it
would say of itself follows from that and the seed, and is made when somebody looks.
"""

from __future__ import annotations

from array import array
from collections.abc import Iterator, Sequence
from typing import Final, overload

from msgspec import Struct

from backends.adapters.demo.luck import letters, number
from backends.adapters.demo.names import CLOUDS, ROLES
from backends.adapters.demo.outfit import KINDS, SHORT, initials, system_of
from backends.adapters.demo.sources import SPLIT
from backends.fleet.model import Client, SafeText, safe, slug

ZABBIX, ICINGA, RMM, PROBE = SPLIT
_ALONE: Final = {source: (source,) for source in SPLIT}
_BOTH: Final = {(watcher, other): (watcher, other) for watcher in (ZABBIX, ICINGA) for other in (RMM, PROBE)}
"""Who knows a machine, one tuple for all of which that is true."""
_AT_HAND: Final = 1024
"""Machines that were made last, and are not made again."""


class Company(Struct, frozen=True, kw_only=True):
    """A client, and where in the world it is."""

    client: Client
    overseas: bool
    """Watched by the monitoring server in the United States."""


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


class Lot(Struct, frozen=True):
    """What the order of dealing decided of one machine."""

    company: int
    site: int
    slot: int
    """Its place at the site."""
    kind: int
    """One of `KINDS`."""
    part: int
    """How many of its company got a role before it, where it has one."""
    ordinal: int
    """How many of its company have the same stem of a name, it included."""


class Machines(Sequence[Machine]):
    """All of them, in the order in which they were dealt."""

    def __init__(self, seed: int, companies: Sequence[Company]) -> None:
        self._seed = seed
        self._companies = companies
        self.sites: list[str] = []
        """Names of sites, by number."""
        self._company, self._site, self._slot = array("H"), array("I"), array("H")
        self._kind, self._part, self._ordinal = array("B"), array("I"), array("I")
        self._at_hand: dict[int, Machine] = {}

    def __len__(self) -> int:
        return len(self._site)

    @overload
    def __getitem__(self, index: int) -> Machine: ...

    @overload
    def __getitem__(self, index: slice) -> tuple[Machine, ...]: ...

    def __getitem__(self, index: int | slice) -> Machine | tuple[Machine, ...]:
        if isinstance(index, slice):
            return tuple(self._made(one) for one in range(*index.indices(len(self))))
        if not 0 <= index < len(self):
            raise IndexError(index)
        found = self._at_hand.get(index)
        if found is None:
            if len(self._at_hand) >= _AT_HAND:
                self._at_hand.clear()
            found = self._at_hand[index] = self._made(index)
        return found

    def __iter__(self) -> Iterator[Machine]:
        return map(self._made, range(len(self)))

    def add(self, lot: Lot) -> None:
        self._company.append(lot.company)
        self._site.append(lot.site)
        self._slot.append(lot.slot)
        self._kind.append(lot.kind)
        self._part.append(lot.part)
        self._ordinal.append(lot.ordinal)

    def branch_of(self, index: int) -> int:
        return self._site[index]

    def known_to(self, source: str) -> Iterator[int]:
        """Indexes of the machines that a source knows; all where it has no name."""
        if not source:
            yield from range(len(self))
            return
        for index, (company, kind) in enumerate(zip(self._company, self._kind, strict=True)):
            if source in self._known_to(company, KINDS[kind]):
                yield index

    def _made(self, index: int) -> Machine:
        company, site, slot = self._company[index], self._site[index], self._slot[index]
        kind = KINDS[self._kind[index]]
        role = role_of(kind, self._part[index])
        name = self._name(company, site, kind, role, self._ordinal[index])
        platform, system = system_of(kind, role, number(self._seed, "machine", index) >> 32)
        address = f"10.{20 + site // 256 % 200}.{site % 256}.{slot + 1}"
        mac = letters(10, self._seed, "mac", index)
        sources = self._known_to(company, kind)
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
            serial=letters(10, self._seed, "serial", index).upper() if kind not in ("cloud", "vm") else "",
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

    def _name(self, company: int, site: int, kind: str, role: str, ordinal: int) -> str:
        stem = stem_of(self._companies[company].client, self.sites[site], kind, role)
        if kind in SHORT or kind == "cloud":
            return stem if ordinal == 1 else f"{stem}-{ordinal}"
        width = {"workstation": 3, "nas": 1}.get(kind, 2)
        return f"{stem}{ordinal:0{width}}"


def role_of(kind: str, part: int) -> str:
    if kind in ("server", "vm"):
        return ROLES[part] if part < len(ROLES) else ROLES[part % (len(ROLES) - 1) + 1]
    return CLOUDS[part % len(CLOUDS)] if kind == "cloud" else ""


def stem_of(client: Client, site: str, kind: str, role: str) -> str:
    """What the names of such machines begin with."""
    if kind in SHORT:
        return f"{SHORT[kind]}-{slug(site)}"
    return {
        "server": role,
        "vm": f"vm-{role}",
        "cloud": role,
        "workstation": f"{initials(client.name)}-pc",
        "nas": "nas-",
    }[kind]
