"""A second opinion, asked of the desk in-process and over the wire; carried out by the real probe on loopback."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from msgspec.structs import replace

import backends
from backends.adapters.probe.outlook import Outlook
from backends.adapters.probe.source import ProbeSource
from backends.bootstrap.assembly import desk_over
from backends.desk.inprocess import InProcessDesk
from backends.desk.opinions import FRESH, Prober
from backends.desk.protocol import DeskError, DeskErrorKind, Views
from backends.engine.clock import Clock, SystemClock
from backends.engine.polling import Polled
from backends.fleet.addresses import Address
from backends.fleet.model import Device, DeviceId, Freshness, Health, Source, safe
from backends.fleet.opinion import Glimpse, Seen, Verdict
from backends.fleet.reading import Reading
from backends.testing import FakeClock, ScriptedAdapter, a_sighting
from backends.wire.client import connect
from backends.wire.codec import Role
from backends.wire.server import Server
from backends.wire.verbs import DESK, VIEWS
from tests.support.bench import CONFIG, places_in
from tests.support.probing import listening, pinging_or_skip, settings

BOX = DeviceId("rmm:box")


class Nobody:
    """Must not be asked to look; knows names, so that what they resolve to can be refused."""

    def __init__(self, *addresses: Address) -> None:
        self.known = addresses
        self.looked: list[Address] = []

    async def addresses(self, device: Device, name: str) -> tuple[Address, ...]:
        return self.known

    async def look(self, device: Device, address: Address, ports: tuple[int, ...]) -> tuple[Glimpse, ...]:
        self.looked.append(address)
        await asyncio.sleep(0)
        return (Glimpse(kind="ping", what=safe("1 ping"), seen=Seen.ANSWERED, ms=12.0),)

    async def close(self) -> None:
        """There is nothing to let go of."""


@asynccontextmanager
async def desk_on(
    folder: Path,
    address: str,
    *,
    kind: str = "rmm",
    health: Health = Health.DOWN,
    prober: Prober | None = None,
    clock: Clock | None = None,
) -> AsyncIterator[InProcessDesk]:
    """One source that says of one device where and how it is."""
    clock = clock or SystemClock()
    now = clock.now()
    sighting = replace(a_sighting("rmm", "box", now), address=safe(address, 120), health=health, name=safe("localhost"))
    source = ScriptedAdapter("rmm", Reading(source=sighting.source, at=now, sightings=(sighting,)))
    as_source = Source(name=source.name, kind=kind, state=Freshness.STALE)
    desk = await desk_over(
        [(Polled(source, 30.0), as_source)], CONFIG, places_in(folder), clock, prober=prober or Outlook()
    )
    try:
        await desk.first_round()
        yield desk
    finally:
        await desk.close()


async def test_what_is_down_there_may_answer_from_here(tmp_path: Path) -> None:
    await pinging_or_skip()
    async with listening("127.0.0.9") as port, desk_on(tmp_path, f"127.0.0.9:{port}", kind="local") as desk:
        opinion = await desk.second_opinion(BOX)
        assert opinion.verdict is Verdict.ANSWERS
        assert opinion.sentence.startswith("rmm says that it is down; from here 127.0.0.9 answers in ")
        looks = {one.what: one.seen for one in opinion.looks}
        assert looks["1 ping"] is Seen.ANSWERED
        assert looks[safe(f"tcp {port}")] is Seen.ANSWERED
        assert looks["the name localhost"] is Seen.SAID
        assert (await desk.device(BOX)).opinion == opinion


async def test_it_is_given_over_the_wire_to_a_desk_and_to_no_wall(tmp_path: Path) -> None:
    """What only looks has no verb that sends anything."""
    async with desk_on(tmp_path, "10.0.0.4", prober=Nobody()) as desk:
        server = Server(desk, tmp_path / "engine.sock", backends.__version__, SystemClock().now)
        await server.open()
        wire, wall = await connect(tmp_path / "engine.sock"), await connect(tmp_path / "engine.sock", Role.VIEWS)
        opinion = await wire.second_opinion(BOX)
        assert opinion == (await wire.device(BOX)).opinion
        with pytest.raises(DeskError, match="only looks"):
            await wall.second_opinion(BOX)
        await wire.close()
        await wall.close()
        await server.close()
    assert "second_opinion" in DESK
    assert "second_opinion" not in VIEWS
    assert not hasattr(Views, "second_opinion")


@pytest.mark.parametrize(
    ("address", "said"),
    [
        ("", "No source tells an address of localhost"),
        ("n/a, see ticket", "“n/a, see ticket”, the address of localhost, is none"),
        ("10.0.0.1; reboot", "is none: nothing was sent"),
        ("127.0.0.1", "is this machine itself"),
        ("[::1]:22", "is this machine itself"),
        ("169.254.7.7", "only on the device's own network"),
        ("239.1.2.3", "goes to many at once"),
        ("0.0.0.0", "no device's address"),
    ],
)
async def test_an_address_that_would_be_another_machines_is_refused(tmp_path: Path, address: str, said: str) -> None:
    nobody = Nobody()
    async with desk_on(tmp_path, address, prober=nobody) as desk:
        with pytest.raises(DeskError) as error:
            await desk.second_opinion(BOX)
        assert error.value.kind is DeskErrorKind.REFUSED
        assert said in error.value.sentence
        assert (await desk.device(BOX)).opinion is None
    assert nobody.looked == []


async def test_a_name_that_leads_to_this_machine_is_refused_and_told(tmp_path: Path) -> None:
    async with desk_on(tmp_path, "localhost") as desk:
        with pytest.raises(DeskError, match=r"^localhost is .* from here\. .* is this machine itself"):
            await desk.second_opinion(BOX)


async def test_a_name_that_nobody_knows_is_told(tmp_path: Path) -> None:
    async with desk_on(tmp_path, "sql01.example", prober=Nobody()) as desk:
        with pytest.raises(
            DeskError, match=r"sql01\.example, the address of localhost, is a name that is not known here"
        ):
            await desk.second_opinion(BOX)


async def test_there_is_no_opinion_on_what_is_not_there(tmp_path: Path) -> None:
    async with desk_on(tmp_path, "10.0.0.4", prober=Nobody()) as desk:
        with pytest.raises(DeskError) as error:
            await desk.second_opinion(DeviceId("rmm:no such \x1b[2J"))
        assert error.value.kind is DeskErrorKind.NOT_FOUND


async def test_who_asks_while_it_is_looked_at_gets_the_same_opinion(tmp_path: Path) -> None:
    nobody = Nobody()
    async with desk_on(tmp_path, "10.0.0.4", prober=nobody) as desk:
        found: Sequence[object] = await asyncio.gather(*(desk.second_opinion(BOX) for _ in range(5)))
        assert len(set(map(id, found))) == 1
        await desk.second_opinion(BOX)
    assert len(nobody.looked) == 2


async def test_an_old_opinion_is_not_shown_any_more(tmp_path: Path) -> None:
    clock = FakeClock()
    async with desk_on(tmp_path, "10.0.0.4", prober=Nobody(), clock=clock) as desk:
        await desk.second_opinion(BOX)
        await clock.advance(FRESH.total_seconds() - 1)
        assert (await desk.device(BOX)).opinion is not None
        await clock.advance(2)
        assert (await desk.device(BOX)).opinion is None


async def test_a_target_of_our_own_probe_may_be_this_machine(tmp_path: Path) -> None:
    await pinging_or_skip()
    source = ProbeSource(settings(targets=["fw=127.0.0.2"]))
    as_source = Source(name=source.name, kind="probe", state=Freshness.STALE)
    desk = await desk_over([(Polled(source, 30.0), as_source)], CONFIG, places_in(tmp_path), SystemClock())
    try:
        await desk.first_round()
        opinion = await desk.second_opinion(DeviceId("eyes:127.0.0.2"))
        assert "eyes says that it is up, and from here 127.0.0.2 answers in " in opinion.sentence
        assert opinion.careful == ""
    finally:
        await desk.close()
