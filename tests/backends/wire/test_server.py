"""The engine's end of the socket against front ends of every kind, also those that mean no good."""

from __future__ import annotations

import asyncio
import os
import stat
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import datetime
from pathlib import Path

import pytest

import backends
from backends.desk.protocol import Approval, DeskError, DeskErrorKind, Interest
from backends.fleet.changes import Changes, Delta
from backends.fleet.model import (
    Client,
    ClientId,
    Contract,
    DeviceId,
    IssueId,
    RunId,
    SourceName,
    safe,
)
from backends.wire import session
from backends.wire.client import WireDesk, connect
from backends.wire.codec import PROTOCOL, Hello, Request, Role, framed, packed, read_frame
from backends.wire.server import Server
from tests.support.eventually import until
from tests.support.plain_desk import AT, PlainDesk


@pytest.fixture
def desk() -> PlainDesk:
    return PlainDesk()


@pytest.fixture
async def server(desk: PlainDesk, tmp_path: Path) -> AsyncIterator[Server]:
    server = Server(desk, tmp_path / "engine.sock", backends.__version__, lambda: AT)
    await server.open()
    yield server
    await server.close()


@pytest.fixture
async def wire(server: Server, tmp_path: Path) -> AsyncIterator[WireDesk]:
    wire = await connect(tmp_path / "engine.sock")
    yield wire
    await wire.close()


@pytest.fixture
async def wall(server: Server, tmp_path: Path) -> AsyncIterator[WireDesk]:
    wall = await connect(tmp_path / "engine.sock", Role.VIEWS)
    yield wall
    await wall.close()


def change(seq: int, text: str = "x") -> Changes:
    client = Client(id=ClientId(f"c{seq}"), name=safe(text, 4000), contract=Contract.MANAGED)
    return Changes(seq=seq, at=AT, clients=Delta(put=(client,)))


async def raw(path: Path) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    return await asyncio.open_unix_connection(str(path))


async def introduced(path: Path) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    reader, writer = await raw(path)
    writer.write(framed(Hello(protocol=PROTOCOL, version=backends.__version__, role=Role.DESK)))
    assert await read_frame(reader, 10_000)
    return reader, writer


async def test_a_question_is_carried_to_the_desk_with_its_arguments(desk: PlainDesk, wire: WireDesk) -> None:
    assert await wire.devices("sev>=high", limit=3) == []
    assert desk.asked == [("devices", ("sev>=high", 3))]


async def test_times_keep_their_zone(desk: PlainDesk, wire: WireDesk) -> None:
    await wire.snooze(IssueId("i"), "tech1", AT, "parts are ordered")
    assert desk.asked == [("snooze", (IssueId("i"), "tech1", AT, "parts are ordered"))]


async def test_a_refusal_arrives_with_its_kind_and_sentence(wire: WireDesk) -> None:
    with pytest.raises(DeskError) as error:
        await wire.device(DeviceId("a:b"))
    assert (error.value.kind, error.value.sentence) == (DeskErrorKind.NOT_FOUND, "There is no device a:b.")


async def test_a_mistake_in_the_desk_is_an_answer_and_not_the_end(wire: WireDesk) -> None:
    with pytest.raises(DeskError, match="an error of its own"):
        await wire.runs()
    assert await wire.fixes() == []


async def test_a_stream_gives_its_items_and_then_its_error(wire: WireDesk) -> None:
    output = aiter(wire.output(RunId("r")))
    assert [(await anext(output)).text for _ in range(2)] == ["one", "two"]
    with pytest.raises(DeskError, match="is lost"):
        await anext(output)


async def test_a_stream_that_is_left_is_closed_at_the_engine(desk: PlainDesk, wire: WireDesk) -> None:
    desk.feed.put_nowait(change(1))
    stream = wire.changes()
    async for changes in stream:
        assert changes.seq == 1
        break
    await stream.aclose()  # type: ignore[attr-defined]
    assert await wire.fixes() == []
    desk.feed.put_nowait(change(2))
    assert await wire.fixes() == []
    assert desk.feed.qsize() == 1


async def test_answers_come_while_a_stream_is_not_read(desk: PlainDesk, wire: WireDesk) -> None:
    for seq in range(10):
        desk.feed.put_nowait(change(seq))
    stream = aiter(wire.changes())
    await anext(stream)
    assert await wire.fixes() == []
    assert desk.taken <= 4
    assert [(await anext(stream)).seq for _ in range(9)] == list(range(1, 10))


async def test_only_the_owner_can_open_the_socket(server: Server, tmp_path: Path) -> None:
    assert stat.S_IMODE((tmp_path / "engine.sock").stat().st_mode) == 0o600


async def test_another_user_is_turned_away(server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("backends.wire.server.peer_uid", lambda _: os.getuid() + 1)
    with pytest.raises(ConnectionError):
        await connect(tmp_path / "engine.sock")


Act = Callable[[WireDesk], Awaitable[object]]
ACTS: dict[str, Act] = {
    "refresh": lambda desk: desk.refresh(),
    "reload": lambda desk: desk.reload(),
    "approve": lambda desk: desk.approve("p", Approval(confirmed=True)),
    "check_run": lambda desk: desk.check_run(RunId("r")),
    "acknowledge": lambda desk: desk.acknowledge(IssueId("i"), "me"),
    "claim": lambda desk: desk.claim(IssueId("i"), "me"),
    "snooze": lambda desk: desk.snooze(IssueId("i"), "me", AT, "why"),
    "note": lambda desk: desk.note(IssueId("i"), "me", "text"),
    "shell": lambda desk: desk.shell(DeviceId("d"), "me"),
    "close": lambda desk: desk._line.do("close"),
    "__init__": lambda desk: desk._line.do("__init__"),
}


@pytest.mark.parametrize("verb", ACTS)
async def test_a_wall_has_no_verb_that_changes_anything(desk: PlainDesk, wall: WireDesk, verb: str) -> None:
    """F-23."""
    with pytest.raises(DeskError) as error:
        await ACTS[verb](wall)
    assert error.value.kind is DeskErrorKind.REFUSED
    assert desk.asked == []


async def test_a_wall_sees_what_a_screen_sees(wall: WireDesk) -> None:
    assert (await wall.picture(Interest(devices=True))).seq == 1


async def test_another_version_is_told_apart_in_a_sentence(server: Server, tmp_path: Path) -> None:
    reader, writer = await raw(tmp_path / "engine.sock")
    writer.write(framed(Hello(protocol=PROTOCOL, version="9.9", role=Role.DESK)))
    body = await read_frame(reader, 10_000)
    assert body is not None
    assert b"this is rounds 9.9" in body
    assert await read_frame(reader, 10_000) is None
    writer.close()


NONSENSE = {
    "garbage": b"\x00\x00\x00\x05hello",
    "a frame without end": b"\xff\xff\xff\xff",
    "half a frame": b"\x00\x00\x10\x00abc",
    "http": b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n",
    "a request before the greeting": framed(Request(id=1, verb="fixes", args=packed({}))),
    "nothing": b"",
}


@pytest.mark.parametrize("name", NONSENSE)
async def test_nonsense_ends_its_own_connection_only(wire: WireDesk, tmp_path: Path, name: str) -> None:
    reader, writer = await raw(tmp_path / "engine.sock")
    writer.write(NONSENSE[name])
    writer.write_eof()
    async with asyncio.timeout(10):
        assert await reader.read() == b""
    writer.close()
    assert await wire.fixes() == []


@pytest.mark.parametrize("name", ["garbage", "a frame without end", "http"])
async def test_nonsense_after_the_greeting_ends_its_own_connection_only(
    wire: WireDesk, tmp_path: Path, name: str
) -> None:
    reader, writer = await introduced(tmp_path / "engine.sock")
    writer.write(NONSENSE[name])
    async with asyncio.timeout(10):
        await reader.read()
    writer.close()
    assert await wire.fixes() == []


async def test_one_front_end_cannot_pile_up_requests(desk: PlainDesk, server: Server, tmp_path: Path) -> None:
    desk.hold = asyncio.Event()
    reader, writer = await introduced(tmp_path / "engine.sock")
    args = packed({"issue": "i", "by": "me", "text": "t"})
    writer.writelines(framed(Request(id=n, verb="note", args=args)) for n in range(session.REQUESTS + 1))
    async with asyncio.timeout(10):
        await reader.read()
    writer.close()
    desk.hold.set()


async def test_an_act_goes_to_its_end_when_the_front_end_dies(desk: PlainDesk, server: Server, tmp_path: Path) -> None:
    desk.hold = asyncio.Event()
    wire = await connect(tmp_path / "engine.sock")
    asking = asyncio.create_task(wire.note(IssueId("i"), "me", "text"))
    await asyncio.sleep(0)
    await until(lambda: server.sessions == 1)
    assert await wire.fixes() == []
    await wire.close()
    with pytest.raises(DeskError):
        await asking
    await until(lambda: server.sessions == 0)
    desk.hold.set()
    await until(lambda: desk.noted == 1)


async def test_who_never_reads_costs_bounded_memory_and_disturbs_nobody(
    desk: PlainDesk, wire: WireDesk, tmp_path: Path
) -> None:
    """F-81."""
    deaf_reader, deaf = await introduced(tmp_path / "engine.sock")
    deaf_reader._transport.pause_reading()  # type: ignore[attr-defined]
    deaf.write(framed(Request(id=1, verb="changes", args=packed({}))))
    for seq in range(1000):
        desk.feed.put_nowait(change(seq, "x" * 3000))
    await until(lambda: desk.taken > 0)
    for _ in range(20):
        assert await wire.fixes() == []
    assert desk.taken <= 3
    deaf.transport.abort()


async def test_who_takes_nothing_for_long_is_let_go(
    desk: PlainDesk, server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(session, "BEAT_S", 0.01)
    monkeypatch.setattr(session, "STALLED_S", 0.05)
    deaf_reader, deaf = await introduced(tmp_path / "engine.sock")
    deaf_reader._transport.pause_reading()  # type: ignore[attr-defined]
    big = "y" * 4000
    clients = tuple(Client(id=ClientId(f"c{n}"), name=safe(big, 4000)) for n in range(2000))
    desk.feed.put_nowait(Changes(seq=1, at=AT, clients=Delta(put=clients)))
    deaf.write(framed(Request(id=1, verb="changes", args=packed({}))))
    await until(lambda: server.sessions == 1)
    await until(lambda: server.sessions == 0)
    deaf.transport.abort()


async def test_the_engines_pulse_is_heard(server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(session, "BEAT_S", 0.01)
    later = datetime(2026, 1, 5, 10, 0, tzinfo=AT.tzinfo)
    wire = await connect(tmp_path / "engine.sock")
    monkeypatch.setattr(server, "_now", lambda: later)
    again = await connect(tmp_path / "engine.sock")
    await until(lambda: again.engine_time[0] == later)
    await wire.close()
    await again.close()


async def test_a_lost_engine_fails_what_waits_and_what_comes(desk: PlainDesk, server: Server, wire: WireDesk) -> None:
    desk.hold = asyncio.Event()
    waiting = asyncio.create_task(wire.note(IssueId("i"), "me", "text"))
    stream = aiter(wire.changes())
    following = asyncio.ensure_future(anext(stream))
    assert await wire.fixes() == []
    desk.hold.set()
    await server.close()
    for task in (following,):
        with pytest.raises(DeskError) as error:
            await task
        assert error.value.kind is DeskErrorKind.UNAVAILABLE
    await asyncio.gather(waiting, return_exceptions=True)
    with pytest.raises(DeskError, match="The engine has gone"):
        await wire.refresh(SourceName("a"))


async def test_a_dead_engines_socket_file_is_no_obstacle(desk: PlainDesk, tmp_path: Path) -> None:
    (tmp_path / "engine.sock").write_text("left over")
    server = Server(desk, tmp_path / "engine.sock", backends.__version__, lambda: AT)
    await server.open()
    wire = await connect(tmp_path / "engine.sock")
    assert await wire.fixes() == []
    await wire.close()
    await server.close()
    assert not (tmp_path / "engine.sock").exists()
