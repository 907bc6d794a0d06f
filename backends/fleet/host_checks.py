"""From a host's own facts to what a reading carries: its checks by the thresholds, and its sighting."""

from __future__ import annotations

from datetime import datetime, timedelta

from backends.fleet.host import HostFacts
from backends.fleet.host_finding import Findings, finite
from backends.fleet.host_measures import measure
from backends.fleet.host_watch import watch
from backends.fleet.model import (
    Check,
    ClientId,
    Health,
    Identity,
    SafeText,
    Sighting,
    SiteId,
    SourceName,
    safe,
)
from backends.fleet.thresholds import Thresholds

_VIRTUAL = ("lo", "docker", "veth", "br-", "virbr", "vnet", "tun", "tap", "wg", "cni", "flannel", "cali", "dummy", "zt")
"""Names of interfaces whose hardware address is made up and proves nothing."""
_NO_SERIAL = frozenset(
    ("", "0", "none", "n/a", "na", "oem", "invalid", "default string", "not specified", "not applicable")
) | frozenset(
    ("to be filled by o.e.m.", "to be filled by oem", "system serial number", "chassis serial number", "123456789")
)
"""What mainboards say that were never given a serial number."""


def checks_of(facts: HostFacts, thresholds: Thresholds, *, source: SourceName, native: str) -> tuple[Check, ...]:
    """One check for everything that could be read, ok or not, each key once; what could not be read raises nothing.

    Reachability is not among them: that is the word of whoever looked.
    """
    found = Findings(source, native, facts.at)
    measure(facts, thresholds, found)
    watch(facts, thresholds, found)
    return found.checks


def sighting_of(
    facts: HostFacts,
    *,
    source: SourceName,
    native: str,
    client: ClientId,
    client_name: SafeText,
    site: SiteId,
    site_name: SafeText,
    name: str = "",
    address: str = "",
    host_key: str = "",
    kind: str = "",
    partial: bool = False,
) -> Sighting:
    """The sighting of a host that answered; `name` defaults to its own host name, `kind` to a guess."""
    up = finite(facts.uptime_s)
    return Sighting(
        source=source,
        native=native,
        client=client,
        client_name=client_name,
        site=site,
        site_name=site_name,
        name=safe(name or facts.hostname or native),
        kind=kind or kind_of(facts),
        platform=facts.platform,
        address=safe(address),
        health=Health.OK,
        boot_id=facts.boot_id,
        booted=None if up is None else _whole_second(facts.at - timedelta(seconds=min(up, 3e9))),
        identity=identity_of(facts, host_key=host_key),
        system=safe(facts.system),
        seen=facts.at,
        partial=partial,
    )


def _whole_second(moment: datetime) -> datetime:
    """Rounded, so that two looks at one boot say the same."""
    return (moment + timedelta(seconds=0.5)).replace(microsecond=0)


def identity_of(facts: HostFacts, *, host_key: str = "") -> Identity:
    """The strong evidence in `facts`; hardware addresses of real interfaces only."""
    macs = {
        interface.mac.casefold().replace("-", ":")
        for interface in facts.interfaces
        if interface.mac.strip("0:-") and not interface.name.startswith(_VIRTUAL)
    }
    serial = facts.serial.strip()
    machine = facts.machine_id.strip()
    return Identity(
        serial="" if serial.casefold() in _NO_SERIAL or not serial.strip("0-. ") else serial,
        macs=tuple(sorted(macs)),
        machine="" if machine == "uninitialized" or not machine.strip("0-") else machine,
        host_key=host_key,
    )


def kind_of(facts: HostFacts) -> str:
    """Workstation when it has a battery or runs macOS, else server: the configuration knows better."""
    return "workstation" if facts.batteries or facts.platform == "darwin" else "server"
