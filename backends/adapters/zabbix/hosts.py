"""One host as a sighting: where it belongs, what it is, whether it answers."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Final

from msgspec import Struct

from backends.adapters.zabbix.gather import Snapshot
from backends.adapters.zabbix.pulse import available, delay_s
from backends.adapters.zabbix.records import Host, Interface, moment, number, whole
from backends.api import Identity, Sighting, SourceName, safe
from backends.fleet.model import CheckState, Health
from backends.fleet.placement import Facts, Placement

LONGEST_SERIAL: Final = 64
"""Characters of that field there (column `serialno_a`)."""
OVERDUE: Final = 3
"""Values that may be missed before what they said is old."""
PROXY_SILENT_S: Final = 120
_WAYS: Final[Mapping[str, str]] = {"1": "agent", "2": "SNMP", "3": "IPMI", "4": "JMX"}
_KINDS: Final = (
    ("firewall", "firewall"),
    ("router", "firewall"),
    ("switch", "switch"),
    ("access point", "access-point"),
    ("wireless", "access-point"),
    ("printer", "printer"),
    ("ups", "ups"),
    ("nas", "nas"),
    ("storage", "nas"),
    ("workstation", "workstation"),
    ("desktop", "workstation"),
    ("laptop", "workstation"),
    ("virtual", "vm"),
    ("server", "server"),
)
_PLATFORMS: Final = (
    ("windows", "windows"),
    ("freebsd", "freebsd"),
    ("openbsd", "openbsd"),
    ("netbsd", "netbsd"),
    ("macos", "darwin"),
    ("darwin", "darwin"),
    *((name, "linux") for name in ("linux", "debian", "ubuntu", "centos", "red hat", "rocky", "alma", "suse")),
)
_MAC: Final = re.compile(r"(?:[0-9A-Fa-f]{2}[:-]){5}[0-9A-Fa-f]{2}")


class Reach(Struct, frozen=True, kw_only=True):
    """Whether a host answers, as far as Zabbix knows."""

    state: CheckState | None
    """None where it does not know."""
    why: str = ""
    since: datetime | None = None
    """When it began not to answer."""
    seen: datetime
    """When that was last true for certain."""
    mute: tuple[Interface, ...] = ()
    """Ways by which a host that answers by another one does not answer."""


def sighting_of(host: Host, snapshot: Snapshot, source: SourceName, placement: Placement, reach: Reach) -> Sighting:
    place = placement.place(facts_of(host, snapshot))
    system = host.stock("os_full") or host.stock("os")
    return Sighting(
        source=source,
        native=host.hostid,
        client=place.client,
        client_name=place.client_name,
        site=place.site,
        site_name=place.site_name,
        name=place.device or safe(host.name or host.host or host.hostid),
        kind=_kind(host),
        platform=next((platform for word, platform in _PLATFORMS if word in system.lower()), ""),
        address=safe(_address(host)),
        health=_health(host, reach),
        identity=identity_of(host),
        system=safe(system),
        seen=reach.seen,
    )


def facts_of(host: Host, snapshot: Snapshot) -> Facts:
    """What there is to place it by."""
    facts: dict[str, list[str]] = {"host": [host.host], "name": [host.name or host.host]}
    facts["hostgroup"] = sorted({group.name for group in (*host.groups, *host.hostgroups) if group.name})
    for tag in host.tags:
        facts.setdefault(f"tag.{tag.tag}", []).append(tag.value)
    if (proxy := snapshot.proxies.get(host.proxy)) is not None:
        facts["proxy"] = [proxy.called]
    return facts


def identity_of(host: Host) -> Identity:
    found = (_MAC.fullmatch(host.stock(field)) for field in ("macaddress_a", "macaddress_b"))
    macs = {mac[0].replace("-", ":").lower() for mac in found if mac}
    return Identity(serial=host.stock("serialno_a")[:LONGEST_SERIAL], macs=tuple(sorted(macs)))


def reach_of(host: Host, snapshot: Snapshot) -> Reach:
    """By its interfaces; where Zabbix does not know of any, by the item that pings it."""
    seen = _vouched(host, snapshot)
    known = available(host)
    if host.disabled or host.unasked:
        return Reach(state=None, seen=seen)
    if "1" in known:
        mute = tuple(interface for interface in host.interfaces if interface.available == "2")
        return Reach(state=CheckState.OK, seen=seen, mute=mute)
    if "2" in known:
        began = [moment(one.errors_from, snapshot.skew_s) for one in host.interfaces if one.available == "2"]
        since = min((when for when in began if when is not None and when <= snapshot.at), default=None)
        return Reach(state=CheckState.CRITICAL, why=_error(host), since=since, seen=seen)
    item = snapshot.items.get(snapshot.pings.get(host.hostid, ""))
    if item is None or (told := moment(item.lastclock, snapshot.skew_s)) is None:
        return Reach(state=None, seen=seen)
    fine = timedelta(seconds=max(60.0, OVERDUE * delay_s(item.delay)))
    answers = number(item.lastvalue)
    return Reach(
        state=None if answers is None else CheckState.OK if answers > 0 else CheckState.CRITICAL,
        why="it does not answer to ping",
        seen=seen if snapshot.at - told <= fine else min(seen, told),
    )


def way_of(interface: Interface) -> str:
    """`SNMP at 10.0.0.1`."""
    return f"{_WAYS.get(interface.type, 'interface')} at {_where(interface)}"


def _vouched(host: Host, snapshot: Snapshot) -> datetime:
    """Till when its facts are vouched for: now, unless the server or the proxy that asks it does nothing."""
    seen = snapshot.at if snapshot.stopped is None else min(snapshot.stopped, snapshot.at)
    proxy = snapshot.proxies.get(host.asked_by)
    if proxy is not None:
        heard = moment(proxy.lastaccess, snapshot.skew_s)
        silent = heard is not None and (snapshot.at - heard).total_seconds() > PROXY_SILENT_S
        if heard is not None and (proxy.state == "1" or silent):
            seen = min(seen, heard)
    return seen


def _health(host: Host, reach: Reach) -> Health:
    if host.disabled:
        return Health.UNKNOWN
    if host.in_maintenance:
        return Health.MAINTENANCE
    if reach.state is CheckState.CRITICAL:
        return Health.DOWN
    return Health.OK if reach.state is CheckState.OK else Health.UNKNOWN


def _kind(host: Host) -> str:
    told = f"{host.stock('type')} {host.stock('type_full')}".lower()
    words = set(re.findall(r"[a-z]+", told))
    for word, kind in _KINDS:
        if word in words or (" " in word and word in told):
            return kind
    ways = {interface.type for interface in host.interfaces}
    return "other" if ways == {"2"} else "server"


def _address(host: Host) -> str:
    ranked = sorted(host.interfaces, key=lambda one: (one.main != "1", whole(one.type) or 0))
    return _where(ranked[0]) if ranked else ""


def _where(interface: Interface) -> str:
    return interface.ip if interface.useip == "1" and interface.ip else interface.dns or interface.ip


def _error(host: Host) -> str:
    return next((one.error for one in host.interfaces if one.available == "2" and one.error), "")
