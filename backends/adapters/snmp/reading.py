"""From what a look found to a `Reading`. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Set
from datetime import datetime, timedelta

from backends.adapters.snmp.kinds import identity_of, kind_of
from backends.adapters.snmp.options import HostOptions
from backends.adapters.snmp.ports import Watched, add_ports
from backends.adapters.snmp.printer import add_printer
from backends.adapters.snmp.rates import Rate
from backends.adapters.snmp.records import Found, Store
from backends.adapters.snmp.ups import add_ups
from backends.api import Check, Reading, Sighting, SourceName, safe
from backends.fleet.host import FileSystem, HostFacts
from backends.fleet.host_checks import checks_of
from backends.fleet.host_finding import Findings
from backends.fleet.model import CheckState, Health

_MEMORY, _VIRTUAL, _DISK = "2", "3", "4"
_PSEUDO = ("/run", "/dev", "/sys", "/proc", "/snap", "/var/lib/docker", "/var/lib/containers", "/var/lib/kubelet")
"""Net-SNMP calls these fixed disks as well."""
_ACCESS = frozenset(("switch", "access-point"))
_APPLIANCES = frozenset((*_ACCESS, "printer", "ups"))
"""Their memory is as full as they were made for."""


def reading_of(
    found: Found,
    options: HostOptions,
    source: SourceName,
    *,
    rates: Mapping[str, Rate],
    seen_up: Set[str],
    booted: datetime | None,
    rows: int,
) -> Reading:
    """`rows` is how many of a table are read at most; `booted` is when the device last began, as it was told first."""
    kind = options.kind or kind_of(found)
    place = options.placement.place(facts_of(found, options))
    sighting = Sighting(
        source=source,
        native=options.native,
        client=place.client,
        client_name=place.client_name,
        site=place.site,
        site_name=place.site_name,
        name=place.device or safe(options.name or found.system.name or options.address),
        kind=kind,
        address=safe(options.address),
        health=Health.OK,
        booted=booted,
        identity=identity_of(found),
        system=safe(found.system.descr, 120),
        seen=found.at,
        partial=bool(found.unread),
    )
    findings = Findings(source, options.native, found.at)
    must = options.thresholds.network.up
    watched = Watched(must=must, seen_up=seen_up, began=_began(found))
    add_ports(found.ports or (), rates, watched, findings, access=kind in _ACCESS)
    if found.printer is not None:
        add_printer(found.printer, options.supplies, findings)
    if found.ups is not None:
        since = found.at - timedelta(seconds=found.ups.on_battery_s) if found.ups.on_battery_s else None
        add_ups(found.ups, options.thresholds.battery, options.ups, since, findings)
    host = checks_of(
        host_facts(found, memory=kind not in _APPLIANCES), options.thresholds, source=source, native=options.native
    )
    return Reading(
        source=source,
        at=found.at,
        sightings=(sighting,),
        checks=(_reachable(found, options, source, rows), *findings.checks, *host),
        complete=False,
        covers=(options.native,),
        note=safe(f"{sighting.name}: {_cut(found, rows)}") if found.cut else safe(""),
    )


def _began(found: Found) -> dict[str, datetime]:
    ticks = found.system.ticks or 0
    return {
        port.name: (found.at - timedelta(seconds=(ticks - port.changed) / 100)).replace(microsecond=0)
        for port in found.ports or ()
        if 0 < port.changed <= ticks
    }


def facts_of(found: Found, options: HostOptions) -> dict[str, tuple[str, ...]]:
    """What a placement can go by."""
    told = {"host": (options.name, options.address), "name": (found.system.name,), "location": (found.system.location,)}
    return {fact: tuple(value for value in values if value) for fact, values in told.items()}


def booted_at(found: Found, before: datetime | None) -> datetime | None:
    """When the device began. What differs from `before` by a few seconds is the same moment, and stays as it was."""
    if found.system.up_s is None:
        return before
    moment = (found.at - timedelta(seconds=found.system.up_s)).replace(microsecond=0)
    return before if before is not None and abs(moment - before) < timedelta(seconds=30) else moment


def host_facts(found: Found, *, memory: bool) -> HostFacts:
    """Storage, memory and uptime as any look at a host tells them, so that it is judged by the same limits."""
    stores = found.stores or ()
    ram = _first(stores, _MEMORY, "physical memory", "real memory", "ram", "main memory") if memory else None
    swap = _first(stores, _VIRTUAL, "swap") if memory else None
    return HostFacts(
        at=found.at,
        uptime_s=found.system.up_s,
        memory_bytes=ram.size if ram else None,
        memory_available_bytes=_available(ram, stores) if ram else None,
        swap_bytes=swap.size if swap else None,
        swap_used_bytes=swap.used if swap else None,
        file_systems=tuple(
            FileSystem(
                mount=_mount(store.name),
                size_bytes=store.size,
                used_bytes=store.used,
                available_bytes=max(0, store.size - store.used),
            )
            for store in stores
            if store.type == _DISK and store.size > 0 and store.name and not _pseudo(store.name)
        ),
    )


def _first(stores: tuple[Store, ...], kind: str, *names: str) -> Store | None:
    """By the name that agents give it: of one kind there are often several, of which most are parts."""
    for store in stores:
        if store.type == kind and store.size > 0 and store.name.casefold().startswith(names):
            return store
    return None


def _available(memory: Store, stores: tuple[Store, ...]) -> int:
    """What programs can still get. Net-SNMP tells it outright, or tells the caches, which it counts as used."""
    by_name = {store.name.casefold(): store for store in stores}
    if (told := by_name.get("available memory")) is not None and 0 < told.size <= memory.size:
        return min(memory.size, max(0, told.size - told.used)) if told.used < told.size else told.size
    spare = sum(by_name[name].used for name in ("memory buffers", "cached memory") if name in by_name)
    return min(memory.size, max(0, memory.size - memory.used + spare))


def _mount(name: str) -> str:
    """Windows puts label and serial number behind the letter: `C:\\ Label:System  Serial Number 1a2b3c4d`."""
    if len(name) >= 2 and name[1] == ":" and name[0].isalpha():
        return name[:2].upper()
    return name


def _pseudo(name: str) -> bool:
    return any(name == path or name.startswith(path + "/") for path in _PSEUDO)


def _reachable(found: Found, options: HostOptions, source: SourceName, rows: int) -> Check:
    parts = [f"Answers over SNMP {options.spoken} in {1000 * found.took_s:.0f} ms"]
    if found.cut:
        parts.append(_cut(found, rows))
    if found.unread:
        parts.append(f"does not tell all in time: {', '.join(found.unread)} left out")
    return Check(
        source=source,
        native=options.native,
        family="reachable",
        label=safe("Reachable over SNMP"),
        state=CheckState.OK,
        summary=safe("; ".join(parts), 512),
        seen=found.at,
    )


def _cut(found: Found, rows: int) -> str:
    return f"truncated at {rows:,} {' and '.join(found.cut)}"
