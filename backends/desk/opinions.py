"""Second opinions: one device looked at from this machine, now, and what came of it kept for a while.

Who looks is handed in (`Prober`): the desk knows no adapter. Only the device's own known address is looked at, and one
that would be another machine's is refused before anything is sent.
"""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import Callable
from datetime import timedelta
from typing import Final, Protocol

from backends.desk.aims import Aims
from backends.desk.protocol import DeskError, DeskErrorKind
from backends.engine.engine import Engine
from backends.fleet.addresses import Address, whereabouts, why_not
from backends.fleet.devices import word_of
from backends.fleet.model import Device, DeviceId, Freshness
from backends.fleet.opinion import Glimpse, Opinion, opinion_of, ports_of
from backends.text import safe

HERE: Final = frozenset({"local", "probe"})
"""Kinds of source that run on this machine and mean by an address what it means here."""
AT_ONCE: Final = 8
KEPT: Final = 500
FRESH: Final = timedelta(minutes=15)
"""For so long an opinion is worth showing."""
DEADLINE_S: Final = 15.0


class Prober(Protocol):
    """Looks at one device from this machine."""

    async def addresses(self, device: Device, name: str) -> tuple[Address, ...]:
        """What the device's name resolves to here; nothing where it is not known."""
        ...

    async def look(self, device: Device, address: Address, ports: tuple[int, ...]) -> tuple[Glimpse, ...]:
        """Ping it, try its ports, ask for its name, each within seconds. Raises nothing for what is wrong out
        there."""
        ...

    async def close(self) -> None: ...


class Opinions:
    """At most one look at a device at a time: who asks meanwhile gets the same one."""

    def __init__(self, engine: Engine, aims: Aims, prober: Prober) -> None:
        self._engine = engine
        self._aims = aims
        self._prober = prober
        self._places = asyncio.Semaphore(AT_ONCE)
        self._under_way: dict[DeviceId, asyncio.Task[Opinion]] = {}
        self._last: OrderedDict[DeviceId, Opinion] = OrderedDict()

    async def second_opinion(self, device: DeviceId) -> Opinion:
        """Raises `DeskError`: no such device, or an address that is not looked at."""
        task = self._under_way.get(device)
        if task is None:
            known = self._aims.device(device)
            task = asyncio.get_running_loop().create_task(self._looked(known))
            self._under_way[device] = task
            task.add_done_callback(self._over(device))
        return await asyncio.shield(task)

    def last(self, device: DeviceId) -> Opinion | None:
        """The last one, while it is worth showing."""
        found = self._last.get(device)
        return found if found is not None and self._engine.clock.now() - found.at <= FRESH else None

    async def close(self) -> None:
        for task in (tasks := tuple(self._under_way.values())):
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await self._prober.close()

    async def _looked(self, device: Device) -> Opinion:
        async with self._places:
            try:
                async with asyncio.timeout(DEADLINE_S):
                    opinion = await self._opinion(device)
            except TimeoutError:
                sentence = f"{device.name} could not be looked at within {DEADLINE_S:.0f} s; try again."
                raise DeskError(DeskErrorKind.UNAVAILABLE, sentence) from None
        self._last[device.id] = opinion
        self._last.move_to_end(device.id)
        while len(self._last) > KEPT:
            self._last.popitem(last=False)
        return opinion

    async def _opinion(self, device: Device) -> Opinion:
        here = self._is_here(device)
        address, name, port = await self._where(device, here=here)
        ports = ports_of(device)
        if port is not None and port not in ports:
            ports = (port, *ports)
        looks = await self._prober.look(device, address, ports)
        fleet = self._engine.fleet
        voices = [
            (told.standing.source, word_of(told))
            for told in fleet.told_of(device)
            if fleet.sources[told.standing.source].state in (Freshness.FRESH, Freshness.STALE)
        ]
        now = self._engine.clock.now()
        return opinion_of(device, voices, address, looks, name=name, here=here, at=now)

    async def _where(self, device: Device, *, here: bool) -> tuple[Address, str, int | None]:
        """The address to look at, the name that it was resolved from, and a port that it came with. Raises
        `DeskError(REFUSED)`."""
        if not device.address:
            raise _refused(f"No source tells an address of {device.name}: there is nothing to look at.")
        found = whereabouts(device.address)
        if found is None:
            raise _refused(f"“{safe(device.address, 60)}”, the address of {device.name}, is none: nothing was sent.")
        if found.address is not None:
            self._allowed(found.address, "", here=here)
            return found.address, "", found.port
        addresses = await self._prober.addresses(device, found.host)
        if not addresses:
            name = safe(found.host, 80)
            raise _refused(f"{name}, the address of {device.name}, is a name that is not known here; check the DNS.")
        self._allowed(addresses[0], found.host, here=here)
        return addresses[0], found.host, found.port

    def _allowed(self, address: Address, name: str, *, here: bool) -> None:
        if why := why_not(address, here=here):
            raise _refused(f"{safe(name, 80)} is {address} from here. {why}" if name else why)

    def _is_here(self, device: Device) -> bool:
        sources = self._engine.fleet.sources
        return all(source in sources and sources[source].kind in HERE for source in device.sources)

    def _over(self, device: DeviceId) -> Callable[[asyncio.Task[Opinion]], None]:
        def over(task: asyncio.Task[Opinion]) -> None:
            self._under_way.pop(device, None)
            if not task.cancelled():
                task.exception()  # it was told to whoever still waited

        return over


def _refused(sentence: str) -> DeskError:
    return DeskError(DeskErrorKind.REFUSED, sentence)
