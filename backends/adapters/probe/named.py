"""From a name to an address, by the system's resolver in a thread, within a time."""

from __future__ import annotations

import asyncio
import ipaddress
import socket

from backends.api import FaultKind, SourceError, safe
from backends.fleet.addresses import Address, as_address


async def addresses_of(host: str, deadline_s: float) -> tuple[Address, ...]:
    """Of an address itself; of a name those that the system knows, in its order. Raises `SourceError(NAME)`."""
    if (literal := as_address(host)) is not None:
        return (literal,)
    try:
        async with asyncio.timeout(deadline_s):
            told = await asyncio.get_running_loop().getaddrinfo(host, None, type=socket.SOCK_STREAM)
    except TimeoutError:
        late = f"The resolver did not answer for {safe(host, 80)} within {deadline_s:g} s; check the DNS or the VPN."
        raise SourceError(FaultKind.NAME, late) from None
    except (OSError, UnicodeError):
        told = []
    found = (ipaddress.ip_address(str(one[4][0]).partition("%")[0]) for one in told)
    if addresses := tuple(dict.fromkeys(found)):
        return addresses
    raise SourceError(FaultKind.NAME, f"The name {safe(host, 80)} is not known; check it, the DNS or the VPN.")


async def address_of(host: str, deadline_s: float) -> Address:
    """The first of them. Raises `SourceError(NAME)`."""
    return (await addresses_of(host, deadline_s))[0]
