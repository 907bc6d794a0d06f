"""Pings over loopback, where every address of 127.0.0.0/8 answers."""

from __future__ import annotations

import asyncio
import ipaddress
import socket

import pytest

from backends.adapters.probe import pinger as pinging
from backends.adapters.probe.pinger import NoPing, Pinger
from tests.support.probing import pinging_or_skip


async def test_a_thousand_addresses_answer_over_one_socket() -> None:
    await pinging_or_skip()
    pinger = Pinger()
    addresses = [ipaddress.ip_address(f"127.0.{number // 250 + 1}.{number % 250 + 1}") for number in range(1000)]
    found = await asyncio.gather(*(pinger.ping(one, 20.0) for one in addresses))
    assert all(ms is not None and 0 <= ms < 20_000 for ms in found)
    assert len(pinger._wires) == 1
    assert pinger._asked == {}
    pinger.close()


async def test_an_answer_from_another_address_is_no_answer() -> None:
    """What is sent to one address and answered by it is given to nobody who asked another."""
    await pinging_or_skip()
    pinger = Pinger()
    wire = pinger._wire(4)
    other, mine = (pinging._Asked(address=one, answer=asyncio.Future()) for one in ("127.0.0.6", "127.0.0.5"))
    pinger._asked = {1: other, 2: mine}
    for number in (1, 2):
        wire.socket.sendto(pinging.echo.request(4, pinger._ident, number, pinger._token), ("127.0.0.5", 0))
    assert await mine.answer >= 0
    assert not other.answer.done()
    pinger.close()


async def test_who_is_cancelled_leaves_nothing_behind() -> None:
    await pinging_or_skip()
    pinger = Pinger()
    asking = asyncio.ensure_future(pinger.ping(ipaddress.ip_address("127.0.0.5"), 20.0))
    await asyncio.sleep(0)
    asking.cancel()
    await asyncio.gather(asking, return_exceptions=True)
    assert pinger._asked == {}
    assert await pinger.ping(ipaddress.ip_address("127.0.0.5"), 20.0) is not None
    pinger.close()


async def test_whoever_waits_when_it_is_closed_is_told_that_nothing_came() -> None:
    await pinging_or_skip()
    pinger = Pinger()
    asking = asyncio.ensure_future(pinger.ping(ipaddress.ip_address("127.0.0.5"), 20.0))
    await asyncio.sleep(0)
    pinger.close()
    assert await asking is None


async def test_a_machine_that_permits_no_pings_says_so_with_the_remedy(monkeypatch: pytest.MonkeyPatch) -> None:
    def refused(*_: object) -> socket.socket:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(pinging.socket, "socket", refused)
    with pytest.raises(NoPing, match=r"permission denied.*net\.ipv4\.ping_group_range"):
        await Pinger().ping(ipaddress.ip_address("127.0.0.5"), 1.0)
