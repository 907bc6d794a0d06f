"""The second opinion on any device: a few pings, the ports that such a device has, and its name. Sends nothing else."""

from __future__ import annotations

import asyncio
import os
from typing import Final

from backends.adapters.probe.named import addresses_of
from backends.adapters.probe.ping import echoes
from backends.adapters.probe.pinger import NoPing, Pinger
from backends.adapters.probe.tcp import knock
from backends.api import SourceError, safe
from backends.fleet.addresses import Address, as_address, is_host_name
from backends.fleet.model import Device
from backends.fleet.opinion import Glimpse, Seen

ECHO_S: Final = 1.0
PORT_S: Final = 3.0
NAME_S: Final = 3.0


class Outlook:
    """Our own eyes. The socket for pings is opened at the first of them."""

    def __init__(self) -> None:
        self._pinger = Pinger()

    async def addresses(self, device: Device, name: str) -> tuple[Address, ...]:  # noqa: ARG002 - all names are asked for alike
        return await _resolved(name)

    async def look(self, device: Device, address: Address, ports: tuple[int, ...]) -> tuple[Glimpse, ...]:
        named = [_name(device.name, address)] if _is_name(device.name) else []
        return tuple(await asyncio.gather(self._ping(address), *(_port(address, port) for port in ports), *named))

    async def close(self) -> None:
        self._pinger.close()

    async def _ping(self, address: Address) -> Glimpse:
        try:
            answers = await echoes(self._pinger, address, ECHO_S)
        except NoPing as error:
            return Glimpse(kind="ping", what=safe("pings"), seen=Seen.UNTRIED, sentence=safe(str(error), 400))
        except OSError as error:
            reason = safe(os.strerror(error.errno or 0))
            return Glimpse(kind="ping", what=safe("1 ping"), seen=Seen.SILENT, sentence=reason)
        what = safe(f"{len(answers)} ping{'s' if len(answers) > 1 else ''}")
        seen = Seen.SILENT if answers[-1] is None else Seen.ANSWERED
        lost = sum(1 for ms in answers if ms is None)
        said = f"{lost} lost before" if lost and seen is Seen.ANSWERED else ""
        return Glimpse(kind="ping", what=what, seen=seen, ms=answers[-1], sentence=safe(said))


async def _name(name: str, address: Address) -> Glimpse:
    what = safe(f"the name {name}", 90)
    found = await _resolved(name)
    if not found:
        return Glimpse(kind="dns", what=what, seen=Seen.SAID, sentence=safe("is not known to the resolver here"))
    told = ", ".join(map(str, found[:4]))
    fits = "" if address in found else f", and not {address}"
    return Glimpse(kind="dns", what=what, seen=Seen.SAID, sentence=safe(f"is {told} here{fits}", 200))


async def _resolved(name: str) -> tuple[Address, ...]:
    try:
        return await addresses_of(name, NAME_S)
    except SourceError:
        return ()


async def _port(address: Address, port: int) -> Glimpse:
    what = safe(f"tcp {port}")
    try:
        told = await knock(address, port, PORT_S)
    except OSError as error:
        return Glimpse(kind="tcp", what=what, seen=Seen.UNTRIED, sentence=safe(f"no socket here ({error.strerror})"))
    if told.refused:
        return Glimpse(kind="tcp", what=what, seen=Seen.REFUSED, ms=told.ms)
    if told.ms is None:
        return Glimpse(kind="tcp", what=what, seen=Seen.SILENT, sentence=safe(told.reason))
    return Glimpse(kind="tcp", what=what, seen=Seen.ANSWERED, ms=told.ms)


def _is_name(name: str) -> bool:
    return is_host_name(name) and as_address(name) is None
