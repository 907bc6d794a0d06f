"""Variables made into facts. Nothing here raises: what is no fact is left out. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Final

from backends.adapters.snmp import mib
from backends.adapters.snmp.records import Alert, Port, Printer, Store, Supply, System, Traits, Ups
from backends.adapters.snmp.session import Index, Row

_TWO_31: Final = 1 << 31
_RECEPTACLE: Final = 4
_WASTE: Final = frozenset((4, 8, 14, 24, 26))
"""prtMarkerSuppliesType: waste toner, ink, wax, water, paper."""


def text(row: Mapping[str, object], key: str) -> str:
    """UTF-8 where it is that, else Latin-1, which old agents write; without the zero byte that some put at the end."""
    value = row.get(key)
    if isinstance(value, str):
        return value
    if not isinstance(value, bytes):
        return ""
    value = value[:1024].rstrip(b"\0")
    try:
        return value.decode("utf-8").strip()
    except UnicodeDecodeError:
        return value.decode("latin-1").strip()


def number(row: Mapping[str, object], key: str) -> int | None:
    value = row.get(key)
    return value if isinstance(value, int) else None


def _whole(row: Mapping[str, object], key: str, default: int = 0) -> int:
    value = number(row, key)
    return default if value is None else value


def system_of(row: Row) -> System:
    ticks, host = number(row, "up"), number(row, "host_up")
    engine = number(row, "engine_up")
    up_s = None if ticks is None else ticks / 100
    if ticks is not None and engine is not None and engine * 100 > ticks and (engine * 100 - ticks) >= 1 << 32:
        up_s = float(engine)  # sysUpTime began anew after 497 days
    if host is not None and (up_s is None or host / 100 > up_s):
        up_s = host / 100
    return System(
        descr=text(row, "descr"),
        object=text(row, "object"),
        ticks=ticks,
        up_s=up_s,
        name=text(row, "name"),
        location=text(row, "location"),
    )


def traits_of(row: Row, printers: Mapping[Index, Row], entities: Mapping[Index, Row], *, storage: bool) -> Traits:
    return Traits(
        bridge_ports=max(0, _whole(row, "bridge_ports")),
        interfaces=max(0, _whole(row, "interfaces")),
        printer=bool(printers),
        ups="ups" in row,
        ups_model=text(row, "ups_model"),
        storage=storage,
        serials=tuple(_serials(printers, entities)),
    )


def _serials(printers: Mapping[Index, Row], entities: Mapping[Index, Row]) -> Iterable[str]:
    """Of the stack, of the chassis, of the printer. A module's own is not the device's."""
    for wanted in (11, 3):
        for _, entity in sorted(entities.items()):
            if number(entity, "class") == wanted and (serial := text(entity, "serial")):
                yield serial
    yield from (serial for _, row in sorted(printers.items()) if (serial := text(row, "serial")))


def ports_of(fixed: Mapping[Index, Row], now: Mapping[Index, Row]) -> tuple[Port, ...]:
    names: dict[str, Index] = {}
    ports: list[Port] = []
    for index, row in sorted(now.items()):
        if len(index) != 1 or "oper" not in row:
            continue
        told = fixed.get(index, {})
        name = text(told, "name") or text(told, "descr") or f"port {index[0]}"
        if names.setdefault(name, index) != index:
            name = f"{name} #{index[0]}"
        ports.append(_port(index[0], name, told, row))
    return tuple(ports)


def _port(index: int, name: str, told: Row, row: Row) -> Port:
    wide = "wide_in" in row and "wide_out" in row
    speed = float(_whole(told, "high_speed")) * 1e6
    low = _whole(told, "speed")
    errors = [count for key in ("in_errors", "out_errors") if (count := number(row, key)) is not None]
    mac = told.get("mac")
    return Port(
        index=index,
        name=name,
        descr=text(told, "descr"),
        alias=text(told, "alias"),
        type=_whole(told, "type"),
        mac=mac.hex(":") if isinstance(mac, bytes) and len(mac) == 6 else "",
        speed=speed or (0.0 if low >= 0xFFFFFFFF else float(low)),
        on=_whole(row, "admin", 1) == 1,
        oper=_whole(row, "oper", 4),
        received=number(row, "wide_in" if wide else "in"),
        sent=number(row, "wide_out" if wide else "out"),
        wide=wide,
        errors=sum(errors) if errors else None,
        changed=_whole(row, "changed"),
        broken=_whole(row, "broken"),
    )


def stores_of(fixed: Mapping[Index, Row], now: Mapping[Index, Row]) -> tuple[Store, ...]:
    stores: list[Store] = []
    for index, row in sorted(now.items()):
        told = fixed.get(index, {})
        unit, size, used = _whole(row, "unit"), _unsigned(row, "size"), _unsigned(row, "used")
        if size is None or used is None or unit <= 0 or not told:
            continue
        base, _, kind = text(told, "type").rpartition(".")
        stores.append(
            Store(
                type=kind if base == mib.STORAGE_TYPES else "",
                name=text(told, "descr"),
                size=size * unit,
                used=used * unit,
            )
        )
    return tuple(stores)


def _unsigned(row: Row, key: str) -> int | None:
    """Sizes are signed on the wire, and large ones overflow there: 2^31 and more come as negative numbers."""
    value = number(row, key)
    return value + 2 * _TWO_31 if value is not None and -_TWO_31 <= value < 0 else value


def printer_of(states: Mapping[Index, Row], supplies: Mapping[Index, Row], alerts: Mapping[Index, Row]) -> Printer:
    raw = [errors for row in states.values() if isinstance(errors := row.get("errors"), bytes)]
    return Printer(
        errors=frozenset(
            bit for one in raw for bit in range(min(len(one), 4) * 8) if one[bit // 8] & (0x80 >> bit % 8)
        ),
        supplies=tuple(
            Supply(
                index=index,
                name=text(one, "descr") or f"supply {'.'.join(map(str, index))}",
                waste=_whole(one, "class") == _RECEPTACLE or _whole(one, "type") in _WASTE,
                unit=_whole(one, "unit"),
                most=_whole(one, "most", -2),
                level=_whole(one, "level", -2),
            )
            for index, one in sorted(supplies.items())
            if "level" in one
        ),
        alerts=tuple(
            Alert(
                severity=_whole(one, "severity", 1),
                group=_whole(one, "group"),
                group_index=_whole(one, "group_index"),
                code=_whole(one, "code"),
                text=text(one, "descr"),
            )
            for _, one in sorted(alerts.items())
        ),
    )


def ups_of(row: Row, loads: Mapping[Index, Row], alarms: Mapping[Index, Row]) -> Ups:
    told = [load for one in loads.values() if (load := number(one, "load")) is not None]
    known = []
    for _, one in sorted(alarms.items()):
        base, _, alarm = text(one, "what").rpartition(".")
        if base == mib.UPS_ALARMS and alarm.isdecimal():
            known.append(int(alarm))
    return Ups(
        status=number(row, "status"),
        on_battery_s=number(row, "on_battery_s"),
        minutes=number(row, "minutes"),
        charge=number(row, "charge"),
        celsius=number(row, "celsius"),
        source=number(row, "source"),
        load=max(told, default=None),
        alarms=tuple(dict.fromkeys(known)),
    )
