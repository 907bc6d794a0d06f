"""Items that tell by themselves that hosts answer, and that the server is at work at all.

The web page answers from the database whatever has become of `zabbix_server`: only new values show that it lives.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import Final

from msgspec import Struct

from backends.adapters.zabbix.records import Host, Item, moment, whole

PULSES: Final = 20
SAMPLE: Final = 100
"""Hosts that answer among whose items those are looked for."""
PULSE_DELAY_S: Final = 60.0
"""Items that are asked at least so often tell whether the server is at work."""
LIFELESS_S: Final = 150.0
"""With no new value of any of them for so long, it is not."""
_PING: Final = re.compile(r"icmpping(?:\[.*\])?", re.DOTALL)
_DELAY: Final = re.compile(r"(\d{1,6})([smhd]?)(?:;.*)?", re.DOTALL)
_UNIT_S: Final = {"": 1, "s": 1, "m": 60, "h": 3600, "d": 86400}


class Pulse(Struct, frozen=True, kw_only=True):
    """The items that are listened to, with what they said last."""

    items: Mapping[str, Item] = {}
    awaited: bool = False
    """Whether there are some that ought to have values all the time."""

    @property
    def pings(self) -> dict[str, str]:
        """The item that pings a host, by host."""
        return {one.hostid: one.itemid for one in self.items.values() if _PING.fullmatch(one.key_)}

    def stopped(self, at: datetime, skew_s: float) -> datetime | None:
        """Since when there was no new value, where that is too long ago; else None."""
        told = [when for one in self.items.values() if (when := moment(one.lastclock, skew_s)) is not None]
        if not told:
            return at - timedelta(days=1) if self.awaited else None  # what is older is not told as a latest value
        return max(told) if at - max(told) >= timedelta(seconds=LIFELESS_S) else None


def listened_to(hosts: Mapping[str, Host]) -> list[str]:
    """Hosts whose items come into question: those whose availability is not known, and some that answer."""
    watched = [host for host in hosts.values() if not host.disabled]
    unknown = [host.hostid for host in watched if not available(host)]
    answering = sorted(host.hostid for host in watched if "1" in available(host))
    return unknown + answering[:: max(1, -(-len(answering) // SAMPLE))]


def pulse_of(found: Iterable[Item], hosts: Mapping[str, Host]) -> Pulse:
    """Of all items that come into question: pings of the hosts whose availability is not known otherwise, and the
    twenty that were heard of last."""
    items = list(found)
    pings = {item.hostid: item for item in items if _PING.fullmatch(item.key_) and item.hostid in hosts}
    kept = {item.itemid: item for name, item in pings.items() if not available(hosts[name])}
    often = [item for item in items if _often(item) and whole(item.lastclock)]
    often.sort(key=lambda item: (-(whole(item.lastclock) or 0), item.itemid))
    return Pulse(
        items={**kept, **{item.itemid: item for item in often[:PULSES]}},
        awaited=any(_ought_to_tell(item, hosts) for item in items),
    )


def _often(item: Item) -> bool:
    return 0 < delay_s(item.delay) <= PULSE_DELAY_S


def _ought_to_tell(item: Item, hosts: Mapping[str, Host]) -> bool:
    """Its host answers, and it is asked often."""
    return _often(item) and item.hostid in hosts and "1" in available(hosts[item.hostid])


def available(host: Host) -> tuple[str, ...]:
    """What is known of its interfaces: `1` and `2`, without those that are not known."""
    told = (*(interface.available for interface in host.interfaces), host.active_available)
    return tuple(one for one in told if one in ("1", "2"))


def delay_s(text: str) -> float:
    """Seconds between two values of an item; 0 where it is a macro or a schedule."""
    found = _DELAY.fullmatch(text)
    return float(int(found[1]) * _UNIT_S[found[2]]) if found else 0.0
