"""The second opinion in the demo, whose devices are imaginary: nothing is sent anywhere, and what is down is silent."""

from __future__ import annotations

import ipaddress
from hashlib import blake2b

from backends.fleet.addresses import Address
from backends.fleet.model import Device, Health, safe
from backends.fleet.opinion import Glimpse, Seen


class ImaginaryOutlook:
    """Sees what the story says. Which ports answer, and how fast, is the device's own and never changes."""

    async def addresses(self, device: Device, name: str) -> tuple[Address, ...]:  # noqa: ARG002 - each has one of its own
        return (ipaddress.IPv4Address(f"192.0.2.{1 + _luck(device) % 250}"),)

    async def look(self, device: Device, address: Address, ports: tuple[int, ...]) -> tuple[Glimpse, ...]:  # noqa: ARG002
        luck = _luck(device)
        if device.health is Health.DOWN:
            pings = Glimpse(kind="ping", what=safe("3 pings"), seen=Seen.SILENT)
            return (pings, *(Glimpse(kind="tcp", what=safe(f"tcp {port}"), seen=Seen.SILENT) for port in ports))
        took_ms = 4.0 + luck % 400 / 10
        tries = [Glimpse(kind="ping", what=safe("1 ping"), seen=Seen.ANSWERED, ms=took_ms)]
        for number, port in enumerate(ports):
            seen = Seen.REFUSED if number and luck >> number & 1 else Seen.ANSWERED
            tries.append(Glimpse(kind="tcp", what=safe(f"tcp {port}"), seen=seen, ms=took_ms + number))
        return tuple(tries)

    async def close(self) -> None:
        """There is nothing to let go of."""


def _luck(device: Device) -> int:
    return int.from_bytes(blake2b(device.id.encode("utf-8", "replace"), digest_size=4).digest(), "big")
