"""Maintenances that rounds made and that the server has not put into force yet; before 6.2 only.

`zabbix_server` goes through them at every full minute, by a copy of the configuration that is a minute old at most
unless it is set otherwise (`CacheUpdateFrequency`). Until then nothing that problems or hosts tell shows them: without
a look at the maintenances themselves, each would seem to have been taken back.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from datetime import datetime
from typing import Final

import msgspec

from backends.adapters.zabbix.records import Maintenance, moment
from backends.adapters.zabbix.session import Refusal, Session
from backends.api import Check, FaultKind, Handling, Reading, Timing, safe
from backends.fleet.model import CheckState, SafeText

MARK: Final = "rounds"
"""In everything that we write there."""
AWAITED_S: Final = 180.0
"""So long one may take: a minute for the copy, one for the next full minute, and one for a server that is busy."""


def of_host(native: str) -> str:
    """With which the names of all our maintenances of a host begin."""
    return f"{MARK} {native}/"


def prefix(native: str, key: str) -> str:
    """By which our maintenances of one condition are found again, also when the condition is over."""
    return f"{of_host(native)}{hashlib.sha256(key.encode('utf-8', 'replace')).hexdigest()[:8]}"


class Begun:
    """Looks for them for a while: after one was made, and from the start on, when one may have been made before."""

    def __init__(self, session: Session, timing: Timing) -> None:
        self._session = session
        self._timing = timing
        self._until = timing.boot_s() + AWAITED_S

    def made(self) -> None:
        """One was, just now."""
        self._until = self._timing.boot_s() + AWAITED_S

    async def over(self, reading: Reading) -> Reading:
        """The reading with their conditions at rest. Raises `SourceError`."""
        if self._timing.boot_s() >= self._until:
            return reading
        asked = {
            "output": ["maintenanceid", "name", "description", "active_since", "active_till"],
            "selectHosts": ["hostid"],
            "search": {"name": f"{MARK} "},
            "startSearch": True,
        }
        try:
            found, _ = await self._session.records("maintenance.get", asked, Maintenance)
        except Refusal as refusal:
            if refusal.kind is FaultKind.CREDENTIALS:
                raise
            return reading
        return resting(reading, found, self._session.skew_s or 0.0)


def whose(maintenance: Maintenance) -> SafeText:
    """Who put hosts to rest with it: the technician where it is one of ours, else what it is called."""
    by, ours, _ = maintenance.description.partition(f" ({MARK})")
    return safe(by if ours and maintenance.name.startswith(f"{MARK} ") else maintenance.name)


def still(left: Sequence[Maintenance], now: datetime, skew_s: float) -> str:
    """What keeps a host in maintenance when one of them was ended; empty when none of those that are left does."""
    ends = {one: until for one in left if (until := moment(one.active_till, skew_s)) is not None and until > now}
    if not ends:
        return ""
    by = ", ".join(dict.fromkeys(map(whose, ends)))
    which = "another snooze" if len(ends) == 1 else f"{len(ends)} other snoozes"
    until = max(ends.values())
    return f"stays in the maintenance of {which} of it ({by}) until {until:%Y-%m-%d %H:%M} UTC: wake that, too"


def resting(reading: Reading, found: Sequence[Maintenance], skew_s: float) -> Reading:
    """Pure. One that is not for exactly the host that it is named after is somebody else's."""
    begun: dict[str, Handling] = {}
    for one in found:
        since, until = moment(one.active_since, skew_s), moment(one.active_till, skew_s)
        name = " ".join(one.name.split(" ", 2)[:2])
        alone = [f"{MARK} {host.hostid}" for host in one.hosts] == [name.partition("/")[0]]
        if alone and since is not None and until is not None and since <= reading.at < until:
            text = one.description.partition(f" ({MARK}): ")[2]
            begun[name] = Handling(quiet=True, quiet_until=until, quiet_by=whose(one), text=safe(text))
    if not begun:
        return reading
    return msgspec.structs.replace(reading, checks=tuple(_at_rest(check, begun) for check in reading.checks))


def _at_rest(check: Check, begun: dict[str, Handling]) -> Check:
    known = check.handling or Handling()
    if check.state is CheckState.OK or known.quiet:
        return check
    rest = begun.get(prefix(check.native, check.key))
    if rest is None:
        return check
    handling = msgspec.structs.replace(
        known, quiet=True, quiet_until=rest.quiet_until, quiet_by=rest.quiet_by, text=known.text or rest.text
    )
    return msgspec.structs.replace(check, handling=handling)
