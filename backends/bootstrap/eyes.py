"""Who looks when a second opinion is asked for. What it takes is loaded when the first one is."""

from __future__ import annotations

from backends.desk.opinions import Prober
from backends.fleet.addresses import Address
from backends.fleet.model import Device
from backends.fleet.opinion import Glimpse


class Eyes:
    """Our own probe; in a demo one that sends nothing."""

    def __init__(self, *, imaginary: bool) -> None:
        self._imaginary = imaginary
        self._open: Prober | None = None

    async def addresses(self, device: Device, name: str) -> tuple[Address, ...]:
        return await self._prober().addresses(device, name)

    async def look(self, device: Device, address: Address, ports: tuple[int, ...]) -> tuple[Glimpse, ...]:
        return await self._prober().look(device, address, ports)

    async def close(self) -> None:
        if self._open is not None:
            await self._open.close()

    def _prober(self) -> Prober:
        if self._open is None:
            self._open = _imaginary() if self._imaginary else _real()
        return self._open


def _real() -> Prober:
    from backends.adapters.probe.outlook import Outlook  # noqa: PLC0415 - see above

    return Outlook()


def _imaginary() -> Prober:
    from backends.adapters.demo.outlook import ImaginaryOutlook  # noqa: PLC0415 - see above

    return ImaginaryOutlook()
