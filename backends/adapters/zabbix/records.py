"""What Zabbix answers, as structs. All its numbers are texts; keys that are not listed are not looked at.

An empty object may come as an empty list (PHP): `inventory` of a host without one is `[]`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, Final, TypeVar

import msgspec
from msgspec import Struct

from backends.fleet.steps import Steps, finished
from backends.http.decode import each_in_steps

_LATEST: Final = datetime(2200, 1, 1, tzinfo=UTC)


class Interface(Struct, frozen=True):
    type: str = "0"
    """1 agent, 2 SNMP, 3 IPMI, 4 JMX."""
    main: str = "0"
    useip: str = "1"
    ip: str = ""
    dns: str = ""
    available: str = "0"
    """0 unknown, 1 available, 2 not available."""
    error: str = ""
    errors_from: str = "0"
    """When it began not to answer."""


class Named(Struct, frozen=True):
    name: str = ""


class Tag(Struct, frozen=True):
    tag: str = ""
    value: str = ""


class Host(Struct, frozen=True):
    hostid: str
    host: str = ""
    name: str = ""
    """For people."""
    status: str = "0"
    """0 monitored, 1 disabled."""
    maintenance_status: str = "0"
    maintenanceid: str = "0"
    proxy_hostid: str = "0"
    proxyid: str = "0"
    proxy_groupid: str = "0"
    assigned_proxyid: str = "0"
    """The proxy of its group that asks it now; 0 while none does."""
    active_available: str = "0"
    interfaces: tuple[Interface, ...] = ()
    groups: tuple[Named, ...] = ()
    hostgroups: tuple[Named, ...] = ()
    tags: tuple[Tag, ...] = ()
    inventory: dict[str, str] | list[Any] = {}

    @property
    def disabled(self) -> bool:
        return self.status != "0"

    @property
    def in_maintenance(self) -> bool:
        return self.maintenance_status == "1"

    @property
    def proxy(self) -> str:
        """Id of the proxy that asks it; empty when the server does."""
        return next((one for one in (self.proxyid, self.proxy_hostid) if one not in ("", "0")), "")

    @property
    def asked_by(self) -> str:
        """The same, also where one of a group does."""
        return self.proxy or (self.assigned_proxyid if self.assigned_proxyid != "0" else "")

    @property
    def unasked(self) -> bool:
        """Whether it is the turn of a group of proxies none of which has it."""
        return not self.proxy and self.proxy_groupid not in ("", "0") and not self.asked_by

    def stock(self, field: str) -> str:
        """A field of its inventory."""
        return self.inventory.get(field, "").strip() if isinstance(self.inventory, dict) else ""


class Acknowledge(Struct, frozen=True):
    """Something that somebody did about a problem."""

    userid: str = "0"
    clock: str = "0"
    message: str = ""
    action: str = "0"

    def did(self, bit: int) -> bool:
        return bool((whole(self.action) or 0) & bit)


class Suppression(Struct, frozen=True):
    maintenanceid: str = "0"
    """0 when somebody suppressed it by hand."""
    suppress_until: str = "0"
    """0 is without an end."""
    userid: str = "0"


class Problem(Struct, frozen=True):
    eventid: str
    objectid: str
    clock: str = "0"
    name: str = ""
    acknowledged: str = "0"
    severity: str = "0"
    opdata: str = ""
    suppressed: str = "0"
    cause_eventid: str = "0"
    acknowledges: tuple[Acknowledge, ...] = ()
    suppression_data: tuple[Suppression, ...] = ()


class HostId(Struct, frozen=True):
    hostid: str


class Item(Struct, frozen=True):
    itemid: str
    hostid: str = ""
    key_: str = ""
    type: str = "0"
    status: str = "0"
    value_type: str = "4"
    """0 float, 1 characters, 2 log, 3 whole number, 4 text, 5 binary."""
    units: str = ""
    delay: str = ""
    lastvalue: str = ""
    lastclock: str = "0"
    master_itemid: str = "0"

    @property
    def numeric(self) -> bool:
        return self.value_type in ("0", "3")


class TriggerId(Struct, frozen=True):
    triggerid: str


class Trigger(Struct, frozen=True):
    triggerid: str
    description: str = ""
    """Its name with the macros in it."""
    expression: str = ""
    """With the values of its macros."""
    manual_close: str = "0"
    hosts: tuple[HostId, ...] = ()
    items: tuple[Item, ...] = ()
    dependencies: tuple[TriggerId, ...] = ()


class Proxy(Struct, frozen=True):
    proxyid: str
    host: str = ""
    name: str = ""
    lastaccess: str = "0"
    state: str = "0"
    """From 7.0: 0 unknown, 1 offline, 2 online."""

    @property
    def called(self) -> str:
        return self.name or self.host


class User(Struct, frozen=True):
    userid: str
    username: str = ""
    name: str = ""
    surname: str = ""


class Maintenance(Struct, frozen=True):
    maintenanceid: str
    name: str = ""
    description: str = ""
    active_since: str = "0"
    active_till: str = "0"
    hosts: tuple[HostId, ...] = ()

    @property
    def alone(self) -> str:
        """The one host that it is for; empty where there are more."""
        return self.hosts[0].hostid if len(self.hosts) == 1 else ""


class Script(Struct, frozen=True):
    scriptid: str
    name: str = ""
    command: str = ""
    description: str = ""
    confirmation: str = ""
    type: str = "0"
    """0 script, 1 IPMI, 2 SSH, 3 Telnet, 5 webhook, 6 URL."""
    execute_on: str = "2"
    scope: str = "2"
    groupid: str = "0"
    host_access: str = "2"
    """2 read, 3 write."""
    menu_path: str = ""
    hosts: tuple[HostId, ...] = ()
    manualinput: str = "0"
    manualinput_prompt: str = ""
    manualinput_validator: str = ""
    manualinput_validator_type: str = "0"
    """0 regular expression, 1 list of values."""
    manualinput_default_value: str = ""


class Value(Struct, frozen=True):
    """Of a history."""

    clock: str
    value: str


class Average(Struct, frozen=True):
    """Of an hour."""

    clock: str
    value_avg: str


Record = TypeVar("Record", bound=Struct)

_INSIDE: Final[Mapping[type[Struct], Mapping[str, type[Struct]]]] = {
    Host: {"interfaces": Interface, "groups": Named, "hostgroups": Named, "tags": Tag},
    Problem: {"acknowledges": Acknowledge, "suppression_data": Suppression},
    Trigger: {"hosts": HostId, "items": Item, "dependencies": TriggerId},
    Maintenance: {"hosts": HostId},
    Script: {"hosts": HostId},
}
"""Lists in records, of which one spoiled entry costs no other."""


def understood(raws: Iterable[msgspec.Raw], kind: type[Record]) -> tuple[list[Record], int]:
    """The records that are a `kind`, and how many were set aside, those inside of records included."""
    return finished(understanding(raws, kind))


def understanding(raws: Iterable[msgspec.Raw], kind: type[Record]) -> Steps[tuple[list[Record], int]]:
    """`understood` in steps."""
    return each_in_steps(raws, kind, lambda raw: _mended(raw, kind))


def _mended(raw: msgspec.Raw, kind: type[Record]) -> tuple[Record | None, int]:
    """The record without the spoiled entries of its lists, and the number of things that were lost."""
    try:
        record = msgspec.json.decode(raw)
    except (msgspec.DecodeError, ValueError, RecursionError):
        return None, 1
    lost = 0
    if isinstance(record, dict):
        for key, inner in _INSIDE.get(kind, {}).items():
            entries = record.get(key)
            if isinstance(entries, list):
                record[key] = [entry for entry in entries if _fits(entry, inner)]
                lost += len(entries) - len(record[key])
    try:
        return msgspec.convert(record, kind), lost
    except (msgspec.ValidationError, ValueError, RecursionError):
        return None, lost + 1


def _fits(entry: object, kind: type[Struct]) -> bool:
    try:
        msgspec.convert(entry, kind)
    except (msgspec.ValidationError, ValueError, RecursionError):
        return False
    return True


def whole(text: str) -> int | None:
    """A whole number of sane size; None for anything else."""
    return int(text) if text.isascii() and text.isdigit() and len(text) <= 18 else None


def moment(text: str, skew_s: float) -> datetime | None:
    """Seconds since 1970 by its clock as a time by ours; None for 0 and for what is no time."""
    seconds = whole(text)
    if not seconds:
        return None
    try:
        when = datetime.fromtimestamp(seconds, UTC) - timedelta(seconds=skew_s)
    except (OverflowError, OSError, ValueError):
        return None
    return when if when < _LATEST else None


def number(text: str) -> float | None:
    """A finite number; None for anything else."""
    try:
        found = float(text) if text.isascii() and "_" not in text else None
    except ValueError:
        return None
    return found if found is not None and abs(found) < float("inf") else None
