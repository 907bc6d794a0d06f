"""Where a device may be looked for from here: its own address, checked, and never this machine in its place."""

from __future__ import annotations

import ipaddress
import re
from typing import Final

from msgspec import Struct

from backends.text import SafeText, safe

Address = ipaddress.IPv4Address | ipaddress.IPv6Address

_LABEL: Final = r"[A-Za-z0-9_](?:[A-Za-z0-9_-]{0,61}[A-Za-z0-9_])?"
_NAME: Final = re.compile(rf"{_LABEL}(?:\.{_LABEL}){{0,24}}\.?")
_WITH_PORT: Final = re.compile(
    r"(?:\[(?P<v6>[0-9A-Fa-f:.]{2,45})\]|(?P<host>[^:\[\]]{1,253}))(?::(?P<port>[0-9]{1,5}))?"
)


class Whereabouts(Struct, frozen=True):
    """What a source says where a device is, taken apart."""

    host: str
    """An IP address or a host name."""
    port: int | None = None

    @property
    def address(self) -> Address | None:
        """None where `host` is a name."""
        return as_address(self.host)


def whereabouts(text: str) -> Whereabouts | None:
    """`10.0.0.4`, `sql01.example`, `10.0.0.4:9100`, `[2001:db8::1]:22`, `2001:db8::1`; None for what is none of
    these."""
    if as_address(text) is not None:
        return Whereabouts(text)
    found = _WITH_PORT.fullmatch(text)
    if found is None:
        return None
    host = found["v6"] or found["host"] or ""
    port = int(found["port"]) if found["port"] else None
    if as_address(host) is None and not is_host_name(host):
        return None
    return None if port is not None and not 1 <= port <= 65535 else Whereabouts(host, port)


def as_address(text: str) -> Address | None:
    """`text` as an IP address without a zone; None when it is none."""
    try:
        found = ipaddress.ip_address(text)
    except ValueError:
        return None
    return None if "%" in text else found


def is_host_name(text: str) -> bool:
    """Whether a resolver can be asked for it. Digits and dots alone are a mistyped address."""
    return len(text) <= 253 and _NAME.fullmatch(text) is not None and not re.fullmatch(r"[0-9.]+", text)


def why_not(address: Address, *, here: bool) -> SafeText:
    """Why a device with this address is not looked for, in a sentence; empty when it can be. `here`: what said the
    address runs on this machine, so that the machine's own addresses are the device's."""
    told = getattr(address, "ipv4_mapped", None) or address
    if told.is_multicast or told == ipaddress.ip_address("255.255.255.255"):
        return safe(f"{address} is no single device's address: it goes to many at once, so nothing was sent there.")
    if told.is_unspecified or (told.version == 4 and (told.is_reserved or int(told) >> 24 == 0)):
        return safe(f"{address} is no device's address, so nothing was sent there.")
    if here:
        return SafeText("")
    if told.is_loopback:
        return safe(f"{address} is this machine itself, seen from here, and not the device: nothing was sent there.")
    if told.is_link_local:
        return safe(f"{address} means something only on the device's own network: nothing was sent there.")
    return SafeText("")
