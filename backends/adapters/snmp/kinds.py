"""What kind of device this is, told from the MIBs that it answers, and what proves which one it is. Pure."""

from __future__ import annotations

import re
from typing import Final

from backends.adapters.snmp.ports import ETHERNET, WIFI, real
from backends.adapters.snmp.records import Found
from backends.fleet.model import Identity

_MANY: Final = 8
"""Ethernet ports of a device without disks: it is a switch, though it does not answer BRIDGE-MIB."""
_MOST_MACS: Final = 64
_SHARED: Final = ("00:00:5e:00:", "00:00:0c:07:ac:", "00:07:b4:", "00:05:73:a0:")
"""Addresses that two routers have in turn: VRRP, HSRP, GLBP."""
_WORDS: Final = (
    ("nas", re.compile(r"synology|diskstation|qnap|truenas|freenas|readynas|netapp|terastation", re.IGNORECASE)),
    (
        "firewall",
        re.compile(
            r"fortigate|pfsense|opnsense|sonicwall|palo alto|sophos|watchguard|firewall|asa version", re.IGNORECASE
        ),
    ),
    ("access-point", re.compile(r"\baccess point\b|\bunifi ap\b|\buap-|\baironet\b", re.IGNORECASE)),
)
"""Kinds that no standard MIB tells, by words of sysDescr."""


def kind_of(found: Found) -> str:
    traits, ports = found.traits, [port for port in found.ports or () if real(port)]
    if traits.ups:
        return "ups"
    if traits.printer:
        return "printer"
    for kind, words in _WORDS:
        if words.search(found.system.descr):
            return kind
    disks = any(store.type == "4" for store in found.stores or ())
    wires = sum(port.type in ETHERNET for port in ports)
    if any(port.type == WIFI for port in ports) and not disks:
        return "access-point"
    if traits.bridge_ports > 1 or (wires >= _MANY and not disks):
        return "switch"
    return "server" if disks else "other"


def identity_of(found: Found) -> Identity:
    macs = sorted({port.mac for port in found.ports or () if real(port) and _own(port.mac)})
    return Identity(serial=next(iter(found.traits.serials), ""), macs=tuple(macs[:_MOST_MACS]))


def _own(mac: str) -> bool:
    """Of one device: neither zero, nor of a group, nor shared. Those of virtual machines are chosen, and theirs."""
    return bool(mac.strip("0:")) and not int(mac[:2], 16) & 1 and not mac.startswith(_SHARED)
