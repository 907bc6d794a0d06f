"""Sources that play a fault, each with a small office of its own: what a technician meets on a bad day."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

from backends.adapters.demo.moment import Moment
from backends.adapters.demo.options import DemoSettings
from backends.adapters.demo.sources import FAULTS
from backends.adapters.demo.when import Calendar
from backends.api import (
    Check,
    ClientId,
    FaultKind,
    Identity,
    Reading,
    Sighting,
    SiteId,
    SourceError,
    SourceName,
    SourceSettings,
    safe,
)
from backends.fleet.model import CheckState, Health

SLOW_S: Final = 12.0
FOR_EVER_S: Final = 86_400.0
AHEAD: Final = timedelta(seconds=247)
"""How far the clock of `clock` is ahead."""
DEVICES: Final = 6


class FaultySource:
    """Plays the fault that its option names: see `docs/sources/demo.md`."""

    def __init__(self, settings: SourceSettings, options: DemoSettings) -> None:
        self.name = settings.name
        self._timing = settings.timing
        self._calendar = Calendar(settings, options)
        self._fault = options.fault
        self._polls = 0

    async def poll(self) -> Reading:
        self._polls += 1
        if self._fault == "silent":
            await self._timing.sleep(FOR_EVER_S)
        if self._fault == "refused":
            raise SourceError(FaultKind.REFUSED, f"{self.name} refused the connection: is its service running?")
        if self._fault == "slow":
            await self._timing.sleep(SLOW_S)
        if self._fault == "flapping" and self._polls % 2 == 0:
            raise SourceError(FaultKind.SERVER, f"{self.name} answered 502 Bad Gateway.", retry_after_s=5.0)
        if self._fault == "garbage" and self._polls % 3 == 0:
            raise SourceError(FaultKind.PROTOCOL, f"{self.name} sent something that is no JSON (byte 1: `<`).")
        return self._reading()

    async def close(self) -> None:
        """There is nothing to let go of."""

    def _reading(self) -> Reading:
        at = self._calendar.moment()
        count = 0 if self._fault == "empty" and self._polls > 1 else DEVICES
        pairs = [self._device(index, at) for index in range(count)]
        note = ""
        if self._fault == "clock":
            note = f"Its clock is {AHEAD.total_seconds() / 60:.0f} min ahead of ours."
        return Reading(
            source=SourceName(self.name),
            at=at.now,
            sightings=tuple(sighting for sighting, _ in pairs),
            checks=tuple(check for _, check in pairs),
            quarantined=37 if self._fault == "garbage" else 0,
            note=safe(note),
        )

    def _device(self, index: int, at: Moment) -> tuple[Sighting, Check]:
        client, name, serial = "fault-lab", f"{self._fault}-{index + 1}", f"{self._fault.upper()}{index:05}"
        if self._fault == "identity":
            client, name, serial = _doubtful(index, self._polls, name, serial)
        when = at.now + AHEAD if self._fault == "clock" else at.now
        source, native = SourceName(self.name), f"{self._fault}-{index + 1}"
        sighting = Sighting(
            source=source,
            native=native,
            client=ClientId(client),
            client_name=safe(client.replace("-", " ").title()),
            site=SiteId(f"{client}/{self._fault}"),
            site_name=safe(self._fault.title()),
            name=safe(name),
            platform="linux",
            address=safe(f"10.250.{FAULTS.index(self._fault)}.{index + 1}"),
            health=Health.OK,
            boot_id=f"boot-{serial}",
            identity=Identity(serial=serial),
            seen=when,
        )
        return sighting, self._disk(source, native, when, bad=index == 0)

    def _disk(self, source: SourceName, native: str, when: datetime, *, bad: bool) -> Check:
        """The value of the bad one trembles from poll to poll: one condition, and a snooze has to hold."""
        full = 91.0 + self._polls % 3 / 10 if bad else 40.0
        return Check(
            source=source,
            native=native,
            family="disk",
            subject="/",
            label=safe("Disk /"),
            state=CheckState.WARNING if bad else CheckState.OK,
            summary=safe(f"Disk / is {full:.1f} % full" if bad else ""),
            value=full,
            unit="%",
            warn=85.0,
            crit=95.0,
            since=when if self._fault == "clock" and bad else None,
            seen=when,
        )


def _doubtful(index: int, poll: int, name: str, serial: str) -> tuple[str, str, str]:
    """Client, name and serial of machines that are easily taken for one another, or for themselves of yesterday."""
    client = f"fault-lab-{index % 2 + 1}"
    if index in (0, 1):
        return client, "sql01", "TWIN-0001"  # the same name and serial at two clients: never one device
    if index == 2 and poll > 3:
        return client, "renamed", serial
    if index == 3 and poll > 5:
        return client, "replaced", f"{serial}-NEW"  # another machine under the old native id
    if index in (4, 5):
        return "fault-lab-1", ("app01", "арр01")[index - 4], serial  # look-alikes
    return client, name, serial
