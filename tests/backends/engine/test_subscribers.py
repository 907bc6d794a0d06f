"""Followers of the engine: each at its own pace, nothing dropped, bounded."""

from __future__ import annotations

import asyncio

from backends.engine.subscribers import PACE_S, SLACK, Subscribers
from backends.fleet.changes import Changes, Delta
from backends.fleet.model import Client, ClientId, Device, DeviceId, Freshness, Health, SiteId, safe
from backends.testing import FakeClock, settle


def change(seq: int, *names: str, gone: tuple[str, ...] = ()) -> Changes:
    clients = tuple(Client(id=ClientId(name), name=safe(f"{name} {seq}")) for name in names)
    return Changes(seq=seq, at=FakeClock().now(), clients=Delta(clients, tuple(ClientId(name) for name in gone)))


def a_device() -> Device:
    return Device(
        id=DeviceId("a:b"), client=ClientId("c"), client_name=safe("c"), site=SiteId("c/s"), site_name=safe("s"),
        name=safe("b"), kind="server", platform="", address=safe(""), health=Health.OK, freshness=Freshness.FRESH,
        seen=None, sources=(), natives=(),
    )  # fmt: skip


async def test_the_first_thing_is_what_it_began_with() -> None:
    subscription = Subscribers(FakeClock()).add(change(1, "a"), devices=False)
    first = await subscription.next()
    assert first is not None
    assert first.seq == 1


async def test_what_comes_while_nobody_takes_it_is_combined() -> None:
    clock = FakeClock()
    subscribers = Subscribers(clock)
    subscription = subscribers.add(change(1, "a"), devices=False)
    for seq in range(2, 100):
        subscribers.offer(change(seq, "a", "b"), 2)
    only = await subscription.next()
    assert only is not None
    assert (only.seq, [client.name for client in only.clients.put]) == (99, ["a 99", "b 99"])


async def test_nobody_is_told_more_than_four_times_a_second() -> None:
    clock = FakeClock()
    subscribers = Subscribers(clock)
    subscription = subscribers.add(change(1, "a"), devices=False)
    await subscription.next()
    subscribers.offer(change(2, "a"), 1)
    task = asyncio.create_task(subscription.next())
    await clock.advance(PACE_S - 0.01)
    assert not task.done()
    await clock.advance(0.02)
    assert task.done()


async def test_a_slow_follower_delays_nobody() -> None:
    clock = FakeClock()
    subscribers = Subscribers(clock)
    subscribers.add(change(1, "a"), devices=False)
    quick = subscribers.add(change(1, "a"), devices=False)
    await quick.next()
    await clock.advance(1)
    subscribers.offer(change(2, "a"), 1)
    told = await quick.next()
    assert told is not None
    assert told.seq == 2


async def test_devices_are_left_out_for_those_who_did_not_ask() -> None:
    clock = FakeClock()
    subscribers = Subscribers(clock)
    plain = subscribers.add(change(1, "a"), devices=False)
    await plain.next()
    subscribers.offer(Changes(seq=2, at=clock.now(), devices=Delta((a_device(),))), 1)
    task = asyncio.create_task(plain.next())
    await clock.advance(1)
    assert not task.done()
    task.cancel()


async def test_keys_that_are_gone_do_not_pile_up_for_ever() -> None:
    clock = FakeClock()
    subscribers = Subscribers(clock)
    subscription = subscribers.add(change(1, "a"), devices=False)
    for batch in range(5):
        names = tuple(f"{batch}-{n}" for n in range(SLACK // 4))
        subscribers.offer(change(2, gone=names), 1)
    assert await subscription.next() is None
    assert subscription.fell_behind


async def test_the_end_comes_after_what_still_waits() -> None:
    subscribers = Subscribers(FakeClock())
    subscription = subscribers.add(change(1, "a"), devices=False)
    subscribers.end()
    assert await subscription.next() is not None
    assert await subscription.next() is None


async def test_who_waits_is_told_of_the_end() -> None:
    subscribers = Subscribers(FakeClock())
    subscription = subscribers.add(change(1, "a"), devices=False)
    await subscription.next()
    task = asyncio.create_task(subscription.next())
    await settle()
    subscribers.remove(subscription)
    assert await task is None
