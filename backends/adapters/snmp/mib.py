"""The variables that are read, all of standard MIBs, by number: agents need no files of any vendor, nor do we.

SNMPv2-MIB and SNMP-FRAMEWORK-MIB (RFC 3418, 3411), IF-MIB (RFC 2863), HOST-RESOURCES-MIB (RFC 2790), Printer-MIB
(RFC 3805), UPS-MIB (RFC 1628), ENTITY-MIB (RFC 6933), BRIDGE-MIB (RFC 4188), IP-MIB (RFC 4293).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from backends.adapters.snmp.ber import Oid, oid

_IF: Final = "1.3.6.1.2.1.2.2.1"
_IFX: Final = "1.3.6.1.2.1.31.1.1.1"
_STORAGE: Final = "1.3.6.1.2.1.25.2.3.1"
_SUPPLIES: Final = "1.3.6.1.2.1.43.11.1.1"
_ALERTS: Final = "1.3.6.1.2.1.43.18.1.1"
_UPS: Final = "1.3.6.1.2.1.33.1"
_ENTITY: Final = "1.3.6.1.2.1.47.1.1.1.1"

STORAGE_TYPES: Final = "1.3.6.1.2.1.25.2.1"
"""hrStorageTypes: .2 is memory, .3 virtual memory, .4 a fixed disk."""
UPS_ALARMS: Final = f"{_UPS}.6.3"
"""upsWellKnownAlarms."""


def _oids(base: str, numbers: Mapping[str, int | str], end: str = "") -> Mapping[str, Oid]:
    return {name: oid(f"{base}.{number}{end}") for name, number in numbers.items()}


SYSTEM: Final = {
    **_oids("1.3.6.1.2.1.1", {"descr": 1, "object": 2, "up": 3, "name": 5, "location": 6}, ".0"),
    "engine_up": oid("1.3.6.1.6.3.10.2.1.3.0"),
    "host_up": oid("1.3.6.1.2.1.25.1.1.0"),
}
"""sysDescr, sysObjectID, sysUpTime (hundredths of a second, 497 days at most), sysName, sysLocation; snmpEngineTime
(seconds); hrSystemUptime (hundredths; of the host, where `up` is the agent's)."""

KINDS: Final = {
    "bridge_ports": oid("1.3.6.1.2.1.17.1.2.0"),
    "interfaces": oid("1.3.6.1.2.1.2.1.0"),
    "ups": oid(f"{_UPS}.2.1.0"),
    "ups_model": oid(f"{_UPS}.1.2.0"),
}
"""dot1dBaseNumPorts, ifNumber, upsBatteryStatus, upsIdentModel: the MIBs that answer tell the kind of device."""
PRINTERS: Final = _oids("1.3.6.1.2.1.43.5.1.1", {"changes": 1, "serial": 17})
"""prtGeneralConfigChanges, prtGeneralSerialNumber. Print servers have hrPrinterTable too, and only printers this."""

ENTITIES: Final = _oids(_ENTITY, {"class": 5, "serial": 11})
"""entPhysicalClass (3 chassis, 11 stack), entPhysicalSerialNum."""

PORTS_FIXED: Final = {
    **_oids(_IF, {"descr": 2, "type": 3, "speed": 5, "mac": 6}),
    **_oids(_IFX, {"name": 1, "high_speed": 15, "alias": 18}),
}
"""What of an interface hardly ever changes. ifSpeed is in bit/s, ifHighSpeed in Mbit/s."""
PORTS_NOW: Final = {
    **_oids(_IF, {"admin": 7, "oper": 8, "changed": 9, "in": 10, "in_errors": 14, "out": 16, "out_errors": 20}),
    **_oids(_IFX, {"wide_in": 6, "wide_out": 10, "broken": 19}),
}
"""What of an interface changes. `in` and `out` are octets; `wide_` the same with 64 bits; `changed` and
`broken` are sysUpTime as it was at ifLastChange and ifCounterDiscontinuityTime."""
NARROW: Final = ("in", "out")
"""Not needed where there are wide ones."""

STORES_FIXED: Final = _oids(_STORAGE, {"type": 2, "descr": 3})
STORES_NOW: Final = _oids(_STORAGE, {"unit": 4, "size": 5, "used": 6})
"""Size and use in units of `unit` bytes."""

SUPPLIES: Final = _oids(_SUPPLIES, {"class": 4, "type": 5, "descr": 6, "unit": 7, "most": 8, "level": 9})
ALERTS: Final = _oids(_ALERTS, {"severity": 2, "group": 4, "group_index": 5, "code": 7, "descr": 8})
PRINTER: Final = _oids("1.3.6.1.2.1.25.3.5.1", {"errors": 2})
"""hrPrinterDetectedErrorState."""

UPS: Final = {
    **_oids(f"{_UPS}.2", {"status": 1, "on_battery_s": 2, "minutes": 3, "charge": 4, "celsius": 7}, ".0"),
    "source": oid(f"{_UPS}.4.1.0"),
    "alarms": oid(f"{_UPS}.6.1.0"),
}
UPS_LOADS: Final = _oids(f"{_UPS}.4.4.1", {"load": 5})
"""upsOutputPercentLoad of each line."""
UPS_ALARM_ROWS: Final = _oids(f"{_UPS}.6.2.1", {"what": 2})
