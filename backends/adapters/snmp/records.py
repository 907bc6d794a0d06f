"""What a look found, as facts."""

from __future__ import annotations

from datetime import datetime

from msgspec import Struct

from backends.adapters.snmp.session import Index


class System(Struct, frozen=True, kw_only=True):
    descr: str = ""
    object: str = ""
    ticks: int | None = None
    """sysUpTime: hundredths of a second since the agent began, 2^32 at most."""
    up_s: float | None = None
    """Since the device booted, as far as it tells."""
    name: str = ""
    location: str = ""


class Traits(Struct, frozen=True, kw_only=True):
    """What hardly ever changes, and tells what kind of device this is."""

    bridge_ports: int = 0
    interfaces: int = 0
    printer: bool = False
    ups: bool = False
    ups_model: str = ""
    storage: bool = False
    serials: tuple[str, ...] = ()
    """The best one first."""


class Port(Struct, frozen=True, kw_only=True):
    """An interface."""

    index: int
    name: str
    """For people, and unique on its device."""
    descr: str = ""
    alias: str = ""
    type: int = 0
    mac: str = ""
    speed: float = 0.0
    """In bit/s; 0 where it is not told."""
    on: bool = True
    """Switched on by the administrator."""
    oper: int = 4
    """1 up, 2 down, 3 testing, 4 unknown, 5 dormant, 6 not present, 7 the one below is down."""
    received: int | None = None
    sent: int | None = None
    """Octets."""
    wide: bool = False
    """They are counted with 64 bits."""
    errors: int | None = None
    """In both directions, each with 32 bits."""
    changed: int = 0
    """When it came to be as it is, by the agent's clock; 0 is before that began."""
    broken: int = 0
    """When the counters were last interrupted, by the agent's clock."""


class Store(Struct, frozen=True, kw_only=True):
    type: str
    """The last number of hrStorageTypes; empty for another one."""
    name: str
    size: int
    used: int
    """Bytes."""


class Supply(Struct, frozen=True, kw_only=True):
    index: Index
    name: str
    waste: bool
    """It fills up, and is not used up."""
    unit: int
    most: int
    level: int
    """What is left (of a waste box: the room that is left); -1 other, -2 unknown, -3 some."""


class Alert(Struct, frozen=True, kw_only=True):
    severity: int
    """1 other, 3 critical, 4 warning, 5 a warning that ends by itself."""
    group: int
    group_index: int
    code: int
    text: str


class Printer(Struct, frozen=True, kw_only=True):
    errors: frozenset[int] = frozenset()
    """Bits of hrPrinterDetectedErrorState, 0 is the first."""
    supplies: tuple[Supply, ...] = ()
    alerts: tuple[Alert, ...] = ()


class Ups(Struct, frozen=True, kw_only=True):
    status: int | None = None
    """Of the battery: 1 unknown, 2 normal, 3 low, 4 depleted."""
    on_battery_s: int | None = None
    minutes: int | None = None
    charge: int | None = None
    celsius: int | None = None
    source: int | None = None
    """Of the output: 2 none, 3 mains, 4 bypass, 5 battery, 6 booster, 7 reducer."""
    load: int | None = None
    alarms: tuple[int, ...] = ()
    """Numbers of well-known alarms."""


class Found(Struct, frozen=True, kw_only=True):
    """All that one look found. None where it was not asked, or not answered in time."""

    at: datetime
    took_s: float
    clock_s: float
    """When the counters of interfaces were read, in seconds of our clock."""
    system: System
    traits: Traits
    ports: tuple[Port, ...] | None = None
    stores: tuple[Store, ...] | None = None
    printer: Printer | None = None
    ups: Ups | None = None
    cut: tuple[str, ...] = ()
    """Tables that have more rows than were read."""
    unread: tuple[str, ...] = ()
    """What the time did not suffice for, or the agent refused."""
