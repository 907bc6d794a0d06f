"""One look at one agent: what is asked, and what of it need not be asked again the next time."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Final

from msgspec import Struct, field

from backends.adapters.snmp import mib
from backends.adapters.snmp.ber import Oid
from backends.adapters.snmp.parse import ports_of, printer_of, stores_of, system_of, traits_of, ups_of
from backends.adapters.snmp.records import (
    Found,
    Port,
    Printer,
    Store,
    System,
    Traits,
    Ups,
)
from backends.adapters.snmp.session import Index, Refusal, Row, Session, Table
from backends.api import Timing

AGAIN_S: Final = 1800.0
"""For so long names, types, addresses and serial numbers are not asked for again."""
ENTITIES: Final = 64
"""Rows of ENTITY-MIB that are searched for the chassis: it is among the first."""
SUPPLIES: Final = 64
_FEW: Final = 16


class Known(Struct):
    """What an earlier look found that hardly ever changes."""

    traits: Traits
    at_s: float
    ticks: int | None
    ports: dict[Index, Row] = {}
    counters: Mapping[str, Oid] = field(default_factory=lambda: mib.PORTS_NOW)
    """What is worth asking of its interfaces."""
    stores: dict[Index, Row] = {}

    def stands(self, system: System, now_s: float) -> bool:
        """Not for ever, and not beyond a restart of the agent."""
        again = system.ticks is None or self.ticks is None or system.ticks < self.ticks
        return not again and now_s - self.at_s < AGAIN_S


class Looker:
    """Looks at one agent again and again; the session is another one each time."""

    def __init__(self, timing: Timing, rows: int) -> None:
        self._timing = timing
        self._rows = rows
        self._known: Known | None = None

    async def look(self, session: Session, asked: datetime) -> Found:
        """Raises what the session raises where the agent tells nothing at all; what it leaves out later is unread."""
        system = system_of(await session.get(mib.SYSTEM))
        known = self._known
        if known is None or not known.stands(system, self._timing.boot_s()):
            known = Known(await _traits(session), self._timing.boot_s(), system.ticks)
        known.ticks = system.ticks
        answers = _Answers(session, known, self._rows)
        ports = await answers.ports() if known.traits.interfaces or known.traits.bridge_ports else ()
        clock_s = self._timing.boot_s()
        stores = await answers.stores() if known.traits.storage else None
        printer = await answers.printer() if known.traits.printer else None
        ups = await answers.ups() if known.traits.ups else None
        self._known = known
        now = self._timing.now()
        return Found(
            at=now,
            took_s=(now - asked).total_seconds(),
            clock_s=clock_s,
            system=system,
            traits=known.traits,
            ports=ports,
            stores=stores,
            printer=printer,
            ups=ups,
            cut=tuple(answers.cut),
            unread=tuple(answers.unread),
        )

    def forget(self) -> None:
        """Somebody else may answer there the next time."""
        self._known = None


async def _traits(session: Session) -> Traits:
    row = await session.get(mib.KINDS)
    printers = await _small(session, mib.PRINTERS, _FEW)
    storage = await _small(session, {"type": mib.STORES_FIXED["type"]}, 1)
    entities = await _small(session, mib.ENTITIES, ENTITIES)
    return traits_of(row, printers, entities, storage=bool(storage))


async def _small(session: Session, columns: Mapping[str, Oid], most: int) -> dict[Index, Row]:
    """The rows of a table that may not be there. Raises `TimeoutError`: half of it would be taken for all there is."""
    try:
        table = await session.table(columns, most)
    except Refusal:
        return {}
    if table.late:
        raise TimeoutError
    return table.rows


class _Answers:
    """The tables of one look, and which of them are not whole."""

    def __init__(self, session: Session, known: Known, rows: int) -> None:
        self._session = session
        self._known = known
        self._rows = rows
        self.cut: list[str] = []
        self.unread: list[str] = []

    async def ports(self) -> tuple[Port, ...] | None:
        now = await self._rows_of("interfaces", self._known.counters)
        if now is None:
            return None
        if not now.keys() <= self._known.ports.keys():
            fixed = await self._rows_of("names of interfaces", mib.PORTS_FIXED)
            if fixed is None:
                return None  # under other names they would be other interfaces
            self._known.ports = {index: fixed.get(index, {}) for index in now}
            self._known.counters = _worth(now)
        return ports_of(self._known.ports, now)

    async def stores(self) -> tuple[Store, ...] | None:
        now = await self._rows_of("storage", mib.STORES_NOW)
        if now is None:
            return None
        if not now.keys() <= self._known.stores.keys():
            fixed = await self._rows_of("names of storage", mib.STORES_FIXED)
            if fixed is None:
                return None
            self._known.stores = {index: fixed.get(index, {}) for index in now}
        return stores_of(self._known.stores, now)

    async def printer(self) -> Printer | None:
        states = await self._rows_of("printer", mib.PRINTER, _FEW)
        supplies = await self._rows_of("supplies", mib.SUPPLIES, SUPPLIES)
        alerts = await self._rows_of("printer alerts", mib.ALERTS, SUPPLIES)
        if states is None or supplies is None or alerts is None:
            return None
        return printer_of(states, supplies, alerts)

    async def ups(self) -> Ups | None:
        try:
            row = await self._session.get(mib.UPS)
        except (TimeoutError, Refusal):
            self.unread.append("battery")
            return None
        loads = await self._rows_of("load", mib.UPS_LOADS, _FEW)
        alarms = await self._rows_of("alarms", mib.UPS_ALARM_ROWS, SUPPLIES)
        return None if loads is None or alarms is None else ups_of(row, loads, alarms)

    async def _rows_of(self, name: str, columns: Mapping[str, Oid], most: int = 0) -> dict[Index, Row] | None:
        """The rows of a table; None where they did not all come in time. Once one did not, the next is not begun."""
        if self.unread:
            self.unread.append(name)
            return None
        try:
            table = await self._session.table(columns, most or self._rows)
        except Refusal:
            table = Table(late=True)
        if table.late:
            self.unread.append(name)
            return None
        if table.cut:
            self.cut.append(name)
        return table.rows


def _worth(rows: Mapping[Index, Row]) -> Mapping[str, Oid]:
    """Columns that this agent has; of octets those of 64 bits, where it has them for all."""
    there = {name for row in rows.values() for name in row}
    if rows and all("wide_in" in row and "wide_out" in row for row in rows.values()):
        there -= set(mib.NARROW)
    return {name: column for name, column in mib.PORTS_NOW.items() if name in there}
